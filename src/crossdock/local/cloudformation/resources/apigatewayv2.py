"""AWS::ApiGatewayV2: HTTP APIs. Property names are the API's, but for their case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
)
_ROUTE = (
    "ApiId RouteKey Target AuthorizationType AuthorizerId AuthorizationScopes ApiKeyRequired OperationName "
    "RequestParameters RouteResponseSelectionExpression"
)


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
        ctx.call("apigatewayv2", "UpdateApi", {"ApiId": api, **_without(pick(new, _API), "ProtocolType")})
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
    ctx.call("apigatewayv2", "UpdateStage", pick(new, _STAGE))
    _tag(ctx, f"/apis/{new['ApiId']}/stages/{stage}", old, new)


def _part(kind: str, names: str) -> Handler:
    """Integrations, routes and deployments are made, changed and deleted alike."""
    noun, key = kind.rpartition("::")[2], f"{kind.rpartition('::')[2]}Id"
    return Handler(
        type=kind,
        emulated=words(names),
        create=lambda ctx, props: str(ctx.call("apigatewayv2", f"Create{noun}", props)[key]),
        update=lambda ctx, id_, _old, new: ctx.call("apigatewayv2", f"Update{noun}", {**new, key: id_}),
        delete=lambda ctx, id_, props: ctx.call("apigatewayv2", f"Delete{noun}", {"ApiId": props["ApiId"], key: id_}),
        read=lambda _ctx, id_, _props: {key: id_},
    )


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
)  # fmt: skip
