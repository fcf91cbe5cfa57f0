"""The store's state: each call writes what it changed, and nothing else is needed to have all of it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.persistence.comparing import SHARED, Disk, drawn

from crossdock.local.persistence.journal import Record
from crossdock.local.server import LocalWorld

ROOT, ROLE, POLICY = (f"arn:aws:iam::{SHARED}:{rest}" for rest in ("root", "role/a-role", "policy/mine"))
TOPIC, QUEUE, DEAD = (
    f"arn:aws:{service}:us-east-1:{SHARED}:{name}" for service, name in (("sns", "t1"), ("sqs", "q1"), ("sqs", "dead"))
)
BIG = 300_000
"""Bytes: more than is written inline."""


def policy(effect: str, action: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, **more}]})


class Calls:
    """Calls as an account's root user, one after the other: `do` makes one and gives its name to whoever watches."""

    def __init__(self, world: LocalWorld, watch: Callable[[str], None]) -> None:
        self._world, self._watch = world, watch
        self._caller = world.root_user(SHARED)

    def do(self, service: str, operation: str, **params: Any) -> Any:
        answer = getattr(self._world.client(service, self._caller), operation)(**params)
        self._watch(f"{service} {operation} {params}"[:160])
        return answer


def identities(calls: Calls) -> None:
    def iam(operation: str, **params: Any) -> Any:
        return calls.do("iam", operation, **params)

    trust = policy("Allow", "sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
    iam("create_role", RoleName="a-role", AssumeRolePolicyDocument=trust, Tags=[{"Key": "k", "Value": "v"}])
    iam("create_role", RoleName="b=role+x", AssumeRolePolicyDocument=trust)
    iam("put_role_policy", RoleName="a-role", PolicyName="inline", PolicyDocument=policy("Allow", "s3:*", Resource="*"))
    iam("create_policy", PolicyName="mine", PolicyDocument=policy("Allow", "s3:*", Resource="*"))
    iam("attach_role_policy", RoleName="a-role", PolicyArn=POLICY)
    iam("attach_role_policy", RoleName="b=role+x", PolicyArn=POLICY)
    iam("attach_role_policy", RoleName="a-role", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam("create_policy_version", PolicyArn=POLICY, PolicyDocument=policy("Deny", "s3:*", Resource="*"),
        SetAsDefault=True)
    iam("delete_policy_version", PolicyArn=POLICY, VersionId="v1")
    iam("detach_role_policy", RoleName="b=role+x", PolicyArn=POLICY)
    iam("tag_role", RoleName="b=role+x", Tags=[{"Key": "x", "Value": "y"}])
    iam("untag_role", RoleName="a-role", TagKeys=["k"])
    iam("update_role", RoleName="a-role", Description="d", MaxSessionDuration=7200)
    iam("update_assume_role_policy", RoleName="a-role", PolicyDocument=trust)
    iam("put_role_permissions_boundary", RoleName="b=role+x", PermissionsBoundary=POLICY)
    iam("create_user", UserName="u1", Path="/p/")
    iam("create_group", GroupName="g1")
    iam("add_user_to_group", GroupName="g1", UserName="u1")
    key = iam("create_access_key", UserName="u1")["AccessKey"]["AccessKeyId"]
    iam("update_access_key", UserName="u1", AccessKeyId=key, Status="Inactive")
    for kind, name in (("user", {"UserName": "u1"}), ("group", {"GroupName": "g1"})):
        iam(f"put_{kind}_policy", **name, PolicyName="i", PolicyDocument=policy("Allow", "s3:*", Resource="*"))
        iam(f"attach_{kind}_policy", **name, PolicyArn=POLICY)
    iam("create_instance_profile", InstanceProfileName="ip")
    iam("add_role_to_instance_profile", InstanceProfileName="ip", RoleName="b=role+x")
    iam("create_service_linked_role", AWSServiceName="ecs.amazonaws.com")
    iam("create_account_alias", AccountAlias="alias")
    iam("delete_role_policy", RoleName="a-role", PolicyName="inline")
    iam("create_user", UserName="u2")
    iam("add_user_to_group", GroupName="g1", UserName="u2")
    iam("remove_user_from_group", GroupName="g1", UserName="u1")
    iam("detach_user_policy", UserName="u1", PolicyArn=POLICY)
    iam("delete_access_key", UserName="u1", AccessKeyId=key)
    iam("create_role", RoleName="gone", AssumeRolePolicyDocument=trust)
    iam("delete_role", RoleName="gone")


def objects(calls: Calls) -> None:
    def s3(operation: str, **params: Any) -> Any:
        return calls.do("s3", operation, **params)

    s3("create_bucket", Bucket="buck-1")
    s3("create_bucket", Bucket="logs.1")
    s3("put_bucket_versioning", Bucket="buck-1", VersioningConfiguration={"Status": "Enabled"})
    s3("put_bucket_policy", Bucket="buck-1",
       Policy=policy("Allow", "s3:*", Principal={"AWS": ROOT}, Resource="arn:aws:s3:::buck-1/*"))
    s3("put_bucket_encryption", Bucket="buck-1", ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
    s3("put_public_access_block", Bucket="buck-1", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3("put_bucket_tagging", Bucket="buck-1", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3("put_bucket_lifecycle_configuration", Bucket="buck-1", LifecycleConfiguration={
        "Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}}]})
    s3("put_bucket_policy", Bucket="logs.1", Policy=policy(
        "Allow", "s3:PutObject", Principal={"Service": "logging.s3.amazonaws.com"}, Resource="arn:aws:s3:::logs.1/*"))
    s3("put_bucket_logging", Bucket="buck-1",
       BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "logs.1", "TargetPrefix": "p/"}})
    for body in (b"one", b"two", b"three"):
        s3("put_object", Bucket="buck-1", Key="d/é +&=.txt", Body=body, Metadata={"m": "n"}, Tagging="t=1")
    s3("put_object", Bucket="buck-1", Key="big", Body=b"x" * BIG)
    s3("copy_object", Bucket="buck-1", Key="copy", CopySource={"Bucket": "buck-1", "Key": "big"})
    s3("put_object_tagging", Bucket="buck-1", Key="big", Tagging={"TagSet": [{"Key": "q", "Value": "r"}]})
    s3("delete_object", Bucket="buck-1", Key="big")
    for body in (b"1", b"2", b"y" * BIG, b"z" * BIG):
        s3("put_object", Bucket="logs.1", Key="plain", Body=body)
    for key in ("gone", "gone&too"):
        s3("put_object", Bucket="logs.1", Key=key, Body=b"2" * BIG)
    s3("delete_objects", Bucket="logs.1", Delete={"Objects": [{"Key": "gone"}, {"Key": "gone&too"}]})
    upload = s3("create_multipart_upload", Bucket="logs.1", Key="multi")["UploadId"]
    parts = [
        {"PartNumber": number, "ETag": s3("upload_part", Bucket="logs.1", Key="multi", UploadId=upload,
                                          PartNumber=number, Body=body)["ETag"]}
        for number, body in ((1, b"m" * 5 * 1024 * 1024), (2, b"n"))
    ]
    s3("complete_multipart_upload", Bucket="logs.1", Key="multi", UploadId=upload, MultipartUpload={"Parts": parts})
    for key in ("open", "aborted"):
        upload = s3("create_multipart_upload", Bucket="logs.1", Key=key)["UploadId"]
        s3("upload_part", Bucket="logs.1", Key=key, UploadId=upload, PartNumber=1, Body=b"o" * BIG)
    s3("abort_multipart_upload", Bucket="logs.1", Key="aborted", UploadId=upload)
    s3("delete_bucket_policy", Bucket="buck-1")
    s3("create_bucket", Bucket="gone-1")
    s3("delete_bucket", Bucket="gone-1")


def keys(calls: Calls) -> None:
    def kms(operation: str, **params: Any) -> Any:
        return calls.do("kms", operation, **params)

    key = kms("create_key", Description="k", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["KeyId"]
    for name in ("mine", "other"):
        kms("create_alias", AliasName=f"alias/{name}", TargetKeyId=key)
    kms("put_key_policy", KeyId=key, PolicyName="default",
        Policy=policy("Allow", "kms:*", Principal={"AWS": ROOT}, Resource="*"))
    kms("enable_key_rotation", KeyId=key)
    kms("create_grant", KeyId=key, GranteePrincipal=ROLE, Operations=["Decrypt"])
    kms("tag_resource", KeyId=key, Tags=[{"TagKey": "c", "TagValue": "d"}])
    kms("delete_alias", AliasName="alias/other")
    kms("disable_key", KeyId=key)
    kms("enable_key", KeyId=key)
    kms("create_key", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    kms("schedule_key_deletion", KeyId=key, PendingWindowInDays=7)


def the_rest(calls: Calls) -> None:
    do = calls.do
    do("ssm", "put_parameter", Name="/a/b", Value="1", Type="String", Tags=[{"Key": "a", "Value": "b"}])
    do("ssm", "put_parameter", Name="/a/b", Value="2", Type="String", Overwrite=True)
    do("ssm", "put_parameter", Name="plain", Value="2", Type="String")
    do("ssm", "add_tags_to_resource", ResourceType="Parameter", ResourceId="/a/b", Tags=[{"Key": "x", "Value": "y"}])
    do("ssm", "delete_parameter", Name="plain")
    stream = {"logGroupName": "/aws/x", "logStreamName": "2026/01/01/[$LATEST]é"}
    do("logs", "create_log_group", logGroupName="/aws/x", tags={"a": "b"})
    do("logs", "put_retention_policy", logGroupName="/aws/x", retentionInDays=7)
    do("logs", "create_log_stream", **stream)
    for number in range(3):
        do("logs", "put_log_events", **stream, logEvents=[{"timestamp": 1790000000000, "message": f"m{number} é"}])
    do("logs", "create_log_stream", logGroupName="/aws/x", logStreamName="gone")
    do("logs", "delete_log_stream", logGroupName="/aws/x", logStreamName="gone")
    do("secretsmanager", "create_secret", Name="s/one", SecretString="a", Tags=[{"Key": "a", "Value": "b"}])
    do("secretsmanager", "put_secret_value", SecretId="s/one", SecretString="b")
    do("secretsmanager", "update_secret", SecretId="s/one", Description="d")
    do("secretsmanager", "put_resource_policy", SecretId="s/one", ResourcePolicy=policy(
        "Allow", "secretsmanager:GetSecretValue", Principal={"AWS": ROOT}, Resource="*"))
    do("secretsmanager", "delete_secret", SecretId="s/one", RecoveryWindowInDays=7)


def messages(calls: Calls) -> None:
    do = calls.do
    queue = do("sqs", "create_queue", QueueName="q1", tags={"a": "b"})["QueueUrl"]
    do("sqs", "create_queue", QueueName="dead")
    redrive = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": "1"})
    do("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})
    do("sqs", "send_message", QueueUrl=queue, MessageBody="hello")
    for _ in range(2):  # the second moves it to the other queue
        do("sqs", "receive_message", QueueUrl=queue)
    do("sns", "create_topic", Name="t1", Tags=[{"Key": "a", "Value": "b"}])
    do("sns", "set_topic_attributes", TopicArn=TOPIC, AttributeName="DisplayName", AttributeValue="D")
    made = do("sns", "subscribe", TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE, ReturnSubscriptionArn=True)
    do("sns", "set_subscription_attributes", SubscriptionArn=made["SubscriptionArn"],
       AttributeName="RawMessageDelivery", AttributeValue="true")
    do("sns", "publish", TopicArn=TOPIC, Message="hi")
    do("sns", "tag_resource", ResourceArn=TOPIC, Tags=[{"Key": "x", "Value": "y"}])


def what_is_kept_as_a_whole(calls: Calls) -> None:
    do = calls.do
    vpc = do("ec2", "create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        do("ec2", "create_subnet", VpcId=vpc, CidrBlock=f"10.0.{n}.0/24",
           AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"] for n, zone in enumerate("ab")
    ]
    do("ec2", "create_security_group", GroupName="g", Description="d", VpcId=vpc)
    do("ec2", "allocate_address")
    image = {"ImageId": "ami-12c6146b", "InstanceType": "t2.micro"}
    do("ec2", "create_launch_template", LaunchTemplateName="template", LaunchTemplateData=image)
    do("ec2", "run_instances", **image, MinCount=1, MaxCount=1, SubnetId=subnets[0])
    do("autoscaling", "create_auto_scaling_group", AutoScalingGroupName="asg", MinSize=1, MaxSize=1,
       LaunchTemplate={"LaunchTemplateName": "template"}, VPCZoneIdentifier=subnets[0])
    do("elbv2", "create_load_balancer", Name="balancer", Subnets=subnets)
    do("ecs", "create_cluster", clusterName="c")
    do("ecr", "create_repository", repositoryName="repo")
    do("rds", "create_db_instance", DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="postgres",
       MasterUsername="u", MasterUserPassword="a" * 20, AllocatedStorage=20)
    do("acm", "request_certificate", DomainName="example.com")
    do("dynamodb", "create_table", TableName="table", BillingMode="PAY_PER_REQUEST",
       KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
       AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    do("dynamodb", "put_item", TableName="table", Item={"k": {"S": "1"}, "v": {"N": "2"}})


def missed(world: LocalWorld) -> list[Record]:
    """What the last call changed and did not write."""
    keeper = world.store.keeper
    assert keeper is not None
    return keeper.sweep(keeper.trees)


def everything(world: LocalWorld) -> dict[str, Any]:
    """All of the store as plain data, but for what each new one has."""
    keeper = world.store.keeper
    assert keeper is not None
    standard = ("managed_policies", "aws_managed_policies", "account_summary", "policy_arn_regex", "amis", "snapshots")
    return {
        "/".join(owner): drawn({k: v for k, v in vars(keeper.backend(owner)).items() if k not in standard})
        for owner in sorted(keeper.trees)
    }


@pytest.mark.parametrize("story", [identities, objects, keys, the_rest, messages, what_is_kept_as_a_whole])
def test_each_call_writes_what_it_changed_and_all_of_it_comes_back(
    disk: Disk, story: Callable[[Calls], None]
) -> None:
    world = disk.start()
    missed(world)

    def watch(call: str) -> None:
        assert [(record.owner, record.way) for record in missed(world)] == [], call

    story(Calls(world, watch))
    before, again = everything(world), disk.start()
    again.client("ssm", again.root_user(SHARED)).describe_parameters()  # its state comes when it is first asked for
    assert {owner: state for owner, state in everything(again).items() if owner in before} == before


def test_a_key_decrypts_what_it_encrypted_before(disk: Disk) -> None:
    world = disk.start()
    kms = world.client("kms", world.root_user(SHARED))
    key = kms.create_key()["KeyMetadata"]["Arn"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    world = disk.start()
    assert world.client("kms", world.root_user(SHARED)).decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


def test_versions_of_an_object_keep_ids_order_and_bodies(disk: Disk) -> None:
    world = disk.start()
    s3 = world.client("s3", world.root_user(SHARED))
    s3.create_bucket(Bucket="buck-1")
    s3.put_bucket_versioning(Bucket="buck-1", VersioningConfiguration={"Status": "Enabled"})
    bodies = [b"small", b"x" * BIG, b""]
    ids = [s3.put_object(Bucket="buck-1", Key="k", Body=body)["VersionId"] for body in bodies]
    s3.delete_object(Bucket="buck-1", Key="k")
    for _ in range(2):  # what was restored is written anew, and restored again
        world = disk.start()
        s3 = world.client("s3", world.root_user(SHARED))
        listed = s3.list_object_versions(Bucket="buck-1")
        assert [version["VersionId"] for version in listed["Versions"]] == ids[::-1]
        assert [marker["IsLatest"] for marker in listed["DeleteMarkers"]] == [True]
        for id_, body in zip(ids, bodies, strict=True):
            assert s3.get_object(Bucket="buck-1", Key="k", VersionId=id_)["Body"].read() == body
        s3.put_bucket_tagging(Bucket="buck-1", Tagging={"TagSet": []})


def test_a_file_of_a_large_object_goes_with_the_object(disk: Disk) -> None:
    world = disk.start()
    s3 = world.client("s3", world.root_user(SHARED))
    s3.create_bucket(Bucket="buck-1")
    for letter in (b"a", b"b", b"c"):
        s3.put_object(Bucket="buck-1", Key="k", Body=letter * BIG)
    assert [file.read_bytes()[:1] for file in (disk.root / "objects").iterdir()] == [b"c"]
    s3.delete_object(Bucket="buck-1", Key="k")
    assert list((disk.root / "objects").iterdir()) == []


def test_a_policy_bound_to_a_role_is_void_for_one_made_again_after_a_restart(disk: Disk) -> None:
    world = disk.start()
    root = world.root_user(SHARED)
    trust = policy("Allow", "sts:AssumeRole", Principal={"AWS": ROOT})
    world.client("iam", root).create_role(RoleName="a-role", AssumeRolePolicyDocument=trust)
    world.client("s3", root).create_bucket(Bucket="buck-1")
    allowed = policy("Allow", "s3:*", Principal={"AWS": ROLE}, Resource="arn:aws:s3:::buck-1/*")
    world.client("s3", root).put_bucket_policy(Bucket="buck-1", Policy=allowed)
    world = disk.start()
    iam = world.client("iam", world.root_user(SHARED))
    assert ROLE in str(world.resource_policy("arn:aws:s3:::buck-1"))
    iam.delete_role(RoleName="a-role")
    iam.create_role(RoleName="a-role", AssumeRolePolicyDocument=trust)
    assert ROLE not in str(world.resource_policy("arn:aws:s3:::buck-1"))


def test_a_refused_call_leaves_nothing_behind(disk: Disk) -> None:
    world = disk.start()
    size = (disk.root / "journal").stat().st_size
    with pytest.raises(ClientError):
        world.client("iam", world.root_user(SHARED)).delete_role(RoleName="nobody")
    assert (disk.root / "journal").stat().st_size == size


