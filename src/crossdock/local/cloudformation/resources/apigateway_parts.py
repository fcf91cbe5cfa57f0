"""AWS::ApiGateway: what REST APIs refer to (authorizers, models, validators, gateway responses), who may use them
(keys, usage plans), where they are reached (domain names, VPC links)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.apigateway import patch, tag
from crossdock.local.cloudformation.resources.handler import Context, Handler, Props, changed, pick, tags_of, words
from crossdock.local.cloudformation.resources.shapes import text

Paths = Mapping[str, str]
STAGE_SECONDS = 10.0


def _patched(ctx: Context, operation: str, who: Props, operations: list[dict[str, str]]) -> None:
    if operations:
        ctx.call("apigateway", operation, {**who, "patchOperations": operations})


def _of(props: Props, **more: Any) -> dict[str, Any]:
    return {"restApiId": props["RestApiId"], **more}


# -- authorizers

_AUTHORIZER: Paths = {
    "Name": "/name", "Type": "/type", "AuthType": "/authType", "AuthorizerUri": "/authorizerUri",
    "AuthorizerCredentials": "/authorizerCredentials", "IdentitySource": "/identitySource",
    "IdentityValidationExpression": "/identityValidationExpression",
    "AuthorizerResultTtlInSeconds": "/authorizerResultTtlInSeconds",
}  # fmt: skip


def _update_authorizer(ctx: Context, id_: str, old: Props, new: Props) -> None:
    operations = [{"op": "remove", "path": one["path"]} if one["value"] == "" else one
                  for one in patch(old, new, _AUTHORIZER)]
    before, after = set(old.get("ProviderARNs") or ()), set(new.get("ProviderARNs") or ())
    for op, arns in (("add", after - before), ("remove", before - after)):
        operations += [{"op": op, "path": "/providerARNs", "value": arn} for arn in sorted(arns)]
    _patched(ctx, "UpdateAuthorizer", _of(new, authorizerId=id_), operations)


# -- models and validators


def _create_model(ctx: Context, props: Props) -> str:
    given = {"ContentType": "application/json", **props, "Name": props.get("Name") or ctx.name(60, joint="")}
    given["Schema"] = text(props.get("Schema", {}))
    return str(ctx.call("apigateway", "CreateModel", given)["name"])


def _update_model(ctx: Context, name: str, old: Props, new: Props) -> None:
    _patched(ctx, "UpdateModel", _of(new, modelName=name),
             patch(old, new, {"Schema": "/schema", "Description": "/description"}))


def _update_validator(ctx: Context, id_: str, old: Props, new: Props) -> None:
    paths = {"ValidateRequestBody": "/validateRequestBody", "ValidateRequestParameters": "/validateRequestParameters"}
    _patched(ctx, "UpdateRequestValidator", _of(new, requestValidatorId=id_), patch(old, new, paths))


def _put_response(ctx: Context, props: Props) -> str:
    ctx.call("apigateway", "PutGatewayResponse", props)
    return ctx.name(30)


# -- keys and plans


def _create_key(ctx: Context, props: Props) -> str:
    given = pick(props, "CustomerId Description Enabled GenerateDistinctId StageKeys Value")
    given |= {"Name": props.get("Name") or ctx.name(60), "tags": tags_of(props)}
    return str(ctx.call("apigateway", "CreateApiKey", given)["id"])


def _update_key(ctx: Context, id_: str, old: Props, new: Props) -> None:
    paths = {"CustomerId": "/customerId", "Description": "/description", "Enabled": "/enabled"}
    _patched(ctx, "UpdateApiKey", {"apiKey": id_}, patch(old, new, paths))
    tag(ctx, f"/apikeys/{id_}", old, new)


def _create_plan(ctx: Context, props: Props) -> str:
    given = {"Name": props.get("UsagePlanName") or ctx.name(60), "tags": tags_of(props),
             **pick(props, "Description Throttle Quota ApiStages")}
    return str(ctx.call("apigateway", "CreateUsagePlan", given)["id"])


def _stages(props: Props) -> dict[str, Any]:
    return {f"{one['ApiId']}:{one['Stage']}": one.get("Throttle") or {} for one in props.get("ApiStages") or ()}


def _update_plan(ctx: Context, id_: str, old: Props, new: Props) -> None:
    operations = patch(old, new, {"UsagePlanName": "/name", "Description": "/description"})
    for name, path in (("Throttle", "/throttle"), ("Quota", "/quota")):
        if changed(old, new, name):
            operations += [{"op": "replace", "path": f"{path}/{key[0].lower()}{key[1:]}", "value": text(value)}
                           for key, value in (new.get(name) or {}).items()]
            if not new.get(name):
                operations.append({"op": "remove", "path": path})
    before, after = _stages(old), _stages(new)
    operations += [{"op": "remove", "path": "/apiStages", "value": one} for one in before.keys() - after.keys()]
    operations += [{"op": "add", "path": "/apiStages", "value": one} for one in after.keys() - before.keys()]
    for stage, throttle in after.items():
        for method, limits in throttle.items():
            operations += [{"op": "replace", "value": text(value), "path": "/".join((
                "/apiStages", stage, "throttle", method.replace("/", "~1"), f"{key[0].lower()}{key[1:]}"))}
                for key, value in limits.items() if before.get(stage, {}).get(method) != limits]
    _patched(ctx, "UpdateUsagePlan", {"usagePlanId": id_}, operations)
    tag(ctx, f"/usageplans/{id_}", old, new)


def _delete_plan(ctx: Context, id_: str, props: Props) -> None:
    """API Gateway keeps a plan that still has stages."""
    gone = [{"op": "remove", "path": "/apiStages", "value": one} for one in _stages(props)]
    if gone:
        ctx.drop("apigateway", "UpdateUsagePlan", {"usagePlanId": id_, "patchOperations": gone})
    ctx.call("apigateway", "DeleteUsagePlan", {"usagePlanId": id_})


def _create_plan_key(ctx: Context, props: Props) -> str:
    made = ctx.call("apigateway", "CreateUsagePlanKey", pick(props, "UsagePlanId KeyId KeyType"))
    return f"{made['id']}:{props['UsagePlanId']}"


# -- domain names

_DOMAIN = ("CertificateArn RegionalCertificateArn EndpointConfiguration MutualTlsAuthentication SecurityPolicy "
           "OwnershipVerificationCertificateArn RoutingMode EndpointAccessMode")


def _create_domain(ctx: Context, props: Props) -> str:
    given = {**pick(props, f"DomainName {_DOMAIN}"), "tags": tags_of(props)}
    return str(ctx.call("apigateway", "CreateDomainName", given)["domainName"])


def _read_domain(ctx: Context, name: str, _: Props) -> Mapping[str, Any]:
    found = ctx.call("apigateway", "GetDomainName", {"domainName": name})
    shown = {key: found[key[0].lower() + key[1:]] for key in (
        "DistributionDomainName", "DistributionHostedZoneId", "RegionalDomainName", "RegionalHostedZoneId")
        if key[0].lower() + key[1:] in found}
    return {**shown, "DomainNameArn": f"arn:{ctx.partition}:apigateway:{ctx.region}::/domainnames/{name}"}


def _update_domain(ctx: Context, name: str, old: Props, new: Props) -> None:
    operations = patch(old, new, {key: f"/{key[0].lower()}{key[1:]}" for key in _DOMAIN.split()
                                  if key not in ("EndpointConfiguration", "MutualTlsAuthentication")})
    kinds = (new.get("EndpointConfiguration") or {}).get("Types") or []
    if kinds and changed(old, new, "EndpointConfiguration"):
        operations.append({"op": "replace", "path": "/endpointConfiguration/types/0", "value": kinds[0]})
    if changed(old, new, "MutualTlsAuthentication"):
        operations += [{"op": "replace", "path": f"/mutualTlsAuthentication/{key[0].lower()}{key[1:]}", "value": value}
                       for key, value in (new.get("MutualTlsAuthentication") or {}).items()]
    _patched(ctx, "UpdateDomainName", {"domainName": name}, operations)
    tag(ctx, f"/domainnames/{name}", old, new)


def _create_mapping(ctx: Context, props: Props) -> str:
    given = pick(props, "DomainName BasePath RestApiId Stage")
    made = once_staged(ctx, lambda: ctx.call("apigateway", "CreateBasePathMapping", given))
    return f"{props['DomainName']}|{made['basePath']}"


def once_staged(ctx: Context, call: Callable[[], Any]) -> Any:
    """A mapping to a stage that is still being made: templates rely on domain names taking minutes on AWS, in which it
    comes to be. What isn't there after a while never will be."""
    until = time.monotonic() + STAGE_SECONDS
    while True:
        try:
            return call()
        except ClientError as error:
            late = time.monotonic() > until or ctx.stopped()
            if "Invalid stage identifier" not in str(error) or late:
                raise
        time.sleep(0.05)


