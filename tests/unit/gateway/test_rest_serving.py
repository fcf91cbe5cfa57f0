"""What a REST API answers: who gets through, what a function is told, what becomes of its answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tests.unit.gateway.conftest import Ask, user
from tests.unit.gateway.documents import IAM, cors, proxy, rest, rest3, uri

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

Permit = Callable[..., None]
Publish = Callable[..., str]


@pytest.fixture
def publish(world: LocalWorld, account: str) -> Publish:
    """Import a document, deploy it to stage `live`; the API's identifier."""

    def made(document: dict[str, Any], **stage: Any) -> str:
        gateway = world.client("apigateway", world.root_user(account))
        api = str(gateway.import_rest_api(body=json.dumps(document))["id"])
        gateway.create_deployment(restApiId=api, stageName="live", **stage)
        return api

    return made


def given(answer: dict[str, Any] | str) -> str:
    """The query that makes the function answer so."""
    return "answer=" + quote(answer if isinstance(answer, str) else json.dumps(answer))


def test_a_function_gets_the_whole_event(
    publish: Publish, ask: Ask, function: str, permit: Permit, account: str
) -> None:
    permit()
    api = publish(rest({"/orders/{id}/{rest+}": {"x-amazon-apigateway-any-method": proxy(function)}}),
                  variables={"table": "t"})
    answer = ask("PUT", f"/{api}/live/orders/7/a/b?x=1&x=2&e=&s=a%20b", body='{"ü": 1}'.encode(),
                 headers={"content-type": "application/json", "x-thing": "y"})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    event = json.loads(answer.body)
    context = event.pop("requestContext")
    headers = event.pop("headers")
    assert event.pop("multiValueHeaders") == {name: [value] for name, value in headers.items()}
    assert event == {
        "resource": "/orders/{id}/{rest+}", "path": "/orders/7/a/b", "httpMethod": "PUT",
        "queryStringParameters": {"x": "2", "e": "", "s": "a b"},
        "multiValueQueryStringParameters": {"x": ["1", "2"], "e": [""], "s": ["a b"]},
        "pathParameters": {"id": "7", "rest": "a/b"}, "stageVariables": {"table": "t"},
        "body": '{"ü": 1}', "isBase64Encoded": False}
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Thing"] == "y"
    assert headers["Host"] == "127.0.0.1:4566"
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-Port"] == "4566"
    assert context["requestId"] == answer.headers["x-amzn-RequestId"]
    assert {name: context[name] for name in ("accountId", "apiId", "stage", "path", "resourcePath", "httpMethod",
                                             "protocol", "domainName", "domainPrefix")} == {
        "accountId": account, "apiId": api, "stage": "live", "path": "/live/orders/7/a/b",
        "resourcePath": "/orders/{id}/{rest+}", "httpMethod": "PUT", "protocol": "HTTP/1.1",
        "domainName": f"{api}.execute-api.us-east-1.amazonaws.com", "domainPrefix": api}
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userAgent"] == "test"
    assert context["identity"]["userArn"] is None
    assert context["requestTimeEpoch"] > 1_600_000_000_000


def test_what_is_absent_is_null(publish: Publish, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    event = json.loads(ask("GET", f"/{publish(rest({'/': {'get': proxy(function)}}))}/live").body)
    for name in ("body", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters",
                 "stageVariables"):
        assert event[name] is None


def test_a_function_that_does_not_let_the_api_in_is_an_internal_error(
    publish: Publish, ask: Ask, function: str, permit: Permit, account: str
) -> None:
    api = publish(rest({"/a": {"get": proxy(function)}, "/b": {"get": proxy(function)}}))
    denied = ask("GET", f"/{api}/live/a")
    assert (denied.status, json.loads(denied.body)) == (500, {"message": "Internal server error"})
    permit(f"arn:aws:execute-api:us-east-1:{account}:{api}/*/GET/a")
    assert ask("GET", f"/{api}/live/a").status == 200
    assert ask("GET", f"/{api}/live/b").status == 500


def test_a_role_of_the_integration_calls_the_function(
    publish: Publish, ask: Ask, function: str, world: LocalWorld, account: str
) -> None:
    method = proxy(function)
    method["x-amazon-apigateway-integration"]["credentials"] = f"arn:aws:iam::{account}:role/worker"
    api = publish(rest({"/a": {"get": method}}))
    assert ask("GET", f"/{api}/live/a").status == 500
    world.client("iam", world.root_user(account)).put_role_policy(
        RoleName="worker", PolicyName="invoke", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function}]}))
    assert ask("GET", f"/{api}/live/a").status == 200


