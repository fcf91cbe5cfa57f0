"""Mistakes in policies: found where they stand, by `check` and `prove`, whoever wrote the template."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from proving import ROOT

from crossdock.cli import cli
from crossdock.cli.output import guarded
from crossdock.errors import TemplateError
from crossdock.prove import of, stage

CATALOG = "services/catalog/template.yaml"


def line_of(text: str, what: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if what in line)


def test_an_action_that_does_not_exist_fails_the_proof_with_file_line_and_column(small, broken):
    proof = broken("catalog", "Action: s3:GetObject\n", "Action: s3:GetObjects\n")
    line = line_of(small.sources["catalog"].text, "Action: s3:GetObject")
    assert not proof.ok
    assert proof.mistakes == (
        f"{CATALOG}:{line}:17: CatalogRole: there is no action s3:GetObjects (did you mean s3:GetObject?)",)


def test_a_template_that_many_stacks_use_is_told_once(broken):
    proof = broken("delivery-build", "- codebuild:CreateReport\n", "- codebuild:CreateRepor\n")
    assert len(proof.mistakes) == 1
    assert "templates/delivery-build.yaml:" in proof.mistakes[0]


def test_an_arn_that_nothing_has_is_a_mistake(broken):
    proof = broken("delivery-pipeline", "arn:${AWS::Partition}:codebuild:${AWS::Region}:${AWS::AccountId}:project",
                   "arn:${AWS::Partition}:codebuild:${AWS::AccountId}:${AWS::Region}:project")
    assert any("is no region" in mistake for mistake in proof.mistakes)


def test_an_action_newer_than_the_list_may_be_named_as_known(small):
    catalog = small.sources["catalog"]
    text = catalog.text.replace("Action: s3:GetObject\n", "Action: [s3:GetObject, s3:GetObjectsOfTomorrow]\n")
    known = text.replace("configuration and write its log}",
                         "configuration and write its log, Known: ['s3:GetObjectsOfTomorrow']}")

    def mistakes(template: str) -> int:
        sources = {**small.sources, "catalog": replace(catalog, text=template)}
        return len(of(stage(small.assembly, small.texts, sources)).mistakes)

    assert (mistakes(text), mistakes(known)) == (1, 0)


def test_what_aws_would_refuse_in_a_service_is_told_where_it_stands(broken):
    proof = broken("catalog", "                Effect: Allow\n                Action: s3:GetObject\n",
                   "                Effect: allow\n                Action: s3:GetObject\n")
    assert len(proof.unread) == 1
    assert "Effect must be Allow or Deny, found 'allow'" in proof.unread[0]
    assert proof.unread[0].startswith(f"{CATALOG}:")


def test_what_aws_would_refuse_in_a_composed_template_stops_the_proof(small, broken):
    with pytest.raises(TemplateError) as raised:
        broken("delivery-build", "StringEquals: {kms:ViaService", "StringEqual: {kms:ViaService")
    problem = raised.value.problems[0]
    assert problem.position.line == line_of(small.texts["templates/delivery-build.yaml"], "StringEquals: {kms:ViaServ")
    assert (problem.what, problem.hint) == (
        "BuildRole: unknown condition operator StringEqual", "did you mean StringEquals?")


def test_check_finds_mistakes_in_services_policies(tmp_path: Path, capfd):
    shutil.copytree(ROOT / "examples" / "hello", tmp_path / "hello", ignore=shutil.ignore_patterns(".crossdock"))
    template = tmp_path / "hello" / "services" / "greeter" / "template.yaml"
    text = template.read_text().replace("Action: s3:GetObject\n", "Action: s3:GetObjetc\n")
    template.write_text(text)
    assert guarded(cli, ["check", str(tmp_path / "hello"), "--json"]) == 2
    problem = json.loads(capfd.readouterr().out)["error"]["problems"][0]
    assert (problem["file"], problem["line"]) == ("services/greeter/template.yaml", line_of(text, "s3:GetObjetc"))
    assert problem["hint"] == "did you mean s3:GetObject?"


def test_what_is_known_only_when_it_is_made_is_no_mistake(small):
    """ARNs of types whose names are not told here, and of what other stacks export."""
    catalog = small.sources["catalog"]
    stream = "  Stream:\n    Type: AWS::Kinesis::Stream\n    Properties: {ShardCount: 1}\n\n  CatalogApi:\n"
    path = "${AWS::Partition}:s3:::${ArtifactBucketName}/${ConfigurationPrefix}/*"
    for resource in ("!GetAtt Stream.Arn", "!ImportValue TableArn", "!Sub '${Stream.Arn}/consumer/*'"):
        text = catalog.text.replace("  CatalogApi:\n", stream, 1).replace(
            "Action: s3:GetObject\n", f"Action: kinesis:PutRecord\n                Resource: {resource}\n").replace(
            f"                Resource: !Sub arn:{path}\n", "")
        proof = of(stage(small.assembly, small.texts, {**small.sources, "catalog": replace(catalog, text=text)}))
        assert (proof.mistakes, proof.unread) == ((), ()), resource
