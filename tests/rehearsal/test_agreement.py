"""The proof and the rehearsal agree: what is proven is never denied, what is denied was foretold, step and side alike.

Both ask the same engine; what is tested is everything around it: which calls are made, by whom, on what, in which
context, under which policies.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import Stage

from crossdock import compose
from crossdock.local.door.log_reader import read as read_log
from crossdock.prove import Scene, judge_of
from crossdock.prove.needs import needs
from crossdock.prove.read import read

DELIVERY_FAILED, PROOF_FAILED = 5, 7
LACKING = {
    "the key without data keys": (
        "foundation-artifacts.yaml", "              - kms:GenerateDataKey*\n", ""),
    "the bucket without the deployment role": (
        "foundation-artifacts.yaml", "-development-deployment\"}", "-development-nobody\"}"),
    "the deployment role without the right to pass": (
        "delivery-target-roles.yaml", "Action: iam:PassRole\n                Resource: !GetAtt Execution",
        "Action: iam:GetRole\n                Resource: !GetAtt Execution"),
    "the bucket without the service": (
        "foundation-artifacts.yaml", "-development-greeter-*\"}", "-development-nobody-*\"}"),
}  # fmt: skip


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A platform that was rehearsed and left up."""
    made = stages.make(tmp_path_factory.mktemp("agreement") / "platform")
    made.rehearse("--keep")[0].well()
    yield made
    made.crossdock("local", "down").well()


def test_an_intact_platform_is_denied_nothing_and_every_call_was_foretold(stage: Stage) -> None:
    found = stage.crossdock("access", "observed", "--json").well().json
    assert found["calls"] > 80
    assert found["unforetold"] == found["denied"] == []


def test_the_main_path_is_borne_out_by_calls(stage: Stage) -> None:
    """Needs of the first delivery that no call bore out are those of updates, deletions, reports, and what guides ask
    for beyond what the services are seen to do."""
    idle = stage.crossdock("access", "observed", "--json").well().json["idle"]
    unseen = {(need["step"]["action"], need["action"]) for need in idle}
    for step, action in (
        ("Source/Source", "codecommit:GetBranch"), ("Source/Source", "s3:PutObject"), ("Build/Build", "s3:PutObject"),
        ("Build/Build", "codebuild:StartBuild"), ("Build/Build", "logs:PutLogEvents"), ("run", "kms:Decrypt"),
        ("Deploy/Prepare", "sts:AssumeRole"), ("Deploy/Prepare", "iam:PassRole"),
        ("Deploy/Execute", "lambda:CreateFunction"), ("Deploy/Execute", "kms:Decrypt"), ("run", "s3:GetObject"),
        ("run", "lambda:InvokeFunction"), ("start", "codepipeline:StartPipelineExecution"),
        ("access log", "s3:PutObject"),
    ):  # fmt: skip
        assert (step, action) not in unseen


@pytest.mark.parametrize("lack", LACKING)
def test_what_the_proof_says_will_fail_fails_at_that_step_and_for_that_reason(stage: Stage, lack: str) -> None:
    directory = edited(stage, *LACKING[lack])
    foretold = failing(read(compose.adopt(directory), directory, stage.root))
    assert foretold
    refused, _ = stage.rehearse("--assembly", str(directory))
    assert refused.code == PROOF_FAILED
    stage.revise(lack.replace(" ", "-"))
    began = time.time()
    done, _ = stage.rehearse("--unproved", "--assembly", str(directory))
    assert done.code == DELIVERY_FAILED, done.err
    denied = {
        (line["action"], tuple(line["missing"])) for line in log(stage, began)
        if line["decision"] != "allowed" and "why" not in line  # those ask where an object is not there
    }
    assert denied
    assert denied <= {(action, missing) for _, action, missing in foretold}
    assert failed_step(done.err) in {step for step, _, _ in foretold}
    assert "go on unproved, although the proof fails" in done.err
    stage.crossdock("apply", "--profile", "rehearsal", "--yes", "--fresh").well()


GUARDRAIL = {"Version": "2012-10-17", "Statement": [
    {"Sid": "NobodyDecrypts", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}]}  # fmt: skip


@pytest.fixture
def guarded(stage: Stage) -> Iterator[Stage]:
    """The stage with a service control policy on the target account that denies kms:Decrypt."""
    def organizations(*arguments: str) -> dict[str, dict[str, dict[str, str]]]:
        done = stage.aws("shared", "organizations", *arguments).well()
        return dict(done.json) if done.out.strip() else {}

    made = organizations("create-policy", "--name", "Guardrail", "--description", "", "--type",
                         "SERVICE_CONTROL_POLICY", "--content", json.dumps(GUARDRAIL))
    there = ("--policy-id", made["Policy"]["PolicySummary"]["Id"], "--target-id", stage.nonprod)
    organizations("attach-policy", *there)
    yield stage
    organizations("detach-policy", *there)


def test_a_control_policy_fails_proof_and_rehearsal_at_the_same_step_by_the_same_statement(guarded: Stage) -> None:
    stage = guarded
    assert stage.crossdock("prove", "--json").well().json["ok"] is True  # it is not told of the organization
    foretold = stage.crossdock("prove", "--json", "--profile", "rehearsal")
    assert foretold.code == PROOF_FAILED
    found = [one for one in foretold.json["needs"] if one["verdict"] != "allowed"]
    assert {one["need"]["action"] for one in found} == {"kms:Decrypt"}
    assert {lack["leg"] for one in found for lack in one["missing"]} == {
        "denied by NobodyDecrypts of service control policy Guardrail"}

    exported = stage.root / "organization.json"
    exported.write_text(stage.crossdock("access", "organization", "--profile", "rehearsal").well().out)
    from_file = stage.crossdock("prove", "--json", "--organization", str(exported)).json["needs"]
    assert [one["verdict"] for one in from_file] == [one["verdict"] for one in foretold.json["needs"]]

    stage.revise("guarded")
    began = time.time()
    done, _ = stage.rehearse()
    assert done.code == DELIVERY_FAILED, done.err
    denied = [line for line in log(stage, began) if line["decision"] != "allowed" and "why" not in line]
    assert {(line["action"], line["decision"]) for line in denied} == {("kms:Decrypt", "explicit_deny")}
    assert all("NobodyDecrypts" in str(line["because"]) for line in denied)
    assert failed_step(done.err) in {one["need"]["step"]["action"] for one in found}
    assert "with an explicit deny in a service control policy" in done.err


def failing(scene: Scene) -> set[tuple[str, str, tuple[str, ...]]]:
    """Step, action and the sides that lack an Allow, of each need that fails."""
    judge = judge_of(scene)
    decided = [(need, judge.decide(need)) for need in needs(scene)]
    return {(n.step.action, n.action, tuple(map(str, d.missing))) for n, d in decided if not d.allowed}


def failed_step(said: str) -> str:
    """The action that failed; `run` when the delivery went through and its checks failed."""
    found = re.search(r"action (\S+/\S+) Failed", said)
    return found[1] if found else "run"


def log(stage: Stage, since: float) -> list[dict[str, object]]:
    files = (stage.root / ".crossdock" / "local").glob("*/access.jsonl")
    return [line for file in files for line in read_log(file, since=since)]


def edited(stage: Stage, template: str, old: str, new: str) -> Path:
    """A copy of the composed assembly with one thing of a template changed."""
    directory = stage.root / ".crossdock" / "edited"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(stage.templates.parent, directory)
    file = directory / "templates" / template
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return directory
