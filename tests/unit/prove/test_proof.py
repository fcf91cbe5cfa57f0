"""The examples hold; a proof is data; what fails says where and what to write."""

from __future__ import annotations

import json

from mutants import ground
from proving import BUCKET, PROD, ROOT, failing, lacks

from crossdock.model.codec import dumps, loads
from crossdock.model.proof import Proof
from crossdock.prove import of, stage, words


def test_everything_that_the_example_needs_is_allowed_and_nothing_that_must_never_be_is(desk):
    assert desk.proof.ok
    assert desk.proof.failing == desk.proof.breached == desk.proof.unread == ()
    assert len(desk.proof.needs) > 1000
    assert sum(never.asked for never in desk.proof.nevers) > 10000


def test_the_first_example_holds_too():
    assert ground(ROOT / "examples" / "hello").proof.ok


def test_our_templates_grant_nothing_without_a_use_or_a_reason(desk):
    assert [f"{one.action} in {one.place}" for one in desk.proof.unused if one.ours and not one.reason] == []


def test_a_proof_round_trips(desk):
    text = dumps(desk.proof)
    assert loads(Proof, text) == desk.proof
    assert json.loads(text)["assembly"] == desk.assembly.digest


def test_the_same_assembly_gives_the_same_proof(small):
    assert dumps(ground(ROOT / "examples" / "access", ("develop",)).proof) == dumps(small.proof)


def test_a_need_that_holds_names_the_statements_on_both_sides(desk):
    found = next(
        f for f in desk.proof.needs
        if f.need.who == f"arn:aws:iam::{PROD}:role/desk-master-execution" and f.need.action == "s3:GetObject"
        and f.need.resource == f"{BUCKET}/packages/master/catalog/*"
    )
    assert {place.statement for place in found.because} == {
        "ReadPackagesOfThisEnvironment", "CloudFormationInMasterReadsItsPackages"}
    for place in found.because:
        line = desk.texts[place.file].splitlines()[place.line - 1]
        assert place.statement in line


def test_a_need_that_fails_says_which_side_lacks_what_where_and_what_to_write(broken):
    proof = broken("delivery-target-roles", "          - Sid: MakeLogGroupsOfFunctions\n            Effect: Allow\n",
                   "          - Sid: MakeLogGroupsOfFunctions\n            Effect: Deny\n")
    found = failing(proof, "logs:CreateLogGroup")
    assert found
    assert found[0].verdict == "explicit_deny"
    proof = broken("delivery-target-roles", "              - logs:CreateLogGroup\n", "")
    missing = failing(proof, "logs:CreateLogGroup")[0].missing[0]
    assert missing.leg == "no policy of desk-develop-execution allows it"
    assert missing.place is not None
    assert missing.place.file == "templates/delivery-target-roles.yaml"
    assert json.loads(missing.add)["Action"] == "logs:CreateLogGroup"
    assert any("logs:CreateLogGroup" in line for line in words.failures(proof))


def test_the_statement_to_add_mends_the_other_account_s_side(small, broken):
    old, new = "packages/develop/*", "packages/develop-not/*"
    found = broken("foundation-artifacts", old, new).failing
    assert lacks(found) == {"no statement of the policy of bucket desk-artifacts-111111111111-us-east-1 allows it"}
    nearest = {missing.leg.partition("; ")[2] for finding in found for missing in finding.missing}
    assert nearest == {"CloudFormationInDevelopReadsItsPackages comes nearest"}
    added = {missing.add for finding in found for missing in finding.missing}
    statement = json.loads(min(added))
    assert statement["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}
    assert statement["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
    mark = "          - Sid: RolesOfTargetAccountsFindTheBucket\n"
    name = "templates/foundation-artifacts.yaml"
    mended = small.texts[name].replace(old, new).replace(
        mark, "".join(f"          - {one}\n" for one in sorted(added)) + mark)
    proof = of(stage(small.assembly, {**small.texts, name: mended}, small.sources))
    assert proof.failing == ()
    assert proof.breached == ()


def test_a_table_tells_services_environments_steps_and_counts(desk):
    lines = words.table(desk.proof)
    assert "catalog to master" in lines
    assert any("Deploy/Prepare" in line and line.startswith("  yes ") for line in lines)
    assert any(line.startswith("  yes develop touches nothing of staging") for line in lines)
    assert lines[-1].startswith("desk: all ")
    assert len(words.table(desk.proof, whole=True)) > len(desk.proof.needs)


def test_a_template_that_cannot_be_read_leaves_the_contract_to_be_proven(broken):
    proof = broken("catalog", "!GetAtt CatalogRole.Arn", "!GetAtt NobodysRole.Arn")
    assert not proof.ok
    assert proof.failing == proof.breached == ()
    assert "NobodysRole" in proof.unread[0]
    assert any(f.need.step.service == "catalog" and f.need.step.action == "contract" for f in proof.needs)
    assert not any(f.need.step.service == "catalog" and f.need.step.action == "run" for f in proof.needs)
