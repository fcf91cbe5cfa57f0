"""Data zones and notices on paper: who uses them, through what, and how each breaks."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from mutants import Ground, ground
from proving import ROOT, failing, lacks

from crossdock.model.proof import Proof
from crossdock.prove import of, stage

MORE = """
infrastructure: {network: {cidr: 10.0.0.0/16}, zones: [raw, lake]}
notifications: {email: [ada@example.test]}
"""
STATEMENTS = """\
              - Sid: UseTheRawZone
                Effect: Allow
                Action: [s3:GetObject, s3:PutObject]
                Resource: !Sub arn:${AWS::Partition}:s3:::${Platform}-${Environment}-raw-${AWS::AccountId}/*
              - Sid: UseItsKey
                Effect: Allow
                Action: [kms:Decrypt, kms:GenerateDataKey]
                Resource: !Sub arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*
                Condition: {"ForAnyValue:StringEquals": {"kms:ResourceAliases": !Sub "alias/${Platform}-develop-raw"}}
              - Sid: WriteTheLog
"""


@pytest.fixture(scope="module")
def zoned(tmp_path_factory) -> Ground:
    """The catalog of examples/access writes into one of two zones of an environment."""
    root = tmp_path_factory.mktemp("zoned") / "access"
    shutil.copytree(ROOT / "examples" / "access", root, ignore=shutil.ignore_patterns(".crossdock"))
    file, template = root / "crossdock.yaml", root / "services" / "catalog" / "template.yaml"
    template.write_text(template.read_text().replace("              - Sid: WriteTheLog\n", STATEMENTS))
    needs = "    needs: [{actions: ['s3:GetObject', 's3:PutObject'], resources: ['zone:raw']}]\n"
    file.write_text(file.read_text().replace("    source: services/catalog\n", f"    source: services/catalog\n{needs}")
                    + MORE)
    return ground(root, ("develop",))


def broken(where: Ground, template: str, old: str, new: str) -> Proof:
    path = f"templates/{template}.yaml"
    assert old in where.texts[path]
    return of(stage(where.assembly, {**where.texts, path: where.texts[path].replace(old, new)}, where.sources))


def test_a_service_uses_the_zone_that_it_declares_and_the_zone_s_key(zoned):
    assert zoned.proof.ok
    mine = {f.need.action: {place.statement for place in f.because} for f in zoned.proof.needs
            if f.need.step.action == "declared" and f.need.step.service == "catalog"}
    assert mine["s3:PutObject"] >= {"UseTheRawZone"}
    assert mine["kms:GenerateDataKey"] == {
        "UseItsKey", "UseKeysNamedAfterTheEnvironment", "RolesOfThisEnvironmentUseTheKeyThroughS3"}


def test_a_policy_for_another_zone_than_the_declared_one_does_not_suffice(zoned):
    other = replace(zoned, sources={**zoned.sources, "catalog": replace(
        zoned.sources["catalog"], text=zoned.sources["catalog"].text.replace("-raw-", "-lake-"))})
    proof = of(stage(other.assembly, other.texts, other.sources))
    assert lacks(failing(proof, "s3:PutObject")) == {"no policy of desk-develop-catalog-function allows it"}


@pytest.mark.parametrize(("template", "old", "new", "action", "lack"), [
    ("delivery-boundary", "alias/${Platform}-${Environment}-*", "alias/nothing", "kms:GenerateDataKey",
     "the permissions boundary of desk-develop-catalog-function does not allow it"),
    ("storage-zone", "role/${Platform}-${Environment}-*", "role/nobody-*", "kms:GenerateDataKey",
     "no statement of the policy of key ZoneKey of stack "),
    ("observability-notices", "                - events.amazonaws.com\n", "", "sns:Publish",
     "no statement of the policy of topic desk-shared-notices allows it"),
    ("security-notice-key", "                - events.amazonaws.com\n", "", "kms:GenerateDataKey",
     "no statement of the policy of key NoticeKey of stack desk-notice-key allows it"),
])  # fmt: skip
def test_each_link_that_is_missing_is_named(zoned, template, old, new, action, lack):
    found = lacks(failing(broken(zoned, template, old, new), action))
    assert any(one.startswith(lack) for one in found), found


@pytest.mark.parametrize(("template", "old", "new", "what"), [
    ("observability-notices", "StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}",
     "StringLike: {aws:SourceAccount: \"*\"}", "no service acts here for another's account"),
    ("observability-notices", 'Bool: {aws:SecureTransport: "false"}', 'Bool: {aws:SecureTransport: "maybe"}',
     "nobody tells people anything without TLS"),
    ("storage-zone", '"Null": {s3:x-amz-server-side-encryption-aws-kms-key-id: "false"}',
     '"Null": {s3:x-amz-server-side-encryption-aws-kms-key-id: "true"}', "no data lies under another key"),
])  # fmt: skip
def test_a_policy_that_lets_in_too_much_breaks_what_must_never_be(zoned, template, old, new, what):
    assert what in {never.what for never in broken(zoned, template, old, new).breached}
