"""What API Gateway's types ask of its API, seen on the wire: botocore validates each request by the service's model."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse

from crossdock.local.cloudformation.resources.coverage import handler_of
from crossdock.local.cloudformation.resources.handler import Context
from crossdock.local.cloudformation.state import Stack, Target
from crossdock.local.identity import ANONYMOUS

ANSWERS = {
    "apigateway": {"id": "abc", "name": "n", "item": [{"stageName": "s", "path": "/", "id": "root"}]},
    "apigatewayv2": {"apiId": "abc", "apiEndpoint": "https://abc", "stageName": "s", "routeId": "r",
                     "integrationId": "i", "deploymentId": "d"},
}  # fmt: skip


class Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: Any) -> Any:
        yield self.body


class World:
    """Clients that send nothing: each request is kept and answered with the same members."""

    partition = "aws"

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, Any]] = []
        self.session = botocore.session.get_session()

    def client(self, service: str, caller: Any, region: str | None = None) -> Any:
        client = self.session.create_client(
            service, region_name=region, aws_access_key_id="a", aws_secret_access_key="b")

        def answer(request: Any, **_: Any) -> AWSResponse:
            body = json.loads(request.body) if request.body else None
            self.seen.append((request.method, request.url.split(".com", 1)[1], body))
            return AWSResponse(request.url, 200, {"content-type": "application/json"},
                               Raw(json.dumps(ANSWERS[service]).encode()))  # type: ignore[arg-type]

        client.meta.events.register_first("before-send", answer)
        return client


class Engine:
    def __init__(self) -> None:
        self.world = World()


@pytest.fixture
def engine() -> Engine:
    return Engine()


def context(engine: Engine, kind: str) -> Context:
    from datetime import UTC, datetime

    stack = Stack(id="s", name="one", account="111111111111", region="us-east-1", created=datetime.now(UTC),
                  target=Target(text="", body={}), status="")
    return Context(engine=engine, stack=stack, caller=ANONYMOUS, logical_id="X", type=kind)  # type: ignore[arg-type]


STAGE = {"RestApiId": "abc", "StageName": "live", "DeploymentId": "d1", "TracingEnabled": "false",
         "MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO"}],
         "AccessLogSetting": {"DestinationArn": "arn:aws:logs:us-east-1:111111111111:log-group:g", "Format": "$x"}}
METHOD = {"RestApiId": "abc", "ResourceId": "r", "HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": {
    "Type": "MOCK", "RequestTemplates": {"application/json": "{}"}, "IntegrationResponses": [{"StatusCode": 200}]},
    "MethodResponses": [{"StatusCode": "200", "ResponseModels": {"application/json": "Empty"}}]}
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("AWS::ApiGateway::RestApi", {"Body": {"openapi": "3.0.1"}, "EndpointConfiguration": {"Types": ["REGIONAL"]},
                                  "Parameters": {"endpointConfigurationTypes": "REGIONAL"}},
     {"Body": {"openapi": "3.0.1", "paths": {}}, "Description": "d", "BinaryMediaTypes": ["image/png"]}),
    ("AWS::ApiGateway::RestApi", {"Name": "n", "ApiKeySourceType": "HEADER"}, {"Name": "m"}),
    ("AWS::ApiGateway::Stage", STAGE, {**STAGE, "DeploymentId": "d2", "Variables": {"a": 1}, "MethodSettings": []}),
    ("AWS::ApiGateway::Method", METHOD, {**METHOD, "AuthorizationType": "AWS_IAM"}),
    ("AWS::ApiGateway::Deployment", {"RestApiId": "abc", "StageName": "s"}, {"RestApiId": "abc", "Description": "d"}),
    ("AWS::ApiGateway::Account", {"CloudWatchRoleArn": "arn:aws:iam::111111111111:role/r"}, {}),
    ("AWS::ApiGatewayV2::Api", {"Name": "n", "ProtocolType": "HTTP", "CorsConfiguration": {"AllowOrigins": ["*"]}},
     {"Name": "m", "ProtocolType": "HTTP"}),
    ("AWS::ApiGatewayV2::Api", {"Body": {"openapi": "3.0.1"}}, {"Body": {"openapi": "3.0.2"}, "Description": "d"}),
    ("AWS::ApiGatewayV2::Stage", {"ApiId": "abc", "StageName": "$default", "AutoDeploy": "true", "Tags": {"a": "b"}},
     {"ApiId": "abc", "StageName": "$default", "DefaultRouteSettings": {"ThrottlingBurstLimit": "5"}}),
    ("AWS::ApiGatewayV2::Integration", {"ApiId": "abc", "IntegrationType": "AWS_PROXY", "IntegrationUri": "arn:x"},
     {"ApiId": "abc", "IntegrationType": "AWS_PROXY", "IntegrationUri": "arn:y", "PayloadFormatVersion": "2.0"}),
    ("AWS::ApiGatewayV2::Route", {"ApiId": "abc", "RouteKey": "GET /"}, {"ApiId": "abc", "RouteKey": "GET /x"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "first", "second"), CASES)
def test_requests_are_valid_when_made_changed_and_deleted(engine, kind, first, second):
    handler, ctx = handler_of(kind), context(engine, kind)
    made = handler.create(ctx, first)
    handler.read(ctx, made, first)
    assert handler.update is not None
    handler.update(ctx, made, first, second)
    handler.delete(ctx, made, second)
    assert engine.world.seen


def test_a_stage_is_changed_by_patch_operations(engine):
    handler, kind = handler_of("AWS::ApiGateway::Stage"), "AWS::ApiGateway::Stage"
    assert handler.update is not None
    handler.update(context(engine, kind), "live", STAGE, {**STAGE, "DeploymentId": "d2", "MethodSettings": []})
    assert engine.world.seen == [("PATCH", "/restapis/abc/stages/live", {"patchOperations": [
        {"op": "replace", "path": "/deploymentId", "value": "d2"},
        {"op": "remove", "path": "/*/*/logging/loglevel"}]})]


def test_a_deployment_takes_the_stage_that_it_made_with_it(engine):
    handler, kind = handler_of("AWS::ApiGateway::Deployment"), "AWS::ApiGateway::Deployment"
    handler.delete(context(engine, kind), "d", {"RestApiId": "abc", "StageName": "s"})
    assert [(method, path.partition("?")[0]) for method, path, _ in engine.world.seen] == [
        ("GET", "/restapis/abc/stages"), ("DELETE", "/restapis/abc/stages/s"),
        ("DELETE", "/restapis/abc/deployments/d"),
    ]  # fmt: skip
