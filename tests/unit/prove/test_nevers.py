"""What must never be: each claim is kept by the templates, and broken by the change that would break it."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from mutants import ground
from proving import NONPROD, ROOT

from crossdock.model.assembly import Stack
from crossdock.prove import of, stage

ORGANIZATION = "                - {aws:PrincipalOrgID: !Ref OrganizationId}\n"


def whats(proof) -> set[str]:
    return {never.what for never in proof.breached}


def test_environments_in_one_account_reach_nothing_of_each_other(desk):
    kept = {never.what: never.asked for never in desk.proof.nevers}
    for one in ("develop", "staging", "master"):
        for other in {"develop", "staging", "master"} - {one}:
            assert kept[f"{one} touches nothing of {other}"] > 300
            assert kept[f"no role of {one} becomes one of {other}"] > 100


@pytest.mark.parametrize(("template", "old", "new", "what"), [
    ("foundation-artifacts", "role/desk-develop-deployment", "role/*",
     "nobody of a known account comes in under another name"),
    ("foundation-artifacts", "              ArnLike: {aws:PrincipalArn: !Ref ReaderRoleArns}\n\n", "\n",
     "nobody of a known account comes in under another name"),
    ("foundation-artifacts", ORGANIZATION, "                - !Ref AWS::NoValue\n",
     "nobody outside of the organization comes in"),
    ("foundation-artifacts", 'Bool: {aws:SecureTransport: "false"}', 'Bool: {aws:SecureTransport: "maybe"}',
     "nobody comes to a bucket without TLS"),
    ("delivery-build", "/${PackagePrefix}/*", "/packages/*", "no service touches what is another's"),
    ("delivery-target-roles", "              ArnLike:\n                aws:PrincipalArn: !Sub\n"
     "                  arn:${AWS::Partition}:iam::${SharedAccountId}:role/${Platform}-${Environment}-*-pipeline\n", "",
     "no build becomes a role that deploys"),
    ("delivery-target-roles", "Sid: NeverChangeOrHandOnTheRolesThatDeploy\n            Effect: Deny",
     "Sid: NeverChangeOrHandOnTheRolesThatDeploy\n            Effect: Allow", "no role changes its own rights"),
    ("delivery-target-roles", "iam::aws:policy/service-role/AWSLambda*", "iam::aws:policy/*",
     "no role makes an administrator"),
    ("delivery-target-roles", "            Condition:\n              StringEquals: {iam:PermissionsBoundary: !Ref "
     "PermissionsBoundaryArn}\n", "", "nobody makes or changes a role outside of its boundary"),
    ("delivery-target-roles", "              - iam:DeleteRolePolicy\n", "              - iam:DeleteRolePolicy\n"
     "              - iam:DeleteRolePermissionsBoundary\n", "nobody takes a boundary away"),
    ("delivery-target-roles", "          - Sid: FindLogGroups\n", "          - Sid: ChangeTheBoundary\n"
     "            Effect: Allow\n            Action: iam:CreatePolicyVersion\n"
     "            Resource: !Ref PermissionsBoundaryArn\n          - Sid: FindLogGroups\n",
     "nobody changes a permissions boundary"),
    ("delivery-boundary", "table/${Platform}-${Environment}-*", "table/*",
     "no service does what its boundary ends"),
    ("delivery-boundary", "configuration/${Environment}/*", "*", "no service reaches what is delivered to others"),
    ("delivery-boundary", "          - Sid: SendTraces\n", "          - Sid: MakeRoles\n            Effect: Allow\n"
     "            Action: iam:CreateRole\n            Resource: \"*\"\n          - Sid: SendTraces\n",
     "no service does what its boundary ends"),
    ("delivery-pipeline", "                Resource: !Ref DeploymentRoleArn\n", '                Resource: "*"\n',
     "no role does to another's what it does to its own"),
    ("delivery-pipeline", "              StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}\n      Policies",
     "              StringLike: {aws:SourceAccount: \"*\"}\n      Policies",
     "no service acts here for another's account"),
])  # fmt: skip
def test_a_template_that_lets_in_too_much_breaks_what_it_must_not(broken, template, old, new, what):
    assert what in whats(broken(template, old, new))


def test_a_service_without_the_boundary_might_do_anything_and_its_role_cannot_be_made(broken):
    proof = broken("catalog", "      PermissionsBoundary: !Ref PermissionsBoundaryArn\n", "")
    assert {"no service does what its boundary ends", "no service changes its own rights"} <= whats(proof)
    lacking = {f.need.action for f in proof.failing}
    assert {"iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRole"} <= lacking


def test_an_anonymous_reader_is_told_apart(broken):
    proof = broken(
        "foundation-artifacts", "          - Sid: RolesOfTargetAccountsFindTheBucket\n",
        '          - {Sid: Public, Effect: Allow, Principal: "*", Action: "s3:GetObject", '
        'Resource: !Sub "${ArtifactBucket.Arn}/*"}\n          - Sid: RolesOfTargetAccountsFindTheBucket\n')
    never = next(one for one in proof.breached if one.what == "nobody comes in without a name")
    assert {place.statement for finding in never.breaches for place in finding.because} == {"Public"}


def test_a_breach_names_the_statement_that_lets_it_through(broken):
    proof = broken("delivery-build", "/${PackagePrefix}/*", "/packages/*")
    never = next(one for one in proof.breached if one.what == "no service touches what is another's")
    assert {place.statement for finding in never.breaches for place in finding.because} == {
        "UploadPackagesAndConfiguration"}
    assert all(finding.need.who.endswith("-build") for finding in never.breaches)


STORE = """\
Resources:
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: desk/staging/token}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: desk-staging-lake}
"""


def test_no_environment_reads_what_another_keeps(small):
    """A secret and a bucket of staging, in the account where develop is too."""
    store = Stack(id="nonprod/store", name="desk-store", account="nonprod", account_id=NONPROD, region="us-east-1",
                  template="templates/store.yaml", sha256="", tags={"environment": "staging"})
    assembly = replace(small.assembly, stacks=(*small.assembly.stacks, store))
    texts = {**small.texts, "templates/store.yaml": STORE}
    kept = of(stage(assembly, texts, small.sources))
    what = "develop reads and changes nothing that staging keeps"
    assert what not in whats(kept)
    assert {never.what: never.asked for never in kept.nevers}[what] > 20
    roles, mark = "templates/delivery-target-roles.yaml", "              - Sid: ReadWhatPipelinesHandOn\n"
    for action in ("secretsmanager:GetSecretValue", "s3:PutObject"):
        more = f"              - {{Sid: Nosy, Effect: Allow, Action: '{action}', Resource: '*'}}\n"
        assert mark in texts[roles]
        proof = of(stage(assembly, {**texts, roles: texts[roles].replace(mark, more + mark)}, small.sources))
        never = next(one for one in proof.breached if one.what == what)
        assert {(f.need.who.rpartition("/")[2], f.need.action) for f in never.breaches} == {
            ("desk-develop-deployment", action)}


def test_pipelines_that_share_an_artifact_folder_are_told(small):
    names = {name: text.replace("${Platform}-${Environment}-${Service}", "one-name-for-all-pipelines-${Service}")
             if name.endswith("pipeline.yaml") else text for name, text in small.texts.items()}
    where = stage(small.assembly, names, small.sources)
    assert len(of(where).notes) == 1
    assert small.proof.notes == ()


def test_an_environment_may_live_in_the_account_of_the_pipelines(tmp_path):
    shutil.copytree(ROOT / "examples" / "hello", tmp_path / "hello", ignore=shutil.ignore_patterns(".crossdock"))
    file = tmp_path / "hello" / "crossdock.yaml"
    file.write_text(file.read_text().replace("account: nonprod", "account: shared"))
    assert ground(tmp_path / "hello").proof.ok
