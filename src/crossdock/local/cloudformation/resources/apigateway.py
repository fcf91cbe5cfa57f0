"""AWS::ApiGateway: REST APIs. The API changes things by patch operations; a template states how they should be."""

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
from crossdock.local.cloudformation.resources.shapes import text

_API = "Description ApiKeySourceType BinaryMediaTypes MinimumCompressionSize Policy DisableExecuteApiEndpoint"
_PATCHED = {
    "Name": "/name", "Description": "/description", "ApiKeySourceType": "/apiKeySource", "Policy": "/policy",
    "MinimumCompressionSize": "/minimumCompressionSize", "DisableExecuteApiEndpoint": "/disableExecuteApiEndpoint",
}  # fmt: skip


_UNSAID = {"ApiKeySourceType": "HEADER", "DisableExecuteApiEndpoint": "false", "TracingEnabled": "false",
           "CacheClusterEnabled": "false"}
"""What is so where nothing is said, where that isn't nothing (API Gateway API reference)."""


def patch(old: Mapping[str, Any], new: Mapping[str, Any], paths: Mapping[str, str]) -> list[dict[str, str]]:
    """Patch operations that bring the named properties from old to new; a property that went is set to nothing."""
    return [
        {"op": "replace", "path": path, "value": text(new.get(name, _UNSAID.get(name, "")))}
        for name, path in paths.items()
        if old.get(name) != new.get(name)
    ]


def _body(ctx: Context, props: Props) -> bytes | None:
    """The OpenAPI document, given in the template or as an object in S3 (read with the stack's rights)."""
    if "Body" in props:
        return json.dumps(props["Body"], default=str).encode()
    if "BodyS3Location" in props:
        place = props["BodyS3Location"]
        given = {"Bucket": place["Bucket"], "Key": place["Key"]}
        version = {"VersionId": place["Version"]} if "Version" in place else {}
        return bytes(ctx.client("s3").get_object(**given, **version)["Body"].read())
    return None


def _import_options(props: Props) -> dict[str, Any]:
    return {"parameters": props.get("Parameters", {}), "failOnWarnings": props.get("FailOnWarnings", False)}


def _create_api(ctx: Context, props: Props) -> str:
    body, tags = _body(ctx, props), tags_of(props)
    if body is None:
        given = {"name": props["Name"], **pick(props, f"{_API} EndpointConfiguration"), "tags": tags}
        if "ApiKeySourceType" in given:
            given["apiKeySource"] = given.pop("ApiKeySourceType")
        return str(ctx.call("apigateway", "CreateRestApi", given)["id"])
    made = ctx.call("apigateway", "ImportRestApi", _import_options(props), body=body)
    api = str(made["id"])
    ctx.made(api)
    _patch_api(ctx, api, {"Name": made.get("name")}, {"Name": made.get("name"), **props})
    tag(ctx, f"/restapis/{api}", {}, props)
    return api


def _patch_api(ctx: Context, api: str, old: Props, new: Props) -> None:
    operations = patch(old, new, _PATCHED)
    before, after = set(old.get("BinaryMediaTypes", [])), set(new.get("BinaryMediaTypes", []))
    for op, kinds in (("add", after - before), ("remove", before - after)):
        operations += [{"op": op, "path": f"/binaryMediaTypes/{kind.replace('/', '~1')}"} for kind in sorted(kinds)]
    wanted, had = ((props.get("EndpointConfiguration") or {}).get("Types") or ["EDGE"] for props in (new, old))
    if wanted != had:
        operations.append({"op": "replace", "path": "/endpointConfiguration/types/0", "value": wanted[0]})
    for op, ids in (("add", _endpoints(new) - _endpoints(old)), ("remove", _endpoints(old) - _endpoints(new))):
        operations += [{"op": op, "path": "/endpointConfiguration/vpcEndpointIds", "value": id_} for id_ in sorted(ids)]
    if operations:
        ctx.call("apigateway", "UpdateRestApi", {"restApiId": api, "patchOperations": operations})


def _endpoints(props: Props) -> set[str]:
    return set((props.get("EndpointConfiguration") or {}).get("VpcEndpointIds") or ())


def _update_api(ctx: Context, api: str, old: Props, new: Props) -> None:
    if changed(old, new, "Body", "BodyS3Location", "Parameters"):
        body = _body(ctx, new)
        if body is not None:
            given = {"restApiId": api, "mode": new.get("Mode", "overwrite"), **_import_options(new)}
            ctx.call("apigateway", "PutRestApi", given, body=body)
    _patch_api(ctx, api, old, new)
    tag(ctx, f"/restapis/{api}", old, new)


