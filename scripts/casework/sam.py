"""A SAM application: packaged, deployed, looked at, its functions invoked, its APIs called, deleted."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from casework import census, matching, packaging, stacks, values
from casework.listing import Case
from casework.outcome import Outcome, judged, refusals
from casework.stage import Stage

NOT_OURS = re.compile(r"Runtime\.(ImportModuleError|HandlerNotFound|UserCodeSyntaxError|ExitError)|No module named")
"""A dependency that a build would have installed, or code that a build would have made."""


def attempt(stage: Stage, case: Case, scratch: Path) -> Outcome:
    try:
        template, notes = packaging.package(stage, case.file, scratch)
    except Exception as error:  # noqa: BLE001  what awscli's packager says of a template, whatever its kind
        return Outcome("failed", [f"packaging: {error!r}"])
    try:
        given = values.given(stage, template)
    except (values.NoValue, ClientError) as error:
        return judged([str(error)], notes=notes)
    values.prepare(stage, template, given)
    made = stacks.create(stage, "case", template, given, bucket=packaging.BUCKET)
    if not made.well:
        return judged([f"{made.status}: {reason}" for reason in made.reasons], notes=notes)
    cfn = stage.client("cloudformation")
    found = stacks.resources(cfn, "case")
    notes.append(f"{len(found)} resources")
    if lost := census.missing(stage, found):
        return Outcome("wrong", [f"created, but not there: {one}" for one in lost], notes)
    ill = [*_invoke(stage, template, found, notes), *_call(stage, found, notes)]
    gone = stacks.delete(stage, "case")
    if not gone.well:
        ill += [f"{gone.status}: {reason}" for reason in gone.reasons if "not empty" not in reason.lower()]
    else:
        kept = [one for one in found if one["ResourceType"] not in ("AWS::Lambda::LayerVersion", "AWS::KMS::Key")]
        absent = {line.partition(" ")[0] for line in census.missing(stage, kept)}
        retained = _retained(cfn, gone.name, template)
        left = [one["LogicalResourceId"] for one in kept if one["ResourceType"] in census.LISTS
                and one["LogicalResourceId"] not in absent | retained]
        if left:
            return Outcome("wrong", [f"deleted, but still there: {one}" for one in left], notes)
    return judged(ill, notes=notes) if ill else Outcome("works", [], notes)


def _retained(cfn: Any, stack: str, template: Mapping[str, Any]) -> set[str]:
    kept = {name for name, one in template["Resources"].items()
            if str(one.get("DeletionPolicy", "Delete")) != "Delete"}
    return kept | {name for name in template["Resources"] if not cfn or not stack}


def _invoke(
    stage: Stage, template: Mapping[str, Any], found: list[dict[str, Any]], notes: list[str]
) -> list[str]:
    """What was wrong with invocations that is not the function's own doing."""
    lambda_ = stage.client("lambda")
    ill: list[str] = []
    for one in found:
        if one["ResourceType"] != "AWS::Lambda::Function":
            continue
        name = one["LogicalResourceId"]
        properties = (template["Resources"].get(name) or {}).get("Properties") or {}
        events = [entry for entry in (properties.get("Events") or {}).values() if isinstance(entry, dict)]
        for entry in events or [{"Type": "", "Properties": {}}]:
            payload = matching.event(str(entry.get("Type")), entry.get("Properties") or {})
            runtime = str(lambda_.get_function_configuration(
                FunctionName=one["PhysicalResourceId"]).get("Runtime", "an image"))
            if not runtime.startswith(("python3", "nodejs")):
                notes.append(f"{name} is of {runtime}: not invoked")
                break
            try:
                answer = lambda_.invoke(FunctionName=one["PhysicalResourceId"], Payload=json.dumps(payload).encode())
            except ClientError as error:
                ill.append(f"{name}: {error.response['Error']['Message']}")
                continue
            said = answer["Payload"].read().decode(errors="replace")
            if "FunctionError" not in answer:
                notes.append(f"{name} answered {entry.get('Type') or 'an empty event'}: {said[:120]}")
            elif refusals(said) or ("Runtime." in said and not NOT_OURS.search(said)):
                ill.append(f"{name}: {said[:600]}")
            else:
                notes.append(f"{name} failed by itself: {_error(said)[:200]}")
    return ill


def _error(payload: str) -> str:
    """Type and message of a function's error."""
    try:
        told = json.loads(payload)
        return f"{told['errorType']}: {told['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return payload


def _call(stage: Stage, found: list[dict[str, Any]], notes: list[str]) -> list[str]:
    """Every method of every API, asked without credentials."""
    ill: list[str] = []
    for one in found:
        match one["ResourceType"]:
            case "AWS::ApiGateway::RestApi":
                urls = _rest_urls(stage, one["PhysicalResourceId"])
            case "AWS::ApiGatewayV2::Api":
                urls = _http_urls(stage, one["PhysicalResourceId"])
            case _:
                continue
        for method, url in urls:
            status, body = _ask(method, url)
            path = f"{method} {url.partition('/execute-api/')[2]}"
            notes.append(f"{path}: {status} {body[:80]}")
            if refusals(body):
                ill.append(f"{path}: {body}")
            elif status >= 500 and not re.search(r"Internal [Ss]erver [Ee]rror|Service Unavailable", body):
                ill.append(f"{path}: {status} {body[:300]}")
    return ill


def _rest_urls(stage: Stage, api: str) -> list[tuple[str, str]]:
    client = stage.client("apigateway")
    methods = [(method, one["path"]) for one in client.get_resources(restApiId=api, limit=500)["items"]
               for method in one.get("resourceMethods") or {} if method != "OPTIONS"]
    names = [one["stageName"] for one in client.get_stages(restApiId=api)["item"]]
    return [(_method(method), _url(stage, api, name, path)) for name in names[:1] for method, path in methods]


def _method(written: str) -> str:
    return "GET" if written == "ANY" else written


def _http_urls(stage: Stage, api: str) -> list[tuple[str, str]]:
    client = stage.client("apigatewayv2")
    if client.get_api(ApiId=api)["ProtocolType"] != "HTTP":
        return []
    keys = [one["RouteKey"] for one in client.get_routes(ApiId=api)["Items"]]
    routes = [(key.partition(" ")[0], key.partition(" ")[2]) if " " in key else ("GET", "/") for key in keys]
    names = [one["StageName"] for one in client.get_stages(ApiId=api)["Items"]]
    return [(_method(method), _url(stage, api, "" if name == "$default" else name, path))
            for name in names[:1] for method, path in routes if method != "OPTIONS"]


def _url(stage: Stage, api: str, name: str, path: str) -> str:
    path = re.sub(r"\{[^}]*\}", "1", path)
    return f"{stage.world.endpoint}/_aws/execute-api/{api}{f'/{name}' if name else ''}{path}"


def _ask(method: str, url: str) -> tuple[int, str]:
    body = json.dumps(matching.BODY).encode() if method in ("POST", "PUT", "PATCH") else None
    request = urllib.request.Request(url, data=body, method=method,  # noqa: S310  on loopback
                                     headers={"Content-Type": "application/json"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
