"""AWS::ApiGateway, AWS::ApiGatewayV2."""

from __future__ import annotations

from typing import Any

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import LOGS, get, pick, ref, resource, role, tags

API = resource("AWS::ApiGateway::RestApi", Name="an-api")
MOCK = {"Type": "MOCK", "RequestTemplates": {"application/json": '{"statusCode": 200}'}}
METHOD = resource("AWS::ApiGateway::Method", RestApiId=ref("A"), ResourceId=get("A", "RootResourceId"),
                  HttpMethod="GET", AuthorizationType="NONE", Integration=MOCK)
DEPLOYED = {**resource("AWS::ApiGateway::Deployment", RestApiId=ref("A")), "DependsOn": "M"}
HTTP = resource("AWS::ApiGatewayV2::Api", Name="http-api", ProtocolType="HTTP")
PROXY = resource("AWS::ApiGatewayV2::Integration", ApiId=ref("A"), IntegrationType="HTTP_PROXY",
                 IntegrationMethod="GET", IntegrationUri="https://example.com", PayloadFormatVersion="1.0")


def _mapped(values: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (values or {}).items()]


def _api(account: Account, id_: str) -> Props:
    found = account.client("apigateway").get_rest_api(restApiId=id_)
    return {**pick(found, "Name Description BinaryMediaTypes MinimumCompressionSize DisableExecuteApiEndpoint",
                   ApiKeySourceType="apiKeySource"),
            "EndpointConfiguration": {"Types": found["endpointConfiguration"]["types"]},
            "Tags": _mapped(found.get("tags"))}


def _apis(account: Account) -> list[str]:
    return [api["id"] for api in account.client("apigateway").get_rest_apis()["items"]]


def _resource(account: Account, id_: str) -> Props:
    for api in _apis(account):
        for found in account.client("apigateway").get_resources(restApiId=api, limit=500)["items"]:
            if found["id"] == id_:
                return {"RestApiId": api, **pick(found, "ParentId PathPart")}
    raise KeyError(id_)


def _method(account: Account, id_: str) -> Props:
    if account.physical("X") != id_:
        raise KeyError(id_)
    for api in _apis(account):
        for one in account.client("apigateway").get_resources(restApiId=api, limit=500, embed=["methods"])["items"]:
            for verb, found in one.get("resourceMethods", {}).items():
                backend = found["methodIntegration"]
                return {"RestApiId": api, "HttpMethod": verb, "ResourceId": one["id"],
                        **pick(found, "AuthorizationType ApiKeyRequired OperationName RequestParameters"),
                        "Integration": pick(backend, "Type RequestTemplates Uri", IntegrationHttpMethod="httpMethod")}
    raise KeyError(id_)


def _deployment(account: Account, id_: str) -> Props:
    for api in _apis(account):
        for found in account.client("apigateway").get_deployments(restApiId=api)["items"]:
            if found["id"] == id_:
                return {"RestApiId": api, **pick(found, "Description")}
    raise KeyError(id_)


def _stage(account: Account, name: str) -> Props:
    for api in _apis(account):
        for found in account.client("apigateway").get_stages(restApiId=api)["item"]:
            if found["stageName"] == name:
                settings = [{"ResourcePath": "/*", "HttpMethod": "*", **pick(
                    value, "LoggingLevel MetricsEnabled ThrottlingBurstLimit")}
                    for value in found.get("methodSettings", {}).values() if value]
                log = found.get("accessLogSettings")
                return {"RestApiId": api, **pick(found, "DeploymentId Description Variables TracingEnabled"),
                        "MethodSettings": settings, "AccessLogSetting": log, "Tags": _mapped(found.get("tags"))}
    raise KeyError(name)


def _account(account: Account, id_: str) -> Props:
    if account.physical("X") != id_:
        raise KeyError(id_)
    return {"CloudWatchRoleArn": account.client("apigateway").get_account().get("cloudwatchRoleArn")}


