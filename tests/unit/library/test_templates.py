"""Every template of the library obeys the style: order, descriptions, groups, sentences, policies, retention."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock import library
from crossdock.compose.lint import lint_files
from crossdock.template import load

ROOT = Path(library.__file__).parent
GREETER = Path(__file__).parents[3] / "examples/hello/services/greeter/template.yaml"
ORDER = ["Description", "Transform", "Metadata", "Parameters", "Rules", "Conditions", "Resources", "Outputs"]
STATEFUL = {"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::CodeCommit::Repository"}

each = pytest.mark.parametrize("name", library.names())


def body(name: str) -> Any:
    return load(library.load(name), name).body


def resources(name: str) -> Iterator[tuple[str, Any]]:
    """Every resource with its logical id; of a loop, what it makes."""
    for logical, resource in body(name)["Resources"].items():
        if logical.startswith("Fn::ForEach::"):
            yield from resource[2].items()
        else:
            yield logical, resource


def test_the_linter_finds_nothing():
    files = [*(ROOT / f"{name}.yaml" for name in library.names()), GREETER]
    assert lint_files(files) == ()


def test_every_template_has_a_name_and_nothing_else_has():
    assert sorted(library.names()) == sorted(
        str(file.relative_to(ROOT).with_suffix("")) for file in ROOT.glob("*/*.yaml"))
    assert library.names()[:2] == ("foundation/artifacts", "foundation/bootstrap")
    with pytest.raises(KeyError):
        library.load("foundation/nothing")


@each
def test_sections_stand_in_order(name):
    sections = list(body(name))
    assert sections == [section for section in ORDER if section in sections]
    assert " - " in body(name)["Description"]
    # The root only hands on what each part of an environment needs.
    assert library.load(name).count("\n") <= (360 if name == "environment/root" else 300)


@each
def test_every_parameter_is_described_strict_and_in_one_group(name):
    template = body(name)
    parameters = template.get("Parameters", {})
    interface = template.get("Metadata", {}).get("AWS::CloudFormation::Interface", {"ParameterGroups": []})
    groups = interface["ParameterGroups"]
    grouped = [parameter for group in groups for parameter in group["Parameters"]]
    assert sorted(grouped) == sorted(parameters)
    assert all(group["Label"]["default"] for group in groups)
    for parameter, what in parameters.items():
        assert what["Description"], parameter
        # CloudFormation itself asks whether there is what an AWS-specific type names.
        strict = what["Type"] == "Number" or "AWS::" in what["Type"]
        assert strict or what.get("AllowedPattern") or what.get("AllowedValues"), parameter
        assert bool(what.get("AllowedPattern")) == bool(what.get("ConstraintDescription")), parameter
        assert what["Description"].startswith("Optional.") == (what.get("Default") == ""), parameter


@each
def test_every_resource_says_what_it_is_for(name):
    for logical, resource in resources(name):
        assert resource["Metadata"]["Crossdock"]["Sentence"], logical


@each
def test_what_holds_data_outlives_its_stack(name):
    for logical, resource in resources(name):
        if resource["Type"] in STATEFUL:
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate", logical
            assert resource["UpdateReplacePolicy"] == "Retain", logical


@each
def test_outputs_are_described_and_not_exported(name):
    outputs = body(name)["Outputs"]
    assert "TemplateVersion" in outputs
    for output, what in outputs.items():
        assert what["Description"], output
        assert "Export" not in what, output


def documents(value: Any) -> Iterator[Any]:
    """Every policy document below a value."""
    if isinstance(value, dict):
        if "Statement" in value:
            yield value
        for child in value.values():
            yield from documents(child)
    elif isinstance(value, list):
        for child in value:
            yield from documents(child)


@each
def test_every_policy_has_a_version_and_every_statement_a_sentence_for_a_name(name):
    for document in documents(body(name)["Resources"]):
        assert document["Version"] == "2012-10-17"
        sids = [statement["Sid"] for statement in document["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(sid.isalnum() and sum(letter.isupper() for letter in sid) >= 2 for sid in sids), sids


@each
def test_no_statement_allows_everybody_or_everything(name):
    for document in documents(body(name)["Resources"]):
        for statement in document["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert "*" not in actions
            if statement["Effect"] == "Allow":
                assert statement.get("Principal") not in ("*", {"AWS": "*"})
                # AWS documents nothing less for the stacks of stack sets (see the template).
                whole = name == "foundation/bootstrap" and statement["Sid"] == "KeepTheStacksOfStackSets"
                assert whole or not any(action.endswith(":*") for action in actions), statement["Sid"]
                assert "NotAction" not in statement
                assert "NotResource" not in statement


@each
def test_another_account_is_named_together_with_a_role(name):
    for document in documents(body(name)["Resources"]):
        for statement in document["Statement"]:
            principal = str(statement.get("Principal", {}).get("AWS", ""))
            if "ReaderAccountIds" in principal or "SharedAccountId" in principal:
                assert "aws:PrincipalArn" in statement["Condition"]["ArnLike"]
                assert "aws:PrincipalOrgID" in str(statement["Condition"])


@each
def test_no_arn_assumes_a_partition(name):
    assert "arn:aws:" not in library.load(name)
