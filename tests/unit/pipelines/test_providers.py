"""CodeBuild (D6), S3 sources (S2) and Lambda invocations (D4) as actions."""

import json
from typing import Any

import pytest

from crossdock.local.engine import AwsError


def build(pipelines: Any, **more: Any) -> Any:
    configuration = {"ProjectName": "x"} | more.pop("configuration", {})
    return pipelines.action("B", "Build", "CodeBuild", configuration=configuration,
                            **{"inputArtifacts": ["SourceOutput"], **more})


def test_d6_a_build_gets_artifacts_variables_key_and_the_action_s_caller(pipelines: Any) -> None:
    pipelines.world.builds["x:1"] = {"buildStatus": "SUCCEEDED", "logs": {"deepLink": "http://log"},
                                     "exportedEnvironmentVariables": [{"name": "VERSION", "value": "7"}]}
    variables = json.dumps([{"name": "A", "value": "#{codepipeline.PipelineExecutionId}"},
                            {"name": "B", "value": "/p", "type": "PARAMETER_STORE"}])
    gate = pipelines.approval(runOrder=2, configuration={"CustomData": "#{Built.VERSION}"})
    first = pipelines.create([build(pipelines, outputArtifacts=["Built1"], namespace="Built",
                                    configuration={"EnvironmentVariables": variables}), gate])
    pipelines.waiting("S2")
    [order] = pipelines.world.orders
    assert (order.project, order.account, order.pipeline, order.encryption_key) == ("x", "111111111111", "p", "key")
    assert order.caller.principal_arn == pipelines.role
    located = [(a.name, a.bucket) for a in (*order.inputs, *order.outputs)]
    assert located == [("SourceOutput", "store"), ("Built1", "store")]
    assert order.environment == ({"type": "PLAINTEXT", "name": "A", "value": first},
                                 {"type": "PARAMETER_STORE", "name": "B", "value": "/p"})
    state = pipelines.latest("S2", "B")
    assert (state["externalExecutionId"], state["externalExecutionUrl"]) == ("x:1", "http://log")
    [detail, *_] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    assert detail["input"]["resolvedConfiguration"] == {"CustomData": "7"}


def test_d6_a_failed_build_tells_its_phase_and_words(pipelines: Any) -> None:
    pipelines.world.builds["x:1"] = {"buildStatus": "FAILED", "phases": [
        {"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED"},
        {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [
            {"statusCode": "COMMAND_EXECUTION_ERROR", "message": "pytest: exit status 1"}]}]}
    pipelines.ended(pipelines.create([build(pipelines)]), "Failed")
    error = pipelines.latest("S2", "B")["errorDetails"]
    assert error == {"code": "JobFailed",
                     "message": "Build terminated with state: FAILED. Phase: BUILD. pytest: exit status 1"}


def test_d6_the_primary_source_comes_first_of_several_inputs(pipelines: Any) -> None:
    pipelines.world.builds["x:1"] = {"buildStatus": "SUCCEEDED"}
    one = build(pipelines, outputArtifacts=["First"])
    both = pipelines.action("C", "Build", "CodeBuild", runOrder=2, inputArtifacts=["SourceOutput", "First"],
                            configuration={"ProjectName": "x", "PrimarySource": "First"})
    pipelines.ended(pipelines.create([one, both]), "Succeeded")
    assert [a.name for a in pipelines.world.orders[1].inputs] == ["First", "SourceOutput"]
    del both["configuration"]["PrimarySource"]
    pipelines("UpdatePipeline", pipeline=pipelines.declaration([one, both]))
    pipelines.ended(pipelines.begin(), "Failed")
    assert "PrimarySource is required" in pipelines.latest("S2", "C")["errorDetails"]["message"]


def test_d6_environment_variables_must_be_a_list_of_objects(pipelines: Any) -> None:
    for text in ("{", "{}", '[{"name": "A"}]'):
        wrong = build(pipelines, configuration={"EnvironmentVariables": text})
        with pytest.raises(AwsError, match="must be a JSON list"):
            pipelines("CreatePipeline", pipeline=pipelines.declaration([wrong]))


