"""A platform from `init` to `destroy`, by the commands of the README against a local AWS that is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import BIN, CROSSDOCK, Done, Stage, run

SHARED = ("--profile", "rehearsal")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """What `crossdock init` made, its local AWS up; each test here goes on from the one before."""
    root = tmp_path_factory.mktemp("commands") / "my-platform"
    made = run(CROSSDOCK, "init", str(root)).well()
    assert f"next: crossdock rehearse {root}" in made.out
    yield Stage(root=root, platform="my-platform", branch="develop", shared="111111111111", nonprod="222222222222",
                organization="o-a1b2c3d4e5")
    run(CROSSDOCK, "local", "down", cwd=root).well()


def document(done: Done) -> dict[str, object]:
    """Standard output as the one JSON document that it is."""
    found = json.loads(done.well().out)
    assert isinstance(found, dict)
    return found


def test_a_folder_that_holds_something_is_not_made_a_platform_of(stage: Stage) -> None:
    before = (stage.root / "crossdock.yaml").read_bytes()
    refused = run(CROSSDOCK, "init", str(stage.root))
    assert refused.code == 2
    assert "Traceback" not in refused.err
    assert (stage.root / "crossdock.yaml").read_bytes() == before


def test_check_finds_nothing_and_writes_nothing(stage: Stage) -> None:
    assert "no mistake found" in stage.crossdock("check").well().out
    assert document(stage.crossdock("check", "--json"))["ok"] is True
    assert not (stage.root / ".crossdock").exists()


def test_what_is_composed_is_plain_cloudformation_without_a_finding(stage: Stage) -> None:
    assert document(stage.crossdock("compose", "--json"))["platform"] == "my-platform"
    files = sorted(stage.templates.glob("*.yaml"))
    assert len(files) == 10
    assert run(str(BIN / "cfn-lint"), "-c", "I", "--", *map(str, files)).well().out == ""


def test_the_same_file_composes_the_same_assembly(stage: Stage) -> None:
    def composed() -> dict[str, bytes]:
        stage.crossdock("compose").well()
        return {file.name: file.read_bytes() for file in stage.templates.parent.rglob("*") if file.is_file()}

    assert composed() == composed()


def test_without_a_local_aws_each_command_says_how_to_start_one(stage: Stage) -> None:
    for command in (("plan", *SHARED), ("apply", *SHARED, "--yes"), ("local", "env", "nonprod")):
        refused = stage.crossdock(*command)
        assert refused.code == 6
        assert "crossdock local up" in refused.err
    assert document(stage.crossdock("local", "status", "--json")) == {"running": False}
    assert document(stage.crossdock("status", "--json"))["local"] is None


def test_plan_tells_apply_does_and_does_nothing_twice(stage: Stage) -> None:
    up = document(stage.crossdock("local", "up", "--json"))
    assert document(stage.crossdock("local", "status", "--json"))["endpoint"] == up["endpoint"]
    assert "8 to create" in stage.crossdock("plan", *SHARED).well().out
    asked = stage.crossdock("apply", *SHARED)
    assert asked.code == 2
    assert "--yes" in asked.err
    assert document(stage.crossdock("apply", *SHARED, "--yes", "--json"))["ok"] is True
    assert "8 to keep" in stage.crossdock("plan", *SHARED).well().out
    assert document(stage.crossdock("plan", *SHARED, "--json"))["platform"] == "my-platform"
    assert document(stage.crossdock("apply", *SHARED, "--json"))["ok"] is True


def test_a_plan_for_another_state_is_refused(stage: Stage) -> None:
    stage.crossdock("plan", *SHARED).well()
    stages.swap(stage.root / "crossdock.yaml", "approval: false", "approval: true")
    plan = str(stage.root / ".crossdock" / "plan.json")
    refused = stage.crossdock("apply", *SHARED, "--plan", plan)
    assert refused.code == 3
    assert "crossdock plan" in refused.err
    stages.swap(stage.root / "crossdock.yaml", "approval: true", "approval: false")
    stage.crossdock("apply", *SHARED, "--plan", plan).well()


def test_a_delivery_is_in_the_status_and_its_log_can_be_read(stage: Stage) -> None:
    report = document(stage.crossdock("rehearse", "--json"))
    [delivery] = report["deliveries"]  # type: ignore[misc]  # a list of one
    [found] = document(stage.crossdock("status", "--json"))["deliveries"]  # type: ignore[misc]
    for fact in ("service", "environment", "account", "commit", "status", "endpoint"):
        assert found[fact] == delivery[fact]
    assert delivery["commit"][:12] in stage.crossdock("status").well().out
    lines = document(stage.crossdock("logs", "greeter", "development", "--json"))["lines"]
    assert any("REPORT RequestId" in str(line) for line in lines)  # type: ignore[attr-defined]
    nothing = stage.crossdock("retry", "greeter", "development", "--json")
    assert nothing.code == 2
    assert "nothing to retry" in nothing.json["error"]["message"]
    unknown = stage.crossdock("logs", "greter", "development")
    assert unknown.code == 2
    assert "deliveries: greeter development" in unknown.err


def test_the_local_aws_goes_on_from_where_it_was_stopped(stage: Stage) -> None:
    before = document(stage.crossdock("status", "--json"))["deliveries"]
    assert document(stage.crossdock("local", "down", "--json"))["stopped"] is True
    assert document(stage.crossdock("local", "down", "--json"))["stopped"] is False
    stage.crossdock("local", "up").well()
    assert document(stage.crossdock("status", "--json"))["deliveries"] == before
    status, body = stages.get(f"{stage.endpoint()}/health")
    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_destroy_leaves_what_is_kept_by_its_policy_and_says_so(stage: Stage) -> None:
    done = stage.crossdock("destroy", *SHARED, "--yes").well()
    kept = {f"my-platform-{what}-{stage.shared}-us-east-1" for what in ("artifacts", "logs")}
    for name in (*kept, "ArtifactKey (", "Repository ("):
        assert name in done.out
    assert "kept by its policy" in done.out
    for account in ("shared", "nonprod"):
        assert stage.aws(account, "cloudformation", "describe-stacks").well().json["Stacks"] == []
        assert "my-platform" not in stage.aws(account, "iam", "list-roles").well().out
        assert stage.aws(account, "logs", "describe-log-groups").well().json["logGroups"] == []
    assert stage.aws("nonprod", "lambda", "list-functions").well().json["Functions"] == []
    assert stage.aws("shared", "codepipeline", "list-pipelines").well().json["pipelines"] == []
    assert {b["Name"] for b in stage.aws("shared", "s3api", "list-buckets").well().json["Buckets"]} == kept
    assert document(stage.crossdock("destroy", *SHARED, "--json"))["ok"] is True


def test_reset_forgets_everything(stage: Stage) -> None:
    stage.crossdock("local", "reset").well()
    assert not (stage.root / ".crossdock" / "local").exists()
    stage.crossdock("local", "up").well()
    assert "8 to create" in stage.crossdock("plan", *SHARED).well().out
