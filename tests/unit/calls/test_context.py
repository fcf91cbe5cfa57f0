"""Condition keys that a request's own parameters give."""

from crossdock.iam.calls import asks, git, invocation

ACCOUNT = "111111111111"
ROLE = "arn:aws:iam::222222222222:role/r"


def ask(service, operation, params, index=0):
    return asks(service, operation, params, account=ACCOUNT, region="eu-west-1")[index]


def test_tags_given_at_creation_are_request_tags_of_both_asks():
    params = {"pipeline": {"name": "p"}, "tags": [{"key": "team", "value": "a"}, {"key": "cost", "value": "b"}]}
    expected = {"aws:RequestTag/team": "a", "aws:RequestTag/cost": "b", "aws:TagKeys": ("team", "cost")}
    assert ask("codepipeline", "CreatePipeline", params).context == expected
    tagging = ask("codepipeline", "CreatePipeline", params, 1)
    assert (tagging.action, tagging.context) == ("codepipeline:TagResource", expected)


def test_kms_tags_have_their_own_spelling():
    found = ask("kms", "TagResource", {"KeyId": "k", "Tags": [{"TagKey": "a", "TagValue": "b"}]})
    assert found.context == {"aws:RequestTag/a": "b", "aws:TagKeys": ("a",)}


def test_untagging_carries_only_the_keys():
    found = ask("iam", "UntagRole", {"RoleName": "r", "TagKeys": ["a"]})
    assert found.context == {"aws:TagKeys": ("a",)}


def test_a_created_vpc_is_tagged_under_its_create_action():
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    found = ask("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16", "TagSpecifications": tags}, 1)
    assert found.action == "ec2:CreateTags"
    assert found.context["ec2:CreateAction"] == "CreateVpc"
    assert found.context["aws:RequestTag/a"] == "b"


def test_encryption_headers_are_keys_only_when_sent():
    sent = ask("s3", "PutObject", {"Bucket": "b", "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn"})
    assert sent.context == {
        "s3:x-amz-server-side-encryption": "aws:kms", "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn",
    }
    assert ask("s3", "PutObject", {"Bucket": "b", "Key": "k"}).context == {}


