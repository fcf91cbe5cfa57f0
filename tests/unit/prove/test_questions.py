"""What people ask of a proof: may this role, what changed, what was really called."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from proving import BUCKET, NONPROD, ROOT, SHARED

from crossdock.cli import cli
from crossdock.cli.output import guarded
from crossdock.errors import UsageError
from crossdock.model.assembly import Grant
from crossdock.prove import stage
from crossdock.prove.against import against
from crossdock.prove.can import ask, said
from crossdock.prove.needs import needs
from crossdock.prove.observed import ABSENT, observed
from crossdock.prove.proposal import proposals


@pytest.fixture(scope="module")
def scene(small):
    return small.scene()


def test_a_role_is_named_as_people_name_it(scene):
    path = f"{BUCKET}/configuration/develop/catalog/items.json"
    found = ask(scene, "desk-develop-catalog-function", "s3:GetObject", path)
    assert found.allowed
    assert said(found)[0].startswith("yes: desk-develop-catalog-function of account 222222222222")
    assert not ask(scene, "desk-develop-lending-function", "s3:GetObject", path).allowed


def test_a_key_is_asked_as_it_would_be_through_its_service(scene):
    key = f"arn:aws:kms:us-east-1:{SHARED}:key/shared-artifacts-artifactkey"
    assert ask(scene, "desk-develop-deployment", "kms:Decrypt", key, via="s3").allowed
    refused = ask(scene, "desk-develop-deployment", "kms:Decrypt", key)
    assert not refused.allowed
    assert len(said(refused)) >= 3


def test_a_role_that_is_not_there_is_answered_with_those_near_to_it(scene):
    with pytest.raises(UsageError, match="no roles are named desk-develop-catalog-func") as raised:
        ask(scene, "desk-develop-catalog-func", "s3:GetObject", f"{BUCKET}/x")
    assert "desk-develop-catalog-function" in raised.value.advice


def test_access_that_was_added_and_removed_is_told_apart(small, scene):
    texts = {**small.texts, "templates/delivery-build.yaml": small.texts["templates/delivery-build.yaml"].replace(
        "                  - codebuild:CreateReport\n", "                  - codebuild:DeleteReport\n")}
    changed = against(stage(small.assembly, texts, small.sources), scene)
    assert {grant.action for grant in changed.added} == {"codebuild:DeleteReport"}
    assert {grant.action for grant in changed.removed} == {"codebuild:CreateReport"}
    assert against(scene, scene).added == against(scene, scene).removed == ()


def line(role: str, action: str, resource: str, decision: str = "allowed") -> dict[str, object]:
    parts = role.split(":")
    return {"role": role, "action": action, "resource": resource, "decision": decision,
            "account": parts[4] if len(parts) > 5 else ""}


def test_a_call_that_no_need_foretold_is_a_finding(scene):
    listed = needs(scene)
    build = f"arn:aws:iam::{SHARED}:role/desk-develop-catalog-build"
    function = f"arn:aws:iam::{NONPROD}:role/desk-develop-catalog-function"
    found = observed(scene, listed, [
        line(build, "s3:PutObject", f"{BUCKET}/packages/develop/catalog/0123"),
        line(build, "kms:GenerateDataKey", f"arn:aws:kms:us-east-1:{SHARED}:key/6f1c8a52-0000-0000-0000-000000000000"),
        line("codebuild.amazonaws.com", "sts:AssumeRole", build),
        line(build, "s3:ListBucket", BUCKET, "implicit_deny") | {"why": ABSENT},
        line(f"arn:aws:iam::{SHARED}:user/administrator", "iam:GetRole", build),
        line(function, "dynamodb:PutItem", f"arn:aws:dynamodb:us-east-1:{NONPROD}:table/loans", "implicit_deny"),
    ])  # fmt: skip
    assert found.calls == 5
    assert [call.who for call in found.absent] == [build]
    assert [(call.who, call.action) for call in found.unforetold] == [(function, "dynamodb:PutItem")]
    assert found.denied == found.unforetold
    assert len(found.idle) < len(listed)
    assert proposals(scene, found.unforetold) == {"catalog": (Grant(
        actions=("dynamodb:PutItem",),
        resources=("arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/loans",)),)}


def test_listing_a_bucket_for_its_own_sake_is_told_from_looking_for_an_object(scene):
    build = f"arn:aws:iam::{SHARED}:role/desk-develop-catalog-build"
    found = observed(scene, needs(scene), [line(build, "s3:ListBucket", BUCKET, "implicit_deny")])
    assert found.absent == ()
    assert len(found.unforetold) == 1


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "hello", tmp_path / "hello", ignore=shutil.ignore_patterns(".crossdock"))
    return tmp_path / "hello"


def run(capfd, *arguments: str) -> tuple[int, str, str]:
    code = guarded(cli, list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


def test_prove_ends_well_and_keeps_its_proof(platform, capfd):
    code, out, _ = run(capfd, "prove", str(platform))
    assert code == 0
    assert "nevers are kept" in out.splitlines()[-1]
    kept = json.loads((platform / ".crossdock" / "proof.json").read_text())
    assert kept["type"] == "Proof"


def test_prove_fails_with_7_and_one_document(platform, capfd):
    run(capfd, "compose", str(platform))
    old = platform / "old"
    shutil.copytree(platform / ".crossdock" / "assembly", old)
    template = platform / ".crossdock" / "assembly" / "templates" / "foundation-artifacts.yaml"
    template.write_text(template.read_text().replace("Action: kms:Decrypt\n", "Action: kms:Sign\n"))
    code, out, err = run(capfd, "prove", str(platform), "--json", "--against", str(old))
    assert code == 7
    document = json.loads(out)
    assert document["ok"] is False
    assert document["error"]["kind"] == "ProofFailed"
    assert {change["action"] for change in document["changes"]["added"]} == {"kms:Sign"}
    assert "edited by hand" in err
    code, out, _ = run(capfd, "prove", str(platform))
    assert code == 7
    assert "no statement of the policy of key ArtifactKey" in out
    assert run(capfd, "prove", str(platform), "--fresh")[0] == 0


def test_access_can_answers_with_its_exit_code(platform, capfd):
    ask_ = ("access", "can", "hello-development-execution", "lambda:CreateFunction")
    arn = "arn:aws:lambda:us-east-1:222222222222:function:"
    code, out, _ = run(capfd, *ask_, f"{arn}hello-development-greeter", "--platform", str(platform))
    assert (code, out.splitlines()[0][:4]) == (0, "yes:")
    code, out, _ = run(capfd, *ask_, f"{arn}somebody-elses", "--platform", str(platform), "--json")
    assert code == 1
    assert json.loads(out)["allowed"] is False


def test_access_decide_answers_line_by_line(tmp_path, capfd):
    request = {"principal": f"arn:aws:iam::{SHARED}:user/ada", "principal_type": "user", "principal_account": SHARED,
               "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": SHARED}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    record = {"id": 1, "request": request, "identity_policies": [policy]}
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in (record, {**record, "id": 2, "identity_policies": []})))
    code, out, _ = run(capfd, "access", "decide", str(file))
    assert code == 0
    assert [json.loads(one)["decision"] for one in out.splitlines()] == ["allowed", "implicit_deny"]


def test_observed_says_when_nothing_was_rehearsed(platform, capfd):
    code, _, err = run(capfd, "access", "observed", str(platform))
    assert code == 2
    assert "rehearse first" in err


def test_an_unknown_provider_is_refused_by_name(small):
    texts = dict(small.texts)
    name = "templates/delivery-pipeline.yaml"
    texts[name] = texts[name].replace("Provider: CodeBuild", "Provider: Jenkins")
    with pytest.raises(UsageError, match="Build by Jenkins"):
        needs(stage(replace(small.assembly), texts, small.sources))