@pytest.mark.parametrize("path", ["/{api}/live/other", "/{api}/live/orders/1/2", "/{api}/live"])
def test_a_path_without_a_method_misses_a_token(
    publish: Publish, ask: Ask, function: str, permit: Permit, path: str
) -> None:
    permit()
    api = publish(rest({"/orders/{id}": {"get": proxy(function)}}))
    answer = ask("GET", path.format(api=api))
    assert (answer.status, json.loads(answer.body)) == (403, {"message": "Missing Authentication Token"})
    assert ask("POST", f"/{api}/live/orders/1").status == 403
    assert ask("GET", f"/{api}/live/orders/1").status == 200


@pytest.mark.parametrize("path", ["/{api}/test/a", "/aaaaaaaaaa/live/a"])
def test_an_unknown_stage_or_api_is_forbidden(publish: Publish, ask: Ask, function: str, path: str) -> None:
    api = publish(rest({"/a": {"get": proxy(function)}}))
    answer = ask("GET", path.format(api=api))
    assert (answer.status, json.loads(answer.body)) == (403, {"message": "Forbidden"})


def test_a_signed_method_asks_for_the_right_to_invoke_it(
    publish: Publish, ask: Ask, function: str, permit: Permit, world: LocalWorld, account: str
) -> None:
    permit()
    api = publish(rest({"/a": {"get": proxy(function, security=[{"AWS_IAM": []}])}, "/b": {"get": proxy(
        function, security=[{"AWS_IAM": []}])}}, securityDefinitions=IAM))
    anonymous = ask("GET", f"/{api}/live/a")
    assert (anonymous.status, json.loads(anonymous.body)) == (403, {"message": "Missing Authentication Token"})
    caller = user(world, account, {"Effect": "Allow", "Action": "execute-api:Invoke",
                                   "Resource": f"arn:aws:execute-api:us-east-1:{account}:{api}/live/GET/a"})
    answer = ask("GET", f"/{api}/live/a", caller=caller)
    assert answer.status == 200
    identity = json.loads(answer.body)["requestContext"]["identity"]
    assert (identity["userArn"], identity["accountId"], identity["principalOrgId"]) == \
        (caller.arn, account, "o-a1b2c3d4e5")
    denied = ask("GET", f"/{api}/live/b", caller=caller)
    assert denied.status == 403
    assert f"not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:{account}" in \
        json.loads(denied.body)["Message"]


def test_an_integration_may_call_with_the_rights_of_the_caller(
    publish: Publish, ask: Ask, function: str, world: LocalWorld, account: str
) -> None:
    """As SAM writes it for `DefaultAuthorizer: AWS_IAM`."""
    method = proxy(function, security=[{"AWS_IAM": []}])
    method["x-amazon-apigateway-integration"]["credentials"] = "arn:aws:iam::*:user/*"
    api = publish(rest3({"/a": {"get": method}}, IAM))
    invoke = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    caller = user(world, account, invoke)
    assert ask("GET", f"/{api}/live/a", caller=caller).status == 500
    world.client("iam", world.root_user(account)).put_user_policy(
        UserName=caller.user_name, PolicyName="call", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function}]}))
    assert ask("GET", f"/{api}/live/a", caller=caller).status == 200


def test_preflight_is_answered_by_the_mock_that_sam_writes(publish: Publish, ask: Ask, function: str) -> None:
    api = publish(rest({"/a": {"get": proxy(function), "options": cors()}}))
    answer = ask("OPTIONS", f"/{api}/live/a")
    assert (answer.status, answer.body) == (200, b"{}\n")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,OPTIONS"
    assert answer.headers["Content-Type"] == "application/json"


