"""AWS::EC2: instances and what they are made of."""

from __future__ import annotations

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import GROUP, NETWORK, get, pick, ref, resource, role, tags

IMAGE, OTHER_IMAGE = "ami-12c6146b", "ami-0022c769"
"""Two that every region of the store has."""
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM2Xe7akWuUKbDefId+7J/KVvXm35t1buxhlGirgBNuI"


def _instance(account: Account, id_: str) -> Props:
    ec2 = account.client("ec2")
    found = ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"][0]
    if found["State"]["Name"] in ("terminated", "shutting-down"):
        raise KeyError(id_)
    kept = ec2.describe_instance_attribute(InstanceId=id_, Attribute="disableApiTermination")
    return {**pick(found, "ImageId InstanceType SubnetId SourceDestCheck Tags"),
            "DisableApiTermination": kept["DisableApiTermination"]["Value"],
            "SecurityGroupIds": [group["GroupId"] for group in found["SecurityGroups"]],
            "IamInstanceProfile": found["IamInstanceProfile"]["Arn"].rpartition("/")[2]}


def _template(account: Account, id_: str) -> Props:
    ec2 = account.client("ec2")
    found = ec2.describe_launch_template_versions(LaunchTemplateId=id_, Versions=["$Latest"])
    version = found["LaunchTemplateVersions"][0]
    return pick(version, "LaunchTemplateData VersionDescription")


def _volume(account: Account, id_: str) -> Props:
    found = account.client("ec2").describe_volumes(VolumeIds=[id_])["Volumes"][0]
    return pick(found, "AvailabilityZone Size VolumeType Encrypted Tags")


def _key(account: Account, name: str) -> Props:
    return pick(account.client("ec2").describe_key_pairs(KeyNames=[name])["KeyPairs"][0], "KeyName Tags")


RECORDS = (
    Record(type="AWS::EC2::Instance", read=_instance,
           made={"ImageId": IMAGE, "InstanceType": "t3.micro", "SubnetId": ref("S"), "SecurityGroupIds": [ref("G")],
                 "IamInstanceProfile": ref("P")},
           changed={"SourceDestCheck": "false", "SecurityGroupIds": [ref("H")], "Tags": tags(a="b"),
                    "InstanceType": "t3.small"},
           replaced={"ImageId": OTHER_IMAGE}, otherwise={"SourceDestCheck": True, "DisableApiTermination": False},
           around={**NETWORK, "G": GROUP, "H": GROUP, "R": role("ec2"),
                   "P": resource("AWS::IAM::InstanceProfile", Roles=[ref("R")])}),
    Record(type="AWS::EC2::LaunchTemplate", read=_template, made={"LaunchTemplateData": {"InstanceType": "t3.micro"}},
           changed={"LaunchTemplateData": {"InstanceType": "t3.small"}, "VersionDescription": "second"},
           replaced={"LaunchTemplateName": "named"}),
    Record(type="AWS::EC2::Volume", read=_volume,
           made={"AvailabilityZone": get("S", "AvailabilityZone"), "Size": 8, "VolumeType": "gp2"},
           changed={"VolumeType": "gp3", "Tags": tags(a="b")}, why="its schema has nothing create-only",
           otherwise={"Encrypted": False}, around=NETWORK),
    Record(type="AWS::EC2::KeyPair", read=_key, made={"KeyName": "one", "PublicKeyMaterial": PUBLIC_KEY},
           replaced={"KeyName": "two", "Tags": tags(a="b")}, why="all of its properties replace it"),
)  # fmt: skip
