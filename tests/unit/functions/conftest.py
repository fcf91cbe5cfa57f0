"""A function's role, and packages written as text. One local AWS and account for the tests of a module."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

ACCOUNTS = {str(100000000000 + n): f"account-{n}" for n in range(200)}
NUMBERS = count(1)
Deploy = Callable[..., Any]

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def package(files: Mapping[str, str]) -> bytes:
    """A deployment package of these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return held.getvalue()


def new_world(root: Path) -> LocalWorld:
    """A local AWS that runs, its accounts empty."""
    from crossdock.local.server import LocalWorld

    made = LocalWorld(root, accounts=ACCOUNTS, management="100000000000", organization="o-a1b2c3d4e5",
                      region="us-east-1")
    made.start()
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    made = new_world(tmp_path_factory.mktemp("local"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def account() -> str:
    """An account that no other module uses."""
    return str(100000000000 + next(NUMBERS))


@pytest.fixture(scope="module")
def role(world: LocalWorld, account: str) -> str:
    """The ARN of a role that Lambda may assume, and that may write logs."""
    iam = world.client("iam", world.root_user(account))
    made = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.attach_role_policy(RoleName="worker", PolicyArn=BASIC)
    return str(made["Arn"])


@pytest.fixture
def functions(world: LocalWorld, account: str) -> Iterator[Any]:
    """A Lambda client of the account's root. What a test leaves goes: its functions, their logs."""
    root = world.root_user(account)
    client, logs = world.client("lambda", root), world.client("logs", root)
    yield client
    for function in client.list_functions()["Functions"]:
        client.delete_function(FunctionName=function["FunctionName"])
    for group in logs.describe_log_groups()["logGroups"]:
        logs.delete_log_group(logGroupName=group["logGroupName"])


@pytest.fixture
def deploy(functions: Any, role: str) -> Deploy:
    """Make function `worker` of this source (module `app`, handler `app.handler`), with other settings by name."""

    def made(source: str, **settings: Any) -> Any:
        given = {"FunctionName": "worker", "Runtime": "python3.11", "Handler": "app.handler", "Role": role, **settings}
        return functions.create_function(Code={"ZipFile": package({"app.py": source})}, **given)

    return made
