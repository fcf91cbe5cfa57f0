"""Documents that are made from the code say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_coverage_page_is_what_the_local_aws_covers() -> None:
    from crossdock.local import coverage

    assert (DOCS / "coverage.md").read_text(encoding="utf-8") == coverage.document()


def test_the_library_page_is_what_the_templates_say() -> None:
    from crossdock.library import catalogue

    assert (DOCS / "library.md").read_text(encoding="utf-8") == catalogue.page()


def test_every_room_that_the_architecture_names_exists() -> None:
    source = DOCS.parent / "src" / "crossdock"
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?!tests/)[a-z_]+/[a-z_/]*(?:\.py)?)`", text))
    assert named
    assert [path for path in sorted(named) if not (source / path).exists()] == []


PAGES = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md")), DOCS.parent / "examples" / "hello" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.name)
def test_every_command_that_a_page_shows_exists_with_its_options(page: Path) -> None:
    from crossdock.cli import cli

    for words, rest in re.findall(r"\bcrossdock ((?:[a-z]+ ?)+)([^#|&]*)", "\n".join(_code(page)), re.M):
        command: click.Command = cli
        context = click.Context(cli)
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            found = command.get_command(context, word)
            assert found is not None, f"{page.name}: crossdock {words}"
            command = found
        known = {name for parameter in command.params for name in parameter.opts} | {"--json", "--help"}
        for option in re.findall(r"--[a-z-]+", rest.partition("\n")[0]):
            assert option in known, f"{page.name}: crossdock {words} {option}"


def _code(page: Path) -> list[str]:
    """Fenced blocks and code spans: what a reader may type."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.M | re.S)
    return [*fenced, *re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_and_file_that_a_page_links_to_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = (DOCS.parent / "Makefile").read_text(encoding="utf-8")
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z]+)|`make ([a-z]+)", readme, re.M):
        assert f"\n{''.join(target)}:" in makefile