def _mapping(id_: str) -> dict[str, str]:
    domain, _, path = id_.partition("|")
    return {"domainName": domain, "basePath": path}


def _update_mapping(ctx: Context, id_: str, old: Props, new: Props) -> None:
    _patched(ctx, "UpdateBasePathMapping", _mapping(id_),
             patch(old, new, {"RestApiId": "/restapiId", "Stage": "/stage"}))


def _create_link(ctx: Context, props: Props) -> str:
    given = {**pick(props, "Name Description TargetArns"), "tags": tags_of(props)}
    return str(ctx.call("apigateway", "CreateVpcLink", given)["id"])


def _update_link(ctx: Context, id_: str, old: Props, new: Props) -> None:
    _patched(ctx, "UpdateVpcLink", {"vpcLinkId": id_},
             patch(old, new, {"Name": "/name", "Description": "/description"}))
    tag(ctx, f"/vpclinks/{id_}", old, new)


def _id(name: str) -> Any:
    return lambda _ctx, id_, _props: {name: id_}


TYPES = (
    Handler(
        type="AWS::ApiGateway::Authorizer", emulated=words(f"RestApiId ProviderARNs {' '.join(_AUTHORIZER)}"),
        create=lambda ctx, props: str(ctx.call("apigateway", "CreateAuthorizer", props)["id"]),
        update=_update_authorizer, read=_id("AuthorizerId"),
        delete=lambda ctx, id_, props: ctx.call("apigateway", "DeleteAuthorizer", _of(props, authorizerId=id_)),
    ),
    Handler(
        type="AWS::ApiGateway::Model", emulated=words("RestApiId Name Schema ContentType Description"),
        create=_create_model, update=_update_model,
        delete=lambda ctx, name, props: ctx.call("apigateway", "DeleteModel", _of(props, modelName=name)),
    ),
    Handler(
        type="AWS::ApiGateway::RequestValidator",
        emulated=words("RestApiId Name ValidateRequestBody ValidateRequestParameters"),
        create=lambda ctx, props: str(ctx.call("apigateway", "CreateRequestValidator", props)["id"]),
        update=_update_validator, read=_id("RequestValidatorId"),
        delete=lambda ctx, id_, props: ctx.call(
            "apigateway", "DeleteRequestValidator", _of(props, requestValidatorId=id_)),
    ),
    Handler(
        type="AWS::ApiGateway::GatewayResponse",
        emulated=words("RestApiId ResponseType StatusCode ResponseParameters ResponseTemplates"),
        create=_put_response, update=lambda ctx, _id, _old, new: ctx.call("apigateway", "PutGatewayResponse", new),
        read=_id("Id"),
        delete=lambda ctx, _, props: ctx.call(
            "apigateway", "DeleteGatewayResponse", _of(props, responseType=props["ResponseType"])),
    ),
    Handler(
        type="AWS::ApiGateway::ApiKey",
        emulated=words("CustomerId Description Enabled GenerateDistinctId Name StageKeys Value Tags"), tags="list",
        create=_create_key, update=_update_key, read=_id("APIKeyId"),
        delete=lambda ctx, id_, _: ctx.call("apigateway", "DeleteApiKey", {"apiKey": id_}),
    ),
    Handler(
        type="AWS::ApiGateway::UsagePlan", emulated=words("UsagePlanName Description ApiStages Tags"),
        accepted=words("Throttle Quota"), tags="list",
        create=_create_plan, update=_update_plan, delete=_delete_plan, read=_id("Id"),
    ),
    Handler(
        type="AWS::ApiGateway::UsagePlanKey", emulated=words("UsagePlanId KeyId KeyType"),
        create=_create_plan_key, read=_id("Id"),
        delete=lambda ctx, _, props: ctx.call("apigateway", "DeleteUsagePlanKey", pick(props, "UsagePlanId KeyId")),
    ),
    Handler(
        type="AWS::ApiGateway::DomainName", emulated=words(f"DomainName {_DOMAIN} Tags"), tags="list",
        create=_create_domain, update=_update_domain, read=_read_domain,
        delete=lambda ctx, name, _: ctx.call("apigateway", "DeleteDomainName", {"domainName": name}),
    ),
    Handler(
        type="AWS::ApiGateway::BasePathMapping", emulated=words("DomainName BasePath RestApiId Stage"),
        create=_create_mapping, update=_update_mapping,
        delete=lambda ctx, id_, _: ctx.call("apigateway", "DeleteBasePathMapping", _mapping(id_)),
    ),
    Handler(
        type="AWS::ApiGateway::VpcLink", emulated=words("Name Description TargetArns Tags"), tags="list",
        create=_create_link, update=_update_link, read=_id("VpcLinkId"),
        delete=lambda ctx, id_, _: ctx.call("apigateway", "DeleteVpcLink", {"vpcLinkId": id_}),
    ),
)  # fmt: skip
