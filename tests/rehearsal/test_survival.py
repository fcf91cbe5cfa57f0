"""The server as users have it, killed at any moment: what it answered as done is there when it comes up again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from tests.conftest import NONPROD, SHARED

from crossdock.aws import repositories
from crossdock.aws.cloud import Account, Cloud
from crossdock.aws.git import Git
from crossdock.errors import LocalError
from crossdock.local import cloud
from crossdock.local.cloud import Local
from crossdock.local.cloudformation.interrupted import WHY

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}}]})


class Machine:
    """A state directory on which a local AWS is started, stopped and killed."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.running: Local | None = None

    def up(self, *, keep: bool = True) -> Local:
        self.running = cloud.up(self.state, accounts={"shared": SHARED, "nonprod": NONPROD}, shared="shared",
                                organization="o-a1b2c3d4e5", region="us-east-1", keep=keep)
        return self.running

    def kill(self) -> None:
        """SIGKILL, and wait until that has come to pass."""
        assert self.running is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.running.pid, signal.SIGKILL)
        assert until(lambda: cloud.status(self.state) is None)

    def client(self, service: str, **keys: str) -> Any:
        """As the profile `rehearsal` says, read anew, or with keys; one attempt at each call."""
        assert self.running is not None
        if not keys:
            keys = _keys(self.running)
        return Session(region_name="us-east-1", **keys).client(
            service, endpoint_url=self.running.endpoint, config=Config(retries={"total_max_attempts": 1}))


def _keys(running: Local) -> dict[str, str]:
    import configparser

    written = configparser.RawConfigParser()
    written.read(running.credentials_file)
    return dict(written["rehearsal"])


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path / "local")
    yield made
    cloud.reset(made.state)


def until(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    return true()


@pytest.mark.parametrize("calls", [10, 100])
def test_whatever_was_answered_is_there_after_a_kill_in_the_middle_of_it(machine: Machine, calls: int) -> None:
    machine.up()
    machine.client("s3").create_bucket(Bucket="buck-1")
    done: list[tuple[str, str]] = []

    def work(name: str) -> None:
        s3, iam = machine.client("s3"), machine.client("iam")
        for number in range(10_000):
            key = f"{name}-{number}"
            try:
                s3.put_object(Bucket="buck-1", Key=key, Body=key.encode() * (1 + number % 3 * 10_000))
                done.append(("object", key))
                iam.create_role(RoleName=key, AssumeRolePolicyDocument=TRUST)
                done.append(("role", key))
            except (ClientError, BotoCoreError, ResponseParserError):
                return

    with ThreadPoolExecutor(3) as pool:
        working = [pool.submit(work, name) for name in ("a", "b", "c")]
        assert until(lambda: len(done) >= calls)
        machine.kill()
        for one in working:
            one.result()
    machine.up()
    s3, iam = machine.client("s3"), machine.client("iam")
    roles = {role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}
    for kind, key in done:
        if kind == "role":
            assert key in roles
        else:
            assert s3.get_object(Bucket="buck-1", Key=key)["Body"].read().startswith(key.encode())


def test_profiles_sessions_and_clone_urls_hold_over_stop_and_kill(machine: Machine, tmp_path: Path) -> None:
    first = machine.up()
    keys = _keys(first)
    machine.client("codecommit").create_repository(repositoryName="r")
    commit = push(first, tmp_path)
    iam = machine.client("iam")
    iam.create_role(RoleName="a", AssumeRolePolicyDocument=TRUST)
    session = machine.client("sts").assume_role(RoleArn=f"arn:aws:iam::{SHARED}:role/a", RoleSessionName="it")
    made = session["Credentials"]
    for end in (machine.kill, first.down):
        end()
        again = machine.up()
        assert (again.endpoint, _keys(again)) == (first.endpoint, keys)
        caller = machine.client("sts", aws_access_key_id=made["AccessKeyId"],
                                aws_secret_access_key=made["SecretAccessKey"], aws_session_token=made["SessionToken"])
        assert caller.get_caller_identity()["Arn"].endswith("assumed-role/a/it")
        assert tip(again, tmp_path) == commit


def test_where_the_port_is_taken_the_address_is_another_everywhere(machine: Machine, tmp_path: Path) -> None:
    first = machine.up()
    clone = machine.client("codecommit").create_repository(repositoryName="r")["repositoryMetadata"]["cloneUrlHttp"]
    commit = push(first, tmp_path)
    machine.kill()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", int(first.endpoint.rpartition(":")[2])))
        squatter.listen()
        again = machine.up()
    assert again.endpoint != first.endpoint
    assert again.endpoint in again.config_file.read_text("utf-8")
    found = machine.client("codecommit").get_repository(repositoryName="r")["repositoryMetadata"]["cloneUrlHttp"]
    assert found == clone.replace(first.endpoint, again.endpoint)
    assert tip(again, tmp_path) == commit


def test_a_push_that_was_answered_sets_off_its_rule_even_after_a_kill(machine: Machine, tmp_path: Path) -> None:
    running = machine.up()
    queue = machine.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{SHARED}:q"
    machine.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                                                "Action": "sqs:SendMessage", "Resource": arn}]})})
    machine.client("events").put_rule(Name="r", EventPattern='{"source": ["aws.codecommit"]}')
    machine.client("events").put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
    machine.client("codecommit").create_repository(repositoryName="r")
    push(running, tmp_path)
    machine.kill()
    machine.up()
    found = until(lambda: machine.client("sqs").receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(found[0]["Body"])["detail"]["referenceName"] == "main"


@pytest.mark.parametrize("after", [0.05, 0.15, 0.3])
def test_a_stack_that_was_being_made_can_be_removed_and_made_again(machine: Machine, after: float) -> None:
    machine.up()
    resources: dict[str, Any] = {
        f"Topic{number}": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"topic-{number}"}}
        for number in range(30)
    } | {f"Role{number}": {"Type": "AWS::IAM::Role", "DependsOn": f"Topic{number}", "Properties": {
        "RoleName": f"role-{number}", "AssumeRolePolicyDocument": json.loads(TRUST)}} for number in range(30)}
    template = json.dumps({"Resources": resources})
    machine.client("cloudformation").create_stack(
        StackName="s", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    time.sleep(after)
    machine.kill()
    machine.up()
    cloudformation = machine.client("cloudformation")
    stack = cloudformation.describe_stacks(StackName="s")["Stacks"][0]
    assert stack["StackStatus"] in ("CREATE_FAILED", "CREATE_COMPLETE")
    if stack["StackStatus"] == "CREATE_FAILED":
        events = cloudformation.describe_stack_events(StackName="s")["StackEvents"]
        assert events[0]["ResourceStatusReason"] == WHY
    cloudformation.delete_stack(StackName="s")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig={"Delay": 0.1})
    assert machine.client("sns").list_topics()["Topics"] == []
    assert not [r for r in machine.client("iam").list_roles()["Roles"] if r["RoleName"].startswith("role-")]
    cloudformation.create_stack(StackName="s", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 0.2})


