"""What methods of a REST API refer to: authorizers, models, request validators, gateway responses; its policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import Call
from crossdock.local.gateway import integrations, patches, refusals, validation
from crossdock.local.gateway.errors import bad_request, conflict, not_found
from crossdock.local.gateway.state import Authorizer, RestApi, new_id

_AUTHORIZER = ("providerARNs", "authType", "authorizerUri", "authorizerCredentials", "identitySource",
               "identityValidationExpression", "authorizerResultTtlInSeconds")
_VALIDATOR = ("name", "validateRequestBody", "validateRequestParameters")


def authorizer(id_: str, p: Mapping[str, Any]) -> Authorizer:
    """From the members of CreateAuthorizer. Raises AwsError."""
    kind, name = str(p.get("type") or ""), str(p.get("name") or "")
    members = {member: p[member] for member in _AUTHORIZER if p.get(member) is not None}
    match kind:
        case "TOKEN" | "REQUEST":
            if not members.get("authorizerUri"):
                raise bad_request("Authorizer URI is a required parameter for this authorizer type")
            integrations.function(str(members["authorizerUri"]), {})
            if kind == "TOKEN" and not members.get("identitySource"):
                raise bad_request("Identity source is a required parameter for TOKEN authorizers")
            if kind == "REQUEST" and not members.get("identitySource") and \
                    members.get("authorizerResultTtlInSeconds", 300) != 0:
                raise bad_request("Identity source is required when authorizer caching is enabled")
        case "COGNITO_USER_POOLS":
            if not members.get("providerARNs"):
                raise bad_request("Provider ARNs is a required parameter for COGNITO_USER_POOLS authorizers")
        case _:
            raise bad_request("Invalid authorizer type")
    members.setdefault("authorizerResultTtlInSeconds", 300)
    return Authorizer(id=id_, name=name, kind=kind, members=members)


class ApiParts:
    """Operations of the engine about them."""

    def _api(self, call: Call) -> RestApi:
        raise NotImplementedError

    # -- authorizers

    def create_authorizer(self, call: Call) -> Mapping[str, Any]:
        held = self._api(call).parts.authorizers
        if any(one.name == call.params.get("name") for one in held.values()):
            raise conflict(f"Authorizer name must be unique. Authorizer {call.params.get('name')} already exists in "
                           "this RestApi.")
        made = authorizer(new_id(held, 6), call.params)
        held[made.id] = made
        return shown(made)

    def get_authorizer(self, call: Call) -> Mapping[str, Any]:
        return shown(self._authorizer(call))

    def get_authorizers(self, call: Call) -> Mapping[str, Any]:
        return {"items": [shown(one) for one in self._api(call).parts.authorizers.values()]}

    def update_authorizer(self, call: Call) -> Mapping[str, Any]:
        found = self._authorizer(call)
        given: dict[str, Any] = {"name": found.name, "type": found.kind, **found.members}
        patches.each(call.params.get("patchOperations") or (), patches.to_members(
            given, texts=("name", "type", "authType", "authorizerUri", "authorizerCredentials", "identitySource",
                          "identityValidationExpression"), numbers=("authorizerResultTtlInSeconds",),
            lists=("providerARNs",)))
        made = authorizer(found.id, given)
        self._api(call).parts.authorizers[found.id] = made
        return shown(made)

    def delete_authorizer(self, call: Call) -> Mapping[str, Any]:
        api, found = self._api(call), self._authorizer(call)
        for resource in api.resources.values():
            for method in resource.methods.values():
                if method.members.get("authorizerId") == found.id:
                    raise conflict(f"Authorizer is used by method {method.http_method} of {resource.path}")
        del api.parts.authorizers[found.id]
        return {}

    def _authorizer(self, call: Call) -> Authorizer:
        found = self._api(call).parts.authorizers.get(str(call.params["authorizerId"]))
        if found is None:
            raise not_found("Invalid Authorizer identifier specified")
        return found

    # -- models

    def create_model(self, call: Call) -> Mapping[str, Any]:
        held, name = self._api(call).parts.models, str(call.params["name"])
        if name in held:
            raise conflict(f"Model name already exists for this REST API: {name}")
        if not name.isalnum():
            raise bad_request("Model name must be alphanumeric: " + name)
        held[name] = model(name, call.params, new_id((), 6))
        return held[name]

    def get_model(self, call: Call) -> Mapping[str, Any]:
        return self._model(call)

    def get_models(self, call: Call) -> Mapping[str, Any]:
        return {"items": list(self._api(call).parts.models.values())}

    def update_model(self, call: Call) -> Mapping[str, Any]:
        found = self._model(call)
        made = dict(found)
        patches.each(call.params.get("patchOperations") or (),
                     patches.to_members(made, texts=("schema", "description")))
        validation.check_schema(str(made.get("schema") or ""))
        found.update(made)
        return found

    def delete_model(self, call: Call) -> Mapping[str, Any]:
        api, name = self._api(call), str(self._model(call)["name"])
        for resource in api.resources.values():
            for method in resource.methods.values():
                if name in (method.members.get("requestModels") or {}).values():
                    raise conflict(f"Cannot delete model '{name}', is referenced in method request: "
                                   f"{resource.path}/{method.http_method}")
        del api.parts.models[name]
        return {}

    def _model(self, call: Call) -> dict[str, Any]:
        found = self._api(call).parts.models.get(str(call.params["modelName"]))
        if found is None:
            raise not_found(f"Invalid model name specified: {call.params['modelName']}")
        return found

    # -- request validators

    def create_request_validator(self, call: Call) -> Mapping[str, Any]:
        held = self._api(call).parts.validators
        made = {"id": new_id(held, 6), "validateRequestBody": False, "validateRequestParameters": False,
                **{name: call.params[name] for name in _VALIDATOR if call.params.get(name) is not None}}
        held[made["id"]] = made
        return made

    def get_request_validator(self, call: Call) -> Mapping[str, Any]:
        return self._validator(call)

    def get_request_validators(self, call: Call) -> Mapping[str, Any]:
        return {"items": list(self._api(call).parts.validators.values())}

    def update_request_validator(self, call: Call) -> Mapping[str, Any]:
        found = self._validator(call)
        patches.each(call.params.get("patchOperations") or (), patches.to_members(
            found, texts=("name",), truths=("validateRequestBody", "validateRequestParameters")))
        return found

    def delete_request_validator(self, call: Call) -> Mapping[str, Any]:
        del self._api(call).parts.validators[str(self._validator(call)["id"])]
        return {}

    def _validator(self, call: Call) -> dict[str, Any]:
        found = self._api(call).parts.validators.get(str(call.params["requestValidatorId"]))
        if found is None:
            raise not_found("Invalid Request Validator identifier specified")
        return found

    # -- gateway responses

    def put_gateway_response(self, call: Call) -> Mapping[str, Any]:
        held, kind = self._api(call).parts.responses, self._kind(call)
        held[kind] = refusals.settled(kind, call.params)
        return held[kind]

    def get_gateway_response(self, call: Call) -> Mapping[str, Any]:
        return _response(self._kind(call), self._api(call))

    def get_gateway_responses(self, call: Call) -> Mapping[str, Any]:
        api = self._api(call)
        return {"items": [_response(kind, api) for kind in refusals.TYPES]}

    def delete_gateway_response(self, call: Call) -> Mapping[str, Any]:
        if self._api(call).parts.responses.pop(self._kind(call), None) is None:
            raise not_found("Gateway response type not defined on API")
        return {}

    def _kind(self, call: Call) -> str:
        kind = str(call.params["responseType"])
        if kind not in refusals.TYPES:
            raise bad_request(f"Invalid response type {kind}")
        return kind


def _response(kind: str, api: RestApi) -> dict[str, Any]:
    status = refusals.TYPES[kind][0]
    usual = {"responseType": kind, "responseParameters": {}, "responseTemplates": dict(refusals.USUAL),
             **({"statusCode": str(status)} if status else {})}
    return {**usual, **api.parts.responses.get(kind, {}), "defaultResponse": kind not in api.parts.responses}


def model(name: str, p: Mapping[str, Any], id_: str) -> dict[str, Any]:
    """A model as the API shows it. Raises AwsError."""
    schema = str(p.get("schema") or "")
    validation.check_schema(schema)
    return {"id": id_, "name": name, "description": p.get("description"), "schema": schema,
            "contentType": str(p.get("contentType") or "application/json")}


def shown(found: Authorizer) -> dict[str, Any]:
    return {"id": found.id, "name": found.name, "type": found.kind, **found.members}
