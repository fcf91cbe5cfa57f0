"""examples/hello composes to exactly this. A rename shows here, and with it what it breaks.

A changed template or composer changes these files: look at the difference, then renew them with
`CROSSDOCK_GOLDEN=renew pytest tests/golden`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from crossdock import compose
from crossdock.template import load

HERE = Path(__file__).parent / "hello"
EXAMPLE = Path(__file__).parents[2] / "examples" / "hello"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("golden") / "assembly"
    platform = compose.read(EXAMPLE)
    compose.render(compose.compose(platform), compose.files(platform), directory)
    (directory / "names.json").write_text(json.dumps(names(directory), indent=2) + "\n", encoding="utf-8")
    return directory


def names(directory: Path) -> dict[str, object]:
    """Per template: logical ids with their types, physical names, and outputs. Renaming any of them breaks something:
    a logical id replaces the resource, a physical name is known to other accounts, an output feeds a parameter."""
    found: dict[str, object] = {}
    for file in sorted(directory.glob("templates/*.yaml")):
        body = load(file.read_text(encoding="utf-8")).body
        found[file.name] = {
            "resources": {id_: resource["Type"] for id_, resource in body["Resources"].items()},
            "names": {
                id_: resource["Properties"][key]
                for id_, resource in body["Resources"].items()
                for key in ("RoleName", "BucketName", "RepositoryName", "Name", "AliasName", "LogGroupName")
                if key in resource["Properties"]
            },
            "outputs": sorted(body["Outputs"]),
        }
    return found


def test_the_example_composes_to_exactly_this(rendered):
    files = {p.relative_to(rendered).as_posix(): p.read_bytes() for p in rendered.rglob("*")
             if p.is_file() and p.suffix != ".zip"}  # of code the manifest holds the digest
    if os.environ.get("CROSSDOCK_GOLDEN") == "renew":
        for path, content in files.items():
            (HERE / path).parent.mkdir(parents=True, exist_ok=True)
            (HERE / path).write_bytes(content)
    expected = {p.relative_to(HERE).as_posix(): p.read_bytes() for p in HERE.rglob("*") if p.is_file()}
    assert files.keys() == expected.keys()
    for path, content in files.items():
        assert content.decode() == expected[path].decode(), path


def test_the_composed_templates_have_no_finding(rendered):
    assert compose.lint(rendered) == ()


def test_the_published_schema_is_the_one_that_is_used():
    published = Path(__file__).parents[2] / "docs" / "schema" / "platform.json"
    assert published.read_text(encoding="utf-8") == compose.schema()
