"""One local AWS and one account for the tests of a module; a function that echoes its event; requests to APIs."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from crossdock.local.engine import HttpRequest, HttpResponse
from crossdock.local.identity import ANONYMOUS, Caller

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

ACCOUNTS = {str(100000000000 + n): f"account-{n}" for n in range(400)}
NUMBERS = count(1)
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]},
     "Action": "sts:AssumeRole"}]}
ECHO = '''
import base64, json, os, time
def handler(event, context):
    asked = (event.get("queryStringParameters") or {}).get("answer")
    if asked == "raise":
        raise ValueError("on purpose")
    if asked == "sleep":
        time.sleep(5)
    if asked is not None:
        return json.loads(asked)
    return {"statusCode": 200, "body": json.dumps(event)}
'''
Ask = Callable[..., HttpResponse]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    from crossdock.local.gateway import ApiGatewayV2
    from crossdock.local.server import LocalWorld

    made = LocalWorld(tmp_path_factory.mktemp("local"), accounts=ACCOUNTS, management="100000000000",
                      organization="o-a1b2c3d4e5", region="us-east-1", endpoint="http://127.0.0.1:4566")
    made._engines.setdefault("apigatewayv2", ApiGatewayV2(made))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def account() -> str:
    """An account that no other module uses."""
    return str(100000000000 + next(NUMBERS))


@pytest.fixture(scope="module")
def function(world: LocalWorld, account: str) -> str:
    """The ARN of a function that answers with its event, or with what `?answer=` says; nobody may invoke it yet."""
    iam = world.client("iam", world.root_user(account))
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", ECHO)
    made = world.client("lambda", world.root_user(account)).create_function(
        FunctionName="echo", Runtime="python3.11", Handler="app.handler", Role=role, Timeout=10,
        Code={"ZipFile": held.getvalue()})
    return str(made["FunctionArn"])


@pytest.fixture
def permit(world: LocalWorld, account: str, function: str) -> Iterator[Callable[..., None]]:
    """Let API Gateway invoke the function for what this source ARN matches: every API of the account."""
    functions, made = world.client("lambda", world.root_user(account)), list[str]()

    def given(source_arn: str = f"arn:aws:execute-api:us-east-1:{account}:*") -> None:
        made.append(f"statement{len(made)}")
        functions.add_permission(FunctionName=function, StatementId=made[-1], Action="lambda:InvokeFunction",
                                 Principal="apigateway.amazonaws.com", SourceArn=source_arn)

    yield given
    for statement in made:
        functions.remove_permission(FunctionName=function, StatementId=statement)


@pytest.fixture
def ask(world: LocalWorld) -> Ask:
    """Send a request to an API: `ask("GET", "/api/stage/path?x=y", body=..., caller=..., header=value)`."""

    def sent(
        method: str, url: str, *, body: bytes = b"", caller: Caller = ANONYMOUS, headers: dict[str, str] | None = None
    ) -> HttpResponse:
        path, _, query = url.partition("?")
        return world.engine("apigateway").http(HttpRequest(
            method=method, path=path, query=query, body=body, caller=caller,
            headers={"host": "127.0.0.1:4566", "user-agent": "test", **(headers or {})}))

    return sent


def user(world: LocalWorld, account: str, *statements: dict[str, Any]) -> Caller:
    """A new user with these statements."""
    iam, name = world.client("iam", world.root_user(account)), f"caller{next(NUMBERS)}"
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": list(statements)}))
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    return world.session(key)
