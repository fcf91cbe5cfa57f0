"""Custom domain names, their mappings, VPC links, client certificates: kept. No request comes by them here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.engine import Call
from crossdock.local.gateway import patches
from crossdock.local.gateway.errors import bad_request, conflict, not_found
from crossdock.local.gateway.state import Domain, Kept, State, new_id
from crossdock.local.world import World

_DOMAIN = ("certificateName", "certificateArn", "regionalCertificateName", "regionalCertificateArn",
           "endpointConfiguration", "securityPolicy", "mutualTlsAuthentication", "ownershipVerificationCertificateArn",
           "policy", "routingMode", "endpointAccessMode")
NO_PATH = "(none)"


class Domains:
    """Operations of the engine about them."""

    state: State
    world: World

    def create_domain_name(self, call: Call) -> Mapping[str, Any]:
        p, key = call.params, (call.account, call.region, str(call.params["domainName"]))
        if any(name == key[2] for _, _, name in self.state.domains):
            raise conflict(f"The domain name you provided already exists: {key[2]}")
        if not (p.get("certificateArn") or p.get("regionalCertificateArn") or p.get("certificateName")
                or p.get("regionalCertificateName")):
            raise bad_request("A certificate was not provided for the endpoint type EDGE.")
        made = Domain(name=key[2], account=call.account, region=call.region, tags=dict(p.get("tags") or {}),
                      members={name: p[name] for name in _DOMAIN if p.get(name) is not None})
        made.members.setdefault("endpointConfiguration", {"types": ["EDGE"]})
        self.state.domains[key] = made
        self.world.substitution(f"the domain name {made.name} is kept; no request comes by it here")
        return shown(made)

    def get_domain_name(self, call: Call) -> Mapping[str, Any]:
        return shown(self.domain(call, str(call.params["domainName"])))

    def get_domain_names(self, call: Call) -> Mapping[str, Any]:
        return {"items": [shown(one) for (account, region, _), one in self.state.domains.items()
                          if (account, region) == (call.account, call.region)]}

    def update_domain_name(self, call: Call) -> Mapping[str, Any]:
        found = self.domain(call, str(call.params["domainName"]))

        def apply(op: str, path: tuple[str, ...], value: str) -> bool:
            match path:
                case ("endpointConfiguration", "types", *_):
                    found.members["endpointConfiguration"] = {"types": [value]}
                case ("mutualTlsAuthentication", name):
                    found.members.setdefault("mutualTlsAuthentication", {})[name] = value
                case (name,) if name in _DOMAIN:
                    found.members.pop(name, None)
                    if op != "remove" and value:
                        found.members[name] = value
                case _:
                    return False
            return True

        patches.each(call.params.get("patchOperations") or (), apply)
        return shown(found)

    def delete_domain_name(self, call: Call) -> Mapping[str, Any]:
        found = self.domain(call, str(call.params["domainName"]))
        del self.state.domains[found.account, found.region, found.name]
        return {}

    # -- base path mappings

    def create_base_path_mapping(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        found = self.domain(call, str(p["domainName"]))
        path = str(p.get("basePath") or NO_PATH)
        if path in found.mappings:
            raise conflict("Base path already exists for this domain name")
        api = self.state.apis.get(str(p["restApiId"]))
        if api is None or api.account != call.account:
            raise bad_request("Invalid REST API identifier specified")
        if p.get("stage") and p["stage"] not in api.stages:
            raise bad_request("Invalid stage identifier specified")
        found.mappings[path] = {"basePath": path, "restApiId": api.id, "stage": p.get("stage")}
        return found.mappings[path]

    def get_base_path_mapping(self, call: Call) -> Mapping[str, Any]:
        return self._mapping(call)

    def get_base_path_mappings(self, call: Call) -> Mapping[str, Any]:
        found = self.domain(call, str(call.params["domainName"]))
        return {"items": [one for one in found.mappings.values() if "restApiId" in one]}

    def update_base_path_mapping(self, call: Call) -> Mapping[str, Any]:
        found = self._mapping(call)
        before = str(found["basePath"])
        patches.each(call.params.get("patchOperations") or (), patches.to_members(
            found, texts=("basePath", "restApiId", "stage", "restapiId")))
        domain = self.domain(call, str(call.params["domainName"]))
        domain.mappings[str(found["basePath"])] = domain.mappings.pop(before)
        return found

    def delete_base_path_mapping(self, call: Call) -> Mapping[str, Any]:
        found = self._mapping(call)
        del self.domain(call, str(call.params["domainName"])).mappings[str(found["basePath"])]
        return {}

    def domain(self, call: Call, name: str) -> Domain:
        found = self.state.domains.get((call.account, call.region, name))
        if found is None:
            raise not_found("Invalid domain name identifier specified")
        return found

    def _mapping(self, call: Call) -> dict[str, Any]:
        found = self.domain(call, str(call.params["domainName"])).mappings.get(str(call.params["basePath"]))
        if found is None or "restApiId" not in found:
            raise not_found("Invalid base path mapping identifier specified")
        return found

    # -- VPC links

    def create_vpc_link(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        targets = list(p.get("targetArns") or ())
        if len(targets) != 1 or ":loadbalancer/" not in str(targets[0]):
            raise bad_request("A VPC link needs the ARN of one network load balancer")
        made = Kept(id=new_id(self.state.links), account=call.account, region=call.region,
                    tags=dict(p.get("tags") or {}),
                    members={"name": p["name"], "description": p.get("description"), "targetArns": targets})
        self.state.links[made.id] = made
        return _link(made)

    def get_vpc_link(self, call: Call) -> Mapping[str, Any]:
        return _link(self._link(call))

    def get_vpc_links(self, call: Call) -> Mapping[str, Any]:
        return {"items": [_link(one) for one in self.state.links.values()
                          if (one.account, one.region) == (call.account, call.region)]}

    def update_vpc_link(self, call: Call) -> Mapping[str, Any]:
        found = self._link(call)
        patches.each(call.params.get("patchOperations") or (),
                     patches.to_members(found.members, texts=("name", "description")))
        return _link(found)

    def delete_vpc_link(self, call: Call) -> Mapping[str, Any]:
        found = self._link(call)
        for api in self.state.apis.values():
            for resource in api.resources.values():
                for method in resource.methods.values():
                    if (method.integration or {}).get("connectionId") == found.id:
                        raise bad_request("Cannot delete vpc link. Vpc link '" + found.id + "', is referenced in "
                                          f"[Method:{method.http_method} resource:{resource.path}]")
        del self.state.links[found.id]
        return {}

    def _link(self, call: Call) -> Kept:
        found = self.state.links.get(str(call.params["vpcLinkId"]))
        if found is None or (found.account, found.region) != (call.account, call.region):
            raise not_found("VpcLink not found")
        return found


def shown(found: Domain) -> dict[str, Any]:
    """A domain name as the API of REST APIs shows it."""
    made: dict[str, Any] = {"domainName": found.name, "domainNameStatus": "AVAILABLE", "tags": found.tags,
                            **found.members}
    types = found.members.get("endpointConfiguration", {}).get("types", ["EDGE"])
    if "EDGE" in types:
        made |= {"distributionDomainName": f"d{found.label}abc.cloudfront.net",
                 "distributionHostedZoneId": "Z2FDTNDATAQYW2",
                 "certificateUploadDate": datetime.now(UTC).replace(microsecond=0)}
    if "REGIONAL" in types:
        made |= {"regionalDomainName": f"d-{found.label}.execute-api.{found.region}.amazonaws.com",
                 "regionalHostedZoneId": "Z1UJRXOUMOOFQ8"}
    return made


def _link(found: Kept) -> dict[str, Any]:
    return {"id": found.id, **found.members, "status": "AVAILABLE", "tags": found.tags}


