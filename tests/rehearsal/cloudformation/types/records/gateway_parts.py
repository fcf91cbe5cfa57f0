"""AWS::ApiGateway and AWS::ApiGatewayV2: what APIs refer to, who may use them, where they are reached."""

from __future__ import annotations

import json
from typing import Any

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import (
    CODE,
    GROUP,
    NETWORK,
    RUNS,
    get,
    pick,
    ref,
    resource,
    tags,
)
from tests.rehearsal.cloudformation.types.records.gateways import API, DEPLOYED, HTTP, METHOD, PROXY

STAGED = {"A": API, "M": METHOD, "D": DEPLOYED,
          "G": resource("AWS::ApiGateway::Stage", RestApiId=ref("A"), DeploymentId=ref("D"), StageName="one"),
          "H": resource("AWS::ApiGateway::Stage", RestApiId=ref("A"), DeploymentId=ref("D"), StageName="two")}
CERTIFICATE = resource("AWS::CertificateManager::Certificate", DomainName="api.example.com")
DOMAIN = resource("AWS::ApiGateway::DomainName", DomainName="api.example.com", RegionalCertificateArn=ref("C"),
                  EndpointConfiguration={"Types": ["REGIONAL"]})
V2_DOMAIN = resource("AWS::ApiGatewayV2::DomainName", DomainName="api.example.com",
                     DomainNameConfigurations=[{"CertificateArn": ref("C"), "EndpointType": "REGIONAL"}])
V2_STAGED = {"A": HTTP, "B": resource("AWS::ApiGatewayV2::Stage", ApiId=ref("A"), StageName="one"),
             "E": resource("AWS::ApiGatewayV2::Stage", ApiId=ref("A"), StageName="two")}
AUTHORIZES = resource("AWS::Lambda::Function", Runtime="python3.11", Handler="index.handler", Role=get("R"),
                      Code={"ZipFile": CODE})
URI = {"Fn::Join": ["", ["arn:aws:apigateway:", {"Ref": "AWS::Region"}, ":lambda:path/2015-03-31/functions/",
                         get("F"), "/invocations"]]}
SOCKET = resource("AWS::ApiGatewayV2::Api", Name="socket", ProtocolType="WEBSOCKET",
                  RouteSelectionExpression="$request.body.action")
SOCKET_ROUTE = resource("AWS::ApiGatewayV2::Route", ApiId=ref("A"), RouteKey="say",
                        RouteResponseSelectionExpression="$default")
KEYED = resource("AWS::ApiGateway::ApiKey")
PLAN = resource("AWS::ApiGateway::UsagePlan", UsagePlanName="a-plan")
BALANCER = resource("AWS::ElasticLoadBalancingV2::LoadBalancer", Type="network", Subnets=[ref("S")])


def _gateway(account: Account) -> Any:
    return account.client("apigateway")


def _mapped(values: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (values or {}).items()]


def _of_api(operation: str, key: str, names: str, **spelled: str) -> Any:
    """What every REST API has of one sort."""

    def read(account: Account, id_: str) -> Props:
        for api in _gateway(account).get_rest_apis()["items"]:
            for found in getattr(_gateway(account), operation)(restApiId=api["id"])["items"]:
                if found[key] == id_:
                    return {"RestApiId": api["id"], **pick(found, names, **spelled)}
        raise KeyError(id_)

    return read


def _model(account: Account, name: str) -> Props:
    for api in _gateway(account).get_rest_apis()["items"]:
        for found in _gateway(account).get_models(restApiId=api["id"])["items"]:
            if found["name"] == name:
                return {"RestApiId": api["id"], **pick(found, "Description ContentType"),
                        "Schema": json.loads(found["schema"])}
    raise KeyError(name)


def _response(account: Account, id_: str) -> Props:
    if account.physical("X") != id_:
        raise KeyError(id_)
    for api in _gateway(account).get_rest_apis()["items"]:
        for found in _gateway(account).get_gateway_responses(restApiId=api["id"])["items"]:
            if not found["defaultResponse"]:
                return {"RestApiId": api["id"], **pick(found, "ResponseType StatusCode ResponseParameters")}
    raise KeyError(id_)


