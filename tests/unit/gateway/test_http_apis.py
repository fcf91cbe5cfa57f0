"""HTTP APIs: what is made and refused, which route answers, payload format 2.0, CORS."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from tests.unit.gateway.conftest import Ask, user
from tests.unit.gateway.documents import IAM, JWT, proxy, rest3, uri

from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.gateway.v2 import match
from crossdock.local.gateway.v2.state import Route

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"
Permit = Callable[..., None]
Publish = Callable[..., str]


def http(function: str, *, payload: str = "2.0", **more: Any) -> dict[str, Any]:
    """One operation as SAM writes it for an HTTP API."""
    made = proxy(function, **more)
    made["x-amazon-apigateway-integration"]["payloadFormatVersion"] = payload
    return made


@pytest.fixture
def gateway(world: LocalWorld, account: str) -> Any:
    return world.client("apigatewayv2", world.root_user(account))


@pytest.fixture
def publish(gateway: Any) -> Publish:
    """Import a document and give it a stage that deploys by itself; the API's identifier."""

    def made(document: dict[str, Any], stage: str = "$default", **settings: Any) -> str:
        api = str(gateway.import_api(Body=json.dumps(document))["ApiId"])
        gateway.create_stage(ApiId=api, StageName=stage, AutoDeploy=True, **settings)
        return api

    return made


def given(answer: Any) -> str:
    """The query that makes the function answer so."""
    return "answer=" + quote(json.dumps(answer))


def test_a_function_gets_the_event_of_format_2(
    publish: Publish, ask: Ask, function: str, permit: Permit, account: str
) -> None:
    permit()
    api = publish(rest3({"/orders/{id}": {"post": http(function)}}), StageVariables={"table": "t"})
    answer = ask("POST", f"/{api}/orders/7?x=1&x=2&s=a%20b", body=b'{"n": 1}',
                 headers={"content-type": "application/json", "cookie": "a=1; b=2"})
    assert answer.status == 200
    event = json.loads(answer.body)
    context = event.pop("requestContext")
    headers = event.pop("headers")
    assert event == {
        "version": "2.0", "routeKey": "POST /orders/{id}", "rawPath": "/orders/7", "rawQueryString": "x=1&x=2&s=a%20b",
        "cookies": ["a=1", "b=2"], "queryStringParameters": {"x": "1,2", "s": "a b"}, "pathParameters": {"id": "7"},
        "stageVariables": {"table": "t"}, "body": '{"n": 1}', "isBase64Encoded": False}
    assert headers["content-type"] == "application/json"
    assert "cookie" not in headers
    assert context["http"] == {"method": "POST", "path": "/orders/7", "protocol": "HTTP/1.1",
                               "sourceIp": "127.0.0.1", "userAgent": "test"}
    assert {name: context[name] for name in ("accountId", "apiId", "routeKey", "stage", "domainName")} == {
        "accountId": account, "apiId": api, "routeKey": "POST /orders/{id}", "stage": "$default",
        "domainName": f"{api}.execute-api.us-east-1.amazonaws.com"}


