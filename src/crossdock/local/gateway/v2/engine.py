"""The API Gateway V2 API for HTTP APIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from crossdock.local.engine import Call, Engine, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.gateway import openapi
from crossdock.local.gateway.errors import bad_request, conflict, not_found
from crossdock.local.gateway.exchange import message
from crossdock.local.gateway.state import Domain, Kept, new_id
from crossdock.local.gateway.v2 import parts, serving
from crossdock.local.gateway.v2.extras import Extras
from crossdock.local.gateway.v2.state import DEFAULT, Deployment, HttpApi, Integration, Route, Stage
from crossdock.local.world import World

T = TypeVar("T")
_MEMBERS = ("Description", "Version", "RouteSelectionExpression", "ApiKeySelectionExpression")
_STAGE = ("Description", "DefaultRouteSettings", "RouteSettings", "AccessLogSettings")


class ApiGatewayV2(Extras, Engine):
    """HTTP APIs. WebSocket APIs are kept; nobody can connect to them."""

    service: ClassVar[str] = "apigatewayv2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state: dict[str, HttpApi] = {}

    # -- APIs

    def create_api(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        api = self._new(call)
        api.protocol = str(p.get("ProtocolType"))
        if api.protocol not in ("HTTP", "WEBSOCKET"):
            raise bad_request(f"Invalid protocol specified: {api.protocol}")
        if api.protocol == "WEBSOCKET" and not p.get("RouteSelectionExpression"):
            raise bad_request("RouteSelectionExpression is required for WEBSOCKET protocol")
        api.tags = dict(p.get("Tags") or {})
        self._settle(api, p)
        if p.get("Target"):
            self._quick(api, p)
        self.state[api.id] = api
        return self._shown(api)

    def import_api(self, call: Call) -> Mapping[str, Any]:
        api = self._new(call)
        parts.load(api, _read(call))
        self.state[api.id] = api
        return self._shown(api)

    def reimport_api(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        parts.load(api, _read(call))
        self._deploy(api)
        return self._shown(api)

    def get_api(self, call: Call) -> Mapping[str, Any]:
        return self._shown(self._api(call))

    def get_apis(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [self._shown(api) for api in self.state.values()
                          if (api.account, api.region) == (call.account, call.region)]}

    def update_api(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        self._settle(api, call.params)
        return self._shown(api)

    def delete_api(self, call: Call) -> Mapping[str, Any]:
        del self.state[self._api(call).id]
        return {}

    def delete_cors_configuration(self, call: Call) -> Mapping[str, Any]:
        self._api(call).cors = None
        return {}

    def _settle(self, api: HttpApi, p: Mapping[str, Any]) -> None:
        api.name = str(p.get("Name") or api.name)
        api.members |= {name: p[name] for name in _MEMBERS if p.get(name) is not None}
        if p.get("CorsConfiguration") is not None:
            api.cors = parts.cors(p["CorsConfiguration"])
        if p.get("DisableExecuteApiEndpoint") is not None:
            api.disabled = bool(p["DisableExecuteApiEndpoint"])

    def _quick(self, api: HttpApi, p: Mapping[str, Any]) -> None:
        """CreateApi with a target: one integration, one route, a `$default` stage that deploys by itself."""
        made = parts.integration(api, new_id((), 7), {
            "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": p["Target"],
            "CredentialsArn": p.get("CredentialsArn")})
        api.integrations[made.id] = made
        route = parts.route(api, new_id((), 7), {"RouteKey": p.get("RouteKey") or DEFAULT, "Target": made.id})
        api.routes[route.id] = route
        api.stages[DEFAULT] = Stage(name=DEFAULT, auto=True)
        self._deploy(api)

    # -- integrations

    def create_integration(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        return self._put_integration(api, parts.integration(api, new_id(api.integrations, 7), call.params))

    def update_integration(self, call: Call) -> Mapping[str, Any]:
        api, old = self._api(call), self._integration(call)
        return self._put_integration(api, parts.integration(api, old.id, {**_integration(old), **call.params}))

    def get_integration(self, call: Call) -> Mapping[str, Any]:
        return _integration(self._integration(call))

    def get_integrations(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_integration(found) for found in self._api(call).integrations.values()]}

    def delete_integration(self, call: Call) -> Mapping[str, Any]:
        api, found = self._api(call), self._integration(call)
        if users := [route.key for route in api.routes.values() if route.target == found.id]:
            raise conflict(f"Cannot delete Integration '{found.id}' when Route '{users[0]}' is using it.")
        del api.integrations[found.id]
        self._deploy(api)
        return {}

    def _put_integration(self, api: HttpApi, made: Integration) -> Mapping[str, Any]:
        api.integrations[made.id] = made
        self._deploy(api)
        return _integration(made)

    # -- routes

    def create_route(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        return self._put_route(api, parts.route(api, new_id(api.routes, 7), call.params))

    def update_route(self, call: Call) -> Mapping[str, Any]:
        api, old = self._api(call), self._route(call)
        return self._put_route(api, parts.route(api, old.id, {**_route(old), **call.params}))

    def get_route(self, call: Call) -> Mapping[str, Any]:
        return _route(self._route(call))

    def get_routes(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_route(found) for found in self._api(call).routes.values()]}

    def delete_route(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        del api.routes[self._route(call).id]
        self._deploy(api)
        return {}

    def _put_route(self, api: HttpApi, made: Route) -> Mapping[str, Any]:
        api.routes[made.id] = made
        self._deploy(api)
        return _route(made)

    # -- deployments and stages

    def create_deployment(self, call: Call) -> Mapping[str, Any]:
        api, name = self._api(call), call.params.get("StageName")
        stage = self._stage_of(api, str(name)) if name else None
        if not api.routes:
            raise bad_request("At least one route is required before deploying the Api.")
        made = _snapshot(api, description=str(call.params.get("Description") or ""))
        api.deployments[made.id] = made
        if stage is not None:
            stage.deployment, stage.updated = made.id, datetime.now(UTC)
        return _deployment(made)

    def update_deployment(self, call: Call) -> Mapping[str, Any]:
        api, found = self._api(call), self._deployment(call)
        if call.params.get("Description") is not None:
            found = replace(found, description=str(call.params["Description"]))
        api.deployments[found.id] = found
        return _deployment(found)

    def get_deployment(self, call: Call) -> Mapping[str, Any]:
        return _deployment(self._deployment(call))

    def get_deployments(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_deployment(found) for found in self._api(call).deployments.values()]}

    def delete_deployment(self, call: Call) -> Mapping[str, Any]:
        api, found = self._api(call), self._deployment(call)
        if any(stage.deployment == found.id for stage in api.stages.values()):
            raise bad_request("Active stages pointing to this deployment must be moved or deleted")
        del api.deployments[found.id]
        return {}

    def create_stage(self, call: Call) -> Mapping[str, Any]:
        api, name = self._api(call), str(call.params["StageName"])
        if name in api.stages:
            raise conflict("Stage already exists")
        stage = Stage(name=name, tags=dict(call.params.get("Tags") or {}))
        self._settle_stage(api, stage, call)
        api.stages[name] = stage
        self._deploy(api)
        return _stage(stage)

    def update_stage(self, call: Call) -> Mapping[str, Any]:
        api, stage = self._api(call), self._stage(call)
        self._settle_stage(api, stage, call)
        stage.updated = datetime.now(UTC)
        self._deploy(api)
        return _stage(stage)

    def get_stage(self, call: Call) -> Mapping[str, Any]:
        return _stage(self._stage(call))

    def get_stages(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_stage(found) for found in self._api(call).stages.values()]}

    def delete_access_log_settings(self, call: Call) -> Mapping[str, Any]:
        self._stage(call).members.pop("AccessLogSettings", None)
        return {}

    def delete_route_settings(self, call: Call) -> Mapping[str, Any]:
        stage = self._stage(call)
        held = dict(stage.members.get("RouteSettings") or {})
        held.pop(str(call.params["RouteKey"]), None)
        stage.members["RouteSettings"] = held
        return {}

    def delete_stage(self, call: Call) -> Mapping[str, Any]:
        del self._api(call).stages[self._stage(call).name]
        return {}

    def _settle_stage(self, api: HttpApi, stage: Stage, call: Call) -> None:
        p = call.params
        auto = bool(p["AutoDeploy"]) if p.get("AutoDeploy") is not None else stage.auto
        if p.get("ClientCertificateId"):
            raise NotEmulated("client certificates of HTTP APIs")
        if p.get("DeploymentId"):
            if auto:
                raise bad_request("Cannot set deploymentId when autoDeploy is true")
            stage.deployment = self._deployment(call).id
        stage.auto = auto
        variables = {**stage.variables, **(p.get("StageVariables") or {})}
        stage.variables = {name: value for name, value in variables.items() if value}  # an empty one is taken away
        stage.members |= {name: p[name] for name in _STAGE if p.get(name) is not None}
        if log := (stage.members.get("AccessLogSettings") or {}).get("DestinationArn"):
            self.world.substitution(f"stage {stage.name} of API {api.name} writes no access log to {log}")

    def _deploy(self, api: HttpApi) -> None:
        """What stages that deploy by themselves do at every change; deployments that served them before go."""
        stages = [stage for stage in api.stages.values() if stage.auto]
        if stages:
            made = _snapshot(api, description="Automatic deployment triggered by changes to the Api configuration",
                             auto=True)
            api.deployments[made.id] = made
            for stage in stages:
                stage.deployment = made.id
            used = {stage.deployment for stage in api.stages.values()}
            api.deployments = {id_: d for id_, d in api.deployments.items() if id_ in used or not d.auto}

    # -- tags

    def get_tags(self, call: Call) -> Mapping[str, Any]:
        return {"Tags": self._tagged(call)}

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        self._tagged(call).update(call.params["Tags"])
        return {}

    def untag_resource(self, call: Call) -> Mapping[str, Any]:
        tags = self._tagged(call)
        for key in call.params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def tags(self, arn: str) -> Mapping[str, str]:
        found = self._by_arn(arn)
        return found[1] if found else {}

    def _tagged(self, call: Call) -> dict[str, str]:
        found = self._by_arn(str(call.params["ResourceArn"]))
        if found is None or found[0].account != call.account:
            raise not_found("Invalid resource ARN specified in the request")
        return found[1]

    def _by_arn(self, arn: str) -> tuple[HttpApi | Kept | Domain, dict[str, str]] | None:
        match arn.partition("::/")[2].split("/"):
            case ["vpclinks", link] if link in self._rest.state.links:
                return self._rest.state.links[link], self._rest.state.links[link].tags
            case ["domainnames", name]:
                named = next((one for key, one in self._rest.state.domains.items() if key[2] == name), None)
                return (named, named.tags) if named is not None else None
            case ["apis", api, "stages", stage] if api in self.state and stage in self.state[api].stages:
                return self.state[api], self.state[api].stages[stage].tags
            case ["apis", api, *_] if api in self.state:
                return self.state[api], self.state[api].tags
            case _:
                return None

    # -- requests

    def http(self, request: HttpRequest) -> HttpResponse:
        """Handed over by the engine of REST APIs."""
        name, slash, rest = request.path.lstrip("/").partition("/")
        api = self.state.get(name)
        if api is None:
            return message(403, "Forbidden", kind="ForbiddenException")
        return serving.serve(self.world, api, request, slash + rest)

    # -- helpers

    def _new(self, call: Call) -> HttpApi:
        return HttpApi(id=new_id(self.state), account=call.account, region=call.region, partition=call.partition,
                       name="")

    def _api(self, call: Call) -> HttpApi:
        api = self.state.get(str(call.params["ApiId"]))
        if api is None or (api.account, api.region) != (call.account, call.region):
            raise not_found(f"Invalid API identifier specified {call.account}:{call.params['ApiId']}")
        return api

    def _integration(self, call: Call) -> Integration:
        return _known(self._api(call).integrations, "Integration", call)

    def _route(self, call: Call) -> Route:
        return _known(self._api(call).routes, "Route", call)

    def _deployment(self, call: Call) -> Deployment:
        return _known(self._api(call).deployments, "Deployment", call)

    def _stage(self, call: Call) -> Stage:
        return self._stage_of(self._api(call), str(call.params["StageName"]))

    def _stage_of(self, api: HttpApi, name: str) -> Stage:
        if name not in api.stages:
            raise not_found(f"Unable to find Stage by name {name} within the provided RestApi")
        return api.stages[name]

    def _shown(self, api: HttpApi) -> Mapping[str, Any]:
        return {
            "ApiId": api.id, "ApiEndpoint": f"{self.world.endpoint}/_aws/execute-api/{api.id}", "Name": api.name,
            "ProtocolType": api.protocol, "CreatedDate": api.created, "CorsConfiguration": api.cors, "Tags": api.tags,
            "DisableExecuteApiEndpoint": api.disabled,
            "RouteSelectionExpression": "$request.method $request.path", **api.members,
        }


def _read(call: Call) -> Mapping[str, Any]:
    return openapi.read(str(call.params["Body"]), account=call.account, region=call.region, partition=call.partition)


def _known(found: Mapping[str, T], kind: str, call: Call) -> T:
    id_ = str(call.params[f"{kind}Id"])
    if id_ not in found:
        raise not_found(f"Unable to find {kind} by id {id_}")
    return found[id_]


def _snapshot(api: HttpApi, *, description: str, auto: bool = False) -> Deployment:
    return Deployment(id=new_id(api.deployments, 6), created=datetime.now(UTC), routes=tuple(api.routes.values()),
                      integrations=dict(api.integrations), authorizers=dict(api.authorizers), description=description,
                      auto=auto)


def _integration(found: Integration) -> dict[str, Any]:
    return {
        "IntegrationId": found.id, "IntegrationType": found.kind, "IntegrationUri": found.uri or None,
        "IntegrationSubtype": found.subtype or None, "PayloadFormatVersion": found.payload,
        "CredentialsArn": found.credentials or None, "IntegrationMethod": found.method,
        "ConnectionType": "VPC_LINK" if found.connection else "INTERNET", "ConnectionId": found.connection or None,
        "RequestParameters": found.parameters or None, "ResponseParameters": found.responses or None,
        "TimeoutInMillis": int(found.seconds * 1000), **found.members,
    }


def _route(found: Route) -> dict[str, Any]:
    return {
        "RouteId": found.id, "RouteKey": found.key, "Target": f"integrations/{found.target}" if found.target else None,
        "AuthorizationType": found.authorization, "ApiKeyRequired": False, **found.members,
    }


def _deployment(found: Deployment) -> dict[str, Any]:
    return {"DeploymentId": found.id, "CreatedDate": found.created, "Description": found.description or None,
            "AutoDeployed": found.auto, "DeploymentStatus": "DEPLOYED"}


def _stage(found: Stage) -> dict[str, Any]:
    return {
        "StageName": found.name, "DeploymentId": found.deployment or None, "AutoDeploy": found.auto,
        "StageVariables": found.variables, "Tags": found.tags, "CreatedDate": found.created,
        "LastUpdatedDate": found.updated, "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        "RouteSettings": {}, **found.members,
    }