def test_a_local_aws_that_is_not_kept_starts_from_nothing_and_leaves_what_is_kept(machine: Machine) -> None:
    kept = machine.up()
    machine.client("s3").create_bucket(Bucket="kept-1")
    kept.down()
    for name in ("once-1", "once-2"):
        once = machine.up(keep=False)
        assert machine.client("s3").list_buckets()["Buckets"] == []
        machine.client("s3").create_bucket(Bucket=name)
        once.down()
    machine.up()
    assert [bucket["Name"] for bucket in machine.client("s3").list_buckets()["Buckets"]] == ["kept-1"]


def test_reset_forgets(machine: Machine) -> None:
    machine.up()
    machine.client("s3").create_bucket(Bucket="kept-1")
    cloud.reset(machine.state)
    machine.up()
    assert machine.client("s3").list_buckets()["Buckets"] == []


def test_state_of_another_version_is_refused_with_what_to_do(machine: Machine) -> None:
    machine.up().down()
    journal = machine.state / "kept" / "journal"
    content = journal.read_bytes()
    journal.write_bytes(content.replace(b"crossdock state 1", b"crossdock state 0", 1))
    with pytest.raises(LocalError, match="was written as 'crossdock state 0") as caught:
        machine.up()
    assert caught.value.advice == "forget the old state: crossdock local reset"
    assert list(caught.value.details) == []


@pytest.mark.parametrize("after", [0.0, 0.02, 0.2])
def test_a_kill_while_it_goes_down_costs_nothing(machine: Machine, after: float) -> None:
    running = machine.up()
    machine.client("s3").create_bucket(Bucket="kept-1")
    os.kill(running.pid, signal.SIGTERM)
    time.sleep(after)
    machine.kill()
    machine.up()
    assert [bucket["Name"] for bucket in machine.client("s3").list_buckets()["Buckets"]] == ["kept-1"]


def _account(running: Local) -> tuple[Cloud, Account]:
    there = Cloud.from_profile("rehearsal", config_file=running.config_file, region="us-east-1",
                               credentials_file=running.credentials_file)
    return there, there.account(SHARED)


def push(running: Local, work: Path) -> str:
    """A commit on branch main of repository r; its id."""
    (work / "source").mkdir(parents=True)
    (work / "source" / "file").write_text("content", "utf-8")
    there, account = _account(running)
    return repositories.push(there, account, repository="r", branch="main", source=work / "source",
                             work=work / "git").commit


def tip(running: Local, work: Path) -> str:
    """What a fresh look at the repository finds on branch main."""
    _, account = _account(running)
    url = repositories.clone_url(account, "r")
    signed = repositories.git_environment(account.keys(), url, "us-east-1")
    return Git(work / "git" / "repository.git", work / "git" / "home")("ls-remote", url, environment=signed).split()[0]
