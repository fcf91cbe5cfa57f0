"""What services declare that they need: proven of their own templates, proposed from what was observed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from mutants import ground
from proving import BUCKET, NONPROD, ROOT, failing, lacks

from crossdock.cli import cli
from crossdock.cli.output import guarded
from crossdock.errors import PlatformError
from crossdock.model.assembly import Grant
from crossdock.model.proof import Proof
from crossdock.prove import of, stage
from crossdock.prove.observed import Call
from crossdock.prove.proposal import proposals

ROLE = f"arn:aws:iam::{NONPROD}:role/desk-develop-catalog-function"
QUEUE = f"arn:aws:sqs:us-east-1:{NONPROD}:desk-develop-loans"
STATEMENT = "              - Sid: WriteTheLog\n"


@pytest.fixture
def declaring(small):
    """The proof when the catalog declares needs, and its role is given a statement more."""

    def prove(*needs: Grant, statement: str = "") -> Proof:
        deliveries = tuple(replace(d, needs=needs) if d.service == "catalog" else d for d in small.assembly.deliveries)
        catalog = small.sources["catalog"]
        text = catalog.text.replace(STATEMENT, f"              - {statement}\n{STATEMENT}" if statement else STATEMENT)
        sources = {**small.sources, "catalog": replace(catalog, text=text)}
        return of(stage(replace(small.assembly, deliveries=deliveries), small.texts, sources))

    return prove


def test_a_declared_need_that_the_service_s_role_lacks_fails_with_the_statement_to_add(declaring):
    proof = declaring(Grant(actions=("sqs:SendMessage",), resources=(QUEUE,)))
    found = failing(proof, "sqs:SendMessage")
    assert [f.need.who for f in found] == [ROLE]
    assert lacks(found) == {"no policy of desk-develop-catalog-function allows it"}
    assert found[0].missing[0].place.file == "services/catalog/template.yaml"
    added = found[0].missing[0].add
    assert declaring(Grant(actions=("sqs:SendMessage",), resources=(QUEUE,)), statement=added).ok


def test_a_pattern_of_actions_is_every_action_that_it_stands_for(declaring):
    proof = declaring(Grant(actions=("sqs:*Message",), resources=(QUEUE,)))
    assert {f.need.action for f in proof.failing} == {"sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"}


def test_an_action_without_resources_is_asked_on_everything(declaring):
    proof = declaring(Grant(actions=("ec2:DescribeVpcs",), resources=(QUEUE,)))
    assert [f.need.resource for f in proof.failing] == ["*"]


def test_what_a_bucket_s_key_asks_follows_from_what_its_objects_are_needed_for(declaring):
    path = f"{BUCKET}/configuration/develop/catalog/*"
    proof = declaring(Grant(actions=("s3:GetObject",), resources=(path,)))
    assert proof.ok
    mine = {f.need.action for f in proof.needs if f.need.step.action == "declared"}
    assert mine == {"s3:GetObject", "kms:Decrypt"}


def test_a_declaration_lifts_no_never(declaring):
    path = f"{BUCKET}/configuration/develop/lending/*"
    statement = json.dumps({"Sid": "Nosy", "Effect": "Allow", "Action": "s3:GetObject", "Resource": path})
    proof = declaring(Grant(actions=("s3:GetObject",), resources=(path,)), statement=statement)
    assert lacks(failing(proof, "s3:GetObject")) == {
        "no statement of the policy of bucket desk-artifacts-111111111111-us-east-1 allows it"}


def test_whose_a_stranger_s_bucket_is_is_said_to_be_taken_for_granted(declaring):
    proof = declaring(Grant(actions=("s3:GetObject",), resources=("arn:aws:s3:::elsewhere/*",)))
    assert any("needs the bucket elsewhere, which no template here makes" in note for note in proof.notes)
    assert lacks(failing(proof, "s3:GetObject")) == {
        "no policy of desk-develop-catalog-function allows it",
        "the permissions boundary of desk-develop-catalog-function does not allow it"}


def test_what_the_platform_s_file_grants_has_room_in_the_boundary(tmp_path: Path):
    """A service's own policy alone does not suffice: rights are given where the platform is written."""
    root = tmp_path / "access"
    shutil.copytree(ROOT / "examples" / "access", root, ignore=shutil.ignore_patterns(".crossdock"))
    template = root / "services" / "catalog" / "template.yaml"
    mail = '              - {Sid: SendMail, Effect: Allow, Action: "ses:SendEmail", Resource: "*"}\n'
    assert STATEMENT in template.read_text()
    template.write_text(template.read_text().replace(STATEMENT, mail + STATEMENT))
    arn = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${Service}.example.test"
    needs = json.dumps([{"actions": ["ses:SendEmail", "ses:GetSendQuota"], "resources": [arn]}])
    file = root / "crossdock.yaml"
    file.write_text(file.read_text().replace(
        "    source: services/catalog\n", f"    source: services/catalog\n    needs: {needs}\n"))
    where = ground(root, ("develop",))
    assert {f.need.action for f in where.proof.failing} == {"ses:GetSendQuota"}
    assert lacks(failing(where.proof, "ses:GetSendQuota")) == {"no policy of desk-develop-catalog-function allows it"}
    sent = next(f for f in where.proof.needs if f.need.action == "ses:SendEmail")
    assert {place.statement for place in sent.because} == {"SendMail", "Need1OfCatalog"}


