"""AWS::ApiGatewayV2: HTTP and WebSocket APIs. Property names are the API's, but for their case."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.resources.apigateway_parts import once_staged
from crossdock.local.cloudformation.resources.handler import (
    Context,
    Handler,
    Props,
    changed,
    pick,
    sync_tags,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.engine import NotEmulated

_API = (
    "Name ProtocolType Description CorsConfiguration RouteSelectionExpression Version RouteKey Target CredentialsArn "
    "DisableExecuteApiEndpoint DisableSchemaValidation ApiKeySelectionExpression"
)
_STAGE = (
    "ApiId StageName Description AutoDeploy DeploymentId DefaultRouteSettings RouteSettings StageVariables "
    "AccessLogSettings ClientCertificateId"
)
_INTEGRATION = (
    "ApiId IntegrationType IntegrationUri IntegrationMethod IntegrationSubtype PayloadFormatVersion ConnectionId "
    "ConnectionType CredentialsArn Description RequestParameters ResponseParameters TimeoutInMillis TlsConfig"
    " RequestTemplates TemplateSelectionExpression PassthroughBehavior ContentHandlingStrategy"
)
_ROUTE = (
    "ApiId RouteKey Target AuthorizationType AuthorizerId AuthorizationScopes ApiKeyRequired OperationName "
    "RequestParameters RouteResponseSelectionExpression ModelSelectionExpression RequestModels"
)

_DOMAIN = "DomainName DomainNameConfigurations MutualTlsAuthentication RoutingMode"


_UNSAID: Mapping[str, Any] = {
    "Description": "", "Version": "", "OperationName": "", "Target": "", "AuthorizationType": "NONE",
    "AutoDeploy": False, "DisableExecuteApiEndpoint": False, "TimeoutInMillis": 30000, "ApiKeyRequired": False,
    "StageVariables": {}, "RequestParameters": {}, "ResponseParameters": {}, "AuthorizationScopes": [],
    "DefaultRouteSettings": {"DetailedMetricsEnabled": False}, "RequestTemplates": {}, "RequestModels": {},
    "CredentialsArn": "", "ModelSelectionExpression": "", "TemplateSelectionExpression": "", "ResponseModels": {},
    "ResponseTemplates": {},
}  # fmt: skip
"""What is so where nothing is said (API Gateway V2 API reference)."""


def _gone(old: Props, new: Props, *, beside: str = "") -> dict[str, Any]:
    """What properties that were taken out go back to; `beside`: those that have a call of their own. NotEmulated for
    those of which nobody knows."""
    found: dict[str, Any] = {}
    for name in sorted(old.keys() - new.keys() - words(f"Tags {beside}")):
        if name not in _UNSAID:
            raise NotEmulated(f"{name} taken out of a part of AWS::ApiGatewayV2")
        found[name] = _UNSAID[name]
    return found


def _create_api(ctx: Context, props: Props) -> str:
    tags = tags_of(props)
    if "Body" not in props:
        return str(ctx.call("apigatewayv2", "CreateApi", {**pick(props, _API), "Tags": tags})["ApiId"])
    given = {"Body": json.dumps(props["Body"], default=str), **pick(props, "FailOnWarnings BasePath")}
    api = str(ctx.call("apigatewayv2", "ImportApi", given)["ApiId"])
    ctx.made(api)
    _update_settings(ctx, api, props)
    _tag(ctx, f"/apis/{api}", {}, props)
    return api


def _update_settings(ctx: Context, api: str, props: Props) -> None:
    given = pick(props, "Name Description CorsConfiguration DisableExecuteApiEndpoint Version")
    if given:
        ctx.call("apigatewayv2", "UpdateApi", {"ApiId": api, **given})


def _update_api(ctx: Context, api: str, old: Props, new: Props) -> None:
    if "Body" in new:
        if changed(old, new, "Body"):
            given = {"ApiId": api, "Body": json.dumps(new["Body"], default=str)}
            ctx.call("apigatewayv2", "ReimportApi", {**given, **pick(new, "FailOnWarnings BasePath")})
        _update_settings(ctx, api, new)
    else:
        gone = _gone(old, new, beside="CorsConfiguration Body FailOnWarnings BasePath")
        given = {**gone, **_without(pick(new, _API), "ProtocolType")}
        ctx.call("apigatewayv2", "UpdateApi", {"ApiId": api, **given})
    if "CorsConfiguration" in old and "CorsConfiguration" not in new:
        ctx.call("apigatewayv2", "DeleteCorsConfiguration", {"ApiId": api})
    _tag(ctx, f"/apis/{api}", old, new)


def _without(props: Props, *names: str) -> dict[str, Any]:
    return {key: value for key, value in props.items() if key not in names}


def _tag(ctx: Context, path: str, old: Props, new: Props) -> None:
    arn = f"arn:{ctx.partition}:apigateway:{ctx.region}::{path}"
    sync_tags(
        old, new,
        lambda tags: ctx.call("apigatewayv2", "TagResource", {"ResourceArn": arn, "Tags": tags}),
        lambda names: ctx.call("apigatewayv2", "UntagResource", {"ResourceArn": arn, "TagKeys": names}),
    )  # fmt: skip


def _read_api(ctx: Context, api: str, _: Props) -> Mapping[str, Any]:
    return {"ApiId": api, "ApiEndpoint": ctx.call("apigatewayv2", "GetApi", {"ApiId": api})["ApiEndpoint"]}


def _create_stage(ctx: Context, props: Props) -> str:
    given = {**pick(props, _STAGE), "Tags": tags_of(props)}
    return str(ctx.call("apigatewayv2", "CreateStage", given)["StageName"])


def _update_stage(ctx: Context, stage: str, old: Props, new: Props) -> None:
    who = pick(new, "ApiId StageName")
    if "AccessLogSettings" in old and "AccessLogSettings" not in new:
        ctx.call("apigatewayv2", "DeleteAccessLogSettings", who)
    for route in (old.get("RouteSettings") or {}).keys() - (new.get("RouteSettings") or {}).keys():
        ctx.call("apigatewayv2", "DeleteRouteSettings", {**who, "RouteKey": route})
    gone = _gone(old, new, beside="AccessLogSettings RouteSettings")
    given = {**gone, **pick(new, _STAGE)}
    if variables := {**dict.fromkeys(old.get("StageVariables") or {}, ""), **(new.get("StageVariables") or {})}:
        given["StageVariables"] = variables  # an empty one goes
    ctx.call("apigatewayv2", "UpdateStage", given)
    _tag(ctx, f"/apis/{new['ApiId']}/stages/{stage}", old, new)


def _part(kind: str, names: str, *owners: str) -> Handler:
    """What belongs to an API (or to what `owners` name) is made, changed and deleted alike."""
    noun, key = kind.rpartition("::")[2], f"{kind.rpartition('::')[2]}Id"
    whose = " ".join(owners or ("ApiId",))
    return Handler(
        type=kind,
        emulated=words(names),
        create=lambda ctx, props: str(ctx.call("apigatewayv2", f"Create{noun}", _flat(props))[key]),
        update=lambda ctx, id_, old, new: ctx.call(
            "apigatewayv2", f"Update{noun}", {**_gone(old, new), **_flat(new), key: id_}),
        delete=lambda ctx, id_, props: ctx.call("apigatewayv2", f"Delete{noun}", {**pick(props, whose), key: id_}),
        read=lambda _ctx, id_, _props: {key: id_},
    )


def _flat(props: Props) -> dict[str, Any]:
    """Properties as the API has them: a template lists an integration's response parameters, and may write a schema as
    an object."""
    made = dict(props)
    if isinstance(made.get("ResponseParameters"), Mapping):
        made["ResponseParameters"] = {
            status: {one["Destination"]: one["Source"] for one in given["ResponseParameters"]}
            if isinstance(given, Mapping) and "ResponseParameters" in given else given
            for status, given in made["ResponseParameters"].items()}
    if "Schema" in made:
        made["Schema"] = text(made["Schema"])
    return made


def _read_domain(ctx: Context, name: str, _: Props) -> Mapping[str, Any]:
    found = ctx.call("apigatewayv2", "GetDomainName", {"DomainName": name})["DomainNameConfigurations"][0]
    return {"RegionalDomainName": found["ApiGatewayDomainName"], "RegionalHostedZoneId": found["HostedZoneId"],
            "DomainNameArn": f"arn:{ctx.partition}:apigateway:{ctx.region}::/domainnames/{name}"}


def _create_named(noun: str, key: str, names: str) -> Any:
    return lambda ctx, props: str(
        ctx.call("apigatewayv2", f"Create{noun}", {**pick(props, names), "Tags": tags_of(props)})[key])


def _update_domain(ctx: Context, name: str, old: Props, new: Props) -> None:
    ctx.call("apigatewayv2", "UpdateDomainName", pick(new, _DOMAIN))
    _tag(ctx, f"/domainnames/{name}", old, new)


def _update_link(ctx: Context, id_: str, old: Props, new: Props) -> None:
    ctx.call("apigatewayv2", "UpdateVpcLink", {"VpcLinkId": id_, "Name": new["Name"]})
    _tag(ctx, f"/vpclinks/{id_}", old, new)


TYPES = (
    Handler(
        type="AWS::ApiGatewayV2::Api",
        emulated=words(f"Body FailOnWarnings BasePath Tags {_API}"),
        tags="map", create=_create_api, update=_update_api, read=_read_api,
        delete=lambda ctx, api, _: ctx.call("apigatewayv2", "DeleteApi", {"ApiId": api}),
    ),
    Handler(
        type="AWS::ApiGatewayV2::Stage",
        emulated=words(f"Tags {_STAGE}"),
        tags="map", create=_create_stage, update=_update_stage,
        delete=lambda ctx, stage, props: ctx.call(
            "apigatewayv2", "DeleteStage", {"ApiId": props["ApiId"], "StageName": stage}),
    ),
    _part("AWS::ApiGatewayV2::Integration", _INTEGRATION),
    _part("AWS::ApiGatewayV2::Route", _ROUTE),
    _part("AWS::ApiGatewayV2::Deployment", "ApiId Description StageName"),
    _part("AWS::ApiGatewayV2::Authorizer", "ApiId Name AuthorizerType AuthorizerUri AuthorizerCredentialsArn "
          "IdentitySource JwtConfiguration AuthorizerPayloadFormatVersion EnableSimpleResponses "
          "AuthorizerResultTtlInSeconds IdentityValidationExpression"),
    _part("AWS::ApiGatewayV2::Model", "ApiId Name ContentType Description Schema"),
    _part("AWS::ApiGatewayV2::RouteResponse", "ApiId RouteId RouteResponseKey ModelSelectionExpression ResponseModels "
          "ResponseParameters", "ApiId", "RouteId"),
    _part("AWS::ApiGatewayV2::IntegrationResponse", "ApiId IntegrationId IntegrationResponseKey ResponseTemplates "
          "ResponseParameters TemplateSelectionExpression ContentHandlingStrategy", "ApiId", "IntegrationId"),
    dataclasses.replace(
        _part("AWS::ApiGatewayV2::ApiMapping", "ApiId DomainName Stage ApiMappingKey", "DomainName"),
        create=lambda ctx, props: str(once_staged(
            ctx, lambda: ctx.call("apigatewayv2", "CreateApiMapping", props))["ApiMappingId"])),
    Handler(
        type="AWS::ApiGatewayV2::DomainName", emulated=words(f"{_DOMAIN} Tags"), tags="map",
        create=_create_named("DomainName", "DomainName", _DOMAIN), update=_update_domain, read=_read_domain,
        delete=lambda ctx, name, _: ctx.call("apigatewayv2", "DeleteDomainName", {"DomainName": name}),
    ),
    Handler(
        type="AWS::ApiGatewayV2::VpcLink", emulated=words("Name SubnetIds SecurityGroupIds Tags"), tags="map",
        create=_create_named("VpcLink", "VpcLinkId", "Name SubnetIds SecurityGroupIds"), update=_update_link,
        read=lambda _ctx, id_, _props: {"VpcLinkId": id_},
        delete=lambda ctx, id_, _: ctx.call("apigatewayv2", "DeleteVpcLink", {"VpcLinkId": id_}),
    ),
)  # fmt: skip
