"""Function URLs: who may call them, and what the function and the caller get."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.engine import HttpRequest
from crossdock.local.identity import ANONYMOUS

ECHO = """
def handler(event, context):
    return {"statusCode": 201, "headers": {"x-a": "b"}, "body": event["rawPath"] + event.get("body", "")}
"""


@pytest.fixture
def visit(world: Any, functions: Any):
    """Ask the function's URL as a caller."""

    def asked(path: str = "/", caller: Any = ANONYMOUS, body: bytes = b"") -> Any:
        url = functions.get_function_url_config(FunctionName="worker")["FunctionUrl"]
        below = url.partition("/_aws/lambda-url")[2].rstrip("/")
        headers = {"content-type": "text/plain"}
        return world.engine("lambda").http(HttpRequest(
            method="POST", path=below + path, query="", headers=headers, body=body, caller=caller))

    return asked


def test_anybody_may_call_a_url_that_its_policy_opens(deploy, functions, visit):
    deploy(ECHO)
    functions.create_function_url_config(FunctionName="worker", AuthType="NONE")
    assert visit().status == 403
    functions.add_permission(FunctionName="worker", StatementId="open", Action="lambda:InvokeFunctionUrl",
                             Principal="*", FunctionUrlAuthType="NONE")
    answer = visit("/shop/1", body=b"!")
    assert (answer.status, answer.body, answer.headers["x-a"]) == (201, b"/shop/1!", "b")


def test_a_url_with_iam_wants_a_signer_with_the_right(deploy, functions, visit, world, account):
    deploy(ECHO)
    functions.create_function_url_config(FunctionName="worker", AuthType="AWS_IAM")
    assert visit().status == 403
    assert visit(caller=world.root_user(account)).status == 201


def test_a_url_is_changed_listed_and_gone(deploy, functions, visit):
    deploy(ECHO)
    made = functions.create_function_url_config(FunctionName="worker", AuthType="AWS_IAM")
    with pytest.raises(ClientError, match="FunctionUrlConfig exists"):
        functions.create_function_url_config(FunctionName="worker", AuthType="NONE")
    changed = functions.update_function_url_config(FunctionName="worker", AuthType="NONE")
    assert (changed["FunctionUrl"], changed["AuthType"]) == (made["FunctionUrl"], "NONE")
    assert len(functions.list_function_url_configs(FunctionName="worker")["FunctionUrlConfigs"]) == 1
    functions.delete_function_url_config(FunctionName="worker")
    with pytest.raises(ClientError, match="does not exist"):
        functions.get_function_url_config(FunctionName="worker")
    with pytest.raises(ClientError, match="does not emulate response streaming"):
        functions.create_function_url_config(FunctionName="worker", AuthType="NONE", InvokeMode="RESPONSE_STREAM")


def test_a_function_that_fails_answers_as_a_bad_gateway(deploy, functions, visit, world, account):
    deploy("def handler(event, context):\n    raise ValueError\n")
    functions.create_function_url_config(FunctionName="worker", AuthType="AWS_IAM")
    answer = visit(caller=world.root_user(account))
    assert (answer.status, json.loads(answer.body)["message"]) == (502, "Internal Server Error")
