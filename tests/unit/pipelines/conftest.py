# ruff: noqa: N803  (the fakes take the members of the API by their names)
"""A world of small fakes: buckets, repositories, roles, stacks and builds as dictionaries, and no rights but a list of
denials."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.identity import Caller, Credentials, Kind
from crossdock.local.pipelines import CodePipeline

ACCOUNT, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipeline"
DEPLOY = f"arn:aws:iam::{OTHER}:role/deploy"
ALICE = Caller(kind=Kind.USER, arn=f"arn:aws:iam::{ACCOUNT}:user/alice", account=ACCOUNT)


def refusal(code: str, message: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def bundle(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


@dataclass
class Fake:
    """A client: operations are the methods of `answers`; each call is remembered with who made it."""

    world: FakeWorld
    service: str
    caller: Caller
    region: str

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**params: Any) -> Any:
            self.world.calls.append((self.service, operation, params, self.caller))
            if (self.service, operation) in self.world.denied:
                raise refusal(
                    "AccessDenied", f"User: {self.caller.arn} is not authorized to perform: {self.service}:{operation}"
                )
            return getattr(self.world, f"{self.service}_{operation}")(self.caller, **params)

        return call

    def get_paginator(self, operation: str) -> Any:
        client = self

        class Pages:
            def paginate(self, **params: Any) -> Iterator[Any]:
                yield getattr(client, operation)(**params)

        return Pages()


@dataclass
class FakeWorld:
    endpoint: str = "http://127.0.0.1:9"
    region: str = "eu-west-1"
    partition: str = "aws"
    calls: list[tuple[str, str, dict[str, Any], Caller]] = field(default_factory=list)
    events: list[Mapping[str, Any]] = field(default_factory=list)
    denied: set[tuple[str, str]] = field(default_factory=set)
    roles: set[str] = field(default_factory=lambda: {ROLE, DEPLOY})
    objects: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    branches: dict[tuple[str, str], str] = field(default_factory=lambda: {("hello", "develop"): "c1"})
    source: bytes = field(default_factory=lambda: bundle(template_yaml="Resources: {}", app_py="1"))
    sessions: dict[str, Caller] = field(default_factory=dict)
    builds: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: list[Any] = field(default_factory=list)
    authorised: list[str] = field(default_factory=list)
    stacks: Any = None
    unrunnable: set[str] = field(default_factory=set)

    # the World

    def client(self, service: str, caller: Caller, region: str | None = None) -> Fake:
        return Fake(self, service, caller, region or self.region)

    def assume(self, role_arn: str, *, service: str, session: str, source_arn: str = "", **_: Any) -> Caller:
        assert service == "codepipeline.amazonaws.com"
        assert source_arn.startswith("arn:aws:codepipeline:")
        if role_arn not in self.roles:
            raise AwsError("AccessDenied", f"{service} is not authorized to perform: sts:AssumeRole on {role_arn}")
        return self._role(role_arn, session)

    def _role(self, arn: str, session: str) -> Caller:
        account, name = arn.split(":")[4], arn.rpartition("/")[2]
        return Caller(kind=Kind.ROLE, arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}", principal_arn=arn,
                      account=account)

    def session(self, access_key: str) -> Caller:
        return self.sessions[access_key]

    def credentials(self, caller: Caller, *, seconds: int = 3600) -> Credentials:
        return Credentials(access_key="ASIATEST", secret_key="secret", token="token")

    def authorize(self, caller: Caller, *, action: str, resource: str, **_: Any) -> None:
        self.authorised.append(action)
        if tuple(action.split(":")) in self.denied:
            raise AwsError("AccessDeniedException", f"User: {caller.arn} is not authorized to perform: {action} on "
                           f"resource: {resource}")

    def emit(self, **event: Any) -> None:
        self.events.append(event)

    def engine(self, service: str) -> Any:
        return self

    def must_run(self, account: str, region: str, reference: str) -> None:
        if reference in self.unrunnable:
            raise NotEmulated("running the Lambda runtime java21")

    def archive(self, account: str, region: str, name: str, commit: str) -> bytes:
        return self.source

    def start_pipeline_build(self, order: Any) -> str:
        self.orders.append(order)
        return f"{order.project}:1"

    # services

    def sts_assume_role(self, caller: Caller, *, RoleArn: str, RoleSessionName: str) -> Any:
        if RoleArn not in self.roles:
            raise refusal("AccessDenied", f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on "
                          f"resource: {RoleArn}")
        key = f"ASIA{len(self.sessions)}"
        self.sessions[key] = self._role(RoleArn, RoleSessionName)
        return {"Credentials": {"AccessKeyId": key}}

    def s3_put_object(self, caller: Caller, *, Bucket: str, Key: str, **params: Any) -> Any:
        self.objects.setdefault((Bucket, Key), []).append({**params, "by": caller})
        return {}

    def s3_get_object(self, caller: Caller, *, Bucket: str, Key: str, VersionId: str = "") -> Any:
        versions = self.objects.get((Bucket, Key))
        if not versions:
            raise refusal("NoSuchKey", "The specified key does not exist.")
        number = int(VersionId[1:]) if VersionId else len(versions)
        body = versions[number - 1]["Body"]
        return {"Body": io.BytesIO(body), "ETag": '"tag"', "VersionId": f"v{number}"}

    def s3_head_object(self, caller: Caller, *, Bucket: str, Key: str) -> Any:
        return {"VersionId": f"v{len(self.objects[Bucket, Key])}"}

    def s3_get_bucket_versioning(self, caller: Caller, *, Bucket: str) -> Any:
        return {"Status": "Enabled"} if Bucket != "plain" else {}

    def codecommit_get_branch(self, caller: Caller, *, repositoryName: str, branchName: str) -> Any:
        if (repositoryName, branchName) not in self.branches:
            raise refusal("BranchDoesNotExistException", f"Branch {branchName} does not exist")
        return {"branch": {"branchName": branchName, "commitId": self.branches[repositoryName, branchName]}}

    def codecommit_get_commit(self, caller: Caller, *, repositoryName: str, commitId: str) -> Any:
        person = {"name": "A", "email": "a@b", "date": "1484167798 -0800"}
        return {"commit": {"commitId": commitId, "message": f"say {commitId}\n\nmore\n", "author": person,
                           "committer": person}}

    def codebuild_batch_get_builds(self, caller: Caller, *, ids: list[str]) -> Any:
        return {"builds": [self.builds[i] for i in ids if i in self.builds]}

    def sns_publish(self, caller: Caller, **params: Any) -> Any:
        return {}

    def lambda_invoke(self, caller: Caller, **params: Any) -> Any:
        return {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("cloudformation_"):
            return getattr(self.stacks, name.removeprefix("cloudformation_"))
        raise AttributeError(name)


def action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    made = {"name": name, "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"}}
    for side in ("inputArtifacts", "outputArtifacts"):
        if side in more:
            more[side] = [{"name": each} for each in more[side]]
    return made | more


def source(**more: Any) -> dict[str, Any]:
    configuration = {"RepositoryName": "hello", "BranchName": "develop", "PollForSourceChanges": "false"}
    return action("Take", "Source", "CodeCommit", configuration=configuration, outputArtifacts=["SourceOutput"], **more)


def approval(name: str = "Gate", **more: Any) -> dict[str, Any]:
    return action(name, "Approval", "Manual", **more)


class Pipelines:
    """Calls the engine's operations by their API names, and waits for what they start."""

    action, source, approval, bundle, refusal = map(staticmethod, (action, source, approval, bundle, refusal))
    role, deploy, alice = ROLE, DEPLOY, ALICE

    def __init__(self) -> None:
        self.world = FakeWorld()
        self.engine = CodePipeline(self.world)  # type: ignore[arg-type]

    def __call__(self, operation: str, /, caller: Caller = ALICE, **params: Any) -> Mapping[str, Any]:
        return self.engine.handle(
            Call(service="codepipeline", operation=operation, params=params, caller=caller, account=ACCOUNT,
                 region="eu-west-1", request_id="1")
        )

    def declaration(self, *stages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """A pipeline `p` that takes from CodeCommit; further stages are S2, S3 ..."""
        named = [{"name": "Source", "actions": [source()]}]
        named += [{"name": f"S{n}", "actions": actions} for n, actions in enumerate(stages, 2)]
        store = {"type": "S3", "location": "store", "encryptionKey": {"id": "key", "type": "KMS"}}
        return {"name": "p", "roleArn": ROLE, "artifactStore": store, "stages": named} | more

    def create(self, *stages: list[dict[str, Any]], **more: Any) -> str:
        """Create the pipeline; the id of its first execution."""
        self("CreatePipeline", pipeline=self.declaration(*stages, **more))
        return self.executions()[-1]["pipelineExecutionId"]

    def begin(self, **more: Any) -> str:
        return str(self("StartPipelineExecution", name="p", **more)["pipelineExecutionId"])

    def executions(self) -> list[Mapping[str, Any]]:
        return list(self("ListPipelineExecutions", pipelineName="p")["pipelineExecutionSummaries"])

    def status(self, execution: str) -> str:
        return str(next(e["status"] for e in self.executions() if e["pipelineExecutionId"] == execution))

    def stage(self, name: str) -> Mapping[str, Any]:
        return next(s for s in self("GetPipelineState", name="p")["stageStates"] if s["stageName"] == name)

    def latest(self, stage: str, action: str) -> Mapping[str, Any]:
        states = {a["actionName"]: a for a in self.stage(stage)["actionStates"]}
        return states[action].get("latestExecution", {})

    def until(self, holds: Callable[[], Any], what: str = "it") -> Any:
        end = time.monotonic() + 10
        while not (found := holds()):
            assert time.monotonic() < end, f"{what} did not happen: {json.dumps(self._state(), default=str)}"
            time.sleep(0.005)
        return found

    def _state(self) -> Any:
        return self("GetPipelineState", name="p")["stageStates"]

    def ended(self, execution: str, status: str) -> None:
        self.until(lambda: self.status(execution) not in ("InProgress", "Stopping"), "the end")
        assert self.status(execution) == status, self._state()

    def waiting(self, stage: str, gate: str = "Gate", execution: str = "") -> str:
        """Wait until an approval waits (in this execution); its token."""
        def token() -> Any:
            held = self.stage(stage).get("latestExecution", {}).get("pipelineExecutionId")
            return self.latest(stage, gate).get("token") if execution in ("", held) else None
        return str(self.until(token, f"approval in {stage}"))

    def approve(self, stage: str, gate: str = "Gate", status: str = "Approved", execution: str = "") -> None:
        self("PutApprovalResult", pipelineName="p", stageName=stage, actionName=gate,
             token=self.waiting(stage, gate, execution), result={"status": status, "summary": "seen"})

    def told(self, what: str) -> list[str]:
        """States that events of a kind (Pipeline, Stage, Action) told, in order."""
        kind = f"CodePipeline {what} Execution State Change"
        return [e["detail"]["state"] for e in self.world.events if e["detail_type"] == kind]


@pytest.fixture
def pipelines() -> Iterator[Pipelines]:
    before = set(threading.enumerate())
    subject = Pipelines()
    yield subject
    subject.engine.stop()
    assert not [t for t in set(threading.enumerate()) - before if t.name.startswith("codepipeline")]
