"""An environment's infrastructure: everything it needs is allowed, everything that is allowed is needed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest
from mutants import Ground, ground
from proving import ROOT, failing

from crossdock.model.proof import Proof
from crossdock.prove import of, stage

PLATFORM = """
infrastructure:
  network: {cidr: 10.0.0.0/16, zones: 2, nat: single}
  bastion: true
  aurora: {engine: "15.10"}
  cache: {engine: valkey}
  search: {instances: 1}
"""


@dataclass(frozen=True)
class Infrastructure:
    ground: Ground

    def proof(self, template: str = "", old: str = "", new: str = "") -> Proof:
        """The proof after one place of a template was changed."""
        texts = dict(self.ground.texts)
        if template:
            path = f"templates/{template}.yaml"
            assert old in texts[path], f"{old!r} is not in {template}"
            texts[path] = texts[path].replace(old, new)
        return of(stage(self.ground.assembly, texts, self.ground.sources))


@pytest.fixture(scope="module")
def held(tmp_path_factory) -> Infrastructure:
    root = tmp_path_factory.mktemp("infrastructure")
    shutil.copytree(ROOT / "examples" / "hello" / "services", root / "services")
    text = (ROOT / "examples" / "hello" / "crossdock.yaml").read_text(encoding="utf-8")
    (root / "crossdock.yaml").write_text(text + PLATFORM, encoding="utf-8")
    return Infrastructure(ground(root))


def test_every_need_is_met_and_every_never_is_kept(held):
    proof = held.proof()
    assert [finding.need.action for finding in proof.failing] == []
    assert {finding.need.who for finding in proof.needs if finding.need.step.action == "infrastructure"} >= {
        "logs.us-east-1.amazonaws.com", "vpc-flow-logs.amazonaws.com", "monitoring.rds.amazonaws.com",
        "ec2.amazonaws.com"}
    assert [never.what for never in proof.nevers if never.breaches] == []


def test_nothing_is_allowed_in_vain(held):
    ours = ("data-", "network-", "compute-", "environment-")
    found = [one for one in held.proof().unused if one.place.file.startswith(tuple(f"templates/{o}" for o in ours))]
    assert [(one.place.statement, one.action) for one in found if not one.reason] == []


def test_logs_are_encrypted_only_below_the_environment(held):
    proof = held.proof("environment-log-key", "${Groups}:/${Platform}/${Environment}/*", "${Groups}:/elsewhere/*")
    assert {finding.need.who for finding in failing(proof, "kms:GenerateDataKey")} == {"logs.us-east-1.amazonaws.com"}


def test_a_store_is_encrypted_through_its_own_service_alone(held):
    proof = held.proof("environment-cache", "StoreService: elasticache", "StoreService: rds")
    assert {finding.need.via for finding in failing(proof, "kms:Decrypt")} == {("elasticache.amazonaws.com",)}


def test_a_machine_that_speaks_for_others_breaks_a_never(held):
    proof = held.proof("compute-bastion", "instance/${Bastion}", "instance/*")
    assert [never.what for never in proof.nevers if never.breaches] == [
        "no role does to another's what it does to its own"]


def test_search_that_anybody_may_administer_breaks_a_never(held):
    proof = held.proof("data-search-roles", "role/${AdministratorRoleName}", "role/*")
    assert "no role becomes another but those that it must" in [n.what for n in proof.nevers if n.breaches]


def test_a_log_key_for_everybody_s_logs_breaks_a_never(held):
    proof = held.proof("environment-log-key", "${Groups}:/${Platform}/${Environment}/*", "${Groups}:*")
    assert [never.what for never in proof.nevers if never.breaches] == [
        "no service encrypts another's with a key of ours"]


def test_flow_logs_of_another_account_never_come_as_our_role(held):
    text = held.ground.texts["templates/network-flow-logs.yaml"]
    start = text.index("            Condition:\n              StringEquals: {aws:SourceAccount")
    end = text.index("      Policies:")
    proof = held.proof("network-flow-logs", text[start:end], "")
    assert [never.what for never in proof.nevers if never.breaches] == ["no service acts here for another's account"]
