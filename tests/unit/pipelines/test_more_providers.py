# ruff: noqa: N803  (the fakes take the members of the API by their names)
"""S3 deployments, images of ECR (S2), stack sets (D2) and state machines as actions."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from crossdock.local.engine import AwsError


def deploy(pipelines: Any, provider: str, configuration: dict[str, str], **more: Any) -> Any:
    return pipelines.action("D", more.pop("category", "Deploy"), provider, configuration=configuration,
                            **{"inputArtifacts": ["SourceOutput"], **more})


def last_error(pipelines: Any) -> str:
    return str(pipelines.latest("S2", "D")["errorDetails"]["message"])


def test_an_extracted_artifact_s_files_become_objects(pipelines: Any) -> None:
    action = deploy(pipelines, "S3", {"BucketName": "site", "Extract": "true", "ObjectKey": "www",
                                      "CacheControl": "no"})
    pipelines.ended(pipelines.create([action]), "Succeeded")
    stored = {key: versions for (bucket, key), versions in pipelines.world.objects.items() if bucket == "site"}
    assert set(stored) == {"www/template.yaml", "www/app.py"}
    [made] = stored["www/app.py"]
    assert (made["Body"], made["CacheControl"], made["ContentType"]) == (b"1", "no", "text/x-python")
    assert made["by"].principal_arn == pipelines.role


def test_an_artifact_that_is_not_extracted_becomes_one_object(pipelines: Any) -> None:
    action = deploy(pipelines, "S3", {"BucketName": "site", "Extract": "false", "ObjectKey": "app.zip",
                                      "KMSEncryptionKeyARN": "arn:key"})
    pipelines.ended(pipelines.create([action]), "Succeeded")
    [made] = pipelines.world.objects["site", "app.zip"]
    assert (made["Body"], made["SSEKMSKeyId"]) == (pipelines.world.source, "arn:key")


@pytest.mark.parametrize("configuration", [
    {"BucketName": "site", "Extract": "false"}, {"BucketName": "site", "Extract": "perhaps"}, {"Extract": "true"},
])
def test_an_s3_deployment_says_what_goes_where(pipelines: Any, configuration: dict[str, str]) -> None:
    with pytest.raises(AwsError):
        pipelines("CreatePipeline", pipeline=pipelines.declaration([deploy(pipelines, "S3", configuration)]))


def from_ecr(pipelines: Any) -> Any:
    declaration = pipelines.declaration([pipelines.approval(configuration={"CustomData": "#{Image.ImageURI}"})])
    declaration["stages"][0]["actions"] = [pipelines.action(
        "Take", "Source", "ECR", outputArtifacts=["SourceOutput"], namespace="Image",
        configuration={"RepositoryName": "shop", "ImageTag": "v1"})]
    return declaration


def test_s2_an_image_is_told_in_a_file_and_in_variables(pipelines: Any) -> None:
    uri = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop"
    pipelines.world.ecr_describe_images = lambda _, repositoryName, imageIds: {"imageDetails": [
        {"imageDigest": imageIds[0].get("imageDigest", "sha256:1"), "imageTags": ["v1"]}]}
    pipelines.world.ecr_describe_repositories = lambda _, repositoryNames: {"repositories": [
        {"repositoryUri": uri, "registryId": "111111111111"}]}
    pipelines("CreatePipeline", pipeline=from_ecr(pipelines))
    pipelines.waiting("S2")
    [detail, *_] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    assert detail["input"]["resolvedConfiguration"] == {"CustomData": f"{uri}@sha256:1"}
    [[stored]] = pipelines.world.objects.values()
    with zipfile.ZipFile(io.BytesIO(stored["Body"])) as bundle:
        assert json.loads(bundle.read("imageDetail.json"))["ImageURI"] == f"{uri}@sha256:1"
    pipelines.begin(sourceRevisions=[{"actionName": "Take", "revisionType": "IMAGE_DIGEST",
                                      "revisionValue": "sha256:2"}])
    pipelines.until(lambda: [one["revisionId"] for one in pipelines.executions()[0]["sourceRevisions"]] == ["sha256:2"])


def test_s2_an_image_that_is_not_there_fails_the_source(pipelines: Any) -> None:
    def none(*_: Any, **__: Any) -> Any:
        raise pipelines.refusal("ImageNotFoundException", "no image")
    pipelines.world.ecr_describe_images = none
    pipelines("CreatePipeline", pipeline=from_ecr(pipelines))
    pipelines.ended(pipelines.executions()[0]["pipelineExecutionId"], "Failed")
    assert "has no image v1" in pipelines.latest("Source", "Take")["errorDetails"]["message"]


class StackSets:
    """CloudFormation's stack sets: one operation, that ends as `status` says after one look in between."""

    def __init__(self, refusal: Any, *, held: bool) -> None:
        self.refusal, self.held, self.status, self.looks = refusal, held, "SUCCEEDED", 0
        self.did: list[tuple[str, dict[str, Any]]] = []

    def describe_stack_set(self, _: Any, **given: Any) -> Any:
        if not self.held:
            raise self.refusal("StackSetNotFoundException", "StackSet fleet not found")
        return {"StackSet": {"StackSetId": "fleet:1", "PermissionModel": "SELF_MANAGED"}}

    def create_stack_set(self, _: Any, **given: Any) -> Any:
        self.held = True
        self.did.append(("create", given))
        return {"StackSetId": "fleet:1"}

    def update_stack_set(self, _: Any, **given: Any) -> Any:
        self.did.append(("update", given))
        return {"OperationId": "op"}

    def create_stack_instances(self, _: Any, **given: Any) -> Any:
        self.did.append(("instances", given))
        return {"OperationId": "op"}

    def describe_stack_set_operation(self, _: Any, **given: Any) -> Any:
        self.looks += 1
        return {"StackSetOperation": {"Status": "RUNNING" if self.looks == 1 else self.status}}

    def list_stack_set_operation_results(self, _: Any, **given: Any) -> Any:
        return {"Summaries": [{"Account": "222222222222", "Region": "eu-west-1", "Status": "FAILED",
                               "StatusReason": "no role"}]}