def _http(account: Account, id_: str) -> Props:
    found = account.client("apigatewayv2").get_api(ApiId=id_)
    return {**pick(found, "Name ProtocolType Description CorsConfiguration DisableExecuteApiEndpoint Version"),
            "Tags": found.get("Tags")}


def _https(account: Account) -> list[str]:
    return [api["ApiId"] for api in account.client("apigatewayv2").get_apis()["Items"]]


def _part(operation: str, key: str, names: str) -> Any:
    def read(account: Account, id_: str) -> Props:
        for api in _https(account):
            for found in getattr(account.client("apigatewayv2"), operation)(ApiId=api)["Items"]:
                if found[key] == id_:
                    return {"ApiId": api, **pick(found, names)}
        raise KeyError(id_)

    return read


def _v2_stage(account: Account, name: str) -> Props:
    for api in _https(account):
        for found in account.client("apigatewayv2").get_stages(ApiId=api)["Items"]:
            if found["StageName"] == name:
                return {"ApiId": api, "Tags": found.get("Tags"),
                        **pick(found, "Description AutoDeploy StageVariables DefaultRouteSettings AccessLogSettings")}
    raise KeyError(name)


RECORDS = (
    Record(type="AWS::ApiGateway::RestApi", made={"Name": "one"}, read=_api,
           changed={"Name": "two", "Description": "told", "BinaryMediaTypes": ["image/png"],
                    "MinimumCompressionSize": "9", "ApiKeySourceType": "AUTHORIZER",
                    "DisableExecuteApiEndpoint": "true", "EndpointConfiguration": {"Types": ["REGIONAL"]},
                    "Tags": tags(a="b")},
           otherwise={"ApiKeySourceType": "HEADER", "EndpointConfiguration": {"Types": ["EDGE"]},
                      "DisableExecuteApiEndpoint": False},
           why="its schema has nothing create-only"),
    Record(type="AWS::ApiGateway::Resource", read=_resource, replaced={"PathPart": "other"},
           made={"RestApiId": ref("A"), "ParentId": get("A", "RootResourceId"), "PathPart": "one"},
           why="all of its properties replace it", around={"A": API}),
    Record(type="AWS::ApiGateway::Method", read=_method,
           made={"RestApiId": ref("A"), "ResourceId": get("A", "RootResourceId"), "HttpMethod": "GET",
                 "AuthorizationType": "NONE", "Integration": MOCK},
           changed={"AuthorizationType": "AWS_IAM", "ApiKeyRequired": "true", "OperationName": "told",
                    "RequestParameters": {"method.request.header.A": "true"},
                    "Integration": {"Type": "HTTP_PROXY", "IntegrationHttpMethod": "GET",
                                    "Uri": "https://example.com"}},
           replaced={"HttpMethod": "POST"}, otherwise={"ApiKeyRequired": False}, around={"A": API}),
    Record(type="AWS::ApiGateway::Deployment", made={"RestApiId": ref("A"), "Description": "a"}, read=_deployment,
           changed={"Description": "b"}, replaced={"RestApiId": ref("B")},
           around={"A": API, "M": METHOD, "B": API, "N": {**METHOD, "Properties": {
               **METHOD["Properties"], "RestApiId": ref("B"), "ResourceId": get("B", "RootResourceId")}}},
           needs=("M", "N")),
    Record(type="AWS::ApiGateway::Stage", read=_stage,
           made={"RestApiId": ref("A"), "DeploymentId": ref("D"), "StageName": "one"},
           changed={"DeploymentId": ref("E"), "Description": "told", "Variables": {"a": "b"}, "Tags": tags(a="b"),
                    "TracingEnabled": "true",
                    "MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO",
                                        "MetricsEnabled": "true", "ThrottlingBurstLimit": 9}],
                    "AccessLogSetting": {"DestinationArn": get("G"), "Format": "$context.requestId"}},
           replaced={"StageName": "two"}, otherwise={"TracingEnabled": False},
           around={"A": API, "M": METHOD, "D": DEPLOYED, "E": DEPLOYED, "G": LOGS, "R": role("apigateway", "logs:*"),
                   "C": resource("AWS::ApiGateway::Account", CloudWatchRoleArn=get("R"))}),
    Record(type="AWS::ApiGateway::Account", made={"CloudWatchRoleArn": get("R")}, read=_account,
           changed={"CloudWatchRoleArn": get("S")}, why="its schema has nothing create-only",
           lasting="the setting of the account outlives the stack that made it",
           around={"R": role("apigateway", "logs:*"), "S": role("apigateway", "logs:*")}),
    Record(type="AWS::ApiGatewayV2::Api", made={"Name": "one", "ProtocolType": "HTTP"}, read=_http,
           changed={"Name": "two", "Description": "told", "CorsConfiguration": {"AllowOrigins": ["*"]},
                    "DisableExecuteApiEndpoint": "true", "Version": "2", "Tags": {"a": "b"}},
           replaced={"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"},
           otherwise={"DisableExecuteApiEndpoint": False}),
    Record(type="AWS::ApiGatewayV2::Integration",
           read=_part("get_integrations", "IntegrationId", "IntegrationType IntegrationUri IntegrationMethod "
                                                           "PayloadFormatVersion Description TimeoutInMillis"),
           made=PROXY["Properties"],
           changed={"IntegrationUri": "https://example.org", "IntegrationMethod": "POST", "Description": "told",
                    "TimeoutInMillis": "900"},
           replaced={"ApiId": ref("B")}, otherwise={"TimeoutInMillis": 30000}, around={"A": HTTP, "B": HTTP}),
    Record(type="AWS::ApiGatewayV2::Route", made={"ApiId": ref("A"), "RouteKey": "GET /a"},
           read=_part("get_routes", "RouteId", "RouteKey Target AuthorizationType OperationName"),
           changed={"RouteKey": "POST /a", "Target": {"Fn::Join": ["/", ["integrations", ref("I")]]},
                    "AuthorizationType": "AWS_IAM", "OperationName": "told"},
           replaced={"ApiId": ref("B")}, otherwise={"AuthorizationType": "NONE"},
           around={"A": HTTP, "B": HTTP, "I": PROXY}),
    Record(type="AWS::ApiGatewayV2::Stage", made={"ApiId": ref("A"), "StageName": "one"},
           read=_v2_stage,
           changed={"Description": "told", "AutoDeploy": "true", "StageVariables": {"a": "b"}, "Tags": {"a": "b"},
                    "DefaultRouteSettings": {"ThrottlingBurstLimit": "9", "DetailedMetricsEnabled": False},
                    "AccessLogSettings": {"DestinationArn": get("G"), "Format": "$context.requestId"}},
           replaced={"StageName": "two"},
           otherwise={"AutoDeploy": False, "DefaultRouteSettings": {"DetailedMetricsEnabled": False}},
           around={"A": HTTP, "G": LOGS}),
    Record(type="AWS::ApiGatewayV2::Deployment", made={"ApiId": ref("A"), "Description": "a"},
           read=_part("get_deployments", "DeploymentId", "Description"), changed={"Description": "b"},
           replaced={"ApiId": ref("B")},
           around={"A": HTTP, "B": HTTP, "I": PROXY,
                   "R": resource("AWS::ApiGatewayV2::Route", ApiId=ref("A"), RouteKey="GET /a",
                                 Target={"Fn::Join": ["/", ["integrations", ref("I")]]}),
                   "J": {**PROXY, "Properties": {**PROXY["Properties"], "ApiId": ref("B")}},
                   "S": resource("AWS::ApiGatewayV2::Route", ApiId=ref("B"), RouteKey="GET /a",
                                 Target={"Fn::Join": ["/", ["integrations", ref("J")]]})}, needs=("R", "S")),
)  # fmt: skip
