"""Who gets through to a method: keys, functions that authorize, policies of the API, validators."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.gateway.conftest import Ask
from tests.unit.gateway.documents import KEY, custom, proxy, rest3

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

Permit = Callable[..., None]
GUARD = '''
def handler(event, context):
    token = event.get("authorizationToken") or event["headers"].get("Authorization")
    if token == "raise":
        raise Exception("Unauthorized")
    if token == "wrong":
        return {"principalId": "x"}
    effect = {"in": "Allow", "out": "Deny"}.get(token)
    statements = [{"Effect": effect, "Action": "execute-api:Invoke", "Resource": event["methodArn"]}] if effect else [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:other/*"}]
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": statements},
            "context": {"team": "a", "n": 1}}
'''


@pytest.fixture
def gateway(world: LocalWorld, account: str) -> Any:
    return world.client("apigateway", world.root_user(account))


@pytest.fixture
def publish(gateway: Any) -> Callable[[dict[str, Any]], str]:
    def made(document: dict[str, Any]) -> str:
        api = str(gateway.import_rest_api(body=json.dumps(document))["id"])
        gateway.create_deployment(restApiId=api, stageName="live")
        return api

    return made


@pytest.fixture(scope="module")
def guard(world: LocalWorld, account: str, function: str) -> str:
    """The ARN of a function that authorizes, which API Gateway may invoke."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", GUARD)
    functions = world.client("lambda", world.root_user(account))
    made = functions.create_function(FunctionName="guard", Runtime="python3.11", Handler="app.handler",
                                     Role=f"arn:aws:iam::{account}:role/worker", Code={"ZipFile": held.getvalue()})
    functions.add_permission(FunctionName=made["FunctionArn"], StatementId="gateway", Action="lambda:InvokeFunction",
                             Principal="apigateway.amazonaws.com")
    assert function
    return str(made["FunctionArn"])


def test_a_key_opens_only_the_stages_of_its_plan(
    publish: Any, ask: Ask, function: str, permit: Permit, gateway: Any
) -> None:
    permit()
    api = publish(rest3({"/a": {"get": proxy(function, security=[{"api_key": []}])}}, KEY))
    key = gateway.create_api_key(name="k", enabled=True)

    def called(value: str) -> int:
        return ask("GET", f"/{api}/live/a", headers={"x-api-key": value}).status

    assert (ask("GET", f"/{api}/live/a").status, called(key["value"]), called("wrong")) == (403, 403, 403)
    plan = gateway.create_usage_plan(name="p", apiStages=[{"apiId": api, "stage": "live"}])["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    answer = ask("GET", f"/{api}/live/a", headers={"x-api-key": key["value"]})
    assert json.loads(answer.body)["requestContext"]["identity"]["apiKeyId"] == key["id"]
    assert called("wrong") == 403
    gateway.update_api_key(apiKey=key["id"], patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    assert called(key["value"]) == 403
    with pytest.raises(ClientError, match="Please delete the API stage"):
        gateway.delete_usage_plan(usagePlanId=plan)


def test_the_api_shows_no_keys_value_unless_asked(gateway: Any) -> None:
    key = gateway.create_api_key(name="secret", value="v" * 20)
    assert "value" not in gateway.get_api_key(apiKey=key["id"])
    assert gateway.get_api_key(apiKey=key["id"], includeValue=True)["value"] == "v" * 20
    with pytest.raises(ClientError, match="at least 20 characters"):
        gateway.create_api_key(name="short", value="short")


@pytest.mark.parametrize(("token", "status", "said"), [
    ("in", 200, None), ("out", 403, "User is not authorized to access this resource with an explicit deny"),
    ("else", 403, "User is not authorized to access this resource"), ("raise", 401, "Unauthorized"),
    ("wrong", 500, "Internal server error"), (None, 401, "Unauthorized"),
])
def test_a_function_says_who_may_call(
    publish: Any, ask: Ask, function: str, guard: str, permit: Permit, token: str | None, status: int, said: str | None
) -> None:
    permit()
    api = publish(rest3({"/a": {"get": proxy(function, security=[{"Token": []}])}}, custom(guard)))
    answer = ask("GET", f"/{api}/live/a", headers={"authorization": token} if token else {})
    assert answer.status == status
    body = json.loads(answer.body)
    if said is None:
        assert body["requestContext"]["authorizer"] == {"principalId": "me", "integrationLatency": 0, "team": "a",
                                                        "n": "1"}
    else:
        assert (body.get("message") or body.get("Message")).startswith(said)


def test_a_function_may_be_asked_with_the_whole_request(
    publish: Any, ask: Ask, function: str, guard: str, permit: Permit
) -> None:
    permit()
    scheme = custom(guard, "request", identitySource="method.request.header.Authorization")
    api = publish(rest3({"/a": {"get": proxy(function, security=[{"Token": []}])}}, scheme))
    assert ask("GET", f"/{api}/live/a", headers={"authorization": "in"}).status == 200
    assert ask("GET", f"/{api}/live/a", headers={"authorization": "out"}).status == 403
    assert ask("GET", f"/{api}/live/a").status == 401


def test_a_function_that_may_not_be_asked_lets_nobody_in(
    publish: Any, ask: Ask, function: str, permit: Permit, world: LocalWorld, account: str
) -> None:
    """The authorizer's function permits API Gateway nothing: neither does the API."""
    permit(f"arn:aws:execute-api:us-east-1:{account}:*/*/GET/a")
    api = publish(rest3({"/a": {"get": proxy(function, security=[{"Token": []}])}}, custom(function)))
    assert ask("GET", f"/{api}/live/a", headers={"authorization": "in"}).status == 500


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": [
        {"Principal": "*", "Action": "execute-api:Invoke", **one} for one in statements]}}


