"""AWS::EC2: addresses, endpoints, flow logs, instances and what they are made of. Kept and shown; no instance boots."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, handlers
from crossdock.local.cloudformation.resources.ec2_tags import ResourceTags, retag, specification
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, pick, words
from crossdock.local.cloudformation.resources.shapes import text, truth


def _create_address(ctx: Context, props: Props) -> str:
    given = {"Domain": "vpc", **pick(props, "Address PublicIpv4Pool NetworkBorderGroup")}
    made = ctx.call("ec2", "AllocateAddress", {**given, **specification("elastic-ip", props)})
    if "InstanceId" in props:
        ctx.call("ec2", "AssociateAddress", {"AllocationId": made["AllocationId"], "InstanceId": props["InstanceId"]})
    return str(made["PublicIp"])


def _address(ctx: Context, ip: str) -> dict[str, Any]:
    found: dict[str, Any] = ctx.call("ec2", "DescribeAddresses", {"PublicIps": [ip]})["Addresses"][0]
    return found


def _read_address(ctx: Context, ip: str, _: Props) -> dict[str, Any]:
    return {"AllocationId": _address(ctx, ip)["AllocationId"], "PublicIp": ip}


def _move_address(ctx: Context, ip: str, old: Props, new: Props) -> None:
    found = _address(ctx, ip)
    if old.get("InstanceId") != new.get("InstanceId"):
        if "InstanceId" in old and found.get("AssociationId"):
            ctx.drop("ec2", "DisassociateAddress", {"AssociationId": found["AssociationId"]})
        if "InstanceId" in new:
            given = {"AllocationId": found["AllocationId"], "InstanceId": new["InstanceId"]}
            ctx.call("ec2", "AssociateAddress", given)
    retag(ctx, found["AllocationId"], old, new)


def _release(ctx: Context, ip: str, _: Props) -> None:
    found = _address(ctx, ip)
    if found.get("AssociationId"):
        ctx.drop("ec2", "DisassociateAddress", {"AssociationId": found["AssociationId"]})
    ctx.call("ec2", "ReleaseAddress", {"AllocationId": found["AllocationId"]})


def _members(ctx: Context, endpoint: str, old: Props, new: Props) -> None:
    """An endpoint's lists change by what is added and removed."""
    given: dict[str, Any] = {}
    for name, noun in (("RouteTableIds", "RouteTableIds"), ("SubnetIds", "SubnetIds"),
                       ("SecurityGroupIds", "SecurityGroupIds")):
        before, after = old.get(name, []), new.get(name, [])
        if added := [one for one in after if one not in before]:
            given[f"Add{noun}"] = added
        if removed := [one for one in before if one not in after]:
            given[f"Remove{noun}"] = removed
    if old.get("PolicyDocument") != new.get("PolicyDocument"):
        given |= {"PolicyDocument": text(new["PolicyDocument"])} if "PolicyDocument" in new else {"ResetPolicy": True}
    if old.get("PrivateDnsEnabled") != new.get("PrivateDnsEnabled"):
        given["PrivateDnsEnabled"] = truth(new.get("PrivateDnsEnabled", False))
    ctx.call("ec2", "ModifyVpcEndpoint", {"VpcEndpointId": endpoint, **given})


