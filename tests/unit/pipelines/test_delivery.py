"""The whole way through a real door: git push -> CodeCommit -> EventBridge -> CodePipeline -> a stack in another
account. Credentials, policies, keys and git are real; nothing is faked."""

from __future__ import annotations

import configparser
import io
import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from crossdock.local.daemon import write_profiles
from crossdock.local.front import application
from crossdock.local.listening import listen
from crossdock.local.server import LocalWorld

SHARED, NONPROD, REGION = "111111111111", "222222222222", "us-east-1"
PIPELINE_ROLE = f"arn:aws:iam::{SHARED}:role/pipeline"
STARTER = f"arn:aws:iam::{SHARED}:role/starter"
DEPLOY, EXECUTE = (f"arn:aws:iam::{NONPROD}:role/{name}" for name in ("deploy", "execute"))
PIPELINE_ARN = f"arn:aws:codepipeline:{REGION}:{SHARED}:hello"
TEMPLATE = """
Parameters: {Word: {Type: String}}
Resources: {Said: {Type: AWS::SSM::Parameter, Properties: {Name: /said, Type: String, Value: !Ref Word}}}
Outputs: {Word: {Value: !Ref Word}}
"""


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]})


def trusting(principal: dict[str, str], **condition: Any) -> str:
    return document({"Action": "sts:AssumeRole", "Principal": principal, **condition})


