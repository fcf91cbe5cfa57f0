"""API keys and usage plans: who may use a stage that asks for a key.

API Gateway Developer Guide, "Usage plans and API keys for REST APIs". Throttling and quotas are kept, not counted;
stage keys (CreateApiKey API: "DEPRECATED FOR USAGE PLANS") are kept and open nothing.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.engine import Call
from crossdock.local.gateway import patches
from crossdock.local.gateway.errors import bad_request, conflict, not_found
from crossdock.local.gateway.state import ApiKey, State, UsagePlan, new_id

_LETTERS = string.ascii_letters + string.digits


def admitted(state: State, value: str, *, api: str, stage: str) -> ApiKey | None:
    """The enabled key of this value, where a plan gives it this stage; None otherwise."""
    for plan in state.plans.values():
        if (api, stage) not in plan.stages:
            continue
        for key in (state.keys[id_] for id_ in plan.keys if id_ in state.keys):
            if secrets.compare_digest(key.value.encode(), value.encode()) and key.members.get("enabled"):
                return key
    return None


class KeysAndPlans:
    """Operations of the engine about keys and plans."""

    state: State

    def create_api_key(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        value = str(p.get("value") or "".join(secrets.choice(_LETTERS) for _ in range(40)))
        if not 20 <= len(value) <= 128:
            raise bad_request("API Key value should be at least 20 characters")
        if any(key.value == value for key in self.state.keys.values()):
            raise conflict("API Key already exists")
        made = ApiKey(
            id=new_id(self.state.keys), account=call.account, region=call.region, value=value,
            members={"name": p.get("name") or "", "description": p.get("description"),
                     "customerId": p.get("customerId"), "enabled": bool(p.get("enabled")),
                     "stageKeys": [f"{one['restApiId']}/{one['stageName']}" for one in p.get("stageKeys") or ()]},
            tags=dict(p.get("tags") or {}))
        self.state.keys[made.id] = made
        return _key(made, value=True)

    def get_api_key(self, call: Call) -> Mapping[str, Any]:
        return _key(self._key(call), value=bool(call.params.get("includeValue")))

    def get_api_keys(self, call: Call) -> Mapping[str, Any]:
        value, wanted = bool(call.params.get("includeValues")), call.params.get("nameQuery")
        mine = [key for key in self.state.keys.values() if (key.account, key.region) == (call.account, call.region)]
        return {"items": [_key(key, value=value) for key in mine
                          if not wanted or str(key.members["name"]).startswith(str(wanted))]}

    def update_api_key(self, call: Call) -> Mapping[str, Any]:
        key = self._key(call)
        patches.each(call.params.get("patchOperations") or (),
                     patches.to_members(key.members, texts=("name", "description", "customerId"), truths=("enabled",)))
        key.updated = datetime.now(UTC)
        return _key(key, value=False)

    def delete_api_key(self, call: Call) -> Mapping[str, Any]:
        key = self._key(call)
        for plan in self.state.plans.values():
            if key.id in plan.keys:
                plan.keys.remove(key.id)
        del self.state.keys[key.id]
        return {}

    # -- plans

    def create_usage_plan(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        plan = UsagePlan(
            id=new_id(self.state.plans, 6), account=call.account, region=call.region, tags=dict(p.get("tags") or {}),
            members={name: p[name] for name in ("name", "description", "throttle", "quota") if p.get(name)})
        for stage in p.get("apiStages") or ():
            where = self._known_stage(call, f"{stage['apiId']}:{stage['stage']}")
            plan.stages[where] = dict(stage.get("throttle") or {})
        self.state.plans[plan.id] = plan
        return _plan(plan)

    def get_usage_plan(self, call: Call) -> Mapping[str, Any]:
        return _plan(self._plan(call))

    def get_usage_plans(self, call: Call) -> Mapping[str, Any]:
        here = (call.account, call.region)
        mine = (plan for plan in self.state.plans.values() if (plan.account, plan.region) == here)
        wanted = call.params.get("keyId")
        return {"items": [_plan(plan) for plan in mine if not wanted or wanted in plan.keys]}

    def update_usage_plan(self, call: Call) -> Mapping[str, Any]:
        plan = self._plan(call)

        def apply(op: str, path: tuple[str, ...], value: str) -> bool:
            match path:
                case ("name" | "description" as name,):
                    plan.members[name] = value
                case ("throttle" | "quota" as name,) if op == "remove":
                    plan.members.pop(name, None)
                case ("throttle" | "quota" as name, what):
                    held = plan.members.setdefault(name, {})
                    held[what] = value if what == "period" else float(value) if what == "rateLimit" else int(value)
                case ("apiStages",) if op == "add":
                    plan.stages[self._known_stage(call, value)] = {}
                case ("apiStages",) if op == "remove":
                    plan.stages.pop(_pair(value), None)
                case ("apiStages", stage, "throttle", *rest) if _pair(stage) in plan.stages:
                    patches.throttle(plan.stages[_pair(stage)], op, rest, value)
                case _:
                    return False
            return True

        patches.each(call.params.get("patchOperations") or (), apply)
        return _plan(plan)

    def delete_usage_plan(self, call: Call) -> Mapping[str, Any]:
        plan = self._plan(call)
        if plan.stages:
            first = ":".join(next(iter(plan.stages)))
            raise bad_request(f"Cannot delete Usage Plan. Please delete the API stage {first} from the plan first")
        del self.state.plans[plan.id]
        return {}

    def create_usage_plan_key(self, call: Call) -> Mapping[str, Any]:
        plan, id_ = self._plan(call), str(call.params["keyId"])
        if call.params.get("keyType") != "API_KEY":
            raise bad_request("Invalid key type specified")
        key = self.state.keys.get(id_)
        if key is None or key.account != call.account:
            raise not_found("Invalid API Key identifier specified")
        if id_ in plan.keys:
            raise conflict(f"Usage Plan {plan.id} already has API Key {id_}")
        if taken := [other for other in self.state.plans.values() if id_ in other.keys
                     and other.stages.keys() & plan.stages.keys()]:
            api, stage = next(iter(taken[0].stages.keys() & plan.stages.keys()))
            raise conflict(f"API Key {id_} cannot be added to multiple Usage Plans with the API stage {api}:{stage}")
        plan.keys.append(id_)
        return _plan_key(key)

    def get_usage_plan_key(self, call: Call) -> Mapping[str, Any]:
        plan, id_ = self._plan(call), str(call.params["keyId"])
        if id_ not in plan.keys:
            raise not_found("Invalid Usage Plan ID specified")
        return _plan_key(self.state.keys[id_])

    def get_usage_plan_keys(self, call: Call) -> Mapping[str, Any]:
        return {"items": [_plan_key(self.state.keys[id_]) for id_ in self._plan(call).keys if id_ in self.state.keys]}

    def delete_usage_plan_key(self, call: Call) -> Mapping[str, Any]:
        plan, id_ = self._plan(call), str(call.params["keyId"])
        if id_ not in plan.keys:
            raise not_found("Invalid Usage Plan ID specified")
        plan.keys.remove(id_)
        return {}

    # -- helpers

    def _key(self, call: Call) -> ApiKey:
        found = self.state.keys.get(str(call.params["apiKey"]))
        if found is None or (found.account, found.region) != (call.account, call.region):
            raise not_found("Invalid API Key identifier specified")
        return found

    def _plan(self, call: Call) -> UsagePlan:
        found = self.state.plans.get(str(call.params["usagePlanId"]))
        if found is None or (found.account, found.region) != (call.account, call.region):
            raise not_found("Invalid Usage Plan ID specified")
        return found

    def _known_stage(self, call: Call, pair: str) -> tuple[str, str]:
        api, stage = _pair(pair)
        found = self.state.apis.get(api)
        if found is None or found.account != call.account or stage not in found.stages:
            raise not_found(f"API Stage not found: {pair}")
        return api, stage


def _pair(text: str) -> tuple[str, str]:
    api, _, stage = text.partition(":")
    return api, stage


def _key(key: ApiKey, *, value: bool) -> dict[str, Any]:
    return {"id": key.id, **key.members, "createdDate": key.created, "lastUpdatedDate": key.updated,
            "tags": key.tags, **({"value": key.value} if value else {})}


def _plan(plan: UsagePlan) -> dict[str, Any]:
    stages = [{"apiId": api, "stage": stage, "throttle": throttle} for (api, stage), throttle in plan.stages.items()]
    return {"id": plan.id, **plan.members, "apiStages": stages, "tags": plan.tags}


def _plan_key(key: ApiKey) -> dict[str, Any]:
    return {"id": key.id, "type": "API_KEY", "value": key.value, "name": key.members["name"]}