def from_s3(pipelines: Any, bucket: str = "releases") -> Any:
    declaration = pipelines.declaration([pipelines.approval()])
    declaration["stages"][0]["actions"] = [pipelines.action(
        "Take", "Source", "S3", outputArtifacts=["SourceOutput"], namespace="Code",
        configuration={"S3Bucket": bucket, "S3ObjectKey": "app.zip", "PollForSourceChanges": "false"})]
    return declaration


def test_s2_an_object_is_taken_as_it_is_with_its_version(pipelines: Any) -> None:
    pipelines.world.objects["releases", "app.zip"] = [{"Body": b"old"}, {"Body": b"no zip at all"}]
    pipelines("CreatePipeline", pipeline=from_s3(pipelines))
    pipelines.approve("S2")
    [_, detail] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    assert detail["output"]["outputVariables"] == {"ETag": "tag", "VersionId": "v2"}
    location = detail["output"]["outputArtifacts"][0]["s3location"]
    assert pipelines.world.objects[location["bucket"], location["key"]][0]["Body"] == b"no zip at all"
    older = [{"actionName": "Take", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "v1"}]
    id_ = pipelines.begin(sourceRevisions=older)
    pipelines.waiting("S2", execution=id_)
    assert pipelines.executions()[0]["sourceRevisions"][0]["revisionId"] == "v1"


def test_s2_the_source_s_bucket_must_be_versioned(pipelines: Any) -> None:
    pipelines("CreatePipeline", pipeline=from_s3(pipelines, "plain"))
    pipelines.ended(pipelines.executions()[0]["pipelineExecutionId"], "Failed")
    assert "not versioned" in pipelines.latest("Source", "Take")["errorDetails"]["message"]


def invoke(pipelines: Any) -> tuple[str, dict[str, Any]]:
    """A pipeline that invokes a function; its first execution, and the event that the function got."""
    function = pipelines.action("F", "Invoke", "Lambda", inputArtifacts=["SourceOutput"], namespace="Fn",
                                configuration={"FunctionName": "check", "UserParameters": "7"})
    first = pipelines.create([function])
    sent = pipelines.until(lambda: next((c[2] for c in pipelines.world.calls if c[1] == "invoke"), None))
    assert (sent["FunctionName"], sent["InvocationType"]) == ("check", "Event")
    return first, json.loads(sent["Payload"])["CodePipeline.job"]


def test_d4_a_function_gets_a_job_and_ends_it_with_variables(pipelines: Any) -> None:
    first, job = invoke(pipelines)
    assert job["accountId"] == "111111111111"
    assert job["data"]["actionConfiguration"]["configuration"] == {"FunctionName": "check", "UserParameters": "7"}
    assert job["data"]["inputArtifacts"][0]["location"]["s3Location"]["bucketName"] == "store"
    assert job["data"]["artifactCredentials"]["accessKeyId"] == "ASIATEST"
    assert job["data"]["encryptionKey"] == {"id": "key", "type": "KMS"}
    pipelines("PutJobSuccessResult", jobId=job["id"], outputVariables={"answer": "42"},
              executionDetails={"summary": "checked", "externalExecutionId": "e"})
    pipelines.ended(first, "Succeeded")
    detail = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"][0]
    assert detail["output"]["outputVariables"] == {"answer": "42"}
    assert detail["output"]["executionResult"]["externalExecutionSummary"] == "checked"
    with pytest.raises(AwsError, match="is Succeeded"):
        pipelines("PutJobSuccessResult", jobId=job["id"])
    with pytest.raises(AwsError, match="does not exist"):
        pipelines("PutJobSuccessResult", jobId="nobody")


def test_d4_a_function_may_fail_its_job(pipelines: Any) -> None:
    first, job = invoke(pipelines)
    pipelines("PutJobFailureResult", jobId=job["id"], failureDetails={"type": "JobFailed", "message": "too old"})
    pipelines.ended(first, "Failed")
    assert pipelines.latest("S2", "F")["errorDetails"] == {"code": "JobFailed", "message": "too old"}


def test_d4_a_function_that_nothing_here_runs_fails_the_action_by_name_at_once(pipelines: Any) -> None:
    pipelines.world.unrunnable.add("check")
    first = pipelines.create([pipelines.action("F", "Invoke", "Lambda", configuration={"FunctionName": "check"})])
    pipelines.ended(first, "Failed")
    assert pipelines.latest("S2", "F")["errorDetails"]["message"] == (
        "the local AWS does not emulate running the Lambda runtime java21")