def test_status_headers_and_body_are_the_functions(
    publish: Publish, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    api = publish(rest({"/a": {"get": proxy(function)}}))
    answer = ask("GET", f"/{api}/live/a?" + given({
        "statusCode": "201", "body": "made", "headers": {"Location": "/x", "content-type": "text/plain", "N": 1},
        "multiValueHeaders": {"Set-Cookie": ["a=1; Path=/", "b=2"], "Vary": ["A", "B"]}}))
    assert (answer.status, answer.body) == (201, b"made")
    cookies = sorted(value for name, value in answer.headers.items() if name.lower() == "set-cookie")
    assert cookies == ["a=1; Path=/", "b=2"]
    assert answer.headers["Vary"] == "A, B"
    assert answer.headers["Location"] == "/x"
    assert answer.headers["N"] == "1"
    assert [value for name, value in answer.headers.items() if name.lower() == "content-type"] == ["text/plain"]


@pytest.mark.parametrize("answer", [
    "null", "[]", '"text"', '{"message": "no proxy answer"}', '{"statusCode": "x"}', '{"body": {"a": 1}}',
    '{"headers": ["a"]}', "raise",
])
def test_a_malformed_answer_or_a_failure_is_a_bad_gateway(
    publish: Publish, ask: Ask, function: str, permit: Permit, answer: str
) -> None:
    permit()
    api = publish(rest({"/a": {"get": proxy(function)}}))
    got = ask("GET", f"/{api}/live/a?" + given(answer))
    assert (got.status, json.loads(got.body)) == (502, {"message": "Internal server error"})


def test_a_slow_function_times_out(publish: Publish, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    method = proxy(function)
    method["x-amazon-apigateway-integration"]["timeoutInMillis"] = 300
    api = publish(rest({"/a": {"get": method}}))
    got = ask("GET", f"/{api}/live/a?answer=sleep")
    assert (got.status, json.loads(got.body)) == (504, {"message": "Endpoint request timed out"})


def test_binary_bodies_travel_as_base64(publish: Publish, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    api = publish(rest({"/a": {"post": proxy(function)}}, **{"x-amazon-apigateway-binary-media-types": ["image/*"]}))
    sent = ask("POST", f"/{api}/live/a", body=b"\xff\x00", headers={"content-type": "image/png"})
    event = json.loads(sent.body)
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"\xff\x00", True)
    picture = given({"statusCode": 200, "body": base64.b64encode(b"\xfe\x01").decode(), "isBase64Encoded": True,
                     "headers": {"Content-Type": "image/png"}})
    assert ask("POST", f"/{api}/live/a?{picture}", headers={"accept": "image/png"}).body == b"\xfe\x01"
    assert ask("POST", f"/{api}/live/a?{picture}", headers={"accept": "text/html"}).body == b"/gE="


def test_a_stage_variable_may_name_the_function(
    publish: Publish, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    named = {"x-amazon-apigateway-integration": {
        "httpMethod": "POST", "type": "aws_proxy",
        "uri": uri(function.replace("echo", "${stageVariables.function}"))}}
    api = publish(rest({"/a": {"get": named}}), variables={"function": "echo"})
    assert ask("GET", f"/{api}/live/a").status == 200


def test_a_stage_serves_what_was_deployed(
    publish: Publish, ask: Ask, function: str, permit: Permit, world: LocalWorld, account: str
) -> None:
    permit()
    api = publish(rest({"/a": {"get": proxy(function)}}))
    gateway = world.client("apigateway", world.root_user(account))
    gateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(rest({"/b": {"get": proxy(function)}})))
    assert [ask("GET", f"/{api}/live/{path}").status for path in "ab"] == [200, 403]
    gateway.create_deployment(restApiId=api, stageName="live")
    assert [ask("GET", f"/{api}/live/{path}").status for path in "ab"] == [403, 200]


def test_a_disabled_endpoint_is_forbidden(
    publish: Publish, ask: Ask, function: str, permit: Permit, world: LocalWorld, account: str
) -> None:
    permit()
    api = publish(rest({"/a": {"get": proxy(function)}}))
    world.client("apigateway", world.root_user(account)).update_rest_api(
        restApiId=api, patchOperations=[{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}])
    assert ask("GET", f"/{api}/live/a").status == 403
