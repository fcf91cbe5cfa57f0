"""The Lambda API: who may make functions of what, versions, aliases, permissions, limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.functions.conftest import NUMBERS, TRUST, Deploy, package

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

ONE = "def handler(event, context):\n    return 1\n"
TWO = "def handler(event, context):\n    return 2\n"


def result(functions: Any, name: str = "worker", **more: Any) -> Any:
    return json.loads(functions.invoke(FunctionName=name, **more)["Payload"].read())


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def bucket_with(world: LocalWorld, account: str, archive: bytes) -> str:
    s3 = world.client("s3", world.root_user(account))
    bucket = f"packages-{next(NUMBERS)}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="worker.zip", Body=archive)
    return bucket


def a_user(world: LocalWorld, account: str, *actions: str) -> Any:
    """A Lambda client of a user who may do these things."""
    iam = world.client("iam", world.root_user(account))
    name = f"developer{next(NUMBERS)}"
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    iam.put_user_policy(UserName=name, PolicyName="may",
                        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    return world.client("lambda", world.session(key))


def test_code_in_s3_is_read_as_the_caller(functions: Any, world: LocalWorld, role: str, account: str) -> None:
    bucket = bucket_with(world, account, package({"app.py": ONE}))
    given: dict[str, Any] = {"FunctionName": "worker", "Runtime": "python3.11", "Handler": "app.handler", "Role": role,
                             "Code": {"S3Bucket": bucket, "S3Key": "worker.zip"}}
    with pytest.raises(ClientError) as denied:
        a_user(world, account, "lambda:*", "iam:PassRole").create_function(**given)
    assert code_of(denied) == "AccessDeniedException"
    assert f"GetObject for {bucket}/worker.zip" in str(denied.value)
    functions.create_function(**given)
    assert result(functions) == 1


def test_code_that_is_not_there_is_named(functions: Any, world: LocalWorld, role: str, account: str) -> None:
    bucket = bucket_with(world, account, b"")
    with pytest.raises(ClientError, match="S3 Error Code: NoSuchKey"):
        functions.create_function(FunctionName="worker", Runtime="python3.11", Handler="app.handler", Role=role,
                                  Code={"S3Bucket": bucket, "S3Key": "other.zip"})


def test_what_is_no_archive_is_refused(functions: Any, role: str) -> None:
    with pytest.raises(ClientError, match="Could not unzip uploaded file"):
        functions.create_function(FunctionName="worker", Runtime="python3.11", Handler="app.handler", Role=role,
                                  Code={"ZipFile": b"no archive"})


@pytest.mark.parametrize("trust", [None, "ec2.amazonaws.com"])
def test_a_role_that_lambda_cannot_assume_is_refused(
    functions: Any, world: LocalWorld, deploy: Deploy, trust: str | None, account: str
) -> None:
    if trust:
        document = json.dumps(TRUST).replace("lambda.amazonaws.com", trust)
        world.client("iam", world.root_user(account)).create_role(RoleName="other", AssumeRolePolicyDocument=document)
    with pytest.raises(ClientError, match=r"cannot be assumed by Lambda\.") as refused:
        deploy(ONE, Role=f"arn:aws:iam::{account}:role/other")
    assert code_of(refused) == "InvalidParameterValueException"


def test_handing_on_a_role_needs_pass_role(world: LocalWorld, role: str, account: str) -> None:
    with pytest.raises(ClientError, match="iam:PassRole"):
        a_user(world, account, "lambda:*").create_function(
            FunctionName="worker", Runtime="python3.11", Handler="app.handler", Role=role,
            Code={"ZipFile": package({"app.py": ONE})})


@pytest.mark.parametrize(("settings", "what"), [
    ({"FileSystemConfigs": [{"Arn": "arn:aws:elasticfilesystem:us-east-1:1:access-point/fsap-1",
                             "LocalMountPath": "/mnt/x"}]}, "FileSystemConfigs of a Lambda function"),
    ({"CodeSigningConfigArn": "arn:aws:lambda:us-east-1:1:code-signing-config:csc-1"},
     "CodeSigningConfigArn of a Lambda function"),
])
def test_what_is_not_emulated_is_refused_by_name(deploy: Deploy, settings: dict[str, Any], what: str) -> None:
    with pytest.raises(ClientError, match=f"does not emulate {what}"):
        deploy(ONE, **settings)


@pytest.mark.parametrize(("settings", "what"), [
    ({"Timeout": 901}, "less than or equal to 900"),
    ({"MemorySize": 100000}, "less than or equal to 32768"),
    ({"Environment": {"Variables": {"AWS_REGION": "eu-west-1"}}}, "Reserved keys used in this request: AWS_REGION"),
    ({"Environment": {"Variables": {"BIG": "x" * 4096}}}, "exceeded the 4KB limit"),
    ({"Environment": {"Variables": {"1A": "x"}}}, "regular expression pattern"),
])
def test_limits_are_those_of_lambda(deploy: Deploy, settings: dict[str, Any], what: str) -> None:
    with pytest.raises(ClientError, match=what):
        deploy(ONE, **settings)


def test_an_event_must_be_json_and_not_too_large(deploy: Deploy, functions: Any) -> None:
    deploy(ONE)
    with pytest.raises(ClientError, match="Could not parse request body into json"):
        functions.invoke(FunctionName="worker", Payload=b"{")
    with pytest.raises(ClientError, match="Request must be smaller than 1048576 bytes"):
        functions.invoke(FunctionName="worker", Payload=b"1" * 1_048_577, InvocationType="Event")


def test_names_of_all_forms_find_the_function(deploy: Deploy, functions: Any, account: str) -> None:
    arn = f"arn:aws:lambda:us-east-1:{account}:function:worker"
    deploy(ONE)
    for name in ("worker", arn, f"{account}:function:worker", "worker:$LATEST"):
        assert functions.get_function_configuration(FunctionName=name)["FunctionName"] == "worker"
    with pytest.raises(ClientError, match=f"Function not found: {arn[:-6]}other"):
        functions.get_function(FunctionName="other")
    with pytest.raises(ClientError, match="Function already exist: worker"):
        deploy(ONE)


def test_a_published_version_keeps_its_code_and_an_alias_moves(deploy: Deploy, functions: Any) -> None:
    deploy(ONE, Publish=True)
    functions.create_alias(FunctionName="worker", Name="live", FunctionVersion="1")
    functions.update_function_code(FunctionName="worker", ZipFile=package({"app.py": TWO}))
    assert functions.publish_version(FunctionName="worker")["Version"] == "2"
    assert functions.publish_version(FunctionName="worker")["Version"] == "2"  # nothing changed
    assert [result(functions, q) for q in ("worker:1", "worker:live", "worker")] == [1, 1, 2]
    functions.update_alias(FunctionName="worker", Name="live", FunctionVersion="2")
    assert result(functions, Qualifier="live") == 2
    with pytest.raises(ClientError, match="Version 2 is used by alias live"):
        functions.delete_function(FunctionName="worker", Qualifier="2")
    functions.delete_function(FunctionName="worker", Qualifier="1")
    versions = functions.list_versions_by_function(FunctionName="worker")["Versions"]
    assert [v["Version"] for v in versions] == ["$LATEST", "2"]


def test_an_alias_may_route_all_it_gets_elsewhere(deploy: Deploy, functions: Any) -> None:
    deploy(ONE, Publish=True)
    functions.update_function_code(FunctionName="worker", ZipFile=package({"app.py": TWO}), Publish=True)
    functions.create_alias(FunctionName="worker", Name="live", FunctionVersion="1",
                           RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    assert result(functions, "worker:live") == 2


def test_a_change_may_be_bound_to_a_revision(deploy: Deploy, functions: Any) -> None:
    first = deploy(ONE)["RevisionId"]
    functions.update_function_configuration(FunctionName="worker", Timeout=5, RevisionId=first)
    with pytest.raises(ClientError) as refused:
        functions.update_function_configuration(FunctionName="worker", Timeout=6, RevisionId=first)
    assert code_of(refused) == "PreconditionFailedException"


def test_permissions_are_statements_that_let_a_service_in(
    deploy: Deploy, functions: Any, world: LocalWorld, account: str
) -> None:
    arn = f"arn:aws:lambda:us-east-1:{account}:function:worker"
    deploy(ONE)
    functions.add_permission(FunctionName="worker", StatementId="api", Action="lambda:InvokeFunction",
                             Principal="apigateway.amazonaws.com", SourceArn="arn:aws:execute-api:*:*:x/*")
    policy = json.loads(functions.get_policy(FunctionName="worker")["Policy"])
    assert policy["Statement"] == [{
        "Sid": "api", "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": arn,
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:*:*:x/*"}}}]
    assert json.loads(world.resource_policy(arn) or "") == policy
    with pytest.raises(ClientError, match="already exists"):
        functions.add_permission(FunctionName="worker", StatementId="api", Action="lambda:InvokeFunction",
                                 Principal="*")
    functions.remove_permission(FunctionName="worker", StatementId="api")
    with pytest.raises(ClientError) as gone:
        functions.get_policy(FunctionName="worker")
    assert code_of(gone) == "ResourceNotFoundException"


def test_another_account_gets_in_by_a_statement_only(
    deploy: Deploy, functions: Any, world: LocalWorld, account: str
) -> None:
    arn = f"arn:aws:lambda:us-east-1:{account}:function:worker"
    deploy(ONE)
    other = world.client("lambda", world.root_user("100000000000"))
    with pytest.raises(ClientError) as denied:
        result(other, arn)
    assert code_of(denied) == "AccessDeniedException"
    functions.add_permission(FunctionName="worker", StatementId="them", Action="lambda:InvokeFunction",
                             Principal="100000000000")
    assert result(other, arn) == 1


def test_a_deleted_function_is_gone(deploy: Deploy, functions: Any, account: str) -> None:
    arn = f"arn:aws:lambda:us-east-1:{account}:function:worker"
    deploy(ONE)
    assert result(functions) == 1
    assert [f["FunctionName"] for f in functions.list_functions()["Functions"]] == ["worker"]
    functions.delete_function(FunctionName="worker")
    with pytest.raises(ClientError, match="Function not found"):
        result(functions)
    deploy(TWO, Tags={"a": "b"})
    assert result(functions) == 2
    assert functions.list_tags(Resource=arn)["Tags"] == {"a": "b"}


def test_layers_that_aws_publishes_are_for_everybody_and_others_are_not(
    world: LocalWorld, account: str, role: str
) -> None:
    functions = world.client("lambda", world.root_user(account))
    public = "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:38"
    given = {"Runtime": "python3.11", "Handler": "app.handler", "Role": role,
             "Code": {"ZipFile": package({"app.py": "def handler(event, context): return 'ran'\n"})}}
    made = functions.create_function(FunctionName="insights", Layers=[public], **given)
    assert [layer["Arn"] for layer in made["Layers"]] == [public]
    assert functions.invoke(FunctionName="insights")["Payload"].read() == b'"ran"'
    for arn in ("arn:aws:lambda:us-east-1:580247275435:layer:Other:1",
                "arn:aws:lambda:us-east-1:999999999999:layer:LambdaInsightsExtension:38"):
        with pytest.raises(ClientError, match=r"not authorized to perform: lambda:GetLayerVersion"):
            functions.create_function(FunctionName="other", Layers=[arn], **given)
    adapter = "arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:25"
    functions.create_function(FunctionName="adapted", Layers=[adapter], **given)
    with pytest.raises(ClientError, match="does not emulate what is in the layer"):
        functions.invoke(FunctionName="adapted")