def tag(ctx: Context, path: str, old: Props, new: Props) -> None:
    arn = f"arn:{ctx.partition}:apigateway:{ctx.region}::{path}"
    sync_tags(
        old, new,
        lambda tags: ctx.call("apigateway", "TagResource", {"resourceArn": arn, "tags": tags}),
        lambda names: ctx.call("apigateway", "UntagResource", {"resourceArn": arn, "tagKeys": names}),
    )  # fmt: skip


def _read_api(ctx: Context, api: str, _: Props) -> dict[str, Any]:
    found = ctx.call("apigateway", "GetResources", {"restApiId": api, "limit": 500})["items"]
    return {"RestApiId": api, "RootResourceId": next((r["id"] for r in found if r["path"] == "/"), "")}


def _create_deployment(ctx: Context, props: Props) -> str:
    given = pick(props, "RestApiId StageName Description")
    if variables := (props.get("StageDescription") or {}).get("Variables"):
        given["variables"] = variables
    return str(ctx.call("apigateway", "CreateDeployment", given)["id"])


def _delete_deployment(ctx: Context, deployment: str, props: Props) -> None:
    """A stage that the deployment made itself goes with it; one of another resource must have gone before."""
    api = props["RestApiId"]
    if "StageName" in props:
        stages = ctx.call("apigateway", "GetStages", {"restApiId": api, "deploymentId": deployment})["item"]
        if any(stage["stageName"] == props["StageName"] for stage in stages):
            ctx.drop("apigateway", "DeleteStage", {"restApiId": api, "stageName": props["StageName"]})
    ctx.call("apigateway", "DeleteDeployment", {"restApiId": api, "deploymentId": deployment})


_SETTINGS = {
    "LoggingLevel": "logging/loglevel", "DataTraceEnabled": "logging/dataTrace", "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit", "ThrottlingRateLimit": "throttling/rateLimit",
    "CachingEnabled": "caching/enabled", "CacheTtlInSeconds": "caching/ttlInSeconds",
}  # fmt: skip


def _settings(props: Props) -> dict[str, str]:
    """Method settings and access log settings as patch path -> value."""
    found: dict[str, str] = {}
    for setting in props.get("MethodSettings", []):
        path_given = str(setting.get("ResourcePath", "/*"))
        resource = "*" if path_given in ("/*", "*") else path_given.replace("/", "~1")
        for name, path in _SETTINGS.items():
            if name in setting:
                found[f"/{resource}/{setting.get('HttpMethod', '*')}/{path}"] = text(setting[name])
    log = props.get("AccessLogSetting") or {}
    for name, path in (("DestinationArn", "destinationArn"), ("Format", "format")):
        if name in log:
            found[f"/accessLogSettings/{path}"] = text(log[name])
    return found


def _settle_stage(ctx: Context, props: Props, operations: list[dict[str, str]], old: Props) -> None:
    before, after = _settings(old), _settings(props)
    operations += [{"op": "replace", "path": p, "value": v} for p, v in after.items() if before.get(p) != v]
    operations += [{"op": "remove", "path": path} for path in before.keys() - after.keys()]
    if operations:
        given = {"restApiId": props["RestApiId"], "stageName": props["StageName"], "patchOperations": operations}
        ctx.call("apigateway", "UpdateStage", given)


def _create_stage(ctx: Context, props: Props) -> str:
    given = pick(props, "RestApiId StageName DeploymentId Description Variables TracingEnabled CacheClusterEnabled "
                        "CacheClusterSize")  # fmt: skip
    ctx.call("apigateway", "CreateStage", {**given, "tags": tags_of(props)})
    ctx.made(str(props["StageName"]))
    _settle_stage(ctx, props, [], {})
    return str(props["StageName"])


def _update_stage(ctx: Context, stage: str, old: Props, new: Props) -> None:
    paths = {"DeploymentId": "/deploymentId", "Description": "/description", "TracingEnabled": "/tracingEnabled",
             "CacheClusterEnabled": "/cacheClusterEnabled", "CacheClusterSize": "/cacheClusterSize"}
    operations = patch(old, new, paths)
    before, after = old.get("Variables", {}), new.get("Variables", {})
    operations += [
        {"op": "replace", "path": f"/variables/{k}", "value": text(v)} for k, v in after.items() if before.get(k) != v
    ]
    operations += [{"op": "remove", "path": f"/variables/{key}"} for key in before.keys() - after.keys()]
    _settle_stage(ctx, new, operations, old)
    tag(ctx, f"/restapis/{new['RestApiId']}/stages/{stage}", old, new)