def test_the_apis_own_policy_decides_where_nothing_else_does(
    publish: Any, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    paths = {"/a": {"get": proxy(function)}, "/b": {"get": proxy(function)}}
    api = publish(rest3(paths, **policy(
        {"Effect": "Allow", "Resource": "execute-api:/live/GET/*"},
        {"Effect": "Deny", "Resource": ["execute-api:/live/GET/b"],
         "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}})))
    assert [ask("GET", f"/{api}/live/{path}").status for path in "ab"] == [200, 403]


def test_a_policy_that_allows_others_keeps_everybody_else_out(
    publish: Any, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    api = publish(rest3({"/a": {"get": proxy(function)}}, **policy(
        {"Effect": "Allow", "Resource": "execute-api:/*",
         "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}})))
    answer = ask("GET", f"/{api}/live/a")
    assert (answer.status, json.loads(answer.body)["Message"][:20]) == (403, "User: anonymous is n")


def test_a_private_api_answers_nobody_here(publish: Any, ask: Ask, function: str, permit: Permit, gateway: Any) -> None:
    permit()
    api = publish(rest3({"/a": {"get": proxy(function)}}))
    gateway.update_rest_api(restApiId=api, patchOperations=[
        {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "PRIVATE"}])
    assert ask("GET", f"/{api}/live/a").status == 403


def test_bodies_and_parameters_are_validated(publish: Any, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    schemas = {"Order": {"type": "object", "required": ["item"], "properties": {
        "item": {"$ref": "#/components/schemas/Item"}}}, "Item": {"type": "string", "minLength": 2}}
    document = rest3({"/a": {"post": proxy(function, requestBody=body, parameters=[
        {"name": "day", "in": "query", "required": True, "schema": {"type": "string"}}])}})
    document |= {"x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}},
        "x-amazon-apigateway-request-validator": "all", "components": {"schemas": schemas},
        "x-amazon-apigateway-gateway-responses": {"BAD_REQUEST_BODY": {
            "statusCode": 422, "responseParameters": {"gatewayresponse.header.x-why": "'body'"},
            "responseTemplates": {"application/json": '{"why": $context.error.messageString}'}}}}
    api = publish(document)

    def sent(body: str, query: str = "?day=1") -> tuple[int, Any]:
        answer = ask("POST", f"/{api}/live/a{query}", body=body.encode(), headers={"content-type": "application/json"})
        return answer.status, json.loads(answer.body)

    assert sent('{"item": "tea"}')[0] == 200
    assert sent('{"item": "tea"}', "") == (400, {"message": "Missing required request parameters: [day]"})
    assert sent('{"item": "t"}') == (422, {"why": "Invalid request body"})
    assert sent("{") == (422, {"why": "Invalid request body"})
