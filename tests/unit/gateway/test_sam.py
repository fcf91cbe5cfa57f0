"""A SAM template with a REST API and two HTTP APIs, made and changed by CloudFormation, then asked."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.unit.gateway.conftest import Ask

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

SOURCE = "def handler(event, context):\n    return {'statusCode': 200, 'body': event.get('rawPath') or event['path']}\n"


def template(path: str) -> dict[str, Any]:
    events = {
        "Rest": {"Type": "Api", "Properties": {
            "Path": f"{path}/{{name}}", "Method": "get", "RestApiId": {"Ref": "Api"}}},
        "Proxy": {"Type": "Api", "Properties": {"Path": "/all/{proxy+}", "Method": "any", "RestApiId": {"Ref": "Api"}}},
        "Http": {"Type": "HttpApi", "Properties": {"Path": f"{path}/{{id}}", "Method": "get"}},
        "Whatever": {"Type": "HttpApi"},
        "Named": {"Type": "HttpApi", "Properties": {"Path": path, "Method": "post", "ApiId": {"Ref": "Named"}}},
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Function": {"Type": "AWS::Serverless::Function", "Properties": {
                "InlineCode": SOURCE, "Handler": "index.handler", "Runtime": "python3.11", "Events": events}},
            "Api": {"Type": "AWS::Serverless::Api", "Properties": {
                "StageName": "live", "OpenApiVersion": "3.0.1", "EndpointConfiguration": {"Type": "REGIONAL"},
                "Cors": {"AllowOrigin": "'*'"}, "BinaryMediaTypes": ["image~1png"], "Variables": {"a": "b"},
                "MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 10}]}},
            "Named": {"Type": "AWS::Serverless::HttpApi", "Properties": {
                "StageName": "live", "CorsConfiguration": {"AllowOrigins": ["*"]}}},
        },
        "Outputs": {"Api": {"Value": {"Ref": "Api"}}, "Default": {"Value": {"Ref": "ServerlessHttpApi"}},
                    "Named": {"Value": {"Ref": "Named"}}},
    }


def carried_out(cloudformation: Any, operation: str, path: str) -> dict[str, str]:
    """The stack's outputs once it is done."""
    getattr(cloudformation, operation)(StackName="api", TemplateBody=json.dumps(template(path)),
                                       Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    while (stack := cloudformation.describe_stacks(StackName="api")["Stacks"][0])["StackStatus"].endswith("PROGRESS"):
        time.sleep(0.05)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_what_sam_writes_is_served_and_follows_an_update(world: LocalWorld, account: str, ask: Ask) -> None:
    cloudformation = world.client("cloudformation", world.root_user(account))
    apis = carried_out(cloudformation, "create_stack", "/hello")
    rest, default, named = apis["Api"], apis["Default"], apis["Named"]
    assert ask("GET", f"/{rest}/live/hello/bob").body == b"/hello/bob"
    assert ask("PUT", f"/{rest}/live/all/1/2").body == b"/all/1/2"
    preflight = ask("OPTIONS", f"/{rest}/live/all/1")
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert ask("GET", f"/{default}/hello/3").body == b"/hello/3"
    assert ask("GET", f"/{default}/what/ever").body == b"/what/ever"
    posted = ask("POST", f"/{named}/live/hello", headers={"origin": "https://shop.example"})
    assert (posted.body, posted.headers["access-control-allow-origin"]) == (b"/live/hello", "*")

    assert carried_out(cloudformation, "update_stack", "/bye") == apis
    assert ask("GET", f"/{rest}/live/hello/bob").status == 403
    assert ask("GET", f"/{rest}/live/bye/bob").body == b"/bye/bob"
    assert ask("POST", f"/{named}/live/bye").body == b"/live/bye"