def _dns(ctx: Context, endpoint: str) -> dict[str, Any]:
    found = ctx.call("ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [endpoint]})["VpcEndpoints"][0]
    entries = [f"{entry.get('HostedZoneId', '')}:{entry.get('DnsName', '')}" for entry in found.get("DnsEntries", [])]
    return {"DnsEntries": entries, "NetworkInterfaceIds": found.get("NetworkInterfaceIds", [])}


_ENDPOINT = "RouteTableIds SubnetIds SecurityGroupIds PolicyDocument PrivateDnsEnabled"
_FLOW = ("DeliverLogsPermissionArn LogDestination LogDestinationType LogFormat LogGroupName MaxAggregationInterval "
         "ResourceType TrafficType DestinationOptions")


def _import_key(ctx: Context, props: Props) -> str:
    name, tags = str(props["KeyName"]), specification("key-pair", props)
    if "PublicKeyMaterial" in props:
        given = {"KeyName": name, "PublicKeyMaterial": str(props["PublicKeyMaterial"]).encode(), **tags}
        ctx.call("ec2", "ImportKeyPair", given)
        return name
    made = ctx.call("ec2", "CreateKeyPair", {"KeyName": name, **pick(props, "KeyType KeyFormat"), **tags})
    # The private key goes to a parameter (CloudFormation reference, AWS::EC2::KeyPair).
    ctx.call("ssm", "PutParameter", {"Name": f"/ec2/keypair/{made['KeyPairId']}", "Type": "SecureString",
                                     "Value": made["KeyMaterial"]})  # fmt: skip
    return name


def _delete_key(ctx: Context, name: str, props: Props) -> None:
    if "PublicKeyMaterial" not in props:
        held = ctx.call("ec2", "DescribeKeyPairs", {"KeyNames": [name]})["KeyPairs"][0]["KeyPairId"]
        ctx.drop("ssm", "DeleteParameter", {"Name": f"/ec2/keypair/{held}"})
    ctx.call("ec2", "DeleteKeyPair", {"KeyName": name})


_PLACEMENT = {"AvailabilityZone": "AvailabilityZone", "Tenancy": "Tenancy", "Affinity": "Affinity",
              "HostId": "HostId", "PlacementGroupName": "GroupName"}
_LAUNCHED = ("BlockDeviceMappings ImageId InstanceType Ipv6AddressCount Ipv6Addresses KeyName SecurityGroupIds "
             "SecurityGroups SubnetId UserData LaunchTemplate CreditSpecification CpuOptions HibernationOptions "
             "MetadataOptions EnclaveOptions DisableApiTermination InstanceInitiatedShutdownBehavior PrivateIpAddress "
             "NetworkInterfaces EbsOptimized")


def _interface(one: Props) -> dict[str, Any]:
    spelled = {"GroupSet": "Groups"}
    return {spelled.get(name, name): item for name, item in one.items()}


def _run(ctx: Context, props: Props) -> str:
    given = {"MinCount": 1, "MaxCount": 1, **pick(props, _LAUNCHED), **specification("instance", props)}
    if "Monitoring" in props:
        given["Monitoring"] = {"Enabled": truth(props["Monitoring"])}
    if "IamInstanceProfile" in props:
        given["IamInstanceProfile"] = {"Name": props["IamInstanceProfile"]}
    if placement := {member: props[name] for name, member in _PLACEMENT.items() if name in props}:
        given["Placement"] = placement
    if "NetworkInterfaces" in given:
        given["NetworkInterfaces"] = [_interface(one) for one in given["NetworkInterfaces"]]
    instance = str(ctx.call("ec2", "RunInstances", given)["Instances"][0]["InstanceId"])
    ctx.made(instance)
    for volume in props.get("Volumes", []):
        ctx.call("ec2", "AttachVolume", {"InstanceId": instance, **volume})
    return instance


def _attribute(name: str, member: str = "") -> Own:
    def change(ctx: Context, instance: str, _old: Props, new: Props) -> None:
        given = {member or name: {"Value": truth(new.get(name, name == "SourceDestCheck"))}}
        ctx.call("ec2", "ModifyInstanceAttribute", {"InstanceId": instance, **given})

    return Own(of=name, settle=change, created=name == "SourceDestCheck")


def _groups(ctx: Context, instance: str, _old: Props, new: Props) -> None:
    ctx.call("ec2", "ModifyInstanceAttribute", {"InstanceId": instance, "Groups": new.get("SecurityGroupIds", [])})


def _instance_type(ctx: Context, instance: str, _old: Props, new: Props) -> None:
    """It is stopped for that and started again (CloudFormation reference, AWS::EC2::Instance, InstanceType)."""
    ctx.call("ec2", "StopInstances", {"InstanceIds": [instance]})
    wanted = {"InstanceType": {"Value": new.get("InstanceType", "m1.small")}}
    ctx.call("ec2", "ModifyInstanceAttribute", {"InstanceId": instance, **wanted})
    ctx.call("ec2", "StartInstances", {"InstanceIds": [instance]})


def _described(ctx: Context, interface: str, _old: Props, new: Props) -> None:
    ctx.call("ec2", "ModifyNetworkInterfaceAttribute", {
        "NetworkInterfaceId": interface, "Description": {"Value": new.get("Description", "")}})


def _template_tags(ctx: Context, template: str, old: Props, new: Props) -> None:
    def own(props: Props) -> dict[str, Any]:
        found = [tag for one in props.get("TagSpecifications", []) if one["ResourceType"] == "launch-template"
                 for tag in one.get("Tags", [])]
        return {"Tags": found}

    retag(ctx, template, own(old), own(new))


def _new_version(ctx: Context, template: str, _old: Props, new: Props) -> None:
    """A change is a new version; which one is the default is not for CloudFormation to say (CloudFormation reference,
    AWS::EC2::LaunchTemplate, DefaultVersionNumber)."""
    given = {"LaunchTemplateId": template, **pick(new, "LaunchTemplateData VersionDescription")}
    ctx.call("ec2", "CreateLaunchTemplateVersion", given)


def _create_template(ctx: Context, props: Props) -> str:
    name = str(props.get("LaunchTemplateName") or ctx.name(128))
    given = pick(props, "LaunchTemplateData VersionDescription TagSpecifications")
    return str(ctx.call("ec2", "CreateLaunchTemplate", {"LaunchTemplateName": name, **given})[
        "LaunchTemplate"]["LaunchTemplateId"])


def _associate(ctx: Context, props: Props) -> str:
    given = pick(props, "AllocationId InstanceId NetworkInterfaceId PrivateIpAddress")
    if "EIP" in props:
        given["PublicIp"] = props["EIP"]
    return str(ctx.call("ec2", "AssociateAddress", given)["AssociationId"])


TYPES = (
    *handlers(
        Kind(
            type="AWS::EC2::VPCEndpoint", service="ec2", who="VpcEndpointId", id="VpcEndpoint.VpcEndpointId",
            create="CreateVpcEndpoint", delete="DeleteVpcEndpoints", delete_who="VpcEndpointIds[]",
            fixed={"VpcEndpointType": "Gateway"},
            takes=f"VpcId ServiceName VpcEndpointType IpAddressType DnsOptions {_ENDPOINT}",
            unkept="IpAddressType DnsOptions",
            shaped={"PolicyDocument": text}, steps=(Own(of=_ENDPOINT, settle=_members),),
            found={"Id": "={id}"}, also=_dns, tagging=ResourceTags(kind="vpc-endpoint"), arn="{id}",
        ),
        Kind(
            type="AWS::EC2::FlowLog", service="ec2", who="FlowLogIds[]", id="FlowLogIds[0]", create="CreateFlowLogs",
            unkept="DestinationOptions",
            delete="DeleteFlowLogs", takes=f"ResourceId {_FLOW}", spelled={"ResourceId": "ResourceIds"},
            shaped={"ResourceId": lambda value: [value]}, found={"Id": "={id}"},
            tagging=ResourceTags(kind="vpc-flow-log"), arn="{id}",
        ),
        Kind(
            type="AWS::EC2::EIPAssociation", service="ec2", who="AssociationId", create="AssociateAddress",
            delete="DisassociateAddress", takes="AllocationId EIP InstanceId NetworkInterfaceId PrivateIpAddress",
            make=_associate, found={"Id": "={id}"},
        ),
        Kind(
            type="AWS::EC2::Instance", service="ec2", who="InstanceIds[]", create="RunInstances",
            delete="TerminateInstances", make=_run,
            takes=f"{_LAUNCHED.replace('SecurityGroupIds', '').replace('DisableApiTermination', '')} "
                  f"IamInstanceProfile Volumes Monitoring {' '.join(_PLACEMENT)}",
            steps=(_attribute("SourceDestCheck"), _attribute("DisableApiTermination"),
                   Own(of="SecurityGroupIds", settle=_groups), Own(of="InstanceType", settle=_instance_type)),
            read=("DescribeInstances", "Reservations[0].Instances[0]"),
            found={"PrivateIp": "PrivateIpAddress", "PublicIp": "PublicIpAddress || ''",
                   "PublicDnsName": "PublicDnsName || ''", "AvailabilityZone": "Placement.AvailabilityZone",
                   "VpcId": "VpcId || ''"},
            tagging=ResourceTags(kind="instance"), arn="{id}",
            accepted="PropagateTagsToVolumeOnCreation SsmAssociations",
        ),
        Kind(
            type="AWS::EC2::LaunchTemplate", service="ec2", who="LaunchTemplateId", create="CreateLaunchTemplate",
            delete="DeleteLaunchTemplate", takes="LaunchTemplateName", make=_create_template,
            steps=(Own(of="LaunchTemplateData VersionDescription", settle=_new_version),
                   Own(of="TagSpecifications", settle=_template_tags)),
            read=("DescribeLaunchTemplates", "LaunchTemplates[0]"), read_who="LaunchTemplateIds[]",
            found={"DefaultVersionNumber": "to_string(DefaultVersionNumber)",
                   "LatestVersionNumber": "to_string(LatestVersionNumber)"},
        ),
        Kind(
            type="AWS::EC2::NetworkInterface", service="ec2", who="NetworkInterfaceId",
            id="NetworkInterface.NetworkInterfaceId", create="CreateNetworkInterface", delete="DeleteNetworkInterface",
            takes="SubnetId Description PrivateIpAddress PrivateIpAddresses SecondaryPrivateIpAddressCount "
                  "Ipv6AddressCount Ipv6Addresses InterfaceType GroupSet", unkept="InterfaceType",
            spelled={"GroupSet": "Groups"},
            steps=(Step(operation="ModifyNetworkInterfaceAttribute", of="GroupSet"),
                   Own(of="Description", settle=_described),
                   Own(of="SourceDestCheck", created=True, settle=lambda ctx, id_, _old, new: ctx.call(
                       "ec2", "ModifyNetworkInterfaceAttribute", {
                           "NetworkInterfaceId": id_,
                           "SourceDestCheck": {"Value": truth(new.get("SourceDestCheck", True))}}))),
            read=("DescribeNetworkInterfaces", "NetworkInterfaces[0]"), read_who="NetworkInterfaceIds[]",
            found={"Id": "={id}", "PrimaryPrivateIpAddress": "PrivateIpAddress"},
            tagging=ResourceTags(kind="network-interface"), arn="{id}",
        ),
        Kind(
            type="AWS::EC2::Volume", service="ec2", who="VolumeId", id="VolumeId", create="CreateVolume",
            delete="DeleteVolume", takes="AvailabilityZone Encrypted Iops KmsKeyId Size SnapshotId VolumeType "
                                         "MultiAttachEnabled Throughput",
            steps=(Step(operation="ModifyVolume", of="Iops Size VolumeType Throughput"),),
            snapshot=lambda ctx, volume, _: ctx.call("ec2", "CreateSnapshot", {"VolumeId": volume}),
            found={"VolumeId": "={id}"}, tagging=ResourceTags(kind="volume"), arn="{id}", accepted="AutoEnableIO",
        ),
    ),
    Handler(
        type="AWS::EC2::EIP",
        emulated=words("Address Domain InstanceId NetworkBorderGroup PublicIpv4Pool Tags"), tags="list",
        create=_create_address, update=_move_address, delete=_release, read=_read_address,
    ),
    Handler(
        type="AWS::EC2::KeyPair",
        emulated=words("KeyName KeyFormat KeyType PublicKeyMaterial Tags"), tags="list",
        create=_import_key, delete=_delete_key,
        read=lambda ctx, name, _: pick(
            ctx.call("ec2", "DescribeKeyPairs", {"KeyNames": [name]})["KeyPairs"][0], "KeyPairId KeyFingerprint"),
    ),
)  # fmt: skip
