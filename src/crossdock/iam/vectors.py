"""Decisions over a stream: one JSON record in, one decision out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.iam import grants
from crossdock.iam.compiled import Cause
from crossdock.iam.decide import decide
from crossdock.iam.decision import Decision, Leg
from crossdock.iam.in_force import Policies
from crossdock.iam.policy import Policy, parse
from crossdock.iam.request import Request
from crossdock.iam.statement import PolicyKind


def decide_line(record: Mapping[str, Any]) -> dict[str, Any]:
    """Decide one record: `{"id", "decision", "because", "missing"}`.

    record  request{principal, principal_type, principal_account, action, resource, resource_account, context},
            identity_policies[], resource_policy, permission_boundary, session_policy, scps[[...]], rcps[[...]],
            kms_grants[], unknown_keys[]; what is absent or null is none. PolicyError for a malformed policy
    """
    decision = decide(request(record["request"]), policies(record), record.get("unknown_keys") or ())
    return {"id": record.get("id"), **as_json(decision)}


def request(given: Mapping[str, Any]) -> Request:
    """The request of a record; null accounts are empty."""
    return Request(
        principal=given.get("principal"),
        principal_type=given["principal_type"],
        principal_account=given.get("principal_account"),
        action=given["action"],
        resource=given["resource"],
        resource_account=given.get("resource_account") or "",
        context=given.get("context") or {},
        session_arn=given.get("session_arn") or "",
    )


def policies(record: Mapping[str, Any]) -> Policies:
    """The policies of a record, each named by its place."""
    session = record.get("session_policy")
    return Policies(
        identity=_several(record.get("identity_policies"), PolicyKind.IDENTITY),
        resource=_one(record.get("resource_policy"), PolicyKind.RESOURCE),
        boundary=_one(record.get("permission_boundary"), PolicyKind.BOUNDARY),
        session=_several(session if isinstance(session, list) else [session] if session else [], PolicyKind.SESSION),
        scps=_levels(record.get("scps"), PolicyKind.SCP),
        rcps=_levels(record.get("rcps"), PolicyKind.RCP),
        grants=tuple(grants.from_api(g, f"grant {i + 1}") for i, g in enumerate(record.get("kms_grants") or ())),
    )


def _one(document: Any, kind: PolicyKind) -> Policy | None:
    return parse(document, kind, name=kind.words) if document else None


def _several(documents: Sequence[Any] | None, kind: PolicyKind, where: str = "") -> tuple[Policy, ...]:
    return tuple(parse(d, kind, name=f"{kind.words} {where}{i + 1}") for i, d in enumerate(documents or ()))


def _levels(levels: Sequence[Sequence[Any]] | None, kind: PolicyKind) -> tuple[tuple[Policy, ...], ...]:
    return tuple(_several(level, kind, f"{i + 1}.") for i, level in enumerate(levels or ()))


def as_json(decision: Decision) -> dict[str, Any]:
    """A decision as JSON data."""
    return {
        "decision": str(decision.verdict),
        "because": [_cause(cause) for cause in decision.because],
        "missing": [_leg(leg) for leg in decision.missing],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    kind = str(cause.kind) if cause.kind else "grant"
    return {"kind": kind, "policy": cause.policy, "statement": cause.statement, "effect": str(cause.effect)}


def _leg(leg: Leg) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": str(leg.kind), "account": leg.account}
    return found | {"level": leg.level} if leg.kind in (PolicyKind.SCP, PolicyKind.RCP) else found