def test_needs_for_which_a_policy_has_no_room_are_refused(tmp_path: Path):
    root = tmp_path / "access"
    shutil.copytree(ROOT / "examples" / "access", root, ignore=shutil.ignore_patterns(".crossdock"))
    arns = [f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:queue-{n}" for n in range(40)]
    file = root / "crossdock.yaml"
    needs = json.dumps([{"actions": ["sqs:SendMessage"], "resources": arns}])
    file.write_text(file.read_text().replace(
        "    source: services/catalog\n", f"    source: services/catalog\n    needs: {needs}\n"))
    with pytest.raises(PlatformError) as refused:
        ground(root)
    assert "has room for 2800" in refused.value.problems[0].what


def test_proposals_hold_in_every_environment_and_leave_out_what_follows(small):
    calls = [
        Call(who=ROLE, action="sqs:SendMessage", resource=QUEUE, decision="implicit_deny"),
        Call(who=ROLE, action="s3:PutObject", resource="arn:aws:s3:::desk-lake/in/develop/7.json", decision="allowed"),
        Call(who=ROLE, action="kms:GenerateDataKey", resource=f"arn:aws:kms:us-east-1:{NONPROD}:key/1",
             decision="allowed", via=("s3.amazonaws.com",)),
        Call(who=ROLE.replace("function", "nobody"), action="s3:GetObject", resource="*", decision="allowed"),
    ]  # fmt: skip
    assert proposals(small.scene(), calls) == {"catalog": (
        Grant(actions=("s3:PutObject",), resources=("arn:${AWS::Partition}:s3:::desk-lake/in/${Environment}/*",)),
        Grant(actions=("sqs:SendMessage",), resources=(
            "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Platform}-${Environment}-loans",)),
    )}


def test_observed_writes_needs_that_then_foretell_the_calls(tmp_path: Path, capfd):
    root = tmp_path / "access"
    shutil.copytree(ROOT / "examples" / "access", root, ignore=shutil.ignore_patterns(".crossdock"))
    log = tmp_path / "access.jsonl"
    log.write_text(json.dumps({"at": 1, "role": ROLE, "account": NONPROD, "via": [], "action": "sqs:SendMessage",
                               "resource": QUEUE, "decision": "implicit_deny"}) + "\n")
    assert guarded(cli, ["access", "observed", str(root), "--log", str(log)]) == 7
    assert "needs of catalog, not declared yet:" in capfd.readouterr().out
    before = (root / "crossdock.yaml").read_text()
    assert guarded(cli, ["access", "observed", str(root), "--log", str(log), "--write", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["unforetold"] == []
    after = (root / "crossdock.yaml").read_text()
    assert [line for line in after.splitlines() if line not in before.splitlines()] == [
        "    needs:", "      - actions: [sqs:SendMessage]", "        resources:",
        '          - "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Platform}-${Environment}-loans"']
    assert guarded(cli, ["prove", str(root), "--json"]) == 7
    found = json.loads(capfd.readouterr().out)["needs"]
    roles = {f["need"]["who"].rpartition("/")[2] for f in found if f["verdict"] != "allowed"}
    assert roles == {f"desk-{e}-catalog-function" for e in ("develop", "staging", "pre-prod", "master")}