FLEET = {"StackSetName": "fleet", "TemplatePath": "SourceOutput::template.yaml"}


def test_d2_a_stack_set_is_created_with_instances_where_targets_say(pipelines: Any) -> None:
    sets = pipelines.world.stacks = StackSets(pipelines.refusal, held=False)
    action = deploy(pipelines, "CloudFormationStackSet", {
        **FLEET, "DeploymentTargets": "222222222222, 333333333333", "Regions": "eu-west-1",
        "Parameters": "ParameterKey=A,ParameterValue=x y ParameterKey=B,UsePreviousValue=true",
        "FailureTolerancePercentage": "20", "Capabilities": "CAPABILITY_IAM"}, namespace="Fleet")
    gate = pipelines.approval(runOrder=2, configuration={"CustomData": "#{Fleet.StackSetId} #{Fleet.OperationId}"})
    pipelines.create([action, gate])
    pipelines.waiting("S2")
    assert [verb for verb, _ in sets.did] == ["create", "instances"]
    given = sets.did[0][1]
    assert given["Parameters"] == [{"ParameterKey": "A", "ParameterValue": "x y"},
                                   {"ParameterKey": "B", "UsePreviousValue": True}]
    assert (given["PermissionModel"], given["Capabilities"]) == ("SELF_MANAGED", ["CAPABILITY_IAM"])
    assert sets.did[1][1] == {"StackSetName": "fleet", "Accounts": ["222222222222", "333333333333"],
                              "Regions": ["eu-west-1"], "OperationPreferences": {"FailureTolerancePercentage": 20}}
    [detail, *_] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    assert detail["input"]["resolvedConfiguration"] == {"CustomData": "fleet:1 op"}


def test_d2_a_stack_set_that_is_there_is_updated_and_targets_may_stand_in_a_file(pipelines: Any) -> None:
    sets = pipelines.world.stacks = StackSets(pipelines.refusal, held=True)
    pipelines.world.source = pipelines.bundle(template_yaml="Resources: {}", units_json='["ou-1"]')
    action = deploy(pipelines, "CloudFormationStackSet", {
        **FLEET, "PermissionModel": "SERVICE_MANAGED", "OrganizationsAutoDeployment": "EnabledWithStackRetention",
        "DeploymentTargets": "SourceOutput::units.json", "Regions": "eu-west-1"})
    pipelines.ended(pipelines.create([action]), "Succeeded")
    [(verb, given)] = sets.did
    assert (verb, given["DeploymentTargets"]) == ("update", {"OrganizationalUnitIds": ["ou-1"]})
    assert given["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": True}


def test_d2_a_failed_operation_names_the_instances_that_failed(pipelines: Any) -> None:
    sets = pipelines.world.stacks = StackSets(pipelines.refusal, held=True)
    sets.status = "FAILED"
    action = deploy(pipelines, "CloudFormationStackInstances", {
        "StackSetName": "fleet", "DeploymentTargets": "222222222222", "Regions": "eu-west-1"})
    pipelines.ended(pipelines.create([action]), "Failed")
    assert [verb for verb, _ in sets.did] == ["instances"]
    assert last_error(pipelines) == (
        "Operation op on stack set fleet ended in FAILED\n222222222222 eu-west-1: no role")


def test_d2_targets_and_regions_go_together(pipelines: Any) -> None:
    action = deploy(pipelines, "CloudFormationStackSet", {**FLEET, "Regions": "eu-west-1"})
    with pytest.raises(AwsError, match="both DeploymentTargets and Regions"):
        pipelines("CreatePipeline", pipeline=pipelines.declaration([action]))


def machine(pipelines: Any, status: str, **configuration: str) -> Any:
    def start(_: Any, **given: Any) -> Any:
        started.append(given)
        return {"executionArn": "arn:execution"}

    pipelines.world.stepfunctions_start_execution = start
    pipelines.world.stepfunctions_describe_execution = lambda _, executionArn: {
        "status": status, "output": '{"size": 3, "name": "x"}', "cause": "too large"}
    started: list[dict[str, Any]] = []
    action = deploy(pipelines, "StepFunctions", {"StateMachineArn": "arn:machine", **configuration},
                    category="Invoke", namespace="Run")
    return action, started


def test_a_state_machine_gets_its_input_and_its_output_becomes_variables(pipelines: Any) -> None:
    action, started = machine(pipelines, "SUCCEEDED", InputType="FilePath", Input="app.py", ExecutionNamePrefix="run")
    gate = pipelines.approval(runOrder=2, configuration={"CustomData": "#{Run.name} #{Run.size}"})
    pipelines.create([action, gate])
    pipelines.waiting("S2")
    assert started[0]["input"] == "1"
    assert started[0]["name"].startswith("run-")
    [detail, *_] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    assert detail["input"]["resolvedConfiguration"] == {"CustomData": "x 3"}


def test_a_state_machine_that_fails_says_why(pipelines: Any) -> None:
    action, _ = machine(pipelines, "FAILED", Input='{"a": 1}')
    pipelines.ended(pipelines.create([action]), "Failed")
    assert last_error(pipelines) == "Execution arn:execution ended in FAILED: too large"
