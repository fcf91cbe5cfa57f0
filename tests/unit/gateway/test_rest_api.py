"""The API Gateway API: what is made, shown, changed, refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.gateway.conftest import Ask, user
from tests.unit.gateway.documents import cors, proxy, rest, uri

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"


@pytest.fixture
def gateway(world: LocalWorld, account: str) -> Any:
    return world.client("apigateway", world.root_user(account))


def paths(gateway: Any, api: str) -> dict[str, str]:
    return {r["path"]: r["id"] for r in gateway.get_resources(restApiId=api)["items"]}


def imported(gateway: Any, document: dict[str, Any]) -> str:
    return str(gateway.import_rest_api(body=json.dumps(document))["id"])


def change(op: str, path: str, value: str = "") -> list[dict[str, str]]:
    return [{"op": op, "path": path, "value": value}]


def test_an_api_is_built_call_by_call(gateway: Any, ask: Ask, account: str) -> None:
    made = gateway.create_rest_api(name="orders", description="d", tags={"a": "b"})
    api, root = made["id"], made["rootResourceId"]
    assert (made["name"], made["tags"]) == ("orders", {"a": "b"})
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="{id}")
    assert (resource["path"], resource["parentId"]) == ("/{id}", root)
    who = {"restApiId": api, "resourceId": resource["id"], "httpMethod": "GET"}
    with pytest.raises(ClientError, match="The REST API doesn't contain any methods"):
        gateway.create_deployment(restApiId=api)
    gateway.put_method(**who, authorizationType="NONE")
    with pytest.raises(ClientError, match="Method already exists for this resource"):
        gateway.put_method(**who, authorizationType="NONE")
    with pytest.raises(ClientError, match="No integration defined for method"):
        gateway.create_deployment(restApiId=api)
    gateway.put_method_response(**who, statusCode="202")
    gateway.put_integration(**who, type="MOCK", requestTemplates={"application/json": '{"statusCode": 202}'})
    gateway.put_integration_response(**who, statusCode="202", responseTemplates={"application/json": "done"})
    with pytest.raises(ClientError, match="Invalid Response status code"):
        gateway.put_integration_response(**who, statusCode="500")
    shown = gateway.get_method(**who)
    assert shown["methodIntegration"]["integrationResponses"]["202"]["responseTemplates"] == {
        "application/json": "done"}
    deployment = gateway.create_deployment(restApiId=api, description="first")["id"]
    with pytest.raises(ClientError, match="Invalid Deployment identifier specified"):
        gateway.create_stage(restApiId=api, stageName="live", deploymentId="none")
    gateway.create_stage(restApiId=api, stageName="live", deploymentId=deployment)
    answer = ask("GET", f"/{api}/live/7")
    assert (answer.status, answer.body) == (202, b"done")
    gateway.delete_method(**who)
    gateway.delete_resource(restApiId=api, resourceId=resource["id"])
    assert list(paths(gateway, api)) == ["/"]
    with pytest.raises(ClientError, match="Active stages pointing to this deployment"):
        gateway.delete_deployment(restApiId=api, deploymentId=deployment)
    gateway.delete_stage(restApiId=api, stageName="live")
    gateway.delete_deployment(restApiId=api, deploymentId=deployment)
    gateway.delete_rest_api(restApiId=api)
    assert api not in [shown["id"] for shown in gateway.get_rest_apis()["items"]]


def test_an_import_makes_resources_methods_and_integrations(gateway: Any) -> None:
    api = imported(gateway, rest({"/a/{id}": {"get": proxy(FUNCTION), "options": cors()}}))
    assert gateway.get_rest_api(restApiId=api)["name"] == "orders"
    items = {r["path"]: r for r in gateway.get_resources(restApiId=api, embed=["methods"])["items"]}
    assert sorted(items) == ["/", "/a", "/a/{id}"]
    get = items["/a/{id}"]["resourceMethods"]["GET"]
    assert get["authorizationType"] == "NONE"
    assert (get["methodIntegration"]["type"], get["methodIntegration"]["uri"]) == ("AWS_PROXY", uri(FUNCTION))
    assert items["/a/{id}"]["resourceMethods"]["OPTIONS"]["methodIntegration"]["type"] == "MOCK"


def test_putting_a_document_overwrites_or_merges_and_keeps_identifiers(gateway: Any) -> None:
    api = imported(gateway, rest({"/a": {"get": proxy(FUNCTION)}, "/b/c": {"get": proxy(FUNCTION)}}))
    before = paths(gateway, api)
    gateway.put_rest_api(restApiId=api, mode="merge", body=json.dumps(rest({"/d": {"get": proxy(FUNCTION)}})))
    assert sorted(paths(gateway, api)) == ["/", "/a", "/b", "/b/c", "/d"]
    gateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(rest({"/b/c": {"put": proxy(FUNCTION)}})))
    after = paths(gateway, api)
    assert after == {path: before[path] for path in ("/", "/b", "/b/c")}
    resource = gateway.get_resource(restApiId=api, resourceId=after["/b/c"])
    assert list(resource["resourceMethods"]) == ["PUT"]


def test_parameters_of_an_import_choose_the_kind_of_endpoint(gateway: Any) -> None:
    """SAM gives them when `OpenApiVersion` is set."""
    body = json.dumps(rest({"/a": {"get": proxy(FUNCTION)}}))
    made = gateway.import_rest_api(body=body, parameters={"endpointConfigurationTypes": "REGIONAL"})
    assert made["endpointConfiguration"]["types"] == ["REGIONAL"]


def test_a_document_may_be_yaml(gateway: Any) -> None:
    api = gateway.import_rest_api(body=b"swagger: '2.0'\ninfo: {title: yam}\npaths: {}\n")
    assert api["name"] == "yam"


@pytest.mark.parametrize(("document", "what"), [
    ({"paths": {}}, "Invalid OpenAPI input"),
    (rest({"/a": {"get": proxy(FUNCTION, security=[{"nobody": []}])}}), "nobody is used but not defined"),
    (rest({"/a": {"get": {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "x"}}}}),
     "Invalid HTTP endpoint specified for URI"),
    (rest({}, **{"x-amazon-apigateway-policy": {"Version": "2012-10-17"}}), "Invalid policy document"),
    (rest({"/a": {"get": proxy(FUNCTION, **{"x-amazon-apigateway-request-validator": "all"})}}),
     "Invalid Request Validator identifier specified: all"),
    (rest({"/a": {"get": {"x-amazon-apigateway-integration": {
        "type": "aws", "httpMethod": "POST", "uri": "arn:aws:sqs:us-east-1:1:q"}}}}), "Invalid ARN specified"),
    (rest({}, **{"x-amazon-apigateway-gateway-responses": {"NOTHING": {}}}), "Invalid response type NOTHING"),
])
def test_a_document_that_cannot_be_carried_out_is_refused(gateway: Any, document: dict[str, Any], what: str) -> None:
    before = len(gateway.get_rest_apis()["items"])
    with pytest.raises(ClientError, match=what):
        imported(gateway, document)
    assert len(gateway.get_rest_apis()["items"]) == before


@pytest.mark.parametrize("given", [
    {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri(FUNCTION), "responseTransferMode": "STREAM"},
    {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:sqs:path/1/q"},
])
def test_other_integrations_are_refused_by_name(gateway: Any, given: dict[str, Any]) -> None:
    made = gateway.create_rest_api(name="x")
    who = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(**who, authorizationType="NONE")
    with pytest.raises(ClientError, match="does not emulate"):
        gateway.put_integration(**who, **given)
    with pytest.raises(ClientError, match="HttpMethod must be non-empty"):
        gateway.put_integration(**who, type="AWS_PROXY", uri=uri(FUNCTION))


def test_patches_change_an_api(gateway: Any) -> None:
    api = gateway.create_rest_api(name="x", endpointConfiguration={"types": ["REGIONAL"]})["id"]
    gateway.update_rest_api(restApiId=api, patchOperations=[
        {"op": "replace", "path": "/name", "value": "y"}, {"op": "add", "path": "/binaryMediaTypes/image~1png"},
        {"op": "add", "path": "/binaryMediaTypes/*~1*"}, {"op": "remove", "path": "/binaryMediaTypes/*~1*"},
        {"op": "replace", "path": "/endpointConfiguration/types/REGIONAL", "value": "EDGE"}])
    shown = gateway.get_rest_api(restApiId=api)
    assert (shown["name"], shown["binaryMediaTypes"], shown["endpointConfiguration"]["types"]) == \
        ("y", ["image/png"], ["EDGE"])
    with pytest.raises(ClientError, match="Invalid patch path '/nothing'"):
        gateway.update_rest_api(restApiId=api, patchOperations=change("replace", "/nothing", "x"))
    with pytest.raises(ClientError, match="Invalid policy document"):
        gateway.update_rest_api(restApiId=api, patchOperations=change("replace", "/policy", "{}"))


def test_patches_change_a_stage(gateway: Any, world: LocalWorld) -> None:
    api = imported(gateway, rest({"/a": {"get": proxy(FUNCTION)}}))
    first = gateway.create_deployment(restApiId=api, stageName="live", variables={"a": "1", "b": "2"})["id"]
    second = gateway.create_deployment(restApiId=api)["id"]
    log = "arn:aws:logs:us-east-1:1:log-group:x"
    shown = gateway.update_stage(restApiId=api, stageName="live", patchOperations=[
        *change("replace", "/deploymentId", second), *change("replace", "/variables/a", "3"),
        *change("remove", "/variables/b"), *change("replace", "/*/*/throttling/rateLimit", "1.5"),
        *change("replace", "/~1a/GET/metrics/enabled", "true"),
        *change("replace", "/accessLogSettings/destinationArn", log)])
    assert (shown["deploymentId"], shown["variables"]) == (second, {"a": "3"})
    assert shown["methodSettings"]["*/*"]["throttlingRateLimit"] == 1.5
    assert shown["methodSettings"]["/a/GET"]["metricsEnabled"] is True
    assert any("writes no access log to arn:aws:logs" in said for said in world._substitutions)
    assert [s["stageName"] for s in gateway.get_stages(restApiId=api, deploymentId=second)["item"]] == ["live"]
    assert gateway.get_stages(restApiId=api, deploymentId=first)["item"] == []
    gateway.update_deployment(restApiId=api, deploymentId=first, patchOperations=change("replace", "/description", "d"))
    assert gateway.get_deployment(restApiId=api, deploymentId=first)["description"] == "d"


def test_the_role_for_logs_must_trust_api_gateway(gateway: Any, world: LocalWorld, account: str) -> None:
    role = f"arn:aws:iam::{account}:role/logs"
    with pytest.raises(ClientError, match="Please grant trust permission for API Gateway"):
        gateway.update_account(patchOperations=change("replace", "/cloudwatchRoleArn", role))
    world.client("iam", world.root_user(account)).create_role(
        RoleName="logs", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))
    gateway.update_account(patchOperations=change("replace", "/cloudwatchRoleArn", role))
    assert gateway.get_account()["cloudwatchRoleArn"] == role


def test_tags_stand_on_apis_and_stages_of_the_own_account(gateway: Any, world: LocalWorld) -> None:
    api = imported(gateway, rest({"/a": {"get": proxy(FUNCTION)}}))
    gateway.create_deployment(restApiId=api, stageName="live")
    for arn in (f"arn:aws:apigateway:us-east-1::/restapis/{api}",
                f"arn:aws:apigateway:us-east-1::/restapis/{api}/stages/live"):
        gateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        gateway.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert gateway.get_tags(resourceArn=arn)["tags"] == {"b": "2"} == world.engine("apigateway").tags(arn)
        with pytest.raises(ClientError, match="Invalid resource ARN"):
            world.client("apigateway", world.root_user("100000000000")).get_tags(resourceArn=arn)


def test_an_api_is_seen_from_its_own_account_only(gateway: Any, world: LocalWorld) -> None:
    api = gateway.create_rest_api(name="x")["id"]
    other = world.client("apigateway", world.root_user("100000000000"))
    with pytest.raises(ClientError) as refused:
        other.get_rest_api(restApiId=api)
    assert refused.value.response["Error"]["Code"] == "NotFoundException"
    assert other.get_rest_apis()["items"] == []


def test_calls_need_rights_on_the_paths_of_the_api(world: LocalWorld, account: str) -> None:
    caller = user(world, account, {"Effect": "Allow", "Action": "apigateway:POST",
                                   "Resource": "arn:aws:apigateway:us-east-1::/restapis"})
    gateway = world.client("apigateway", caller)
    api = gateway.create_rest_api(name="x")["id"]
    with pytest.raises(ClientError, match=f"apigateway:GET on resource: arn:aws:apigateway:us-east-1::/restapis/{api}"):
        gateway.get_rest_api(restApiId=api)
