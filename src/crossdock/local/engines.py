"""Which engine answers which service. What stands neither here nor in the store's list is refused by name."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Mapping

from crossdock.local.engine import Engine
from crossdock.local.world import World

ENGINES: Mapping[str, str] = {
    "sts": "crossdock.local.sts:SecurityTokenService",
    "organizations": "crossdock.local.organizations:Organizations",
    "cloudformation": "crossdock.local.cloudformation:CloudFormation",
    "codecommit": "crossdock.local.repositories:CodeCommit",
    "codestar-connections": "crossdock.local.repositories:CodeStarConnections",
    "codeconnections": "crossdock.local.repositories:CodeConnections",
    "codestar-notifications": "crossdock.local.notifications:CodeStarNotifications",
    "events": "crossdock.local.bus:EventBridge",
    "codepipeline": "crossdock.local.pipelines:CodePipeline",
    "codebuild": "crossdock.local.builds:CodeBuild",
    "appconfig": "crossdock.local.appconfig:AppConfig",
    "appconfigdata": "crossdock.local.appconfig:AppConfigData",
    "cognito-idp": "crossdock.local.userpools:CognitoUserPools",
    "pipes": "crossdock.local.pipes:Pipes",
    "stepfunctions": "crossdock.local.machines:StepFunctions",
    "lambda": "crossdock.local.functions:Lambda",
    "apigateway": "crossdock.local.gateway:APIGateway",
    "apigatewayv2": "crossdock.local.gateway:ApiGatewayV2",
}
"""botocore service name -> `module:class`."""


def build(world: World, services: Collection[str] | None = None) -> Iterator[tuple[str, Engine]]:
    """One instance of every engine, or of those named."""
    for service, path in ENGINES.items():
        if services is None or service in services:
            module, _, name = path.partition(":")
            kind: type[Engine] = getattr(importlib.import_module(module), name)
            yield service, kind(world)