def test_a_named_stage_stands_in_the_path(publish: Publish, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    api = publish(rest3({"/a": {"get": http(function)}}), stage="live")
    event = json.loads(ask("GET", f"/{api}/live/a").body)
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/live/a", "live")
    assert ask("GET", f"/{api}/a").status == 404
    for absent in ("body", "cookies", "queryStringParameters", "pathParameters", "stageVariables"):
        assert absent not in event


def test_the_default_route_takes_what_no_other_does(
    publish: Publish, ask: Ask, function: str, permit: Permit, account: str
) -> None:
    api = publish(rest3({"$default": {"x-amazon-apigateway-any-method": http(function, isDefaultRoute=True)},
                         "/a": {"get": http(function)}}))
    permit(f"arn:aws:execute-api:us-east-1:{account}:{api}/*/$default")
    assert json.loads(ask("PUT", f"/{api}/x/y").body)["routeKey"] == "$default"
    assert ask("GET", f"/{api}/a").status == 500  # the function lets in the default route alone


@pytest.mark.parametrize("path", ["/{api}/other", "/{api}/a/"])
def test_no_route_is_not_found(publish: Publish, ask: Ask, function: str, permit: Permit, path: str) -> None:
    permit()
    api = publish(rest3({"/a": {"get": http(function)}}))
    answer = ask("GET", path.format(api=api))
    assert (answer.status, json.loads(answer.body)) == (404, {"message": "Not Found"})
    assert ask("POST", f"/{api}/a").status == 404
    assert ask("GET", f"/{api}/a").status == 200


@pytest.mark.parametrize(("routes", "path", "key"), [
    (["GET /pets/{id}", "GET /pets/dog", "ANY /pets/{all+}"], "/pets/dog", "GET /pets/dog"),
    (["GET /pets/{id}", "GET /pets/dog", "ANY /pets/{all+}"], "/pets/cat", "GET /pets/{id}"),
    (["GET /pets/{id}", "ANY /pets/{all+}", "$default"], "/pets/cat/1", "ANY /pets/{all+}"),
    (["ANY /pets", "GET /pets", "$default"], "/pets", "GET /pets"),
    (["POST /pets", "GET /{all+}", "$default"], "/pets", "GET /{all+}"),
    (["GET /{all+}", "$default"], "/", "$default"),
])
def test_the_most_specific_route_answers(routes: list[str], path: str, key: str) -> None:
    found = match.find([Route(id=key, key=key) for key in routes], "GET", path)
    assert found is not None
    assert found.route.key == key


@pytest.mark.parametrize(("answer", "body"), [
    ({"hello": "world"}, b'{"hello": "world"}'), ("text", b"text"), ([1, 2], b"[1, 2]"),
])
def test_an_answer_without_a_status_is_a_body(
    publish: Publish, ask: Ask, function: str, permit: Permit, answer: Any, body: bytes
) -> None:
    permit()
    api = publish(rest3({"/a": {"get": http(function)}}))
    got = ask("GET", f"/{api}/a?{given(answer)}")
    assert (got.status, got.body, got.headers["content-type"]) == (200, body, "application/json")


def test_status_headers_cookies_and_bytes_are_the_functions(
    publish: Publish, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    api = publish(rest3({"/a": {"get": http(function)}}))
    got = ask("GET", f"/{api}/a?" + given({
        "statusCode": 201, "headers": {"x-a": "b"}, "cookies": ["a=1", "b=2"],
        "body": base64.b64encode(b"\xff").decode(), "isBase64Encoded": True}))
    assert (got.status, got.body, got.headers["x-a"]) == (201, b"\xff", "b")
    assert sorted(v for n, v in got.headers.items() if n.lower() == "set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("answer", ["raise", '{"statusCode": "x"}', '{"statusCode": 200, "body": {}}'])
def test_a_failure_or_a_malformed_answer_is_an_internal_error(
    publish: Publish, ask: Ask, function: str, permit: Permit, answer: str
) -> None:
    permit()
    api = publish(rest3({"/a": {"get": http(function)}}))
    got = ask("GET", f"/{api}/a?answer={quote(answer)}")
    assert (got.status, json.loads(got.body)) == (500, {"message": "Internal Server Error"})


def test_a_slow_function_is_service_unavailable(
    publish: Publish, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    slow = http(function)
    slow["x-amazon-apigateway-integration"]["timeoutInMillis"] = 300
    got = ask("GET", f"/{publish(rest3({'/a': {'get': slow}}))}/a?answer=sleep")
    assert (got.status, json.loads(got.body)) == (503, {"message": "Service Unavailable"})


def test_binary_bodies_are_told_by_their_media_type(
    publish: Publish, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    api = publish(rest3({"/a": {"post": http(function)}, "/b": {"post": http(function, payload="1.0")}}))
    for path in ("a", "b"):
        event = json.loads(ask("POST", f"/{api}/{path}", body=b"\xff", headers={"content-type": "image/png"}).body)
        assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, b"\xff")
        event = json.loads(ask("POST", f"/{api}/{path}", body=b"{}",
                               headers={"content-type": "application/problem+json"}).body)
        assert (event["isBase64Encoded"], event["body"]) == (False, "{}")


def test_format_1_is_the_event_of_rest_apis(publish: Publish, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    api = publish(rest3({"/a/{id}": {"get": http(function, payload="1.0")}}), stage="live")
    event = json.loads(ask("GET", f"/{api}/live/a/1?x=1").body)
    assert (event["version"], event["resource"], event["path"], event["httpMethod"]) == \
        ("1.0", "/a/{id}", "/live/a/1", "GET")
    assert event["multiValueQueryStringParameters"] == {"x": ["1"]}
    assert event["pathParameters"] == {"id": "1"}
    assert ask("GET", f"/{api}/live/a/1?{given({'no': 'proxy answer'})}").status == 500


def test_a_signed_route_asks_for_the_right_to_invoke_it(
    publish: Publish, ask: Ask, function: str, permit: Permit, world: LocalWorld, account: str
) -> None:
    permit()
    signed = http(function, security=[{"AWS_IAM": []}])
    api = publish(rest3({"/a": {"get": signed}, "/b": {"get": signed}}, IAM))
    assert ask("GET", f"/{api}/a").status == 403
    caller = user(world, account, {"Effect": "Allow", "Action": "execute-api:Invoke",
                                   "Resource": f"arn:aws:execute-api:us-east-1:{account}:{api}/$default/GET/a"})
    answer = ask("GET", f"/{api}/a", caller=caller)
    assert json.loads(answer.body)["requestContext"]["authorizer"]["iam"]["userArn"] == caller.arn
    denied = ask("GET", f"/{api}/b", caller=caller)
    assert (denied.status, json.loads(denied.body)) == (403, {"message": "Forbidden"})


def test_tokens_of_an_issuer_elsewhere_let_nobody_in(
    publish: Publish, ask: Ask, function: str, permit: Permit
) -> None:
    permit()
    api = publish(rest3({"/a": {"get": http(function, security=[{"J": []}])}}, JWT))
    with pytest.raises(NotEmulated, match="tokens of https://issuer"):
        ask("GET", f"/{api}/a", headers={"authorization": "Bearer x"})


CORS = {"x-amazon-apigateway-cors": {"allowOrigins": ["https://shop.example"], "allowMethods": ["GET", "PUT"],
                                     "allowHeaders": ["x-a"], "maxAge": 60, "exposeHeaders": ["x-b"]}}


def test_preflight_is_answered_by_the_configuration(publish: Publish, ask: Ask, function: str) -> None:
    api = publish(rest3({"/a": {"get": http(function)}}, **CORS))
    asked = {"access-control-request-method": "PUT"}
    answer = ask("OPTIONS", f"/{api}/anything", headers={"origin": "https://shop.example", **asked})
    assert (answer.status, dict(answer.headers)) == (204, {
        "access-control-allow-origin": "https://shop.example", "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "x-a", "access-control-max-age": "60"})
    assert dict(ask("OPTIONS", f"/{api}/a", headers={"origin": "https://evil.example", **asked}).headers) == {}


def test_the_configuration_speaks_for_the_backend(publish: Publish, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    api = publish(rest3({"/a": {"get": http(function)}}, **CORS))
    query = given({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}})
    answer = ask("GET", f"/{api}/a?{query}", headers={"origin": "https://shop.example"})
    shown = {name: value for name, value in answer.headers.items() if name.lower().startswith("access-control")}
    assert shown == {"access-control-allow-origin": "https://shop.example", "access-control-expose-headers": "x-b"}


def test_an_api_is_built_call_by_call(
    gateway: Any, ask: Ask, function: str, permit: Permit, world: LocalWorld, account: str
) -> None:
    permit()
    made = gateway.create_api(Name="orders", ProtocolType="HTTP", Tags={"a": "b"})
    api = made["ApiId"]
    assert made["ApiEndpoint"] == f"http://127.0.0.1:4566/_aws/execute-api/{api}"
    integration = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function,
                                             PayloadFormatVersion="2.0")["IntegrationId"]
    with pytest.raises(ClientError, match="At least one route is required"):
        gateway.create_deployment(ApiId=api)
    route = gateway.create_route(ApiId=api, RouteKey="GET /a", Target=f"integrations/{integration}")["RouteId"]
    with pytest.raises(ClientError, match="Route with key GET /a already exists"):
        gateway.create_route(ApiId=api, RouteKey="GET /a")
    gateway.create_stage(ApiId=api, StageName="live")
    assert ask("GET", f"/{api}/live/a").status == 404
    gateway.create_deployment(ApiId=api, StageName="live")
    assert ask("GET", f"/{api}/live/a").status == 200
    gateway.update_route(ApiId=api, RouteId=route, RouteKey="GET /b")
    assert [ask("GET", f"/{api}/live/{path}").status for path in "ab"] == [200, 404]
    gateway.update_stage(ApiId=api, StageName="live", AutoDeploy=True)
    assert [ask("GET", f"/{api}/live/{path}").status for path in "ab"] == [404, 200]
    with pytest.raises(ClientError, match="is using it"):
        gateway.delete_integration(ApiId=api, IntegrationId=integration)
    gateway.delete_route(ApiId=api, RouteId=route)
    gateway.delete_integration(ApiId=api, IntegrationId=integration)
    gateway.delete_stage(ApiId=api, StageName="live")
    assert world.engine("apigateway").tags(f"arn:aws:apigateway:us-east-1::/apis/{api}") == {"a": "b"}
    gateway.delete_api(ApiId=api)
    assert api not in [shown["ApiId"] for shown in gateway.get_apis()["Items"]]


def test_tags_are_changed_by_the_own_account_only(world: LocalWorld, gateway: Any, account: str) -> None:
    api = gateway.create_api(Name="x", ProtocolType="HTTP", Tags={"a": "1"})["ApiId"]
    arn = f"arn:aws:apigateway:us-east-1::/apis/{api}"

    def call(operation: str, owner: str, **params: Any) -> Any:
        return world.engine("apigatewayv2").handle(Call(
            service="apigatewayv2", operation=operation, params={"ResourceArn": arn, **params}, account=owner,
            caller=world.root_user(owner), region="us-east-1", request_id="-"))

    call("TagResource", account, Tags={"b": "2"})
    call("UntagResource", account, TagKeys=["a"])
    assert call("GetTags", account)["Tags"] == {"b": "2"}
    with pytest.raises(AwsError, match="Invalid resource ARN"):
        call("GetTags", "100000000000")


def test_an_api_may_be_made_of_one_function(gateway: Any, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    api = gateway.create_api(Name="quick", ProtocolType="HTTP", Target=function)["ApiId"]
    assert ask("DELETE", f"/{api}/any/thing").status == 200


def test_a_document_replaces_another(gateway: Any, publish: Publish, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    sam = [{"name": "httpapi:createdBy", "x-amazon-apigateway-tag-value": "SAM"}]
    api = publish(rest3({"/a": {"get": http(function)}}, tags=sam))
    gateway.reimport_api(ApiId=api, Body=json.dumps(rest3({"/b": {"get": http(function)}})))
    assert [ask("GET", f"/{api}/{path}").status for path in "ab"] == [404, 200]
    shown = gateway.get_api(ApiId=api)
    assert (shown["Name"], shown["Tags"]) == ("orders", {"httpapi:createdBy": "SAM"})
    assert [route["RouteKey"] for route in gateway.get_routes(ApiId=api)["Items"]] == ["GET /b"]


@pytest.mark.parametrize(("given_", "what"), [
    ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "x"}, "Invalid HTTP endpoint"),
    ({"IntegrationType": "MOCK"}, "IntegrationType MOCK is not supported for HTTP protocol Apis"),
    ({"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "SQS-SendMessage"}, "Credentials ARN is required"),
    ({"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "AppConfig-GetConfiguration"}, "does not emulate"),
    ({"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "SQS-SendMessage", "RequestParameters": {"QueueUrl": "x"},
      "CredentialsArn": "arn:aws:iam::1:role/x"}, "Missing required parameters for SQS-SendMessage: MessageBody"),
    ({"IntegrationType": "AWS_PROXY", "IntegrationUri": uri(FUNCTION)}, "PayloadFormatVersion is a required parameter"),
])
def test_other_integrations_are_refused(gateway: Any, given_: dict[str, Any], what: str) -> None:
    api = gateway.create_api(Name="x", ProtocolType="HTTP")["ApiId"]
    with pytest.raises(ClientError, match=what):
        gateway.create_integration(ApiId=api, **given_)
    with pytest.raises(ClientError, match="RouteSelectionExpression is required"):
        gateway.create_api(Name="x", ProtocolType="WEBSOCKET")
    with pytest.raises(ClientError, match="JWT authorizers need an issuer"):
        gateway.create_authorizer(ApiId=api, AuthorizerType="JWT", IdentitySource=["$request.header.A"], Name="j")