def _key(account: Account, id_: str) -> Props:
    found = _gateway(account).get_api_key(apiKey=id_, includeValue=True)
    return {**pick(found, "Description Enabled CustomerId"), "Tags": _mapped(found.get("tags"))}


def _plan(account: Account, id_: str) -> Props:
    found = _gateway(account).get_usage_plan(usagePlanId=id_)
    stages = [{"ApiId": one["apiId"], "Stage": one["stage"]} for one in found.get("apiStages", [])]
    return {"UsagePlanName": found["name"], **pick(found, "Description Throttle"), "ApiStages": stages,
            "Tags": _mapped(found.get("tags"))}


def _plan_key(account: Account, id_: str) -> Props:
    key, plan = id_.split(":")
    _gateway(account).get_usage_plan_key(usagePlanId=plan, keyId=key)
    return {"KeyId": key, "UsagePlanId": plan}


def _domain(account: Account, name: str) -> Props:
    found = _gateway(account).get_domain_name(domainName=name)
    return {**pick(found, "DomainName SecurityPolicy RegionalCertificateArn"), "Tags": _mapped(found.get("tags"))}


def _path(account: Account, id_: str) -> Props:
    domain, path = id_.split("|")
    found = _gateway(account).get_base_path_mapping(domainName=domain, basePath=path)
    return {"DomainName": domain, **pick(found, "BasePath RestApiId Stage")}


def _link(account: Account, id_: str) -> Props:
    found = _gateway(account).get_vpc_link(vpcLinkId=id_)
    return {**pick(found, "Name Description TargetArns"), "Tags": _mapped(found.get("tags"))}


def _v2(account: Account) -> Any:
    return account.client("apigatewayv2")


def _v2_part(operation: str, key: str, names: str) -> Any:
    def read(account: Account, id_: str) -> Props:
        for api in _v2(account).get_apis()["Items"]:
            for found in getattr(_v2(account), operation)(ApiId=api["ApiId"])["Items"]:
                if found[key] == id_:
                    return {"ApiId": api["ApiId"], **pick(found, names)}
        raise KeyError(id_)

    return read


def _v2_domain(account: Account, name: str) -> Props:
    found = _v2(account).get_domain_name(DomainName=name)
    places = [pick(one, "CertificateArn EndpointType SecurityPolicy") for one in found["DomainNameConfigurations"]]
    return {"DomainName": name, "DomainNameConfigurations": places, "Tags": found.get("Tags")}


def _v2_mapping(account: Account, id_: str) -> Props:
    for domain in _v2(account).get_domain_names()["Items"]:
        for found in _v2(account).get_api_mappings(DomainName=domain["DomainName"])["Items"]:
            if found["ApiMappingId"] == id_:
                return {"DomainName": domain["DomainName"], **pick(found, "ApiId Stage ApiMappingKey")}
    raise KeyError(id_)


def _v2_link(account: Account, id_: str) -> Props:
    found = _v2(account).get_vpc_link(VpcLinkId=id_)
    return {**pick(found, "Name SubnetIds SecurityGroupIds"), "Tags": found.get("Tags")}


def _answer(account: Account, id_: str) -> Props:
    for api in _v2(account).get_apis()["Items"]:
        for route in _v2(account).get_routes(ApiId=api["ApiId"])["Items"]:
            try:
                found = _v2(account).get_route_response(
                    ApiId=api["ApiId"], RouteId=route["RouteId"], RouteResponseId=id_)
            except _v2(account).exceptions.NotFoundException:
                continue
            return {"ApiId": api["ApiId"], "RouteId": route["RouteId"],
                    **pick(found, "RouteResponseKey ModelSelectionExpression")}
    raise KeyError(id_)


def _integration_answer(account: Account, id_: str) -> Props:
    for api in _v2(account).get_apis()["Items"]:
        for one in _v2(account).get_integrations(ApiId=api["ApiId"])["Items"]:
            try:
                found = _v2(account).get_integration_response(
                    ApiId=api["ApiId"], IntegrationId=one["IntegrationId"], IntegrationResponseId=id_)
            except _v2(account).exceptions.NotFoundException:
                continue
            return {"ApiId": api["ApiId"], "IntegrationId": one["IntegrationId"],
                    **pick(found, "IntegrationResponseKey TemplateSelectionExpression")}
    raise KeyError(id_)


