"""From a push to a tested answer in another account, under names that nobody could foresee."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import Stage, git


@dataclass(frozen=True, slots=True)
class Rehearsed:
    stage: Stage
    nonce: str
    report: dict[str, Any]
    shown: str

    @property
    def delivery(self) -> dict[str, Any]:
        found: dict[str, Any] = self.report["deliveries"][0]
        return found


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """A platform that was rehearsed and left up."""
    stage = stages.make(tmp_path_factory.mktemp("delivery") / "platform")
    nonce = secrets.token_hex(8)
    stage.revise(nonce)
    done, report = stage.rehearse("--keep")
    done.well()
    yield Rehearsed(stage, nonce, report, done.out + done.err)
    stage.crossdock("local", "down").well()


def answered(stage: Stage, endpoint: str) -> dict[str, Any]:
    status, body = stages.get(f"{endpoint}/hello?name=Ada&visit=3")
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def test_the_api_answers_with_what_is_in_the_source(rehearsed: Rehearsed) -> None:
    found = answered(rehearsed.stage, rehearsed.delivery["endpoint"])
    assert found == {"message": "Hello Ada, your 3rd visit", "revision": rehearsed.nonce}


def test_the_report_has_what_is_documented_and_nothing_else(rehearsed: Rehearsed) -> None:
    report, delivery = rehearsed.report, rehearsed.delivery
    assert list(report) == ["ok", "seconds", "deliveries", "substitutions", "events"]
    assert list(delivery) == ["service", "environment", "account", "commit", "execution", "status", "seconds",
                              "endpoint", "checks"]
    assert report["ok"] is True
    assert 0 < delivery["seconds"] < report["seconds"]
    assert (delivery["service"], delivery["environment"]) == ("greeter", "development")
    assert (delivery["account"], delivery["status"]) == (rehearsed.stage.nonprod, "Succeeded")
    assert [(list(check), check["ok"]) for check in delivery["checks"]] == [(["name", "ok", "detail"], True)] * 2
    assert rehearsed.nonce in delivery["checks"][0]["detail"]
    assert Path(report["events"]).is_relative_to(rehearsed.stage.root / ".crossdock" / "runs")


def test_what_ran_otherwise_than_on_aws_is_named(rehearsed: Rehearsed) -> None:
    said = rehearsed.report["substitutions"]
    assert any(one.startswith("builds asked for image aws/codebuild/") for one in said)
    for sentence in said:
        assert sentence in rehearsed.shown


def test_a_person_is_told_what_was_delivered_where_how_long_it_took_and_what_answered(rehearsed: Rehearsed) -> None:
    delivery = rehearsed.delivery
    for fact in (delivery["commit"][:12], delivery["account"], delivery["endpoint"], rehearsed.nonce):
        assert fact in rehearsed.shown


def test_the_reported_commit_is_the_head_of_what_was_pushed(rehearsed: Rehearsed, tmp_path: Path) -> None:
    copy = stages.clone(rehearsed.stage, tmp_path / "copy")
    assert git(copy, "rev-parse", "HEAD") == rehearsed.delivery["commit"]
    assert rehearsed.nonce in (copy / "greeter" / "greeting.py").read_text(encoding="utf-8")


def test_an_execution_of_the_pipeline_is_of_that_commit(rehearsed: Rehearsed) -> None:
    found = rehearsed.stage.aws(
        "shared", "codepipeline", "get-pipeline-execution", "--pipeline-name", rehearsed.stage.pipeline,
        "--pipeline-execution-id", rehearsed.delivery["execution"],
    ).well().json["pipelineExecution"]
    assert found["status"] == "Succeeded"
    assert found["artifactRevisions"][0]["revisionId"] == rehearsed.delivery["commit"]


def test_the_aws_cli_reads_stacks_and_their_events_in_both_accounts(rehearsed: Rehearsed) -> None:
    stage = rehearsed.stage
    for account, wanted in (("shared", f"{stage.platform}-artifacts"), ("nonprod", stage.pipeline)):
        stacks = stage.aws(account, "cloudformation", "describe-stacks").well().json["Stacks"]
        assert wanted in {stack["StackName"] for stack in stacks}
        assert {stack["StackStatus"] for stack in stacks} == {"CREATE_COMPLETE"}
        events = stage.aws(account, "cloudformation", "describe-stack-events", "--stack-name", wanted).well().json
        assert events["StackEvents"][0]["ResourceStatus"] == "CREATE_COMPLETE"
        assert events["StackEvents"][-1]["ResourceStatusReason"] == "User Initiated"


def test_the_aws_cli_reads_what_the_pipeline_did(rehearsed: Rehearsed) -> None:
    stage = rehearsed.stage
    state = stage.aws("shared", "codepipeline", "get-pipeline-state", "--name", stage.pipeline).well().json
    assert [(one["stageName"], one["latestExecution"]["status"]) for one in state["stageStates"]] == [
        ("Source", "Succeeded"), ("Build", "Succeeded"), ("Deploy", "Succeeded")]
    summaries = stage.aws("shared", "codepipeline", "list-pipeline-executions", "--pipeline-name", stage.pipeline
                          ).well().json["pipelineExecutionSummaries"]
    assert rehearsed.delivery["execution"] in {summary["pipelineExecutionId"] for summary in summaries}


def test_the_aws_cli_reads_the_log_of_the_build(rehearsed: Rehearsed) -> None:
    stage = rehearsed.stage
    ids = stage.aws("shared", "codebuild", "list-builds").well().json["ids"]
    build = stage.aws("shared", "codebuild", "batch-get-builds", "--ids", ids[-1]).well().json["builds"][0]
    logs = build["logs"]
    lines = stage.aws("shared", "logs", "get-log-events", "--log-group-name", logs["groupName"], "--log-stream-name",
                      logs["streamName"], "--start-from-head").well().json["events"]
    text = "".join(line["message"] for line in lines)
    assert "test_the_language_comes_from_the_settings" in text
    assert "Ran 14 tests" in text


def test_the_log_bucket_receives_who_read_the_artifacts(rehearsed: Rehearsed, tmp_path: Path) -> None:
    stage = rehearsed.stage
    bucket = f"s3://{stage.platform}-logs-{stage.shared}-us-east-1/access/"
    stage.aws("shared", "s3", "cp", bucket, str(tmp_path), "--recursive", "--quiet").well()
    text = "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
    assert f"assumed-role/{stage.platform}-development-greeter-function" in text


def test_artifacts_are_encrypted_so_that_not_even_the_administrator_reads_them(rehearsed: Rehearsed) -> None:
    stage = rehearsed.stage
    bucket = f"{stage.platform}-artifacts-{stage.shared}-us-east-1"
    key = "configuration/development/greeter/settings.json"
    head = stage.aws("shared", "s3api", "head-object", "--bucket", bucket, "--key", key).well().json
    assert head["ServerSideEncryption"] == "aws:kms"
    assert f":{stage.shared}:key/" in head["SSEKMSKeyId"]
    refused = stage.aws("shared", "s3", "cp", f"s3://{bucket}/{key}", "-")
    assert refused.code != 0
    assert "is not authorized to perform: kms:Decrypt" in refused.err


def test_a_second_push_by_hand_changes_the_answer(rehearsed: Rehearsed, tmp_path: Path) -> None:
    stage, second = rehearsed.stage, secrets.token_hex(8)
    copy = stages.clone(stage, tmp_path / "copy")
    stages.swap(copy / "greeter" / "greeting.py", rehearsed.nonce, second)
    commit = stages.push(stage, copy)
    delivered = stages.eventually(lambda: stages.ended(stage, commit))
    assert delivered["status"] == "Succeeded"
    assert answered(stage, delivered["endpoint"])["revision"] == second


def test_a_service_that_is_a_git_repository_is_pushed_with_its_history(rehearsed: Rehearsed) -> None:
    stage, third = rehearsed.stage, secrets.token_hex(8)
    variables = stage.as_account("shared")
    git(stage.service, "init", "--quiet", "--initial-branch", "main")
    stages.remote(stage, stage.service, "fetch", "--quiet", stages.clone_url(stage), stage.branch)
    git(stage.service, "reset", "--quiet", "--soft", "FETCH_HEAD")
    stage.revise(third)
    git(stage.service, "add", "--all")
    git(stage.service, "commit", "--quiet", "--message", "A third revision")
    stage.write("notes.txt", "not committed")
    done, report = stage.rehearse()
    done.well()
    assert "without what is not committed: notes.txt" in done.err
    assert report["deliveries"][0]["commit"] == git(stage.service, "rev-parse", "HEAD")
    assert answered(stage, report["deliveries"][0]["endpoint"])["revision"] == third
    assert f"local AWS stays up at {variables['AWS_ENDPOINT_URL']}" in done.out
