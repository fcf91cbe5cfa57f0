"""A user's own templates beside the library's."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock import compose
from crossdock.deploy.assemble import lint
from crossdock.errors import PlatformError, TemplateError
from crossdock.model.assembly import Literal, Output

TEMPLATE = """
Parameters:
  Platform: {Type: String}
  VpcId: {Type: String}
  Days: {Type: Number}
  Size: {Type: Number, Default: 1}
Resources:
  Topic: {Type: AWS::SNS::Topic}
"""
INFRASTRUCTURE = "infrastructure: {network: {zones: 2}}\n"


def _read(folder: Any, extend: str, *, more: str = INFRASTRUCTURE) -> Any:
    (folder.root / "own.yaml").write_text(TEMPLATE, encoding="utf-8")
    (folder.root / "latin.yaml").write_bytes(b"\xff")
    text = folder.write().read_text(encoding="utf-8")
    return folder.read(text + more + f"extend: {{reports: {{{extend}}}}}\n")


def test_a_template_is_a_stack_in_each_environment_that_it_is_for(folder: Any) -> None:
    made = compose.compose(_read(folder, "template: own.yaml, environments: [staging], parameters: {Days: 7}"))
    found = [stack for stack in made.stacks if "/extend/" in stack.id]
    assert [(stack.id, stack.name) for stack in found] == [
        ("nonprod/extend/staging/reports", "psl-extend-staging-reports")]
    assert found[0].parameters == {
        "Platform": Literal(value="psl"), "Days": Literal(value="7"),
        "VpcId": Output(stack="nonprod/infrastructure/staging", name="VpcId"),
    }
    assert found[0].after == ("nonprod/infrastructure/staging",)


def test_without_a_word_it_is_for_all_of_them(folder: Any) -> None:
    made = compose.compose(_read(folder, "template: own.yaml, parameters: {Days: 7}"))
    assert sum("/extend/" in stack.id for stack in made.stacks) == 3


@pytest.mark.parametrize(("extend", "more", "what"), [
    ("template: own.yaml", INFRASTRUCTURE, "own.yaml needs Days in development"),
    ("template: own.yaml, parameters: {Days: 7}", "", "own.yaml needs VpcId in development"),
    ("template: own.yaml, parameters: {Days: 7, Colour: red}", INFRASTRUCTURE, "own.yaml has no parameter Colour"),
    ("template: nowhere.yaml", "", "there is no file `nowhere.yaml`"),
    ("template: latin.yaml", "", "`latin.yaml` can't be read: 'utf-8' codec can't decode byte 0xff in position 0: "
                                 "invalid start byte"),
    ("template: ../own.yaml", "", "`../own.yaml` is outside of the platform's folder"),
    ("template: own.yaml, environments: [stagging]", "", "`stagging` is not under environments"),
])
def test_what_is_missing_or_too_much_is_told(folder: Any, extend: str, more: str, what: str) -> None:
    with pytest.raises(PlatformError) as caught:
        compose.compose(_read(folder, extend, more=more))
    assert caught.value.problems[0].what == what
    assert caught.value.problems[0].position.line


def test_a_finding_of_the_linter_points_at_the_user_s_own_file(folder: Any) -> None:
    platform = _read(folder, "template: own.yaml, parameters: {Days: 7}")
    directory = folder.root / "assembly"
    compose.render(compose.compose(platform), compose.files(platform), directory)
    with pytest.raises(TemplateError) as caught:
        lint(directory, sources=compose.sources(platform, folder.root))
    assert {problem.position.file for problem in caught.value.problems} == {str(folder.root / "own.yaml")}


def test_a_companion_s_command_that_no_shell_would_take_is_told_where_it_stands(folder: Any) -> None:
    text = folder.write().read_text(encoding="utf-8") + "rehearsal: {companions: {db: {command: \"'run {port}\"}}}\n"
    with pytest.raises(PlatformError) as caught:
        folder.read(text)
    assert caught.value.problems[0].what == "`'run {port}` is no command: no closing quotation"
    assert caught.value.problems[0].position.line
