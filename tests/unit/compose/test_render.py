"""Assembly <-> directory."""

from __future__ import annotations

import pytest

from crossdock import compose
from crossdock.errors import UsageError
from crossdock.model.assembly import Assembly


@pytest.fixture
def directory(folder):
    return folder.root / ".crossdock" / "assembly"


@pytest.fixture
def assembly(folder, directory) -> Assembly:
    platform = folder.read()
    assembly = compose.compose(platform)
    compose.render(assembly, compose.files(platform), directory)
    return assembly


def test_what_was_rendered_is_loaded(assembly, directory):
    assert compose.load(directory) == assembly
    assert compose.edited(directory) == ()


def test_a_template_that_was_edited_is_named_and_can_be_adopted(assembly, directory):
    template = "templates/foundation-artifacts.yaml"
    text = (directory / template).read_text()
    (directory / template).write_text(text.replace("              - kms:Decrypt\n", ""))
    assert compose.edited(directory) == (template,)
    adopted = compose.adopt(directory)
    assert adopted.digest != assembly.digest
    changed = {s.id for s, old in zip(adopted.stacks, assembly.stacks, strict=True) if s.sha256 != old.sha256}
    assert changed == {"shared/artifacts"}


def test_a_template_that_is_gone_counts_as_edited_and_cannot_be_adopted(assembly, directory):
    (directory / "templates/delivery-build.yaml").unlink()
    assert compose.edited(directory) == ("templates/delivery-build.yaml",)
    with pytest.raises(UsageError):
        compose.adopt(directory)


def test_rendering_again_replaces_everything(folder, assembly, directory):
    (directory / "templates/old.yaml").touch()
    platform = folder.read()
    compose.render(assembly, compose.files(platform), directory)
    assert not (directory / "templates/old.yaml").exists()
    assert [p.name for p in directory.parent.iterdir()] == ["assembly"]


def test_a_failure_leaves_what_was_there(assembly, directory):
    with pytest.raises(KeyError):
        compose.render(assembly, {}, directory)
    assert compose.load(directory) == assembly
    assert [p.name for p in directory.parent.iterdir()] == ["assembly"]


def test_a_directory_without_an_assembly_says_what_to_do(tmp_path):
    assert compose.edited(tmp_path) == ()
    with pytest.raises(UsageError) as caught:
        compose.load(tmp_path)
    assert caught.value.advice == "compose one: crossdock compose"


def test_a_manifest_of_another_version_is_refused(assembly, directory):
    manifest = directory / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"schema": 1', '"schema": 99'))
    with pytest.raises(UsageError):
        compose.load(directory)


def test_a_finding_of_the_linter_has_its_place(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.yaml").write_text("Resources:\n  A:\n    Type: AWS::S3::Bukket\n")
    found = compose.lint(tmp_path)
    assert [(p.position.line, p.what.split(":")[0]) for p in found] == [(3, "E3006")]
