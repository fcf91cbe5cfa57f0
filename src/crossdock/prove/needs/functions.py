"""What deployed functions need at run time: their role, their log, and the configuration that their environment names.

Sources: Lambda Developer Guide, lambda-intro-execution-role, monitoring-cloudwatchlogs; API Gateway Developer Guide,
api-gateway-control-access-to-api; docs/services.md, At run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from crossdock.model.proof import Given, Need, Step
from crossdock.prove.collect import function_arn
from crossdock.prove.needs.asking import Actor, assumed_by
from crossdock.prove.resources import Resource, of_type
from crossdock.prove.scene import Line, Scene, environment


def needs(scene: Scene, line: Line) -> Iterator[Need]:
    """Everything that the functions of one line's service need, and those who call them."""
    step = Step(environment=line.home.environment, service=line.home.service, action="run")
    groups = {group.names.name for group in of_type(line.service, "AWS::Logs::LogGroup")}
    for function in of_type(line.service, "AWS::Lambda::Function"):
        role = str(function.properties["Role"])
        yield assumed_by("lambda.amazonaws.com", role, step, "Lambda runs the function as its role",
                         function.arn)
        actor = Actor(scene=scene, who=role, step=step, region=line.home.region, session=function.names.name)
        yield from _log(actor, function, groups)
        yield from _configuration(actor, line, function)
    promised = replace(step, action="contract")
    for function in of_type(line.contract, "AWS::Lambda::Function"):
        actor = Actor(scene=scene, who=str(function.properties["Role"]), step=promised, region=line.home.region)
        for need in _configuration(actor, line, function):
            yield replace(need, given=Given.CALLER, why="any function of the service reads its configuration")
    for api in of_type(line.service, "AWS::ApiGateway::RestApi"):
        yield from _invocations(scene, step, api)


def _log(actor: Actor, function: Resource, groups: set[str]) -> Iterator[Need]:
    group = (function.properties.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{function.names.name}"
    why = "the function writes its log"
    if group not in groups:
        yield from actor.calls("logs", "CreateLogGroup", {"logGroupName": group}, why)
    for operation in ("CreateLogStream", "PutLogEvents"):
        yield from actor.calls("logs", operation, {"logGroupName": group, "logStreamName": "*"}, why)


def _configuration(actor: Actor, line: Line, function: Resource) -> Iterator[Need]:
    """A function whose environment names the artifact bucket and something below the service's configuration."""
    told: Mapping[str, Any] = (function.properties.get("Environment") or {}).get("Variables") or {}
    builds = [environment(project) for project in line.projects]
    for build in builds:
        bucket, prefix = build.get("ARTIFACT_BUCKET_NAME"), build.get("CONFIGURATION_PREFIX", "")
        paths = [str(v) for v in told.values() if str(v) == prefix or str(v).startswith(prefix + "/")]
        if not prefix or bucket not in told.values():
            continue
        for path in dict.fromkeys(paths):
            whole = path if "." in path.rpartition("/")[2] else f"{path.rstrip('/')}/*"
            yield from actor.reads(str(bucket), whole, build.get("ARTIFACT_KEY_ARN", ""),
                                   "the function reads its configuration", versions=False)


def _invocations(scene: Scene, step: Step, api: Resource) -> Iterator[Need]:
    """API Gateway invokes the functions that an API integrates."""
    paths: Mapping[str, Any] = (api.properties.get("Body") or {}).get("paths") or {}
    for path, methods in paths.items():
        for method, operation in methods.items():
            uri = str(((operation or {}).get("x-amazon-apigateway-integration") or {}).get("uri", ""))
            found = re.search(r"functions/(arn:[^/]+)/invocations", uri) if isinstance(operation, dict) else None
            if found is None:
                continue
            verb = "*" if method == "x-amazon-apigateway-any-method" else method.upper()
            source = (f"arn:{api.home.partition}:execute-api:{api.home.region}:{api.home.account}:"
                      f"{api.names.ref}/*/{verb}{path}")
            actor = Actor(scene=scene, who="apigateway.amazonaws.com", step=step, region=api.home.region)
            yield actor.does("lambda:InvokeFunction", function_arn(api, found[1]), "the API calls the function",
                             aws__SourceArn=source, aws__SourceAccount=api.home.account)
