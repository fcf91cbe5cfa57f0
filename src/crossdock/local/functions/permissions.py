"""A function's resource policy, statement by statement (AddPermission, RemovePermission, GetPolicy)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.functions.state import Function

_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")


def statement(call: Call, resource: str) -> dict[str, Any]:
    """The statement that AddPermission writes (Lambda API, AddPermission)."""
    p = call.params
    principal = str(p["Principal"])
    named: Any = "*"
    if _SERVICE.fullmatch(principal):
        named = {"Service": principal}
    elif re.fullmatch(r"\d{12}", principal):
        named = {"AWS": f"arn:{call.partition}:iam::{principal}:root"}
    elif principal.startswith("arn:"):
        named = {"AWS": principal}
    elif principal != "*":
        raise AwsError("InvalidParameterValueException", "The provided principal was invalid. Please check the "
                       "principal and try again.", 400)
    condition: dict[str, dict[str, str]] = {}
    if p.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": str(p["SourceArn"])}
    equals = {key: str(p[name]) for name, key in (
        ("SourceAccount", "AWS:SourceAccount"), ("EventSourceToken", "lambda:EventSourceToken"),
        ("PrincipalOrgID", "aws:PrincipalOrgID"), ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
    ) if p.get(name)}
    if equals:
        condition["StringEquals"] = equals
    if p.get("InvokedViaFunctionUrl") is not None:
        condition["Bool"] = {"lambda:InvokedViaFunctionUrl": str(p["InvokedViaFunctionUrl"]).lower()}
    made: dict[str, Any] = {"Sid": str(p["StatementId"]), "Effect": "Allow", "Principal": named,
                            "Action": str(p["Action"]), "Resource": resource}
    return made | ({"Condition": condition} if condition else {})


def add(function: Function, qualifier: str, made: dict[str, Any]) -> None:
    statements = function.policies.setdefault(qualifier, [])
    if any(s["Sid"] == made["Sid"] for s in statements):
        raise AwsError("ResourceConflictException", f"The statement id ({made['Sid']}) provided already exists. Please "
                       "provide a new statement id, or remove the existing statement.", 409)
    statements.append(made)


def remove(function: Function, qualifier: str, sid: str) -> None:
    statements = function.policies.get(qualifier, [])
    kept = [s for s in statements if s["Sid"] != sid]
    if len(kept) == len(statements):
        raise AwsError("ResourceNotFoundException", f"Statement {sid} is not found in resource policy.", 404)
    function.policies[qualifier] = kept
    if not kept:
        del function.policies[qualifier]


def policy(function: Function, qualifier: str) -> str | None:
    """The policy document of a function or of one of its versions or aliases, or None."""
    statements = function.policies.get(qualifier)
    if not statements:
        return None
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})


def answer(function: Function, qualifier: str) -> Mapping[str, Any]:
    found = policy(function, qualifier)
    if found is None:
        raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    return {"Policy": found, "RevisionId": str(uuid.uuid5(uuid.NAMESPACE_OID, found))}