def _who(props: Props) -> dict[str, Any]:
    return {"restApiId": props["RestApiId"], "resourceId": props["ResourceId"], "httpMethod": props["HttpMethod"]}


def _put_method(ctx: Context, props: Props) -> None:
    who = _who(props)
    given = pick(props, "AuthorizationType AuthorizerId ApiKeyRequired OperationName RequestParameters RequestModels "
                        "RequestValidatorId AuthorizationScopes")  # fmt: skip
    ctx.call("apigateway", "PutMethod", {"AuthorizationType": "NONE", **who, **given})
    for response in props.get("MethodResponses", []):
        ctx.call("apigateway", "PutMethodResponse", {**who, **response})
    integration = dict(props.get("Integration") or {})
    responses = integration.pop("IntegrationResponses", [])
    if integration:
        if "IntegrationHttpMethod" not in integration and integration.get("Type") in ("AWS", "AWS_PROXY"):
            integration["IntegrationHttpMethod"] = "POST"
        ctx.call("apigateway", "PutIntegration", {**who, **integration})
    for response in responses:
        ctx.call("apigateway", "PutIntegrationResponse", {**who, **response})


def _create_method(ctx: Context, props: Props) -> str:
    _put_method(ctx, props)
    return ctx.name(63)


def _update_method(ctx: Context, _: str, _old: Props, new: Props) -> None:
    ctx.drop("apigateway", "DeleteMethod", _who(new))
    _put_method(ctx, new)


def _set_account(ctx: Context, props: Props) -> None:
    role = props.get("CloudWatchRoleArn", "")
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    ctx.call("apigateway", "UpdateAccount", {"patchOperations": [operation]})


def _create_account(ctx: Context, props: Props) -> str:
    _set_account(ctx, props)
    return ctx.name(63)


TYPES = (
    Handler(
        type="AWS::ApiGateway::RestApi",
        emulated=words(f"Name Body BodyS3Location Parameters FailOnWarnings Mode EndpointConfiguration Tags {_API}"),
        accepted=words("SecurityPolicy EndpointAccessMode"),
        tags="list", create=_create_api, update=_update_api, read=_read_api,
        delete=lambda ctx, api, _: ctx.call("apigateway", "DeleteRestApi", {"restApiId": api}),
    ),
    Handler(
        type="AWS::ApiGateway::Resource",
        emulated=words("RestApiId ParentId PathPart"),
        create=lambda ctx, props: str(ctx.call("apigateway", "CreateResource", props)["id"]),
        delete=lambda ctx, resource, props: ctx.call(
            "apigateway", "DeleteResource", {"restApiId": props["RestApiId"], "resourceId": resource}),
        read=lambda _ctx, resource, _props: {"ResourceId": resource},
    ),
    Handler(
        type="AWS::ApiGateway::Method",
        emulated=words("RestApiId ResourceId HttpMethod AuthorizationType AuthorizerId ApiKeyRequired OperationName "
                       "RequestParameters RequestModels RequestValidatorId AuthorizationScopes MethodResponses "
                       "Integration"),
        create=_create_method, update=_update_method,
        delete=lambda ctx, _, props: ctx.call("apigateway", "DeleteMethod", _who(props)),
    ),
    Handler(
        type="AWS::ApiGateway::Deployment",
        emulated=words("RestApiId StageName Description"),
        accepted=words("StageDescription"),
        create=_create_deployment, delete=_delete_deployment,
        read=lambda _ctx, deployment, _props: {"DeploymentId": deployment},
        update=lambda ctx, deployment, _old, new: ctx.call("apigateway", "UpdateDeployment", {
            "restApiId": new["RestApiId"], "deploymentId": deployment,
            "patchOperations": [{"op": "replace", "path": "/description", "value": new.get("Description", "")}]}),
    ),
    Handler(
        type="AWS::ApiGateway::Stage",
        emulated=words("RestApiId StageName DeploymentId Description Variables TracingEnabled MethodSettings "
                       "AccessLogSetting Tags"),
        accepted=words("CacheClusterEnabled CacheClusterSize"),
        tags="list", create=_create_stage, update=_update_stage,
        delete=lambda ctx, stage, props: ctx.call(
            "apigateway", "DeleteStage", {"restApiId": props["RestApiId"], "stageName": stage}),
    ),
    Handler(
        type="AWS::ApiGateway::Account",
        emulated=words("CloudWatchRoleArn"),
        create=_create_account,
        update=lambda ctx, _, _old, new: _set_account(ctx, new),
        # The account's setting outlives the stack that set it (CloudFormation reference, AWS::ApiGateway::Account).
        delete=lambda _ctx, _id, _props: None,
    ),
)  # fmt: skip