RECORDS = (
    Record(type="AWS::ApiGateway::Authorizer",
           read=_of_api("get_authorizers", "id", "Name Type AuthorizerUri IdentitySource AuthorizerResultTtlInSeconds"),
           made={"RestApiId": ref("A"), "Name": "one", "Type": "TOKEN", "AuthorizerUri": URI,
                 "IdentitySource": "method.request.header.Authorization", "AuthorizerResultTtlInSeconds": 60},
           changed={"Name": "two", "IdentitySource": "method.request.header.Other",
                    "AuthorizerResultTtlInSeconds": "9"},
           replaced={"RestApiId": ref("B")}, around={"A": API, "B": API, "R": RUNS, "F": AUTHORIZES}),
    Record(type="AWS::ApiGateway::Model", read=_model,
           made={"RestApiId": ref("A"), "Schema": {"type": "object"}},
           changed={"Schema": {"type": "string"}, "Description": "told"}, replaced={"RestApiId": ref("B")},
           otherwise={"ContentType": "application/json"}, around={"A": API, "B": API}),
    Record(type="AWS::ApiGateway::RequestValidator",
           read=_of_api("get_request_validators", "id", "Name ValidateRequestBody ValidateRequestParameters"),
           made={"RestApiId": ref("A"), "Name": "one"}, changed={"ValidateRequestBody": "true",
                                                                 "ValidateRequestParameters": True},
           replaced={"Name": "two"}, otherwise={"ValidateRequestBody": False, "ValidateRequestParameters": False},
           around={"A": API}),
    Record(type="AWS::ApiGateway::GatewayResponse", read=_response,
           made={"RestApiId": ref("A"), "ResponseType": "MISSING_AUTHENTICATION_TOKEN", "StatusCode": "404"},
           changed={"StatusCode": "410", "ResponseParameters": {"gatewayresponse.header.A": "'b'"}},
           replaced={"ResponseType": "ACCESS_DENIED"}, around={"A": API}),
    Record(type="AWS::ApiGateway::ApiKey", made={"Enabled": "true"}, read=_key,
           changed={"Enabled": "false", "Description": "told", "CustomerId": "c", "Tags": tags(a="b")},
           replaced={"Name": "named"}),
    Record(type="AWS::ApiGateway::UsagePlan", read=_plan,
           made={"UsagePlanName": "one", "ApiStages": [{"ApiId": ref("A"), "Stage": ref("G")}]},
           changed={"UsagePlanName": "two", "Description": "told", "Tags": tags(a="b"),
                    "ApiStages": [{"ApiId": ref("A"), "Stage": ref("H")}],
                    "Throttle": {"BurstLimit": 5, "RateLimit": 2}},
           why="its schema has nothing create-only", around=STAGED),
    Record(type="AWS::ApiGateway::UsagePlanKey", read=_plan_key,
           made={"UsagePlanId": ref("P"), "KeyId": ref("K"), "KeyType": "API_KEY"}, replaced={"KeyId": ref("L")},
           why="all of its properties replace it", around={"P": PLAN, "K": KEYED, "L": KEYED}),
    Record(type="AWS::ApiGateway::DomainName", read=_domain,
           made={"DomainName": "api.example.com", "RegionalCertificateArn": ref("C"), "SecurityPolicy": "TLS_1_2",
                 "EndpointConfiguration": {"Types": ["REGIONAL"]}},
           changed={"RegionalCertificateArn": ref("E"), "Tags": tags(a="b")},
           replaced={"DomainName": "www.example.com"}, around={"C": CERTIFICATE, "E": CERTIFICATE}),
    Record(type="AWS::ApiGateway::BasePathMapping", read=_path,
           made={"DomainName": ref("N"), "BasePath": "a", "RestApiId": ref("A"), "Stage": ref("G")},
           changed={"Stage": ref("H")}, replaced={"BasePath": "b"}, around={**STAGED, "C": CERTIFICATE, "N": DOMAIN}),
    Record(type="AWS::ApiGateway::VpcLink", made={"Name": "one", "TargetArns": [ref("B")]}, read=_link,
           changed={"Name": "two", "Description": "told", "Tags": tags(a="b")}, replaced={"TargetArns": [ref("E")]},
           around={**NETWORK, "B": BALANCER, "E": BALANCER}),
    Record(type="AWS::ApiGatewayV2::Authorizer",
           read=_v2_part("get_authorizers", "AuthorizerId", "Name AuthorizerType IdentitySource JwtConfiguration"),
           made={"ApiId": ref("A"), "Name": "one", "AuthorizerType": "JWT",
                 "IdentitySource": ["$request.header.Authorization"],
                 "JwtConfiguration": {"Audience": ["a"], "Issuer": "https://issuer.example.com"}},
           changed={"Name": "two", "JwtConfiguration": {"Audience": ["b"], "Issuer": "https://issuer.example.com"}},
           replaced={"ApiId": ref("B")}, around={"A": HTTP, "B": HTTP}),
    Record(type="AWS::ApiGatewayV2::Model",
           read=_v2_part("get_models", "ModelId", "Name Description ContentType"),
           made={"ApiId": ref("A"), "Name": "one", "Schema": {"type": "object"}, "ContentType": "application/json"},
           changed={"Name": "two", "Description": "told"}, replaced={"ApiId": ref("B")},
           around={"A": SOCKET, "B": SOCKET}),
    Record(type="AWS::ApiGatewayV2::RouteResponse", read=_answer,
           made={"ApiId": ref("A"), "RouteId": ref("T"), "RouteResponseKey": "$default"},
           changed={"ModelSelectionExpression": "${route.model}"}, replaced={"RouteId": ref("U")},
           around={"A": SOCKET, "T": SOCKET_ROUTE, "U": {**SOCKET_ROUTE, "Properties": {
               **SOCKET_ROUTE["Properties"], "RouteKey": "hear"}}}),
    Record(type="AWS::ApiGatewayV2::IntegrationResponse", read=_integration_answer,
           made={"ApiId": ref("A"), "IntegrationId": ref("I"), "IntegrationResponseKey": "$default"},
           changed={"TemplateSelectionExpression": "${integration.response.statuscode}"},
           replaced={"IntegrationId": ref("J")},
           around={"A": SOCKET, "I": {**PROXY, "Properties": {
               "ApiId": ref("A"), "IntegrationType": "MOCK"}}, "J": {**PROXY, "Properties": {
                   "ApiId": ref("A"), "IntegrationType": "MOCK"}}}),
    Record(type="AWS::ApiGatewayV2::DomainName", read=_v2_domain,
           made={"DomainName": "api.example.com", "DomainNameConfigurations": [
               {"CertificateArn": ref("C"), "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}]},
           changed={"DomainNameConfigurations": [
               {"CertificateArn": ref("E"), "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}],
               "Tags": {"a": "b"}},
           replaced={"DomainName": "www.example.com"}, around={"C": CERTIFICATE, "E": CERTIFICATE}),
    Record(type="AWS::ApiGatewayV2::ApiMapping", read=_v2_mapping,
           made={"DomainName": ref("N"), "ApiId": ref("A"), "Stage": ref("B"), "ApiMappingKey": "a"},
           changed={"Stage": ref("E"), "ApiMappingKey": "b"}, replaced={"DomainName": ref("O")},
           around={**V2_STAGED, "C": CERTIFICATE, "N": V2_DOMAIN, "O": {**V2_DOMAIN, "Properties": {
               **V2_DOMAIN["Properties"], "DomainName": "www.example.com"}}}),
    Record(type="AWS::ApiGatewayV2::VpcLink", made={"Name": "one", "SubnetIds": [ref("S")]}, read=_v2_link,
           changed={"Name": "two", "Tags": {"a": "b"}}, replaced={"SecurityGroupIds": [ref("G")]},
           around={**NETWORK, "G": GROUP}),
)  # fmt: skip
