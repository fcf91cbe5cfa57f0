"""Rules 20 and 99 to 108 as calls meet them, what services check beside policies, and how denials are spelt.

Sources: S3 User Guide (object ownership, Block Public Access), ECR, EventBridge and IAM User Guides; IAM API reference.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.door.staging import REGION, SHARED, TARGET, Stage, account, denied, document, fresh, refused

from crossdock.local.engine import AwsError
from crossdock.local.identity import ANONYMOUS, service_principal

READ = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"}
OBJECT = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"}
TRUST = document({"Action": "sts:AssumeRole", "Principal": {"Service": "codebuild.amazonaws.com"}})


# -- S3


def test_rule_20_who_may_not_list_learns_nothing_of_missing_keys(stage: Stage) -> None:
    bucket = stage.bucket(a=b"1")
    reader = stage.role(SHARED, READ)
    lister = stage.role(SHARED, READ, {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"})
    assert "s3:ListBucket" in denied(stage.client("s3", reader).get_object, Bucket=bucket, Key="none")
    assert refused(stage.client("s3", reader).head_object, Bucket=bucket, Key="none").startswith("403")
    assert refused(stage.client("s3", lister).get_object, Bucket=bucket, Key="none").startswith("NoSuchKey")
    assert refused(stage.client("s3", lister).head_object, Bucket=bucket, Key="none").startswith("404")


def test_rule_99_where_the_bucket_s_owner_owns_all_acls_are_refused(stage: Stage) -> None:
    s3, bucket = stage.client("s3", SHARED), stage.bucket()
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}]
    for call, more in ((s3.put_object, {"Key": "a", "Body": b"1", "ACL": "public-read"}),
                       (s3.put_bucket_acl, {"ACL": "private"})):
        assert refused(call, Bucket=bucket, **more).startswith("AccessControlListNotSupported")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", ACL="bucket-owner-full-control")
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={
        "Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.put_bucket_acl(Bucket=bucket, ACL="log-delivery-write")
    assert "BlockPublicAcls" in denied(s3.put_bucket_acl, Bucket=bucket, ACL="public-read")
    said = refused(s3.create_bucket, Bucket=fresh("bucket"), ACL="public-read")
    assert said.startswith("InvalidBucketAclWithObjectOwnership")


def test_rule_100_a_new_bucket_takes_no_public_policy(stage: Stage) -> None:
    s3, bucket = stage.client("s3", SHARED), stage.bucket()
    public = document(OBJECT | {"Principal": "*"}).replace("BUCKET", bucket)
    assert "BlockPublicPolicy" in denied(s3.put_bucket_policy, Bucket=bucket, Policy=public)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    reader = stage.role(TARGET, READ)
    stage.client("s3", reader).get_object(Bucket=bucket, Key="a")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert "RestrictPublicBuckets" in denied(stage.client("s3", reader).get_object, Bucket=bucket, Key="a")
    assert "RestrictPublicBuckets" in denied(stage.client("s3", ANONYMOUS).get_object, Bucket=bucket, Key="a")
    stage.client("s3", stage.role(SHARED)).get_object(Bucket=bucket, Key="a")


@pytest.mark.parametrize(("condition", "public"), [
    ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, False),
    ({"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{TARGET}:role/*"}}, False),
    ({"StringLike": {"aws:PrincipalArn": "*"}}, True),
    ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
    ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ({"StringNotEquals": {"aws:PrincipalAccount": TARGET}}, True),
    ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, True),
    ({"StringEquals": {"s3:prefix": "public/"}}, True),
])
def test_a_grant_to_everyone_is_public_unless_a_fixed_value_limits_it(
    stage: Stage, condition: dict[str, Any], public: bool
) -> None:
    bucket = stage.bucket()
    policy = document(OBJECT | {"Principal": "*", "Condition": condition}).replace("BUCKET", bucket)
    put = stage.client("s3", SHARED).put_bucket_policy
    if public:
        denied(put, Bucket=bucket, Policy=policy)
    else:
        put(Bucket=bucket, Policy=policy)


def test_rule_101_a_deny_of_uploads_without_the_header_hits_default_encryption_too(stage: Stage) -> None:
    s3 = stage.client("s3", SHARED)
    bucket = stage.bucket(SHARED, {
        "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::BUCKET/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}})
    denied(s3.put_object, Bucket=bucket, Key="a", Body=b"1")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=stage.key())


def test_the_tags_of_an_object_decide_about_reading_it(stage: Stage) -> None:
    bucket = stage.bucket(secret=b"1")
    s3 = stage.client("s3", SHARED)
    s3.put_object(Bucket=bucket, Key="open", Body=b"1", Tagging="class=open")
    reader = stage.role(SHARED, READ | {"Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "open"}}})
    stage.client("s3", reader).get_object(Bucket=bucket, Key="open")
    denied(stage.client("s3", reader).get_object, Bucket=bucket, Key="secret")


def test_a_bucket_policy_is_about_its_own_bucket(stage: Stage) -> None:
    bucket = stage.bucket()
    policy = document(READ | {"Principal": {"AWS": account(TARGET)}, "Resource": "arn:aws:s3:::another/*"})
    said = refused(stage.client("s3", SHARED).put_bucket_policy, Bucket=bucket, Policy=policy)
    assert said == "MalformedPolicy: Policy has invalid resource"


# -- others


def test_rule_102_a_repository_needs_its_policy_across_accounts_and_the_token_comes_from_one_s_own(
    stage: Stage,
) -> None:
    ecr, name = stage.client("ecr", SHARED), fresh("repository")
    arn = ecr.create_repository(repositoryName=name)["repository"]["repositoryArn"]
    puller = stage.role(TARGET, {"Action": "ecr:*", "Resource": [arn]})
    ask = {"registryId": SHARED, "repositoryName": name, "imageIds": [{"imageTag": "none"}]}
    assert "resource-based" in denied(stage.client("ecr", puller).batch_get_image, **ask)
    ecr.set_repository_policy(repositoryName=name, policyText=document({
        "Principal": {"AWS": account(TARGET)}, "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}))
    stage.client("ecr", puller).batch_get_image(**ask)
    denied(stage.client("ecr", puller).get_authorization_token)


def test_rules_105_and_108_a_service_is_let_in_for_its_source_and_a_person_is_not(stage: Stage) -> None:
    sqs, name = stage.client("sqs", SHARED), fresh("queue")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn, rule = f"arn:aws:sqs:{REGION}:{SHARED}:{name}", f"arn:aws:events:{REGION}:{SHARED}:rule/r"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document({
        "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
        "Condition": {"ArnLike": {"aws:SourceArn": rule}, "StringEquals": {"aws:SourceAccount": SHARED}}})})
    for source, owner, allowed in ((rule, SHARED, True), (rule + "-2", SHARED, False), (rule, TARGET, False)):
        events = service_principal("events.amazonaws.com", source_arn=source, source_account=owner)
        send = stage.client("sqs", events).send_message
        if allowed:
            send(QueueUrl=url, MessageBody="x")
        else:
            denied(send, QueueUrl=url, MessageBody="x")
    denied(stage.client("sqs", stage.role(SHARED)).send_message, QueueUrl=url, MessageBody="x")


def test_rule_107_a_bus_lets_in_the_organization(stage: Stage) -> None:
    bus = f"arn:aws:events:{REGION}:{SHARED}:event-bus/default"
    sender = stage.role(TARGET, {"Action": "events:PutEvents", "Resource": bus})
    entry = [{"Source": "app", "DetailType": "t", "Detail": "{}", "EventBusName": bus}]
    denied(stage.client("events", sender).put_events, Entries=entry)
    stage.client("events", SHARED).put_permission(
        StatementId="organization", Action="events:PutEvents", Principal="*",
        Condition={"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-a1b2c3d4e5"})
    assert stage.client("events", sender).put_events(Entries=entry)["FailedEntryCount"] == 0


def test_tags_of_resources_decide_for_many_services(stage: Stage) -> None:
    tag = [{"Key": "team", "Value": "blue"}]
    kms_key = stage.key(SHARED, Tags=[{"TagKey": "team", "TagValue": "blue"}])
    ssm, logs, secrets = (stage.client(name, SHARED) for name in ("ssm", "logs", "secretsmanager"))
    parameter, group, secret = fresh("parameter"), fresh("group"), fresh("secret")
    ssm.put_parameter(Name=parameter, Value="v", Type="String", Tags=tag)
    logs.create_log_group(logGroupName=group, tags={"team": "blue"})
    secrets.create_secret(Name=secret, SecretString="s", Tags=tag)
    queue = stage.client("sqs", SHARED).create_queue(QueueName=fresh("queue"), tags={"team": "blue"})["QueueUrl"]
    topic = stage.client("sns", SHARED).create_topic(Name=fresh("topic"), Tags=tag)["TopicArn"]
    named = stage.role(SHARED, Tags=tag).principal_arn.rpartition("/")[2]
    for team, works in (("blue", True), ("red", False)):
        caller = stage.role(SHARED, {"Action": "*", "Resource": "*", "Condition": {
            "StringEquals": {"aws:ResourceTag/team": team}}})
        for service, operation, ask in (
            ("kms", "describe_key", {"KeyId": kms_key}), ("ssm", "get_parameter", {"Name": parameter}),
            ("logs", "describe_log_streams", {"logGroupName": group}),
            ("secretsmanager", "get_secret_value", {"SecretId": secret}),
            ("sqs", "get_queue_attributes", {"QueueUrl": queue}),
            ("sns", "get_topic_attributes", {"TopicArn": topic}), ("iam", "get_role", {"RoleName": named}),
        ):
            call = getattr(stage.client(service, caller), operation)
            if works:
                call(**ask)
            else:
                denied(call, **ask)


def test_principals_that_do_not_exist_are_refused_wherever_they_are_named(stage: Stage) -> None:
    gone = f"arn:aws:iam::{TARGET}:role/gone"
    repository, topic = fresh("repository"), fresh("topic")
    stage.client("ecr", SHARED).create_repository(repositoryName=repository)
    arn = stage.client("sns", SHARED).create_topic(Name=topic)["TopicArn"]
    said = refused(stage.client("ecr", SHARED).set_repository_policy, repositoryName=repository, policyText=document({
        "Principal": {"AWS": gone}, "Action": "ecr:BatchGetImage"}))
    assert said.startswith("InvalidParameterException")
    said = refused(stage.client("sns", SHARED).set_topic_attributes, TopicArn=arn, AttributeName="Policy",
                   AttributeValue=document({"Principal": {"AWS": gone}, "Action": "sns:Publish", "Resource": arn}))
    assert said.startswith("InvalidParameter")
    said = refused(stage.client("lambda", SHARED).add_permission, FunctionName="none", StatementId="s",
                   Action="lambda:InvokeFunction", Principal=gone)
    assert said.startswith("InvalidParameterValueException: The provided principal was invalid")


def test_what_hangs_on_an_identity_keeps_it_from_being_deleted(stage: Stage) -> None:
    iam = stage.client("iam", SHARED)
    user, group, name = fresh("user"), fresh("group"), fresh("policy")
    arn = iam.create_policy(PolicyName=name, PolicyDocument=document(READ))["Policy"]["Arn"]
    iam.create_user(UserName=user)
    iam.create_group(GroupName=group)
    iam.add_user_to_group(UserName=user, GroupName=group)
    iam.attach_group_policy(GroupName=group, PolicyArn=arn)
    for call, ask in ((iam.delete_user, {"UserName": user}), (iam.delete_group, {"GroupName": group}),
                      (iam.delete_policy, {"PolicyArn": arn})):
        assert refused(call, **ask).startswith("DeleteConflict")
    iam.remove_user_from_group(UserName=user, GroupName=group)
    key = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    assert refused(iam.delete_user, UserName=user).startswith("DeleteConflict")
    iam.delete_access_key(UserName=user, AccessKeyId=key)
    iam.detach_group_policy(GroupName=group, PolicyArn=arn)
    for call, ask in ((iam.delete_user, {"UserName": user}), (iam.delete_group, {"GroupName": group}),
                      (iam.delete_policy, {"PolicyArn": arn})):
        call(**ask)


def test_a_boundary_is_a_policy_that_exists_and_stays(stage: Stage) -> None:
    iam, name = stage.client("iam", SHARED), fresh("role")
    gone = f"arn:aws:iam::{SHARED}:policy/gone"
    assert refused(iam.create_role, RoleName=name, AssumeRolePolicyDocument=TRUST,
                   PermissionsBoundary=gone).startswith("NoSuchEntity")
    arn = iam.create_policy(PolicyName=fresh("policy"), PolicyDocument=document(READ))["Policy"]["Arn"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, PermissionsBoundary=arn)
    assert refused(iam.delete_policy, PolicyArn=arn).startswith("DeleteConflict")
    assert "permissions boundaries of users" in refused(iam.create_user, UserName=fresh("user"),
                                                        PermissionsBoundary=arn)


def test_what_aws_would_not_store_is_refused_as_it_is_written(stage: Stage) -> None:
    iam, name = stage.client("iam", SHARED), stage.role(SHARED).principal_arn.rpartition("/")[2]
    for statement in (READ | {"Condition": {"StringEqual": {"aws:username": "x"}}}, READ | {"Principal": "*"}):
        assert refused(iam.put_role_policy, RoleName=name, PolicyName="p",
                       PolicyDocument=document(statement)).startswith("MalformedPolicyDocument")
    assert refused(stage.client("kms", SHARED).create_key, Policy="{}").startswith("MalformedPolicyDocumentException")


def test_a_session_lasts_no_longer_than_its_role_allows(stage: Stage) -> None:
    user = stage.user(SHARED, {"Action": "sts:AssumeRole", "Resource": "*"})
    short = stage.role(SHARED)
    said = refused(stage.client("sts", user).assume_role, RoleArn=short.principal_arn, RoleSessionName="xx",
                   DurationSeconds=7200)
    assert "MaxSessionDuration" in said


@pytest.mark.parametrize(("service", "operation", "ask", "code", "status"), [
    ("s3", "list_buckets", {}, "AccessDenied", 403),
    ("iam", "list_roles", {}, "AccessDenied", 403),
    ("sns", "list_topics", {}, "AuthorizationError", 403),
    ("sqs", "list_queues", {}, "AccessDenied", 403),
    ("kms", "list_keys", {}, "AccessDeniedException", 400),
    ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", 403),
    ("cloudwatch", "list_metrics", {}, "AccessDenied", 403),
    ("apigateway", "get_rest_apis", {}, "AccessDeniedException", 403),
    ("lambda", "list_functions", {}, "AccessDeniedException", 403),
])
def test_a_denial_is_spelt_as_the_service_does(
    stage: Stage, service: str, operation: str, ask: dict[str, Any], code: str, status: int
) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as error:
        getattr(stage.client(service, stage.role(SHARED)), operation)(**ask)
    answer = error.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert "no identity-based policy allows" in answer["Error"]["Message"]


def test_a_service_that_is_not_trusted_gets_no_session(stage: Stage) -> None:
    with pytest.raises(AwsError, match="sts:AssumeRole"):
        stage.world.assume(stage.role(SHARED).principal_arn, service="codebuild.amazonaws.com", session="s")
