"""A build on the local AWS as a user has it: through the API, as its role, with the AWS CLI and git of the build."""

import json
import time

import boto3
import pytest

pytestmark = pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
"""The server outlives the object that started it."""
ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
BUILDSPEC = """
version: 0.2
env: {exported-variables: [WHO], parameter-store: {WORD: /word}}
phases:
  build:
    commands:
      - export WHO=$(aws sts get-caller-identity --query Arn --output text)
      - echo "the word is $WORD"
      - git rev-parse HEAD > commit
      - aws s3 ls s3://artifacts/ || echo not allowed to list
artifacts: {files: [commit]}
"""


@pytest.fixture
def aws(local):
    """Clients of the shared account's administrator."""
    session = boto3.Session(botocore_session=_botocore(local))
    return session.client


def _botocore(local):
    import botocore.session

    session = botocore.session.Session(profile="shared")
    session.set_config_variable("config_file", str(local.config_file))
    session.set_config_variable("credentials_file", str(local.credentials_file))
    return session


def _trust(condition: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codebuild.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": condition}}}]})


def test_a_build_clones_reads_and_writes_as_its_role_and_no_more(aws):
    iam, codebuild, codecommit = aws("iam"), aws("codebuild"), aws("codecommit")
    iam.create_role(RoleName="build", AssumeRolePolicyDocument=_trust(
        f"arn:aws:codebuild:us-east-1:{ACCOUNT}:project/shop"))
    iam.put_role_policy(RoleName="build", PolicyName="build", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", "Action": [
            "logs:*", "s3:PutObject", "codecommit:GitPull", "ssm:GetParameters", "kms:GenerateDataKey"]}]}))
    aws("s3").create_bucket(Bucket="artifacts")
    aws("ssm").put_parameter(Name="/word", Value="swordfish", Type="String")
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    codecommit.create_repository(repositoryName="shop")
    commit = codecommit.create_commit(
        repositoryName="shop", branchName="main",
        putFiles=[{"filePath": "buildspec.yml", "fileContent": BUILDSPEC.encode()}])["commitId"]
    project = {
        "source": {"type": "CODECOMMIT", "location": "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/shop"},
        "sourceVersion": "main", "serviceRole": ROLE, "encryptionKey": key,
        "artifacts": {"type": "S3", "location": "artifacts", "name": "built.zip", "packaging": "ZIP"},
        "environment": {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                        "computeType": "BUILD_GENERAL1_SMALL"},
    }
    with pytest.raises(codebuild.exceptions.InvalidInputException, match="not authorized to perform: sts:AssumeRole"):
        codebuild.create_project(name="another", **project)  # the role trusts builds of shop alone
    codebuild.create_project(name="shop", **project)
    id_ = codebuild.start_build(projectName="shop")["build"]["id"]
    while not (build := codebuild.batch_get_builds(ids=[id_])["builds"][0])["buildComplete"]:
        time.sleep(0.05)
    logs = aws("logs").get_log_events(
        logGroupName=build["logs"]["groupName"], logStreamName=build["logs"]["streamName"], startFromHead=True)
    lines = [event["message"] for event in logs["events"]]
    assert build["buildStatus"] == "SUCCEEDED", lines
    assert build["resolvedSourceVersion"] == commit
    (who,) = build["exportedEnvironmentVariables"]
    assert who["value"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/build/AWSCodeBuild-")
    assert "the word is ***" in lines
    assert "not allowed to list" in lines
    built = aws("s3").head_object(Bucket="artifacts", Key="built.zip")
    assert built["SSEKMSKeyId"] == key
    assert built["ResponseMetadata"]["HTTPHeaders"]["x-amz-meta-codebuild-buildarn"] == build["arn"]