def test_an_empty_prefix_is_a_prefix():
    found = ask("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "", "Delimiter": "/"})
    assert found.context == {"s3:prefix": "", "s3:delimiter": "/"}


def test_a_version_and_object_tags_are_keys():
    assert ask("s3", "GetObject", {"Bucket": "b", "Key": "k", "VersionId": "v"}).context == {"s3:VersionId": "v"}
    found = ask("s3", "PutObject", {"Bucket": "b", "Key": "k", "Tagging": "a=b&c=d"})
    assert found.context["s3:RequestObjectTag/a"] == "b"
    assert found.context["s3:RequestObjectTagKeys"] == ("a", "c")


def test_kms_carries_alias_and_encryption_context():
    found = ask("kms", "Decrypt", {"KeyId": "alias/x", "EncryptionContext": {"aws:s3:arn": "arn:aws:s3:::b"}})
    assert found.context["kms:RequestAlias"] == "alias/x"
    assert found.context["kms:EncryptionContext:aws:s3:arn"] == "arn:aws:s3:::b"
    assert found.context["kms:EncryptionContextKeys"] == ("aws:s3:arn",)


def test_a_grant_carries_its_operations_and_constraint():
    found = ask("kms", "CreateGrant", {
        "KeyId": "k", "GranteePrincipal": ROLE, "Operations": ["Decrypt", "Encrypt"],
        "Constraints": {"EncryptionContextSubset": {"a": "b"}},
    })
    assert found.context["kms:GrantOperations"] == ("Decrypt", "Encrypt")
    assert found.context["kms:GrantConstraintType"] == "EncryptionContextSubset"
    assert found.context["kms:GrantIsForAWSResource"] == "false"


def test_assuming_a_role_carries_external_id_and_session_tags_ask_to_tag():
    found = asks("sts", "AssumeRole", {
        "RoleArn": ROLE, "RoleSessionName": "s", "ExternalId": "x", "Tags": [{"Key": "a", "Value": "b"}],
        "SourceIdentity": "me",
    }, account=ACCOUNT, region="eu-west-1")
    assert [a.action for a in found] == ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    assert found[0].context["sts:ExternalId"] == "x"
    assert found[0].context["sts:RoleSessionName"] == "s"
    assert found[1].context["aws:TagKeys"] == ("a",)
    assert "sts:ExternalId" not in ask("sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "s"}).context


def test_passing_a_role_tells_the_service_that_gets_it():
    found = ask("cloudformation", "CreateStack", {"StackName": "s", "RoleARN": ROLE, "TemplateURL": "https://u"}, 1)
    assert (found.action, found.resource, found.account) == ("iam:PassRole", ROLE, "222222222222")
    assert found.context == {"iam:PassedToService": "cloudformation.amazonaws.com"}


def test_cloudformation_carries_template_role_and_change_set():
    found = ask("cloudformation", "CreateChangeSet", {
        "StackName": "s", "ChangeSetName": "c", "RoleARN": ROLE, "TemplateURL": "https://u",
        "ResourceTypes": ["AWS::S3::*"],
    })
    assert found.context == {
        "cloudformation:ChangeSetName": "c", "cloudformation:RoleArn": ROLE,
        "cloudformation:TemplateUrl": "https://u", "cloudformation:ResourceTypes": ("AWS::S3::*",),
    }


def test_iam_carries_policy_and_boundary():
    found = ask("iam", "AttachRolePolicy", {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/P"})
    assert found.context == {"iam:PolicyARN": "arn:aws:iam::aws:policy/P"}
    found = ask("iam", "CreateRole", {"RoleName": "r", "PermissionsBoundary": "arn:b"})
    assert found.context == {"iam:PermissionsBoundary": "arn:b"}


def test_writing_to_a_branch_carries_its_reference():
    found = ask("codecommit", "CreateCommit", {"repositoryName": "r", "branchName": "main"})
    assert found.context == {"codecommit:References": "refs/heads/main"}


def test_a_rule_carries_what_its_pattern_matches_and_an_event_what_it_is():
    found = ask("events", "PutRule", {"Name": "r", "EventPattern": '{"source": ["aws.codecommit", {"prefix": "x"}]}'})
    assert found.context == {"events:source": ("aws.codecommit",)}
    found = ask("events", "PutEvents", {"Entries": [{"Source": "app", "DetailType": "done"}]})
    assert (found.context["events:source"], found.context["events:detail-type"]) == ("app", "done")


def test_lambda_carries_principal_and_function():
    found = ask("lambda", "AddPermission", {"FunctionName": "f", "Principal": "sns.amazonaws.com"})
    assert found.context == {"lambda:Principal": "sns.amazonaws.com"}
    found = ask("lambda", "CreateEventSourceMapping", {"FunctionName": "f"})
    assert found.context == {"lambda:FunctionArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}


def test_git_and_invocations_are_authorised_without_an_operation():
    place = {"account": ACCOUNT, "region": "eu-west-1"}
    pull, push = git("r", **place), git("r", pushed=["refs/heads/main"], **place)
    assert (pull.action, pull.resource) == ("codecommit:GitPull", f"arn:aws:codecommit:eu-west-1:{ACCOUNT}:r")
    assert (push.action, push.context) == ("codecommit:GitPush", {"codecommit:References": ("refs/heads/main",)})
    call = invocation("a1", "Prod", "GET", "/orders/7", **place)
    assert call.resource == f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:a1/Prod/GET/orders/7"


HELD = f"arn:aws:iam::{ACCOUNT}:policy/held"


def bounded(operation, **params):
    held = {"bounded": HELD}
    return asks(
        "iam", operation, params, account=ACCOUNT, region="eu-west-1",
        resolve_entity=lambda kind, name: held.get(name) if kind == "role-boundary" else None,
    )[0].context


def test_a_new_role_tells_the_boundary_that_it_is_to_have():
    made = bounded("CreateRole", RoleName="r", PermissionsBoundary="arn:b")
    given = bounded("PutRolePermissionsBoundary", RoleName="bounded", PermissionsBoundary="arn:b")
    assert made == given == {"iam:PermissionsBoundary": "arn:b"}
    assert bounded("CreateRole", RoleName="r") == {}


def test_what_changes_a_role_tells_the_boundary_that_it_has():
    for operation in ("PutRolePolicy", "DeleteRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole",
                      "DeleteRolePermissionsBoundary"):
        assert bounded(operation, RoleName="bounded") == {"iam:PermissionsBoundary": HELD}
        assert bounded(operation, RoleName="free") == {}
    attached = bounded("AttachRolePolicy", RoleName="bounded", PolicyArn="arn:p")
    assert attached == {"iam:PolicyARN": "arn:p", "iam:PermissionsBoundary": HELD}
