"""Who reads what, decided by the policies that the composed templates put in force."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.iam import Policies, PolicyKind, Request, decide, parse

SHARED, NONPROD, PROD = "111111111111", "222222222222", "333333333333"
BUCKET = "psl-artifacts-111111111111-us-east-1"
KEY = "arn:aws:kms:us-east-1:111111111111:key/shared-artifacts-artifactkey"
ROLES = "shared/targets/development/Roles/222222222222/us-east-1"
READ_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": ["s3:*", "kms:*", "sts:*"], "Resource": "*"}],
}


def asks(
    deployed, role: str, account: str, action: str, resource: str, *, identity: Any = READ_ALL, **more: str
) -> str:
    """The verdict on a role's session; by default its own policies allow everything, so the resource's side decides."""
    if action.startswith("kms:"):
        kind, document = PolicyKind.KEY, deployed.of_type("AWS::KMS::Key")["shared/artifacts/ArtifactKey"]["KeyPolicy"]
    else:
        policy = deployed.of_type("AWS::S3::BucketPolicy")["shared/artifacts/ArtifactBucketPolicy"]
        kind, document = PolicyKind.RESOURCE, policy["PolicyDocument"]
    context = {
        "aws:PrincipalArn": f"arn:aws:iam::{account}:role/{role}", "aws:PrincipalAccount": account,
        "aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:SecureTransport": "true", "aws:ResourceAccount": SHARED,
        "kms:ViaService": "s3.us-east-1.amazonaws.com",
    } | {key.replace("_", ":", 1): value for key, value in more.items()}
    request = Request(
        principal=f"arn:aws:sts::{account}:assumed-role/{role}/session", principal_type="role",
        principal_account=account, action=action, resource=resource, resource_account=SHARED,
        context={key: value for key, value in context.items() if value},
    )
    own, of_resource = parse(identity, PolicyKind.IDENTITY, name="identity"), parse(document, kind, name="resource")
    policies = Policies(identity=(own,), resource=of_resource)
    return str(decide(request, policies).verdict)


def key(path: str) -> str:
    return f"arn:aws:s3:::{BUCKET}/{path}"


@pytest.mark.parametrize(("role", "account", "path"), [
    ("psl-development-survey-function", NONPROD, "configuration/development/survey/settings.json"),
    ("psl-production-collector-function", PROD, "configuration/production/collector/settings.json"),
    ("psl-development-execution", NONPROD, "packages/development/survey/abc"),
    ("psl-development-deployment", NONPROD, "psl-development-surv/Build/abc1234"),
    ("psl-production-deployment", PROD, "psl-production-colle/Build/abc1234"),
])  # fmt: skip
def test_a_role_reads_its_own_prefix_and_decrypts(deployed, role, account, path):
    assert asks(deployed, role, account, "s3:GetObject", key(path)) == "allowed"
    assert asks(deployed, role, account, "kms:Decrypt", KEY) == "allowed"


@pytest.mark.parametrize(("role", "account", "path"), [
    ("psl-development-survey-function", NONPROD, "configuration/development/collector/settings.json"),
    ("psl-development-survey-function", NONPROD, "configuration/staging/survey/settings.json"),
    ("psl-development-survey-function", NONPROD, "packages/development/survey/abc"),
    ("psl-development-survey-function", PROD, "configuration/development/survey/settings.json"),
    ("psl-production-survey-function", NONPROD, "configuration/production/survey/settings.json"),
    ("psl-development-execution", NONPROD, "packages/production/survey/abc"),
    ("psl-development-execution", NONPROD, "configuration/development/survey/settings.json"),
    ("psl-development-deployment", NONPROD, "psl-production-surve/Build/abc1234"),
    ("psl-development-deployment", NONPROD, "psl-staging-survey/Build/abc1234"),
    ("somebody", NONPROD, "packages/development/survey/abc"),
])  # fmt: skip
def test_no_role_reads_the_prefix_of_another(deployed, role, account, path):
    assert asks(deployed, role, account, "s3:GetObject", key(path)) == "implicit_deny"


def test_a_reader_outside_the_organization_neither_reads_nor_decrypts(deployed):
    role, path = "psl-development-survey-function", key("configuration/development/survey/settings.json")
    assert asks(deployed, role, NONPROD, "s3:GetObject", path, aws_PrincipalOrgID="o-somebodyelse") == "implicit_deny"
    assert asks(deployed, role, NONPROD, "s3:GetObject", path, aws_PrincipalOrgID="") == "implicit_deny"
    assert asks(deployed, role, NONPROD, "kms:Decrypt", KEY, aws_PrincipalOrgID="o-somebodyelse") == "implicit_deny"


def test_the_key_is_used_through_s3_only(deployed):
    role = "psl-development-survey-function"
    assert asks(deployed, role, NONPROD, "kms:Decrypt", KEY, kms_ViaService="") == "implicit_deny"


def test_a_target_role_only_reads(deployed):
    role = "psl-development-deployment"
    assert asks(deployed, role, NONPROD, "s3:PutObject", key("psl-development-surv/Build/x")) == "implicit_deny"
    assert asks(deployed, role, NONPROD, "kms:GenerateDataKey", KEY) == "implicit_deny"


def test_nobody_comes_without_tls(deployed):
    role, path = "psl-development-survey-function", key("configuration/development/survey/settings.json")
    assert asks(deployed, role, NONPROD, "s3:GetObject", path, aws_SecureTransport="false") == "explicit_deny"


def test_administrators_manage_the_key_and_do_not_decrypt(deployed):
    assert asks(deployed, "Administrator", SHARED, "kms:PutKeyPolicy", KEY) == "allowed"
    assert asks(deployed, "Administrator", SHARED, "kms:Decrypt", KEY) == "implicit_deny"


def inline(deployed, id_: str) -> Any:
    return deployed.of_type("AWS::IAM::Role")[id_]["Policies"][0]["PolicyDocument"]


def test_a_build_writes_where_it_should_and_nowhere_else(deployed):
    identity = inline(deployed, "shared/build/development/survey/BuildRole")
    def put(path: str) -> str:
        return asks(deployed, "psl-development-survey-build", SHARED, "s3:PutObject", key(path), identity=identity)

    assert put("packages/development/survey/abc") == put("configuration/development/survey/a.json") == "allowed"
    assert put("psl-development-surv/Build/abc") == "allowed"
    assert put("packages/development/collector/abc") == put("packages/staging/survey/abc") == "implicit_deny"
    encrypts = asks(deployed, "psl-development-survey-build", SHARED, "kms:GenerateDataKey", KEY, identity=identity)
    assert encrypts == "allowed"


def test_the_deployment_role_trusts_pipelines_into_its_environment_only(deployed):
    trust = parse(
        deployed.of_type("AWS::IAM::Role")[f"{ROLES}/DeploymentRole"]["AssumeRolePolicyDocument"],
        PolicyKind.TRUST, name="trust",
    )
    identity = inline(deployed, "shared/pipeline/development/survey/PipelineRole")
    role = "arn:aws:iam::222222222222:role/psl-development-deployment"
    def assumes(name: str, account: str = SHARED, policy: Any = READ_ALL) -> str:
        request = Request(
            principal=f"arn:aws:sts::{account}:assumed-role/{name}/s", principal_type="role", principal_account=account,
            action="sts:AssumeRole", resource=role, resource_account=NONPROD,
            context={"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{name}", "aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        )
        policies = Policies(identity=(parse(policy, PolicyKind.IDENTITY, name="identity"),), resource=trust)
        return str(decide(request, policies).verdict)

    assert assumes("psl-development-survey-pipeline", policy=identity) == "allowed"
    assert assumes("psl-staging-survey-pipeline") == "implicit_deny"
    assert assumes("psl-development-survey-build") == "implicit_deny"
    assert assumes("psl-development-survey-pipeline", PROD) == "implicit_deny"


def test_cloudformation_cannot_change_the_roles_that_deploy(deployed):
    execute = deployed.of_type("AWS::IAM::Policy")[f"{ROLES}/ExecutionPolicy"]["PolicyDocument"]
    bound = f"arn:aws:iam::{NONPROD}:policy/psl-development-boundary"
    def may(action: str, name: str, boundary: str = bound) -> str:
        request = Request(
            principal=f"arn:aws:sts::{NONPROD}:assumed-role/psl-development-execution/s", principal_type="role",
            principal_account=NONPROD, action=action, resource=f"arn:aws:iam::{NONPROD}:role/{name}",
            resource_account=NONPROD,
            context={"iam:PassedToService": "lambda.amazonaws.com", "iam:PermissionsBoundary": boundary},
        )
        return str(decide(request, Policies(identity=(parse(execute, PolicyKind.IDENTITY, name="execute"),))).verdict)

    assert may("iam:PutRolePolicy", "psl-development-survey-function") == "allowed"
    assert may("iam:PassRole", "psl-development-survey-function") == "allowed"
    assert may("iam:PutRolePolicy", "psl-development-survey-function", bound + "s") == "implicit_deny"
    assert may("iam:PutRolePolicy", "psl-staging-survey-function") == "implicit_deny"
    assert may("iam:PutRolePolicy", "psl-development-execution") == "explicit_deny"
    assert may("iam:PassRole", "psl-development-deployment") == "explicit_deny"


def test_without_an_organization_the_condition_is_left_out(folder, deploy):
    text = "\n".join(line for line in folder.write().read_text().splitlines() if "organization" not in line)
    platform = folder.read(text)
    deployed = deploy(platform)
    role, path = "psl-development-survey-function", key("configuration/development/survey/settings.json")
    assert asks(deployed, role, NONPROD, "s3:GetObject", path, aws_PrincipalOrgID="") == "allowed"
    assert asks(deployed, role, NONPROD, "kms:Decrypt", KEY, aws_PrincipalOrgID="") == "allowed"
