"""The API Gateway API for REST APIs, and the way in for what calls them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from crossdock.local.engine import AwsError, Call, Engine, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.gateway import answers, imports, integrations, openapi, patches, policies, serving, tree
from crossdock.local.gateway.domains import Domains
from crossdock.local.gateway.errors import bad_request, conflict, not_found
from crossdock.local.gateway.exchange import message
from crossdock.local.gateway.keys import KeysAndPlans
from crossdock.local.gateway.parts import ApiParts
from crossdock.local.gateway.state import Deployment, Method, Resource, RestApi, Stage, State, new_id
from crossdock.local.world import World

_MEMBERS = ("description", "version", "apiKeySource", "endpointConfiguration", "minimumCompressionSize")
_METHOD = ("authorizerId", "requestValidatorId", "operationName", "requestParameters", "requestModels",
           "authorizationScopes")
_INTEGRATION = ("uri", "credentials", "requestTemplates", "requestParameters", "passthroughBehavior", "cacheNamespace",
                "cacheKeyParameters", "contentHandling", "timeoutInMillis", "connectionType", "connectionId",
                "tlsConfig", "responseTransferMode")
_RESPONSE = ("selectionPattern", "responseParameters", "responseTemplates", "responseModels", "contentHandling")
_STAGE = ("description", "documentationVersion", "tracingEnabled", "cacheClusterEnabled", "cacheClusterSize",
          "clientCertificateId")
AUTHORIZATIONS = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")


class APIGateway(ApiParts, KeysAndPlans, Domains, Engine):
    """REST APIs. `http` serves HTTP APIs as well: an API's identifier alone tells which it is."""

    service: ClassVar[str] = "apigateway"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()

    # -- APIs

    def create_rest_api(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        if p.get("cloneFrom"):
            raise NotEmulated("cloning of API Gateway")
        if not p.get("name"):
            raise bad_request("Invalid API name specified")
        api = self._new(call, str(p["name"]))
        api.parts.policy = policies.settled(str(p.get("policy") or ""), api)
        api.members = {name: p[name] for name in _MEMBERS if p.get(name) is not None}
        api.binary, api.disabled = list(p.get("binaryMediaTypes") or ()), bool(p.get("disableExecuteApiEndpoint"))
        api.tags = dict(p.get("tags") or {})
        self.state.apis[api.id] = api
        return answers.api(api)

    def import_rest_api(self, call: Call) -> Mapping[str, Any]:
        document = openapi.read(call.params["body"], account=call.account, region=call.region, partition=call.partition)
        api = self._new(call, "")
        imports.load(api, document, call.params, merge=False)
        self.state.apis[api.id] = api
        return answers.api(api)

    def put_rest_api(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        document = openapi.read(call.params["body"], account=call.account, region=call.region, partition=call.partition)
        imports.load(api, document, call.params, merge=call.params.get("mode", "merge") == "merge")
        return answers.api(api)

    def get_rest_api(self, call: Call) -> Mapping[str, Any]:
        return answers.api(self._api(call))

    def get_rest_apis(self, call: Call) -> Mapping[str, Any]:
        mine = (api for api in self.state.apis.values() if (api.account, api.region) == (call.account, call.region))
        return {"items": [answers.api(api) for api in mine]}

    def update_rest_api(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        patches.each(call.params.get("patchOperations") or (), patches.to_api(api))
        return answers.api(api)

    def delete_rest_api(self, call: Call) -> Mapping[str, Any]:
        del self.state.apis[self._api(call).id]
        return {}

    # -- resources

    def get_resources(self, call: Call) -> Mapping[str, Any]:
        whole = "methods" in (call.params.get("embed") or ())
        found = sorted(self._api(call).resources.values(), key=lambda r: r.path)
        return {"items": [answers.resource(resource, methods=whole) for resource in found]}

    def get_resource(self, call: Call) -> Mapping[str, Any]:
        return answers.resource(self._resource(call), methods="methods" in (call.params.get("embed") or ()))

    def create_resource(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        parent = self._resource_of(api, str(call.params["parentId"]))
        return answers.resource(tree.add(api, parent, str(call.params["pathPart"])), methods=False)

    def delete_resource(self, call: Call) -> Mapping[str, Any]:
        tree.remove(self._api(call), self._resource(call))
        return {}

    # -- methods and integrations

    def put_method(self, call: Call) -> Mapping[str, Any]:
        p, resource = call.params, self._resource(call)
        http_method = str(p["httpMethod"]).upper()
        parts = self._api(call).parts
        if p.get("requestValidatorId") and p["requestValidatorId"] not in parts.validators:
            raise not_found("Invalid Request Validator identifier specified")
        needs = p.get("authorizationType") in ("CUSTOM", "COGNITO_USER_POOLS")
        if p.get("authorizationType") not in AUTHORIZATIONS or (
                needs and p.get("authorizerId") not in parts.authorizers):
            raise bad_request("Invalid authorization type specified. Setting the authorization type to CUSTOM or "
                              "COGNITO_USER_POOLS requires a valid authorizer.")
        if http_method in resource.methods:
            raise conflict("Method already exists for this resource")
        resource.methods[http_method] = Method(
            http_method=http_method, authorization=str(p["authorizationType"]),
            key_required=bool(p.get("apiKeyRequired")), members={n: p[n] for n in _METHOD if p.get(n) is not None})
        return answers.method(resource.methods[http_method])

    def get_method(self, call: Call) -> Mapping[str, Any]:
        return answers.method(self._method(call))

    def delete_method(self, call: Call) -> Mapping[str, Any]:
        del self._resource(call).methods[self._method(call).http_method]
        return {}

    def put_integration(self, call: Call) -> Mapping[str, Any]:
        p, method = call.params, self._method(call)
        made: dict[str, Any] = {"type": str(p.get("type", "")), "passthroughBehavior": "WHEN_NO_MATCH",
                                **{name: p[name] for name in _INTEGRATION if p.get(name) is not None}}
        if p.get("integrationHttpMethod"):
            made["httpMethod"] = p["integrationHttpMethod"]
        integrations.check(made)
        method.integration = made
        return made

    def get_integration(self, call: Call) -> Mapping[str, Any]:
        return self._integration(call)

    def delete_integration(self, call: Call) -> Mapping[str, Any]:
        self._integration(call)
        self._method(call).integration = None
        return {}

    def put_method_response(self, call: Call) -> Mapping[str, Any]:
        method, code = self._method(call), str(call.params["statusCode"])
        method.responses[code] = {"statusCode": code, **_given(call, _RESPONSE)}
        return method.responses[code]

    def put_integration_response(self, call: Call) -> Mapping[str, Any]:
        code = str(call.params["statusCode"])
        integration = self._integration(call)
        if code not in self._method(call).responses:
            raise not_found("Invalid Response status code specified")
        made = {"statusCode": code, **_given(call, _RESPONSE)}
        integration.setdefault("integrationResponses", {})[code] = made
        return made

    # -- deployments and stages

    def create_deployment(self, call: Call) -> Mapping[str, Any]:
        p, api = call.params, self._api(call)
        if p.get("canarySettings"):
            raise NotEmulated("canaries of API Gateway")
        methods = [method for resource in api.resources.values() for method in resource.methods.values()]
        if not methods:
            raise bad_request("The REST API doesn't contain any methods")
        if any(method.integration is None for method in methods):
            raise bad_request("No integration defined for method")
        made = Deployment(
            id=new_id(api.deployments, 6), description=str(p.get("description") or ""), created=datetime.now(UTC),
            resources=copy.deepcopy(api.resources), binary=tuple(api.binary),
            parts=copy.deepcopy(api.parts))
        api.deployments[made.id] = made
        if p.get("stageName"):
            name = str(p["stageName"])
            stage = api.stages.setdefault(name, Stage(name=name, deployment=made.id))
            stage.deployment, stage.updated = made.id, datetime.now(UTC)
            stage.variables |= p.get("variables") or {}
            if p.get("stageDescription"):
                stage.members["description"] = p["stageDescription"]
        return answers.deployment(made)

    def get_deployment(self, call: Call) -> Mapping[str, Any]:
        return answers.deployment(self._deployment(call), summary="apisummary" in (call.params.get("embed") or ()))

    def get_deployments(self, call: Call) -> Mapping[str, Any]:
        return {"items": [answers.deployment(found) for found in self._api(call).deployments.values()]}

    def update_deployment(self, call: Call) -> Mapping[str, Any]:
        api, found = self._api(call), self._deployment(call)

        def apply(_: str, path: tuple[str, ...], value: str) -> bool:
            if path == ("description",):
                api.deployments[found.id] = replace(found, description=value)
            return path == ("description",)

        patches.each(call.params.get("patchOperations") or (), apply)
        return answers.deployment(api.deployments[found.id])

    def delete_deployment(self, call: Call) -> Mapping[str, Any]:
        api, found = self._api(call), self._deployment(call)
        if any(stage.deployment == found.id for stage in api.stages.values()):
            raise bad_request("Active stages pointing to this deployment must be moved or deleted")
        del api.deployments[found.id]
        return {}

    def create_stage(self, call: Call) -> Mapping[str, Any]:
        p, api, name = call.params, self._api(call), str(call.params["stageName"])
        if p.get("canarySettings"):
            raise NotEmulated("canaries of API Gateway")
        if name in api.stages:
            raise conflict("Stage already exists")
        if not name.replace("-", "").replace("_", "").isalnum():
            raise bad_request("Stage name only allows a-zA-Z0-9_-")
        stage = Stage(name=name, deployment=self._deployment(call).id, variables=dict(p.get("variables") or {}),
                      tags=dict(p.get("tags") or {}),
                      members=_given(call, _STAGE))
        api.stages[name] = stage
        return answers.stage(stage)

    def get_stage(self, call: Call) -> Mapping[str, Any]:
        return answers.stage(self._stage(call))

    def get_stages(self, call: Call) -> Mapping[str, Any]:
        wanted = call.params.get("deploymentId")
        found = (stage for stage in self._api(call).stages.values() if not wanted or stage.deployment == wanted)
        return {"item": [answers.stage(stage) for stage in found]}

    def update_stage(self, call: Call) -> Mapping[str, Any]:
        api, stage = self._api(call), self._stage(call)
        patches.each(call.params.get("patchOperations") or (), patches.to_stage(api, stage))
        stage.updated = datetime.now(UTC)
        if log := (stage.members.get("accessLogSettings") or {}).get("destinationArn"):
            self.world.substitution(f"stage {stage.name} of API {api.name} writes no access log to {log}")
        return answers.stage(stage)

    def delete_stage(self, call: Call) -> Mapping[str, Any]:
        del self._api(call).stages[self._stage(call).name]
        return {}

    # -- account and tags

    def get_account(self, call: Call) -> Mapping[str, Any]:
        role = self.state.log_roles.get((call.account, call.region))
        return {"cloudwatchRoleArn": role, "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
                "features": ["UsagePlans"], "apiKeyVersion": "4"}

    def update_account(self, call: Call) -> Mapping[str, Any]:
        def apply(_: str, path: tuple[str, ...], value: str) -> bool:
            if path == ("cloudwatchRoleArn",):
                self._log_role(call, value)
            return path == ("cloudwatchRoleArn",)

        patches.each(call.params.get("patchOperations") or (), apply)
        return self.get_account(call)

    def _log_role(self, call: Call, role: str) -> None:
        if not role:
            self.state.log_roles.pop((call.account, call.region), None)
            return
        try:
            self.world.assume(role, service="apigateway.amazonaws.com", session="check", source_account=call.account)
        except AwsError:
            raise bad_request("The role ARN does not have required permissions configured. Please grant trust "
                              "permission for API Gateway and add the required role policy.") from None
        self.state.log_roles[call.account, call.region] = role

    def get_tags(self, call: Call) -> Mapping[str, Any]:
        return {"tags": self._tagged(call)}

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        self._tagged(call).update(call.params["tags"])
        return {}

    def untag_resource(self, call: Call) -> Mapping[str, Any]:
        tags = self._tagged(call)
        for key in call.params["tagKeys"]:
            tags.pop(key, None)
        return {}

    def resource_policy(self, arn: str) -> str | None:
        """The policy of the REST API that an `execute-api` ARN is below."""
        api = self.state.apis.get(arn.split(":", 5)[5].partition("/")[0])
        return api.parts.policy or None if api is not None else None

    def tags(self, arn: str) -> Mapping[str, str]:
        """ARNs of HTTP APIs name this service too."""
        if "::/apis/" in arn:
            return self.world.engine("apigatewayv2").tags(arn)
        return self._tags_of(arn) or {}

    # -- requests

    def http(self, request: HttpRequest) -> HttpResponse:
        name, slash, rest = request.path.lstrip("/").partition("/")
        api = self.state.apis.get(name)
        if api is not None:
            return serving.serve(self.world, self.state, api, request, slash + rest)
        try:
            other = self.world.engine("apigatewayv2")
        except KeyError:
            return message(403, "Forbidden", kind="ForbiddenException")
        return other.http(request)

    # -- helpers

    def _new(self, call: Call, name: str) -> RestApi:
        api = RestApi(id=new_id(self.state.apis), account=call.account, region=call.region, partition=call.partition,
                      name=name)
        root = Resource(id=new_id(), path="/")
        api.resources[root.id] = root
        return api

    def _api(self, call: Call) -> RestApi:
        api = self.state.apis.get(str(call.params["restApiId"]))
        if api is None or (api.account, api.region) != (call.account, call.region):
            raise not_found("Invalid API identifier specified " + f"{call.account}:{call.params['restApiId']}")
        return api

    def _resource(self, call: Call) -> Resource:
        return self._resource_of(self._api(call), str(call.params["resourceId"]))

    def _resource_of(self, api: RestApi, id_: str) -> Resource:
        if id_ not in api.resources:
            raise not_found("Invalid Resource identifier specified")
        return api.resources[id_]

    def _method(self, call: Call) -> Method:
        found = self._resource(call).methods.get(str(call.params["httpMethod"]).upper())
        if found is None:
            raise not_found("Invalid Method identifier specified")
        return found

    def _integration(self, call: Call) -> dict[str, Any]:
        found = self._method(call).integration
        if found is None:
            raise not_found("Invalid Integration identifier specified")
        return found

    def _deployment(self, call: Call) -> Deployment:
        found = self._api(call).deployments.get(str(call.params.get("deploymentId")))
        if found is None:
            raise not_found("Invalid Deployment identifier specified")
        return found

    def _stage(self, call: Call) -> Stage:
        found = self._api(call).stages.get(str(call.params["stageName"]))
        if found is None:
            raise not_found("Invalid stage identifier specified")
        return found

    def _tagged(self, call: Call) -> dict[str, str]:
        arn = str(call.params["resourceArn"])
        found = self._tags_of(arn, call)
        if found is None:
            raise not_found("Invalid resource ARN specified in the request")
        return found

    def _tags_of(self, arn: str, call: Call | None = None) -> dict[str, str] | None:
        held: Any = None
        tags: dict[str, str] | None = None
        match arn.partition("::/")[2].split("/"):
            case ["restapis", api, "stages", stage] if api in self.state.apis and stage in self.state.apis[api].stages:
                held, tags = self.state.apis[api], self.state.apis[api].stages[stage].tags
            case ["restapis", api, *_] if api in self.state.apis:
                held = self.state.apis[api]
            case ["apikeys", key] if key in self.state.keys:
                held = self.state.keys[key]
            case ["usageplans", plan] if plan in self.state.plans:
                held = self.state.plans[plan]
            case ["vpclinks", link] if link in self.state.links:
                held = self.state.links[link]
            case ["domainnames", name]:
                held = next((one for one in self.state.domains.values() if one.name == name), None)
        if held is None or (call is not None and held.account != call.account):
            return None
        return tags if tags is not None else dict[str, str](held.tags) if call is None else held.tags


def _given(call: Call, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: call.params[name] for name in names if call.params.get(name) is not None}
