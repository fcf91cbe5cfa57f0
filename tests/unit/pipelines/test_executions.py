"""Executions through stages (rules E1 to E10), their artifacts, roles and variables (A1 to A5), their events (V1 to
V3)."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from crossdock.local.engine import AwsError


def code(pipelines: Any, operation: str, **params: Any) -> str:
    with pytest.raises(AwsError) as raised:
        pipelines(operation, **params)
    return raised.value.code


def test_e4_creating_a_pipeline_starts_an_execution(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    [summary] = pipelines.executions()
    assert summary["trigger"] == {"triggerType": "CreatePipeline", "triggerDetail": pipelines.alice.arn}
    pipelines.approve("S2")
    pipelines.ended(first, "Succeeded")
    assert pipelines.stage("S2")["latestExecution"]["status"] == "Succeeded"


def test_s1_a_commit_s_tree_becomes_the_artifact_with_its_variables(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    detail = pipelines("ListActionExecutions", pipelineName="p", filter={"pipelineExecutionId": first})
    taken = detail["actionExecutionDetails"][-1]
    location = taken["output"]["outputArtifacts"][0]["s3location"]
    assert pipelines.world.objects[location["bucket"], location["key"]][0]["Body"] == pipelines.world.source
    assert taken["output"]["outputVariables"] == {
        "AuthorDate": "2017-01-11T20:49:58Z", "CommitterDate": "2017-01-11T20:49:58Z", "BranchName": "develop",
        "CommitId": "c1", "CommitMessage": "say c1\n\nmore", "RepositoryName": "hello",
    }
    assert pipelines.world.authorised == ["codecommit:UploadArchive", "codecommit:GetUploadArchiveStatus"]
    [revision] = pipelines.executions()[0]["sourceRevisions"]
    assert (revision["actionName"], revision["revisionId"]) == ("Take", "c1")
    whole = pipelines("GetPipelineExecution", pipelineName="p", pipelineExecutionId=first)["pipelineExecution"]
    assert [(r["name"], r["revisionId"]) for r in whole["artifactRevisions"]] == [("SourceOutput", "c1")]


def test_a1_artifacts_are_encrypted_with_the_store_s_key_under_cut_names(pipelines: Any) -> None:
    pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    [((bucket, key), [stored])] = pipelines.world.objects.items()
    assert bucket == "store"
    assert re.fullmatch(r"p/SourceOutp/[A-Za-z0-9]{7}", key)
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", "key")
    assert stored["by"].principal_arn == pipelines.role


def test_a2_an_action_s_role_is_assumed_by_the_pipeline_s_role(pipelines: Any) -> None:
    pipelines.create([pipelines.approval(roleArn=pipelines.deploy, configuration={"NotificationArn": "arn:topic"})])
    pipelines.waiting("S2")
    assumed = next(c for c in pipelines.world.calls if c[1] == "assume_role")
    published = next(c for c in pipelines.world.calls if c[1] == "publish")
    assert assumed[3].principal_arn == pipelines.role
    assert published[3].principal_arn == pipelines.deploy


def test_a2_a_role_that_may_not_be_assumed_fails_the_action_in_aws_s_words(pipelines: Any) -> None:
    pipelines.world.roles.remove(pipelines.deploy)
    first = pipelines.create([pipelines.approval(roleArn=pipelines.deploy)])
    pipelines.ended(first, "Failed")
    error = pipelines.latest("S2", "Gate")["errorDetails"]
    assert error["code"] == "AccessDenied"
    assert "assumed-role/pipeline/" in error["message"]
    assert "perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/deploy" in error["message"]


def test_a_denied_source_fails_with_principal_action_and_resource(pipelines: Any) -> None:
    pipelines.world.denied.add(("codecommit", "UploadArchive"))
    first = pipelines.create([pipelines.approval()])
    pipelines.ended(first, "Failed")
    error = pipelines.latest("Source", "Take")["errorDetails"]
    assert error["code"] == "AccessDeniedException"
    assert "codecommit:UploadArchive on resource: arn:aws:codecommit:eu-west-1:111111111111:hello" in error["message"]
    [detail] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    assert detail["output"]["executionResult"]["errorDetails"] == error
    assert "latestExecution" not in pipelines.stage("S2")


def test_a4_an_input_is_copied_to_the_store_of_the_action_s_region(pipelines: Any) -> None:
    build = pipelines.action("B", "Build", "CodeBuild", configuration={"ProjectName": "x"}, region="us-east-1",
                             inputArtifacts=["SourceOutput"])
    declaration = pipelines.declaration([build])
    store = declaration.pop("artifactStore")
    declaration["artifactStores"] = {"eu-west-1": store, "us-east-1": {"type": "S3", "location": "far"}}
    pipelines.world.builds["x:1"] = {"buildStatus": "SUCCEEDED"}
    pipelines("CreatePipeline", pipeline=declaration)
    pipelines.ended(pipelines.executions()[0]["pipelineExecutionId"], "Succeeded")
    [order] = pipelines.world.orders
    assert (order.inputs[0].bucket, order.region, order.encryption_key) == ("far", "us-east-1", "")
    assert pipelines.world.objects["far", order.inputs[0].key][0]["Body"] == pipelines.world.source


def test_a5_variables_are_resolved_when_an_action_starts(pipelines: Any) -> None:
    gate = pipelines.approval(configuration={
        "CustomData": "#{Code.CommitId} of #{variables.who} in #{codepipeline.PipelineExecutionId}"})
    declaration = pipelines.declaration([gate], pipelineType="V2", variables=[{"name": "who", "defaultValue": "all"}])
    declaration["stages"][0]["actions"][0]["namespace"] = "Code"
    pipelines("CreatePipeline", pipeline=declaration)
    pipelines.waiting("S2")
    [detail, _] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    id_ = pipelines.executions()[0]["pipelineExecutionId"]
    assert detail["input"]["resolvedConfiguration"] == {"CustomData": f"c1 of all in {id_}"}
    assert detail["input"]["configuration"]["CustomData"].startswith("#{Code")


def test_a5_a_variable_without_a_value_fails_the_action(pipelines: Any) -> None:
    declaration = pipelines.declaration([pipelines.approval(configuration={"CustomData": "#{Code.Colour}"})])
    declaration["stages"][0]["actions"][0]["namespace"] = "Code"
    pipelines("CreatePipeline", pipeline=declaration)
    pipelines.ended(pipelines.executions()[0]["pipelineExecutionId"], "Failed")
    assert "#{Code.Colour} has no value" in pipelines.latest("S2", "Gate")["errorDetails"]["message"]


def test_e1_a_stage_is_locked_by_the_execution_in_it(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    second = pipelines.begin()
    pipelines.until(lambda: pipelines.stage("S2").get("inboundExecution"), "the second one's arrival")
    assert pipelines.stage("S2")["inboundExecution"]["pipelineExecutionId"] == second
    assert pipelines.stage("S2")["latestExecution"]["pipelineExecutionId"] == first
    pipelines.approve("S2", execution=first)
    pipelines.approve("S2", execution=second)
    pipelines.ended(second, "Succeeded")
    assert pipelines.status(first) == "Succeeded"


def test_e2_a_newer_execution_supersedes_the_one_that_waits_not_the_one_inside(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    second = pipelines.begin()
    pipelines.until(lambda: pipelines.stage("S2").get("inboundExecution"))
    third = pipelines.begin()
    pipelines.ended(second, "Superseded")
    assert pipelines.status(first) == "InProgress"
    pipelines.approve("S2", execution=first)
    pipelines.approve("S2", execution=third)
    pipelines.ended(third, "Succeeded")
    assert "SUPERSEDED" in pipelines.told("Pipeline")


def test_e5_a_disabled_transition_holds_executions_and_the_latest_enters(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval("A")], [pipelines.approval()])
    pipelines.waiting("S2", "A")
    pipelines("DisableStageTransition", pipelineName="p", stageName="S3", transitionType="Inbound", reason="freeze")
    pipelines.approve("S2", "A")
    pipelines.until(lambda: pipelines.stage("S3").get("inboundExecution"))
    state = pipelines.stage("S3")["inboundTransitionState"]
    assert (state["enabled"], state["disabledReason"], state["lastChangedBy"]) == (False, "freeze", pipelines.alice.arn)
    second = pipelines.begin()
    pipelines.approve("S2", "A", execution=second)
    pipelines.ended(first, "Superseded")
    pipelines("EnableStageTransition", pipelineName="p", stageName="S3", transitionType="Inbound")
    pipelines.approve("S3", execution=second)
    pipelines.ended(second, "Succeeded")


def test_e5_a_disabled_outbound_transition_holds_behind_the_stage(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval("A")], [pipelines.approval()])
    pipelines("DisableStageTransition", pipelineName="p", stageName="S2", transitionType="Outbound", reason="freeze")
    pipelines.approve("S2", "A")
    pipelines.until(lambda: pipelines.stage("S2")["latestExecution"]["status"] == "Succeeded")
    assert "latestExecution" not in pipelines.stage("S3")
    pipelines("EnableStageTransition", pipelineName="p", stageName="S2", transitionType="Outbound")
    pipelines.approve("S3")
    pipelines.ended(first, "Succeeded")


def test_p5_equal_run_orders_run_together_and_lower_ones_come_first(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval("A"), pipelines.approval("B"), pipelines.approval("C", runOrder=7)])
    pipelines.waiting("S2", "A")
    pipelines.waiting("S2", "B")
    pipelines.approve("S2", "A")
    assert pipelines.latest("S2", "C") == {}
    pipelines.approve("S2", "B")
    pipelines.approve("S2", "C")
    pipelines.ended(first, "Succeeded")


def test_e7_stop_and_wait_lets_running_actions_finish_and_starts_no_more(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval(), pipelines.approval("Later", runOrder=2)])
    pipelines.waiting("S2")
    which = {"pipelineName": "p", "pipelineExecutionId": first}
    pipelines("StopPipelineExecution", **which, reason="wrong")
    assert pipelines.status(first) == "Stopping"
    assert code(pipelines, "StopPipelineExecution", **which) == "DuplicatedStopRequestException"
    pipelines.approve("S2")
    pipelines.ended(first, "Stopped")
    assert pipelines.latest("S2", "Later") == {}
    assert pipelines.stage("S2")["latestExecution"]["status"] == "Stopped"
    assert pipelines.executions()[0]["stopTrigger"] == {"reason": "wrong"}
    assert code(pipelines, "StopPipelineExecution", **which) == "PipelineExecutionNotStoppableException"
    assert pipelines.told("Pipeline") == ["STARTED", "STOPPING", "STOPPED"]


def test_e7_stop_and_abandon_ends_at_once_even_while_stopping(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    pipelines("StopPipelineExecution", pipelineName="p", pipelineExecutionId=first)
    pipelines("StopPipelineExecution", pipelineName="p", pipelineExecutionId=first, abandon=True)
    pipelines.ended(first, "Stopped")
    assert pipelines.latest("S2", "Gate")["status"] == "Abandoned"
    assert pipelines.told("Action")[-1] == "ABANDONED"


def test_e2_a_waiting_execution_can_be_stopped_and_not_be_retried(pipelines: Any) -> None:
    pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    second = pipelines.begin()
    pipelines.until(lambda: pipelines.stage("S2").get("inboundExecution"))
    pipelines("StopPipelineExecution", pipelineName="p", pipelineExecutionId=second)
    assert pipelines.status(second) == "Stopped"
    assert "inboundExecution" not in pipelines.stage("S2")
    assert code(pipelines, "RetryStageExecution", pipelineName="p", stageName="S2", pipelineExecutionId=second,
                retryMode="FAILED_ACTIONS") == "StageNotRetryableException"


def test_e8_a_retry_runs_failed_actions_again_in_the_same_execution(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval("A"), pipelines.approval("B"), pipelines.approval("C", runOrder=2)])
    pipelines.approve("S2", "A")
    pipelines.approve("S2", "B", status="Rejected")
    pipelines.ended(first, "Failed")
    assert "Rejected by" in pipelines.latest("S2", "B")["errorDetails"]["message"]
    kept = pipelines.latest("S2", "A")["actionExecutionId"]
    which = {"pipelineName": "p", "stageName": "S2", "pipelineExecutionId": first}
    assert pipelines("RetryStageExecution", **which, retryMode="FAILED_ACTIONS") == {"pipelineExecutionId": first}
    pipelines.approve("S2", "B")
    pipelines.approve("S2", "C")
    pipelines.ended(first, "Succeeded")
    assert pipelines.latest("S2", "A")["actionExecutionId"] == kept
    assert pipelines.stage("S2")["retryStageMetadata"]["manualStageRetryAttempt"] == 1
    assert pipelines.told("Pipeline") == ["STARTED", "FAILED", "RESUMED", "SUCCEEDED"]
    assert code(pipelines, "RetryStageExecution", **which, retryMode="ALL_ACTIONS") == "StageNotRetryableException"


def test_e8_all_actions_of_a_stage_can_be_retried(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval("A"), pipelines.approval("B", runOrder=2)])
    pipelines.approve("S2", "A")
    pipelines.approve("S2", "B", status="Rejected")
    pipelines.ended(first, "Failed")
    which = {"pipelineName": "p", "stageName": "S2", "pipelineExecutionId": first}
    pipelines("RetryStageExecution", **which, retryMode="ALL_ACTIONS")
    pipelines.approve("S2", "A")
    pipelines.approve("S2", "B")
    pipelines.ended(first, "Succeeded")


def test_e8_no_retry_after_a_newer_execution_or_a_changed_structure(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    pipelines.approve("S2", status="Rejected")
    pipelines.ended(first, "Failed")
    second = pipelines.begin()
    pipelines.waiting("S2", execution=second)
    retry = {"pipelineName": "p", "stageName": "S2", "retryMode": "FAILED_ACTIONS"}
    answer = code(pipelines, "RetryStageExecution", **retry, pipelineExecutionId=first)
    assert answer == "NotLatestPipelineExecutionException"
    pipelines.approve("S2", status="Rejected", execution=second)
    pipelines.ended(second, "Failed")
    pipelines("UpdatePipeline", pipeline=pipelines.declaration([pipelines.approval("Other")]))
    answer = code(pipelines, "RetryStageExecution", **retry, pipelineExecutionId=second)
    assert answer == "StageNotRetryableException"


def test_e10_a_start_may_bring_variables_and_revisions(pipelines: Any) -> None:
    declaration = pipelines.declaration([pipelines.approval()], pipelineType="V2", variables=[{"name": "who"}])
    pipelines("CreatePipeline", pipeline=declaration)
    pipelines.approve("S2")
    assert code(pipelines, "StartPipelineExecution", name="p") == "ValidationException"
    assert code(pipelines, "StartPipelineExecution", name="p", variables=[{"name": "x", "value": "1"}]) == (
        "ValidationException")
    who = [{"name": "who", "value": "bob"}]
    revisions = [{"actionName": "Take", "revisionType": "COMMIT_ID", "revisionValue": "c0"}]
    id_ = pipelines.begin(variables=who, sourceRevisions=revisions, clientRequestToken="t")
    assert pipelines.begin(variables=who, clientRequestToken="t") == id_
    pipelines.waiting("S2", execution=id_)
    whole = pipelines("GetPipelineExecution", pipelineName="p", pipelineExecutionId=id_)["pipelineExecution"]
    assert whole["variables"] == [{"name": "who", "resolvedValue": "bob"}]
    assert whole["artifactRevisions"][0]["revisionId"] == "c0"


def test_s3_a_start_by_a_rule_is_told_apart(pipelines: Any) -> None:
    pipelines.create([pipelines.approval()])
    rule = "arn:aws:events:eu-west-1:111111111111:rule/r"
    pipelines("StartPipelineExecution", name="p", caller=replace(pipelines.alice, source_arn=rule))
    assert pipelines.executions()[0]["trigger"] == {"triggerType": "CloudWatchEvent", "triggerDetail": rule}


def test_s1_a_polled_branch_starts_the_pipeline_when_it_moved(pipelines: Any) -> None:
    declaration = pipelines.declaration([pipelines.approval()])
    del declaration["stages"][0]["actions"][0]["configuration"]["PollForSourceChanges"]
    pipelines("CreatePipeline", pipeline=declaration)
    pipelines.waiting("S2")
    pipelines.engine.poll()
    assert len(pipelines.executions()) == 1
    pipelines.world.branches["hello", "develop"] = "c2"
    pipelines.engine.poll()
    assert pipelines.executions()[0]["trigger"]["triggerType"] == "PollForSourceChanges"
    pipelines.until(lambda: pipelines.stage("S2").get("inboundExecution"))
    pipelines.engine.poll()
    assert len(pipelines.executions()) == 2


def test_d5_an_approval_is_announced_and_needs_its_current_token(pipelines: Any) -> None:
    gate = pipelines.approval(configuration={"NotificationArn": "arn:topic", "CustomData": "look"})
    first = pipelines.create([gate])
    token = pipelines.waiting("S2")
    sent = pipelines.until(lambda: next((c[2] for c in pipelines.world.calls if c[1] == "publish"), None))
    message = json.loads(sent["Message"])
    assert set(message) == {"region", "consoleLink", "approval"}
    assert (message["approval"]["token"], message["approval"]["customData"]) == (token, "look")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", message["approval"]["expires"])
    verdict = {"status": "Approved", "summary": ""}
    put = {"pipelineName": "p", "stageName": "S2", "actionName": "Gate", "result": verdict}
    assert code(pipelines, "PutApprovalResult", **put, token="old") == "InvalidApprovalTokenException"
    assert code(pipelines, "PutApprovalResult", **{**put, "actionName": "x"}, token=token) == "ActionNotFoundException"
    assert code(pipelines, "PutApprovalResult", **{**put, "stageName": "x"}, token=token) == "StageNotFoundException"
    pipelines("PutApprovalResult", **put, token=token)
    pipelines.ended(first, "Succeeded")
    assert code(pipelines, "PutApprovalResult", **put, token=token) == "ApprovalAlreadyCompletedException"
    assert pipelines.latest("S2", "Gate")["lastUpdatedBy"] == pipelines.alice.arn


def test_v1_to_v3_events_tell_pipelines_stages_and_actions(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    pipelines.approve("S2", status="Rejected")
    pipelines.ended(first, "Failed")
    assert pipelines.told("Pipeline") == ["STARTED", "FAILED"]
    assert pipelines.told("Stage") == ["STARTED", "SUCCEEDED", "STARTED", "FAILED"]
    assert pipelines.told("Action") == ["STARTED", "SUCCEEDED", "STARTED", "FAILED"]
    assert {e["source"] for e in pipelines.world.events} == {"aws.codepipeline"}
    resources = {tuple(e["resources"]) for e in pipelines.world.events}
    assert resources == {("arn:aws:codepipeline:eu-west-1:111111111111:p",)}
    begun = pipelines.world.events[0]["detail"]
    assert (begun["pipeline"], begun["execution-id"], begun["version"]) == ("p", first, 1.0)
    assert begun["execution-trigger"]["trigger-type"] == "CreatePipeline"
    taken = [e["detail"] for e in pipelines.world.events if e["detail"].get("action") == "Take"][-1]
    assert taken["type"] == {"owner": "AWS", "category": "Source", "provider": "CodeCommit", "version": "1"}
    assert (taken["stage"], taken["region"]) == ("Source", "eu-west-1")
    assert taken["output-artifacts"][0]["name"] == "SourceOutput"
    assert set(taken["output-artifacts"][0]["s3location"]) == {"bucket", "key"}
    failed = [e["detail"] for e in pipelines.world.events if e["detail"].get("action") == "Gate"][-1]
    assert failed["execution-result"]["error-code"] == "JobFailed"


def test_an_execution_that_the_local_aws_left_behind_can_be_retried(pipelines: Any) -> None:
    first = pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    pipelines.engine.stop()
    assert pipelines.status(first) == "InProgress"
    pipelines.engine.start()
    assert pipelines.status(first) == "Failed"
    assert "was stopped while this action ran" in pipelines.latest("S2", "Gate")["errorDetails"]["message"]
    pipelines("RetryStageExecution", pipelineName="p", stageName="S2", pipelineExecutionId=first,
              retryMode="FAILED_ACTIONS")
    pipelines.approve("S2")
    pipelines.ended(first, "Succeeded")


def test_a_deleted_pipeline_s_executions_are_abandoned(pipelines: Any) -> None:
    pipelines.create([pipelines.approval()])
    pipelines.waiting("S2")
    pipelines.begin()
    pipelines("DeletePipeline", name="p")
    pipelines("DeletePipeline", name="p")
    assert code(pipelines, "GetPipelineState", name="p") == "PipelineNotFoundException"


def test_lists_are_paged(pipelines: Any) -> None:
    pipelines.create([pipelines.approval()])
    pipelines.begin()
    pipelines.begin()
    page = pipelines("ListPipelineExecutions", pipelineName="p", maxResults=2)
    rest = pipelines("ListPipelineExecutions", pipelineName="p", maxResults=2, nextToken=page["nextToken"])
    assert (len(page["pipelineExecutionSummaries"]), len(rest["pipelineExecutionSummaries"])) == (2, 1)
    assert "nextToken" not in rest
