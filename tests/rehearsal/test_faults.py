"""What a person sees when a delivery fails: the action, the last lines of its log, the events, the denial."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import Stage

DELIVERY_FAILED = 5


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A platform that is up and applied, its service never delivered."""
    made = stages.make(tmp_path_factory.mktemp("faults") / "platform")
    made.crossdock("local", "up").well()
    made.crossdock("apply", "--profile", "rehearsal", "--yes").well()
    yield made
    made.crossdock("local", "down").well()


@pytest.fixture
def stage(up: Stage) -> Iterator[Stage]:
    """The same with the service's source as it was."""
    yield up
    shutil.rmtree(up.service)
    shutil.copytree(stages.HELLO / "services" / "greeter", up.service)


def fail(stage: Stage, *options: str) -> str:
    """What a rehearsal that fails at its delivery says at its end."""
    done, report = stage.rehearse(*options)
    assert done.code == DELIVERY_FAILED, done.err
    assert report["ok"] is False
    assert f"  File \"{stages.HELLO.parents[1]}" not in done.err
    return done.err[done.err.index("\nerror: "):]


def test_a_first_deployment_that_failed_is_no_dead_end_for_a_push_by_hand(stage: Stage, tmp_path: Path) -> None:
    stage.swap("template.yaml", "Runtime: python3.13", "Runtime: cobol85")
    said = fail(stage)
    assert "action Deploy/Execute Failed" in said
    assert "ended in ROLLBACK_COMPLETE" in said
    assert "Greeter (AWS::Lambda::Function)" in said
    assert "cobol85" in said
    copy = stages.clone(stage, tmp_path / "copy")
    stages.swap(copy / "template.yaml", "Runtime: cobol85", "Runtime: python3.13")
    commit = stages.push(stage, copy)
    assert stages.eventually(lambda: stages.ended(stage, commit))["status"] == "Failed"
    done = stage.crossdock("retry", "greeter", "development").well()
    assert "its first delivery left it in ROLLBACK_COMPLETE" in done.err
    assert stages.get(f"{stage.endpoint()}/health")[0] == 200


def test_nor_is_it_for_the_next_rehearsal(stage: Stage) -> None:
    stack = ("--stack-name", stage.pipeline)
    stage.aws("nonprod", "cloudformation", "delete-stack", *stack).well()
    stage.aws("nonprod", "cloudformation", "wait", "stack-delete-complete", *stack).well()
    stage.swap("template.yaml", "Runtime: python3.13", "Runtime: cobol85")
    fail(stage)
    stage.swap("template.yaml", "Runtime: cobol85", "Runtime: python3.13")
    done, report = stage.rehearse()
    done.well()
    assert report["ok"] is True
    assert "its first delivery left it in ROLLBACK_COMPLETE" in done.err


def test_a_failing_unit_test_is_shown_with_the_last_lines_of_its_build(stage: Stage) -> None:
    stage.swap("greeter/greeting.py", '"en": "Hello"', '"en": "Good day"')
    said = fail(stage)
    assert "action Build/Build Failed" in said
    assert "FAIL: test_the_first_visit_is_not_counted" in said
    assert "AssertionError: 'Good day Ada' != 'Hello Ada'" in said
    assert "exit status 1" in said
    assert "crossdock retry greeter development" in said


def test_a_command_of_the_buildspec_that_fails_is_shown_with_its_status(stage: Stage) -> None:
    stage.swap("buildspec.yaml", "  build:\n    commands:\n", "  build:\n    commands:\n      - exit 3\n")
    said = fail(stage)
    assert "action Build/Build Failed" in said
    assert "exit 3" in said
    assert "exit status 3" in said


def test_a_template_that_names_what_it_does_not_have_is_refused_with_the_name(stage: Stage) -> None:
    stage.swap("template.yaml", "Role: !GetAtt GreeterRole.Arn", "Role: !GetAtt GreetersRole.Arn")
    said = fail(stage)
    assert "action Deploy/Prepare Failed" in said
    assert "GreetersRole" in said


def test_a_template_that_is_no_yaml_fails_the_build_that_packages_it(stage: Stage) -> None:
    stage.swap("template.yaml", "Resources:\n  GreeterLogGroup:", "Resources:\n  - x\n  GreeterLogGroup:")
    said = fail(stage)
    assert "action Build/Build Failed" in said
    assert "aws cloudformation package" in said


def test_a_handler_that_raises_is_shown_with_the_lines_that_it_logged(stage: Stage) -> None:
    begin = '''Called by Lambda with API Gateway's proxy event."""\n'''
    stage.swap("greeter/app.py", begin, f'{begin}    raise RuntimeError("no greeting today")\n')
    said = fail(stage)
    assert "2 of 2 checks failed after the deployment" in said
    assert "check GET /health: expected 200, got 502" in said
    assert "RuntimeError: no greeting today" in said
    assert f"log of {stage.pipeline}:" in said


def test_a_permission_that_the_execution_role_lacks_is_named_with_its_policy(stage: Stage) -> None:
    directory = edited(stage, "delivery-target-roles.yaml", "              - lambda:UpdateFunctionCode\n", "")
    stage.revise("without-permission")
    said = fail(stage, "--unproved", "--assembly", str(directory))
    role = f"{stage.platform}-development-execution"
    assert "action Deploy/Execute Failed" in said
    assert "principal  arn:aws:sts::" in said
    assert f":assumed-role/{role}/" in said
    assert "action     lambda:UpdateFunctionCode" in said
    assert f"resource   arn:aws:lambda:us-east-1:{stage.nonprod}:function:{stage.pipeline}" in said
    assert "no identity-based policy allows the lambda:UpdateFunctionCode action" in said
    assert "ExecutionRole (AWS::IAM::Role) of stack " in said
    stage.crossdock("apply", "--profile", "rehearsal", "--yes").well()
    done = stage.crossdock("retry", "greeter", "development").well()
    assert "Deploy/Execute Succeeded" in done.err


def edited(stage: Stage, template: str, old: str, new: str) -> Path:
    """A copy of the composed assembly with one place of a template changed by hand."""
    directory = stage.root / ".crossdock" / "edited"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(stage.templates.parent, directory)
    stages.swap(directory / "templates" / template, old, new)
    return directory
