from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from crossdock.cli import cli
from crossdock.cli.output import guarded
from crossdock.errors import CloudError, PlatformError, Position, Problem
from crossdock.model.plan import Identity, Plan

PLATFORM = """\
platform: hello
region: us-east-1
accounts: {shared: "111111111111", nonprod: "222222222222"}
environments:
  development: {account: nonprod, branch: develop, approval: false}
services:
  greeter: {kind: serverless, source: greeter, checks: [{get: /hello}]}
"""


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    (tmp_path / "crossdock.yaml").write_text(PLATFORM)
    (tmp_path / "greeter").mkdir()
    (tmp_path / "greeter" / "buildspec.yaml").write_text("version: 0.2\n")
    (tmp_path / "greeter" / "template.yaml").write_text("Resources: {}\n")
    return tmp_path


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = guarded(cli, list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


def test_help_imports_nothing_but_click() -> None:
    program = (
        "import sys\nfrom crossdock.cli import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "print([m for m in ('botocore', 'rich', 'yaml', 'cfnlint', 'crossdock.compose') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[]"
    assert "rehearse" in said


def test_every_command_has_help(capfd: pytest.CaptureFixture[str]) -> None:
    for name in cli.list_commands(click.Context(cli)):
        code, out, _ = run(capfd, name, "--help")
        assert code == 0
        assert "Usage" in out


def test_a_mistyped_command_is_answered_with_the_nearest(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "reherse")
    assert code == 2
    assert "did you mean rehearse?" in err


def test_mistakes_are_all_told_with_their_places(platform: Path, capfd: pytest.CaptureFixture[str]) -> None:
    mistaken = PLATFORM.replace("region", "regoin").replace("account: nonprod", "account: no")
    (platform / "crossdock.yaml").write_text(mistaken)
    code, out, err = run(capfd, "check", str(platform))
    assert (code, out) == (2, "")
    assert "crossdock.yaml:2:1" in err
    assert "crossdock.yaml:5:" in err


def test_an_error_with_json_is_one_document(platform: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (platform / "crossdock.yaml").write_text(PLATFORM.replace("region", "regoin"))
    code, out, _ = run(capfd, "check", str(platform), "--json")
    document = json.loads(out)
    assert code == 2
    assert document["error"]["kind"] == "PlatformError"
    assert 2 in [problem["line"] for problem in document["error"]["problems"]]


def test_a_folder_without_a_platform_is_said_so_and_left_as_it_is(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capfd, "rehearse", str(tmp_path))
    assert code == 2
    assert "crossdock init" in err
    assert list(tmp_path.iterdir()) == []


def test_composing_over_a_hand_edit_stops(platform: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "compose", str(platform))[0] == 0
    template = platform / ".crossdock" / "assembly" / "templates" / "foundation-artifacts.yaml"
    template.write_text(template.read_text() + "# mine\n")
    code, _, err = run(capfd, "compose", str(platform))
    assert code == 3
    assert "foundation-artifacts.yaml was edited by hand" in err
    assert run(capfd, "compose", str(platform), "--fresh")[0] == 0
    assert "# mine" not in template.read_text()


def test_the_rehearsal_profile_needs_a_running_local_aws(platform: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "apply", str(platform), "--profile", "rehearsal")
    assert code == 6
    assert "crossdock local up" in err


def test_status_without_a_local_aws_says_so(platform: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "status", str(platform), "--json")
    assert code == 0
    assert json.loads(out) == {"local": None, "deliveries": []}


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.argument("what")
def failing(what: str, as_json: bool) -> None:
    match what:
        case "cloud":
            raise CloudError(message="refused", details=["line one"], hint="do this")
        case "input":
            raise PlatformError([Problem(Position("crossdock.yaml", 3, 1), "wrong", "right")], what="crossdock.yaml")
        case "interrupt":
            raise KeyboardInterrupt
        case _:
            raise ZeroDivisionError("a fault")


def test_an_error_is_one_line_its_details_and_one_hint(capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(failing, ["cloud"]) == 4
    assert capfd.readouterr().err == "error: refused\n  line one\nhint: do this\n"


@pytest.mark.parametrize(("what", "code"), [("cloud", 4), ("input", 2), ("interrupt", 130), ("fault", 1)])
def test_however_it_fails_json_is_one_document(what: str, code: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(failing, [what, "--json"]) == code
    assert "error" in json.loads(capfd.readouterr().out)


def test_a_fault_of_ours_shows_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    assert guarded(failing, ["fault"]) == 1
    err = capfd.readouterr().err
    assert "Traceback" not in err
    assert "CROSSDOCK_TRACEBACK=1" in err


def test_a_plan_shows_the_cloud_it_is_for() -> None:
    from crossdock.views.planned import lines

    where = Identity(account="1", caller="a")
    plan = Plan(platform="hello", identity=where, assembly_digest="", observed_digest="", steps=())
    assert lines(plan) == ["hello in account 1 at AWS", "nothing to do"]


def test_an_account_s_owner_is_given_the_bootstrap_as_the_library_has_it(capfd):
    from crossdock import library

    example = Path(__file__).parents[3] / "examples" / "hello"
    assert guarded(cli, ["bootstrap", "nonprod", "--platform", str(example)]) == 0
    printed = capfd.readouterr()
    assert printed.out == library.load("foundation/bootstrap")
    assert "--stack-name hello-bootstrap" in printed.err
    assert "SharedAccountId=111111111111" in printed.err
