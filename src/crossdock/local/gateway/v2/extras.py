"""Operations of the engine about authorizers, domain names and their mappings, VPC links, and what is kept of
WebSocket APIs: models, route and integration responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import Call
from crossdock.local.gateway.errors import bad_request, conflict, not_found
from crossdock.local.gateway.state import Domain, Kept, new_id
from crossdock.local.gateway.v2 import parts
from crossdock.local.gateway.v2.state import Authorizer, HttpApi
from crossdock.local.world import World

if TYPE_CHECKING:
    from crossdock.local.gateway.engine import APIGateway

_LINK = ("Name", "SubnetIds", "SecurityGroupIds")
_DOMAIN = ("DomainNameConfigurations", "MutualTlsAuthentication", "RoutingMode")
ROOT = "(none)"


class Extras:
    """Domain names are one set with those of REST APIs."""

    state: dict[str, HttpApi]
    world: World

    def _api(self, call: Call) -> HttpApi:
        raise NotImplementedError

    def _deploy(self, api: HttpApi) -> None:
        raise NotImplementedError

    @property
    def _rest(self) -> APIGateway:
        found: Any = self.world.engine("apigateway")
        return found  # type: ignore[no-any-return]

    # -- authorizers

    def create_authorizer(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        return self._put_authorizer(api, parts.authorizer(api, new_id(api.authorizers, 6), call.params))

    def update_authorizer(self, call: Call) -> Mapping[str, Any]:
        api, old = self._api(call), self._authorizer(call)
        return self._put_authorizer(api, parts.authorizer(api, old.id, {**_authorizer(old), **call.params}))

    def _put_authorizer(self, api: HttpApi, made: Authorizer) -> Mapping[str, Any]:
        api.authorizers[made.id] = made
        self._deploy(api)
        return _authorizer(made)

    def get_authorizer(self, call: Call) -> Mapping[str, Any]:
        return _authorizer(self._authorizer(call))

    def get_authorizers(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_authorizer(one) for one in self._api(call).authorizers.values()]}

    def delete_authorizer(self, call: Call) -> Mapping[str, Any]:
        api, found = self._api(call), self._authorizer(call)
        if users := [route.key for route in api.routes.values() if route.members.get("AuthorizerId") == found.id]:
            raise conflict(f"Cannot delete Authorizer '{found.id}' when Route '{users[0]}' is using it.")
        del api.authorizers[found.id]
        return {}

    def _authorizer(self, call: Call) -> Authorizer:
        found = self._api(call).authorizers.get(str(call.params["AuthorizerId"]))
        if found is None:
            raise not_found(f"Unable to find Authorizer by id {call.params['AuthorizerId']}")
        return found

    # -- what is kept of WebSocket APIs

    def create_model(self, call: Call) -> Mapping[str, Any]:
        return self._keep(call, "Model", "ModelId", ("Name", "ContentType", "Description", "Schema"))

    def update_model(self, call: Call) -> Mapping[str, Any]:
        return self._change(call, "Model", "ModelId")

    def get_model(self, call: Call) -> Mapping[str, Any]:
        return self._kept(call, "Model", "ModelId")

    def get_models(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [one for (kind, _), one in self._api(call).others.items() if kind == "Model"]}

    def delete_model(self, call: Call) -> Mapping[str, Any]:
        return self._drop(call, "Model", "ModelId")

    def create_route_response(self, call: Call) -> Mapping[str, Any]:
        return self._keep(call, "RouteResponse", "RouteResponseId", (
            "RouteId", "RouteResponseKey", "ModelSelectionExpression", "ResponseModels", "ResponseParameters"))

    def update_route_response(self, call: Call) -> Mapping[str, Any]:
        return self._change(call, "RouteResponse", "RouteResponseId")

    def get_route_response(self, call: Call) -> Mapping[str, Any]:
        return self._kept(call, "RouteResponse", "RouteResponseId")

    def delete_route_response(self, call: Call) -> Mapping[str, Any]:
        return self._drop(call, "RouteResponse", "RouteResponseId")

    def create_integration_response(self, call: Call) -> Mapping[str, Any]:
        return self._keep(call, "IntegrationResponse", "IntegrationResponseId", (
            "IntegrationId", "IntegrationResponseKey", "TemplateSelectionExpression", "ContentHandlingStrategy",
            "ResponseTemplates", "ResponseParameters"))

    def update_integration_response(self, call: Call) -> Mapping[str, Any]:
        return self._change(call, "IntegrationResponse", "IntegrationResponseId")

    def get_integration_response(self, call: Call) -> Mapping[str, Any]:
        return self._kept(call, "IntegrationResponse", "IntegrationResponseId")

    def delete_integration_response(self, call: Call) -> Mapping[str, Any]:
        return self._drop(call, "IntegrationResponse", "IntegrationResponseId")

    def _keep(self, call: Call, kind: str, key: str, names: tuple[str, ...]) -> Mapping[str, Any]:
        api = self._api(call)
        if kind != "Model" and api.protocol != "WEBSOCKET":
            raise bad_request(f"{kind}s are not supported for HTTP protocol Apis")
        for owner, held in (("RouteId", api.routes), ("IntegrationId", api.integrations)):
            if owner in names and call.params.get(owner) not in held:
                raise not_found(f"Unable to find {owner.removesuffix('Id')} by id {call.params.get(owner)}")
        made = {name: call.params[name] for name in names if call.params.get(name) is not None}
        made[key] = new_id((), 6)
        api.others[kind, made[key]] = made
        return made

    def _kept(self, call: Call, kind: str, key: str) -> dict[str, Any]:
        found = self._api(call).others.get((kind, str(call.params[key])))
        owners = ("RouteId", "IntegrationId")
        if found is None or any(name in call.params and found.get(name) != call.params[name] for name in owners):
            raise not_found(f"Unable to find {kind} by id {call.params[key]}")
        return found

    def _change(self, call: Call, kind: str, key: str) -> Mapping[str, Any]:
        found = self._kept(call, kind, key)
        found.update({name: value for name, value in call.params.items() if name != "ApiId" and value is not None})
        return found

    def _drop(self, call: Call, kind: str, key: str) -> Mapping[str, Any]:
        self._kept(call, kind, key)
        del self._api(call).others[kind, str(call.params[key])]
        return {}

    # -- domain names and mappings

    def create_domain_name(self, call: Call) -> Mapping[str, Any]:
        p, domains = call.params, self._rest.state.domains
        key = (call.account, call.region, str(p["DomainName"]))
        if any(name == key[2] for _, _, name in domains):
            raise conflict(f"The domain name you provided already exists: {key[2]}")
        if not p.get("DomainNameConfigurations"):
            raise bad_request("DomainNameConfigurations is required")
        made = Domain(name=key[2], account=call.account, region=call.region, tags=dict(p.get("Tags") or {}),
                      members={name: p[name] for name in _DOMAIN if p.get(name) is not None})
        made.members["endpointConfiguration"] = {"types": ["REGIONAL"]}
        domains[key] = made
        self.world.substitution(f"the domain name {made.name} is kept; no request comes by it here")
        return _domain(made)

    def get_domain_name(self, call: Call) -> Mapping[str, Any]:
        return _domain(self._domain(call))

    def get_domain_names(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_domain(one) for (account, region, _), one in self._rest.state.domains.items()
                          if (account, region) == (call.account, call.region)]}

    def update_domain_name(self, call: Call) -> Mapping[str, Any]:
        found = self._domain(call)
        found.members |= {name: call.params[name] for name in _DOMAIN if call.params.get(name) is not None}
        return _domain(found)

    def delete_domain_name(self, call: Call) -> Mapping[str, Any]:
        found = self._domain(call)
        del self._rest.state.domains[found.account, found.region, found.name]
        return {}

    def _domain(self, call: Call) -> Domain:
        return self._rest.domain(call, str(call.params["DomainName"]))

    def create_api_mapping(self, call: Call) -> Mapping[str, Any]:
        p, found = call.params, self._domain(call)
        self._stage_there(call)
        path = str(p.get("ApiMappingKey") or ROOT)
        if path in found.mappings:
            raise conflict(f"ApiMapping key {path} already exists for this domain name")
        made = {"ApiId": p["ApiId"], "Stage": p["Stage"], "ApiMappingKey": p.get("ApiMappingKey") or "",
                "ApiMappingId": new_id((), 6)}
        found.mappings[path] = made
        return made

    def _stage_there(self, call: Call) -> None:
        api, stage = str(call.params["ApiId"]), str(call.params["Stage"])
        held = self.state.get(api) or self._rest.state.apis.get(api)
        if held is None or held.account != call.account:
            raise not_found(f"Invalid API identifier specified {call.account}:{api}")
        if stage not in held.stages:
            raise bad_request("Invalid stage identifier specified")

    def get_api_mapping(self, call: Call) -> Mapping[str, Any]:
        return self._mapping(call)[1]

    def get_api_mappings(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [one for one in self._domain(call).mappings.values() if "ApiMappingId" in one]}

    def update_api_mapping(self, call: Call) -> Mapping[str, Any]:
        path, found = self._mapping(call)
        found.update({name: call.params[name] for name in ("ApiId", "Stage", "ApiMappingKey")
                      if call.params.get(name) is not None})
        mappings = self._domain(call).mappings
        mappings[str(found["ApiMappingKey"] or ROOT)] = mappings.pop(path)
        return found

    def delete_api_mapping(self, call: Call) -> Mapping[str, Any]:
        del self._domain(call).mappings[self._mapping(call)[0]]
        return {}

    def _mapping(self, call: Call) -> tuple[str, dict[str, Any]]:
        for path, one in self._domain(call).mappings.items():
            if one.get("ApiMappingId") == call.params["ApiMappingId"]:
                return path, one
        raise not_found("The resource specified in the request was not found.")

    # -- VPC links

    def create_vpc_link(self, call: Call) -> Mapping[str, Any]:
        links = self._rest.state.links
        made = Kept(id=new_id(links, 6), account=call.account, region=call.region,
                    tags=dict(call.params.get("Tags") or {}),
                    members={name: call.params[name] for name in _LINK if call.params.get(name) is not None})
        made.members.setdefault("SecurityGroupIds", [])
        links[made.id] = made
        return _link(made)

    def get_vpc_link(self, call: Call) -> Mapping[str, Any]:
        return _link(self._link(call))

    def get_vpc_links(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_link(one) for one in self._rest.state.links.values()
                          if (one.account, one.region) == (call.account, call.region) and "SubnetIds" in one.members]}

    def update_vpc_link(self, call: Call) -> Mapping[str, Any]:
        found = self._link(call)
        found.members["Name"] = call.params.get("Name") or found.members["Name"]
        return _link(found)

    def delete_vpc_link(self, call: Call) -> Mapping[str, Any]:
        found = self._link(call)
        for api in self.state.values():
            if any(one.connection == found.id for one in api.integrations.values()):
                raise bad_request(f"Cannot delete vpc link. Vpc link '{found.id}', is referenced in API {api.id}")
        del self._rest.state.links[found.id]
        return {}

    def _link(self, call: Call) -> Kept:
        found = self._rest.state.links.get(str(call.params["VpcLinkId"]))
        if found is None or (found.account, found.region) != (call.account, call.region):
            raise not_found(f"VpcLink '{call.params['VpcLinkId']}' not found")
        return found


def _authorizer(found: Authorizer) -> dict[str, Any]:
    return {"AuthorizerId": found.id, "Name": found.name, "AuthorizerType": found.kind, **found.members}


def _domain(found: Domain) -> dict[str, Any]:
    configurations = [
        {"EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2", "DomainNameStatus": "AVAILABLE",
         "ApiGatewayDomainName": f"d-{found.label}.execute-api.{found.region}.amazonaws.com",
         "HostedZoneId": "Z1UJRXOUMOOFQ8", **one}
        for one in found.members.get("DomainNameConfigurations") or [{}]]
    return {"DomainName": found.name, "DomainNameConfigurations": configurations, "Tags": found.tags,
            "ApiMappingSelectionExpression": "$request.basepath"}


def _link(found: Kept) -> dict[str, Any]:
    return {"VpcLinkId": found.id, **found.members, "VpcLinkStatus": "AVAILABLE", "VpcLinkVersion": "V2",
            "Tags": found.tags}
