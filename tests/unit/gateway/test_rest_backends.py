"""Integrations without proxy: services called as the integration's role, functions, templates on both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.gateway.conftest import NUMBERS, TRUST, Ask
from tests.unit.gateway.documents import rest, uri

from crossdock.local.engine import NotEmulated

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

Permit = Callable[..., None]


@pytest.fixture
def publish(world: LocalWorld, account: str) -> Callable[[dict[str, Any]], str]:
    def made(document: dict[str, Any]) -> str:
        gateway = world.client("apigateway", world.root_user(account))
        api = str(gateway.import_rest_api(body=json.dumps(document))["id"])
        gateway.create_deployment(restApiId=api, stageName="live")
        return api

    return made


@pytest.fixture
def role(world: LocalWorld, account: str) -> Callable[..., str]:
    """A role that API Gateway may assume, with these actions."""

    def made(*actions: str) -> str:
        iam, name = world.client("iam", world.root_user(account)), f"integration{next(NUMBERS)}"
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        if actions:
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}))
        return str(arn)

    return made


def method(**integration: Any) -> dict[str, Any]:
    return {"responses": {"200": {}, "400": {}}, "x-amazon-apigateway-integration": {
        "httpMethod": "POST", "responses": {"default": {"statusCode": "200"}}, **integration}}


def test_a_queue_gets_what_a_template_makes_of_the_request(
    publish: Any, ask: Ask, role: Callable[..., str], world: LocalWorld, account: str
) -> None:
    sqs = world.client("sqs", world.root_user(account))
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    api = publish(rest({"/a": {"post": method(
        type="aws", uri=f"arn:aws:apigateway:us-east-1:sqs:path/{account}/orders", credentials=role("sqs:SendMessage"),
        passthroughBehavior="never",
        requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.json('$.order'))"},
        responses={"default": {"statusCode": "200", "responseTemplates": {"application/json": '{"sent": true}'}}})}}))
    body, headers = b'{"order": {"id": 7}}', {"content-type": "application/json"}
    answer = ask("POST", f"/{api}/live/a", body=body, headers=headers)
    assert (answer.status, json.loads(answer.body)) == (200, {"sent": True})
    [told] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(told["Body"]) == {"id": 7}
    assert ask("POST", f"/{api}/live/a", body=b"<a/>", headers={"content-type": "text/xml"}).status == 415


def test_a_role_that_may_not_gets_the_services_own_refusal(
    publish: Any, ask: Ask, role: Callable[..., str], world: LocalWorld, account: str
) -> None:
    world.client("dynamodb", world.root_user(account)).create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    given = {
        "type": "aws", "uri": "arn:aws:apigateway:us-east-1:dynamodb:action/GetItem",
        "requestTemplates": {"application/json": '{"TableName": "t", "Key": {"id": {"S": "$input.params(\'id\')"}}}'},
        "responses": {"default": {"statusCode": "200"}, "400": {
            "statusCode": "400", "responseTemplates": {"application/json": "{\"no\": $input.json('$.message')}"}}}}
    paths = {"/may/{id}": {"get": method(**given, credentials=role("dynamodb:GetItem"))},
             "/not/{id}": {"get": method(**given, credentials=role())}}
    api = publish(rest(paths))
    assert ask("GET", f"/{api}/live/may/7").status == 200
    refused = ask("GET", f"/{api}/live/not/7")
    assert refused.status == 400
    assert "is not authorized to perform: dynamodb:GetItem" in json.loads(refused.body)["no"]


def test_a_functions_error_chooses_the_response(publish: Any, ask: Ask, function: str, permit: Permit) -> None:
    permit()
    template = '{"queryStringParameters": {"answer": $input.json(\'$\')}}'
    api = publish(rest({"/a": {"post": method(
        type="aws", uri=uri(function), requestTemplates={"application/json": template},
        responses={"default": {"statusCode": "200", "responseTemplates": {
            "application/json": "$input.path('$.body')#set($context.responseOverride.status = 201)"}},
            ".*on purpose.*": {"statusCode": "400", "responseParameters": {
                "method.response.header.x-why": "integration.response.body.errorType"}}})}}))
    answer = ask("POST", f"/{api}/live/a", body=json.dumps(json.dumps({"body": "fine"})).encode())
    assert (answer.status, answer.body) == (201, b"fine")
    failed = ask("POST", f"/{api}/live/a", body=b'"raise"')
    assert (failed.status, failed.headers["x-why"]) == (400, "ValueError")


def test_a_mock_answers_by_its_templates(publish: Any, ask: Ask) -> None:
    api = publish(rest({"/a": {"get": method(
        type="mock", requestTemplates={
            "application/json": '#if($input.params("bad") == "1"){"statusCode": 400}#else{"statusCode": 200}#end'},
        responses={"default": {"statusCode": "200", "responseTemplates": {
            "application/json": '{"path": "$context.resourcePath", "stage": "$context.stage"}'}},
            "400": {"statusCode": "400"}})}}))
    answer = ask("GET", f"/{api}/live/a")
    assert (answer.status, json.loads(answer.body)) == (200, {"path": "/a", "stage": "live"})
    assert ask("GET", f"/{api}/live/a?bad=1").status == 400


def test_an_http_proxy_reaches_apis_here_and_nobody_elsewhere(publish: Any, ask: Ask) -> None:
    mock = method(type="mock", requestTemplates={"application/json": '{"statusCode": 200}'},
                  responses={"default": {"statusCode": "200", "responseTemplates": {
                      "application/json": "from within"}}})
    inner = publish(rest({"/in/{x}": {"get": mock}}))
    here = f"https://{inner}.execute-api.us-east-1.amazonaws.com/live/in/{{x}}"
    outer = publish(rest({
        "/a/{y}": {"get": method(type="http_proxy", httpMethod="GET", uri=here, requestParameters={
            "integration.request.path.x": "method.request.path.y"})},
        "/b": {"get": method(type="http_proxy", httpMethod="GET", uri="https://example.com/")}}))
    assert ask("GET", f"/{outer}/live/a/7").body == b"from within"
    with pytest.raises(NotEmulated, match=r"addresses beyond this machine \(example.com\)"):
        ask("GET", f"/{outer}/live/b")


def test_aws_variables_are_filled_in_on_import(world: LocalWorld, account: str, function: str) -> None:
    gateway = world.client("apigateway", world.root_user(account))
    spelled = uri(function).replace("aws:", "${AWS::Partition}:", 1).replace("us-east-1", "${AWS::Region}").replace(
        account, "${AWS::AccountId}")
    api = gateway.import_rest_api(body=json.dumps(rest({"/a": {"get": method(type="aws_proxy", uri=spelled)}})))["id"]
    [found] = [one for one in gateway.get_resources(restApiId=api, embed=["methods"])["items"] if one["path"] == "/a"]
    assert found["resourceMethods"]["GET"]["methodIntegration"]["uri"] == uri(function)
