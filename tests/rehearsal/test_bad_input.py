"""Mistakes in crossdock.yaml: all at once, where they stand, with one thing to do about each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import CROSSDOCK, Done, run

MISTAKES = """\
platform: hello
organisation: o-a1b2c3d4e5
region: us-east-1
accounts:
  shared:  111111111111
  nonprod: "22222222222"
environments:
  development: {account: nonprd, branch: develop, approval: false}
  staging: {account: nonprod, branch: develop, approval: false}
services:
  greeter:
    kind: serverless
    source: services/greter
    checks:
      - {get: /health, expect: twohundred}
"""
FOUND = {
    "2:1": ("organisation", "did you mean organization?"),
    "5:12": ("must be text", 'put it in quotes: "111111111111"'),
    "6:12": ("22222222222", "12 digits"),
    "8:26": ("nonprd", "did you mean nonprod?"),
    "9:39": ("develop", "its own branch"),
    "13:13": ("no folder", "services/greter"),
    "15:32": ("whole number", "without quotes"),
}


def complain(folder: Path, text: str, *command: str) -> Done:
    (folder / "crossdock.yaml").write_text(text, encoding="utf-8")
    done = run(CROSSDOCK, *command, cwd=folder)
    assert done.code == 2
    assert "Traceback" not in done.err
    return done


@pytest.mark.parametrize("command", [("check",), ("compose",), ("rehearse",), ("local", "up")], ids=" ".join)
def test_all_mistakes_are_told_at_once_with_their_place_and_a_hint(tmp_path: Path, command: tuple[str, ...]) -> None:
    said = complain(tmp_path, MISTAKES, *command).err
    found = dict(re.findall(r"crossdock\.yaml:(\d+:\d+): .*\n +hint: (.*)", said))
    assert list(found) == list(FOUND)
    for place, (what, hint) in FOUND.items():
        assert hint in found[place]
        assert re.search(rf"crossdock\.yaml:{place}: .*{what}", said)


def test_the_document_has_them_as_data(tmp_path: Path) -> None:
    error = complain(tmp_path, MISTAKES, "check", "--json").json["error"]
    assert [f"{p['line']}:{p['column']}" for p in error["problems"]] == list(FOUND)
    assert all(problem["what"] and problem["hint"] for problem in error["problems"])


@pytest.mark.parametrize(("text", "place", "what"), [
    ("platform: hello\naccounts: {shared: '1\n", "3:1", "not YAML"),
    ("platform: hello\n  region: us-east-1\n", "2:9", "not YAML"),
    ("platform: hello\nplatform: hello\n", "2:1", "written twice"),
    ("", "1:1", "empty"),
], ids=["quote", "indentation", "twice", "empty"])
def test_what_is_no_yaml_is_told_with_its_place(tmp_path: Path, text: str, place: str, what: str) -> None:
    said = complain(tmp_path, text, "check").err
    assert re.search(rf"crossdock\.yaml:{place}: .*{what}", said)


def test_a_folder_without_a_platform_is_told_how_to_make_one(tmp_path: Path) -> None:
    for command in ("check", "rehearse", "apply", "plan", "status"):
        done = run(CROSSDOCK, command, cwd=tmp_path)
        if command != "status":
            assert done.code == 2
            assert "crossdock init DIR" in done.err
    assert not list(tmp_path.iterdir())


def test_nothing_is_started_for_a_platform_with_mistakes(tmp_path: Path) -> None:
    complain(tmp_path, MISTAKES, "rehearse")
    assert not (tmp_path / ".crossdock" / "local").exists()
    assert stages.left_of(tmp_path) == []