class Stage:
    """Two accounts with a repository, roles, a key, a bucket, a pipeline and a rule."""

    def __init__(self, endpoint: str, profiles: Path, work: Path) -> None:
        self.endpoint, self.profiles, self.work = endpoint, profiles, work
        self.shared, self.nonprod = self.session("shared"), self.session("nonprod")
        self.pipeline = self.shared("codepipeline")

    def session(self, profile: str) -> Callable[[str], Any]:
        keys = configparser.RawConfigParser()
        keys.read(self.profiles / "credentials")
        session = boto3.Session(keys[profile]["aws_access_key_id"], keys[profile]["aws_secret_access_key"],
                                region_name=REGION)
        return lambda service: session.client(service, endpoint_url=self.endpoint)

    def role(self, account: Callable[[str], Any], name: str, trust: str, *statements: dict[str, Any]) -> None:
        iam = account("iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(*statements))

    def build(self) -> None:
        objects = [{"Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], "Resource": "*"},
                   {"Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}]
        self.role(self.shared, "pipeline", trusting({"Service": "codepipeline.amazonaws.com"}), *objects,
                  {"Action": ["codecommit:GetBranch", "codecommit:GetCommit", "codecommit:UploadArchive",
                              "codecommit:GetUploadArchiveStatus"], "Resource": "*"},
                  {"Action": "sts:AssumeRole", "Resource": DEPLOY})
        self.role(self.shared, "starter", trusting({"Service": "events.amazonaws.com"}),
                  {"Action": "codepipeline:StartPipelineExecution", "Resource": PIPELINE_ARN})
        self.role(self.nonprod, "deploy", trusting({"AWS": f"arn:aws:iam::{SHARED}:root"}), *objects,
                  {"Action": "cloudformation:*", "Resource": "*"}, {"Action": "iam:PassRole", "Resource": EXECUTE})
        self.role(self.nonprod, "execute", trusting({"Service": "cloudformation.amazonaws.com"}),
                  {"Action": "ssm:*", "Resource": "*"})
        roots = {"AWS": [f"arn:aws:iam::{account}:root" for account in (SHARED, NONPROD)]}
        self.key_policy = document({"Principal": roots, "Action": "kms:*", "Resource": "*"})
        self.key = self.shared("kms").create_key(Policy=self.key_policy)["KeyMetadata"]["Arn"]
        s3 = self.shared("s3")
        s3.create_bucket(Bucket="hello-artifacts")
        s3.put_bucket_policy(Bucket="hello-artifacts", Policy=document(
            {"Principal": {"AWS": f"arn:aws:iam::{NONPROD}:root"}, "Action": "s3:*",
             "Resource": ["arn:aws:s3:::hello-artifacts", "arn:aws:s3:::hello-artifacts/*"]}))
        self.repository = self.shared("codecommit").create_repository(repositoryName="hello")["repositoryMetadata"]
        self.pipeline.create_pipeline(pipeline=self.declaration())
        events = self.shared("events")
        events.put_rule(Name="push", EventPattern=json.dumps({
            "source": ["aws.codecommit"], "detail-type": ["CodeCommit Repository State Change"],
            "resources": [self.repository["Arn"]],
            "detail": {"event": ["referenceCreated", "referenceUpdated"], "referenceName": ["develop"]}}))
        events.put_targets(Rule="push", Targets=[{"Id": "pipeline", "Arn": PIPELINE_ARN, "RoleArn": STARTER}])

    def declaration(self) -> dict[str, Any]:
        def action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
            kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
            return {"name": name, "actionTypeId": kind, **more}

        def stack(name: str, order: int, **configuration: str) -> dict[str, Any]:
            return action(name, "Deploy", "CloudFormation", runOrder=order, roleArn=DEPLOY,
                          inputArtifacts=[{"name": "Source"}],
                          configuration={"StackName": "hello", "ChangeSetName": "next", **configuration})

        make = {"ActionMode": "CHANGE_SET_REPLACE", "RoleArn": EXECUTE, "TemplatePath": "Source::template.yaml",
                "ParameterOverrides": '{"Word": "#{Code.CommitMessage}"}'}
        take = {"RepositoryName": "hello", "BranchName": "develop", "PollForSourceChanges": "false"}
        return {
            "name": "hello", "roleArn": PIPELINE_ROLE,
            "artifactStore": {"type": "S3", "location": "hello-artifacts",
                              "encryptionKey": {"id": self.key, "type": "KMS"}},
            "stages": [
                {"name": "Source", "actions": [action("Take", "Source", "CodeCommit", namespace="Code",
                                                      outputArtifacts=[{"name": "Source"}], configuration=take)]},
                {"name": "Deploy", "actions": [stack("Make", 1, **make),
                                               stack("Execute", 2, ActionMode="CHANGE_SET_EXECUTE")]},
            ],
        }

    def push(self, word: str) -> str:
        """Commit and push with the AWS CLI's credential helper, as a person does; the commit's id."""
        aws = Path(sys.executable).with_name("aws")
        env = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(self.work), "GIT_CONFIG_NOSYSTEM": "1",
               "AWS_CONFIG_FILE": str(self.profiles / "config"), "GIT_TERMINAL_PROMPT": "0",
               "AWS_SHARED_CREDENTIALS_FILE": str(self.profiles / "credentials"), "AWS_PROFILE": "shared"}

        def git(*args: str) -> str:
            done = subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b", *args], cwd=self.work, env=env,
                                  capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()

        if not (self.work / ".git").exists():
            git("init", "-q", "-b", "develop")
            git("config", "credential.helper", f"!{aws} codecommit credential-helper --ignore-host-check $@")
            git("config", "credential.UseHttpPath", "true")
        (self.work / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
        git("add", "-A", "template.yaml")
        git("commit", "-q", "--allow-empty", "-m", word)
        git("push", "-q", self.repository["cloneUrlHttp"], "develop")
        return git("rev-parse", "HEAD")

    def delivered(self, after: int) -> dict[str, Any]:
        """The newest execution, once there are more than `after` and it ended."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = self.pipeline.list_pipeline_executions(pipelineName="hello")["pipelineExecutionSummaries"]
            if len(found) > after and found[0]["status"] not in ("InProgress", "Stopping"):
                return dict(found[0])
            time.sleep(0.05)
        raise AssertionError(self.pipeline.get_pipeline_state(name="hello")["stageStates"])

    def failure(self, stage: str, action: str) -> dict[str, Any]:
        stages = {s["stageName"]: s for s in self.pipeline.get_pipeline_state(name="hello")["stageStates"]}
        actions = {a["actionName"]: a for a in stages[stage]["actionStates"]}
        return dict(actions[action]["latestExecution"]["errorDetails"])

    def said(self) -> str:
        return str(self.nonprod("ssm").get_parameter(Name="/said")["Parameter"]["Value"])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A local AWS in this process behind its real HTTP front, with profiles as the daemon writes them."""
    settings = {"accounts": {"shared": SHARED, "nonprod": NONPROD}, "shared": "shared", "region": REGION}
    world = LocalWorld(tmp_path / "local", accounts={SHARED: "shared", NONPROD: "nonprod"}, management=SHARED,
                       organization="o-a1b2c3d4e5", region=REGION)
    server = listen(application(world), 0, threads=8)
    world.endpoint = f"http://127.0.0.1:{server.effective_port}"
    write_profiles(tmp_path / "aws", settings, world.settle(), world.endpoint)
    threading.Thread(target=server.run, daemon=True).start()
    world.start()
    (tmp_path / "work").mkdir()
    made = Stage(world.endpoint, tmp_path / "aws", tmp_path / "work")
    made.build()
    yield made
    server.close()
    world.stop()


def test_a_push_is_delivered_to_another_account_and_denials_name_what_lacks(stage: Stage) -> None:
    first = stage.delivered(after=0)
    assert (first["status"], first["trigger"]["triggerType"]) == ("Failed", "CreatePipeline")
    assert stage.failure("Source", "Take")["code"] == "BranchDoesNotExistException"

    commit = stage.push("hello")
    second = stage.delivered(after=1)
    state = stage.pipeline.get_pipeline_state(name="hello")["stageStates"]
    assert second["status"] == "Succeeded", state
    assert second["trigger"] == {"triggerType": "CloudWatchEvent",
                                 "triggerDetail": f"arn:aws:events:{REGION}:{SHARED}:rule/push"}
    assert second["sourceRevisions"][0]["revisionId"] == commit
    assert stage.said() == "hello"
    stored = stage.pipeline.list_action_executions(pipelineName="hello")["actionExecutionDetails"]
    where = next(d for d in stored if d["actionName"] == "Take" and d["status"] == "Succeeded")["output"]
    at = where["outputArtifacts"][0]["s3location"]
    found = stage.shared("s3").get_object(Bucket=at["bucket"], Key=at["key"])
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", stage.key)
    assert zipfile.ZipFile(io.BytesIO(found["Body"].read())).namelist() == ["template.yaml"]

    kms = stage.shared("kms")
    without = document({"Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}, "Action": "kms:*", "Resource": "*"})
    kms.put_key_policy(KeyId=stage.key, PolicyName="default", Policy=without)
    stage.push("again")
    third = stage.delivered(after=2)
    assert third["status"] == "Failed"
    error = stage.failure("Deploy", "Make")
    assert error["code"].startswith("AccessDenied")
    assert "assumed-role/deploy/" in error["message"]
    assert "kms:Decrypt" in error["message"]
    assert stage.said() == "hello"

    kms.put_key_policy(KeyId=stage.key, PolicyName="default", Policy=stage.key_policy)
    stage.pipeline.retry_stage_execution(
        pipelineName="hello", stageName="Deploy", pipelineExecutionId=third["pipelineExecutionId"],
        retryMode="FAILED_ACTIONS")
    again = stage.delivered(after=2)
    assert (again["pipelineExecutionId"], again["status"]) == (third["pipelineExecutionId"], "Succeeded")
    assert stage.said() == "again"


def test_roles_must_be_passed_by_who_names_them(stage: Stage) -> None:
    stage.role(stage.shared, "clerk", trusting({"AWS": f"arn:aws:iam::{SHARED}:root"}),
               {"Action": ["codepipeline:*", "events:*"], "Resource": "*"})
    answer = stage.shared("sts").assume_role(RoleArn=f"arn:aws:iam::{SHARED}:role/clerk", RoleSessionName="session")
    keys = answer["Credentials"]
    clerk = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION)

    def client(service: str) -> Any:
        return clerk.client(service, endpoint_url=stage.endpoint)

    with pytest.raises(ClientError, match=r"iam:PassRole on resource: .*role/pipeline"):
        client("codepipeline").update_pipeline(pipeline=stage.declaration())
    with pytest.raises(ClientError, match=r"iam:PassRole on resource: .*role/starter"):
        client("events").put_targets(Rule="push", Targets=[{"Id": "x", "Arn": PIPELINE_ARN, "RoleArn": STARTER}])
