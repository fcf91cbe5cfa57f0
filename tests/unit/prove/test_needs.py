"""What each step of a delivery needs (CodePipeline, CodeBuild and CloudFormation User Guides), and what fails when it
is taken away. Failures that other tools are known for are named by their report."""

from __future__ import annotations

import pytest
from proving import BUCKET, NONPROD, SHARED, failing, lacks, steps

from crossdock.prove import of, stage

KEY = f"arn:aws:kms:us-east-1:{SHARED}:key/shared-artifacts-artifactkey"


def needed(proof, role: str, action: str) -> set[str]:
    """The resources on which a role needs an action."""
    return {f.need.resource for f in proof.needs if f.need.who.endswith(f":role/{role}") and f.need.action == action}


def test_a_pipeline_s_role_reads_and_writes_its_own_folder_with_the_store_s_key(small):
    folder = f"{BUCKET}/desk-develop-catalog"
    assert f"{folder}/*" in needed(small.proof, "desk-develop-catalog-pipeline", "s3:GetObject")
    assert f"{folder}/Source/*" in needed(small.proof, "desk-develop-catalog-pipeline", "s3:PutObject")
    assert needed(small.proof, "desk-develop-catalog-pipeline", "kms:GenerateDataKey") == {KEY}


def test_a_source_fetches_the_branch(small):
    repository = f"arn:aws:codecommit:us-east-1:{SHARED}:desk-catalog"
    for right in ("GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus", "CancelUploadArchive"):
        assert needed(small.proof, "desk-develop-catalog-pipeline", f"codecommit:{right}") == {repository}


def test_an_action_with_a_role_of_its_own_is_run_by_that_role_after_the_pipeline_became_it(small):
    deployment = f"arn:aws:iam::{NONPROD}:role/desk-develop-deployment"
    assert needed(small.proof, "desk-develop-catalog-pipeline", "sts:AssumeRole") == {deployment}
    found = next(f for f in small.proof.needs if f.need.resource == deployment and f.need.action == "sts:AssumeRole")
    assert {place.policy for place in found.because} == {
        "deliver of role desk-develop-catalog-pipeline", "trust policy of role desk-develop-deployment"}


def test_reading_an_artifact_across_accounts_takes_four_agreements(small):
    reads = [f for f in small.proof.needs if f.need.step.action == "Deploy/Prepare" and (
        f.need.action in ("s3:GetObject", "kms:Decrypt")) and f.need.step.service == "catalog"]
    assert {place.policy for f in reads for place in f.because} == {
        "deploy of role desk-develop-deployment", "policy of bucket desk-artifacts-111111111111-us-east-1",
        "policy of key ArtifactKey of stack desk-artifacts"}


def test_the_execution_role_is_handed_to_cloudformation_and_to_nobody_else(small):
    found = next(f for f in small.proof.needs if f.need.action == "iam:PassRole" and "execution" in f.need.resource)
    assert found.need.context["iam:PassedToService"] == "cloudformation.amazonaws.com"
    assert found.need.who.endswith("desk-develop-deployment")


def test_the_execution_role_needs_what_the_service_s_resources_are_made_by(small):
    alias = f"arn:aws:lambda:us-east-1:{NONPROD}:function:desk-develop-catalog"
    assert alias in needed(small.proof, "desk-develop-execution", "lambda:CreateAlias")
    attach = [f.need for f in small.proof.needs if f.need.action == "iam:AttachRolePolicy" and f.need.step.action != (
        "contract")]
    assert {need.context["iam:PolicyARN"] for need in attach} == {
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}


def test_lambda_fetches_code_with_the_execution_role_s_rights(small):
    found = [f.need for f in small.proof.needs if f.need.action == "kms:Decrypt" and "execution" in f.need.who]
    assert {need.via for need in found} == {("lambda.amazonaws.com", "s3.amazonaws.com")}


def test_a_function_reads_the_object_that_its_environment_names(small):
    path = f"{BUCKET}/configuration/develop/catalog/items.json"
    assert path in needed(small.proof, "desk-develop-catalog-function", "s3:GetObject")


def test_an_alias_is_called_by_its_own_permission(small):
    calls = {f.need.resource for f in small.proof.needs
             if f.need.action == "lambda:InvokeFunction" and f.need.step.action != "stack sets"}
    assert calls == {f"arn:aws:lambda:us-east-1:{NONPROD}:function:desk-develop-{name}" for name in (
        "catalog:live", "lending")}


def test_access_logs_and_triggers_are_needs_of_services(small):
    who = {(f.need.who, f.need.action) for f in small.proof.needs if not f.need.who.startswith("arn:")}
    assert ("logging.s3.amazonaws.com", "s3:PutObject") in who
    assert ("events.amazonaws.com", "sts:AssumeRole") in who


@pytest.mark.parametrize(("template", "old", "action", "step"), [
    ("delivery-pipeline", "                  - codebuild:StartBuild\n", "codebuild:StartBuild", "Build/Build"),
    ("delivery-pipeline", "                  - codecommit:UploadArchive\n", "codecommit:UploadArchive",
     "Source/Source"),
    ("delivery-build", "                  - logs:CreateLogStream\n", "logs:CreateLogStream", "Build/Build"),
    ("delivery-target-roles", "                  - cloudformation:ExecuteChangeSet\n",
     "cloudformation:ExecuteChangeSet", "Deploy/Execute"),
    ("delivery-target-roles", "              - lambda:CreateAlias\n", "lambda:CreateAlias", "Deploy/Execute"),
    ("catalog", "                  - logs:PutLogEvents\n", "logs:PutLogEvents", "run"),
])  # fmt: skip
def test_what_is_taken_away_fails_at_its_step(broken, template, old, action, step):
    assert step in steps(failing(broken(template, old, ""), action))


def test_a_key_that_pipelines_cannot_encrypt_with_fails_at_the_source(broken):
    """awslabs/aws-deployment-framework#756: a regional key without GenerateDataKey."""
    proof = broken("foundation-artifacts", "              - kms:GenerateDataKey*\n", "")
    found = failing(proof, "kms:GenerateDataKey")
    assert {"Source/Source", "Build/Build"} <= steps(found)
    assert lacks(found) == {"no statement of the policy of key ArtifactKey of stack desk-artifacts allows it"}


def test_a_build_without_an_encryption_key_cannot_be_deployed_elsewhere(broken):
    """awslabs/aws-refarch-cross-account-pipeline#8: artifacts under the key that AWS manages, which serves its own
    account alone."""
    found = failing(broken("delivery-build", "      EncryptionKey: !Ref ArtifactKeyArn\n", ""), "kms:Decrypt")
    assert steps(found) == {"Deploy/Prepare"}
    assert {f.need.resource for f in found} == {f"arn:aws:kms:us-east-1:{SHARED}:key/aws-managed-s3"}


def test_a_bucket_that_does_not_know_the_deployment_role_fails_at_the_deployment(broken):
    """aws/aws-cdk#3765: a bucket policy without the deploy role."""
    proof = broken("foundation-artifacts", "role/desk-develop-deployment", "role/desk-develop-somebody")
    found = failing(proof, "s3:GetObject")
    assert steps(found) == {"Deploy/Prepare"}
    assert lacks(found) == {"no statement of the policy of bucket desk-artifacts-111111111111-us-east-1 allows it"}


def test_a_trust_policy_that_names_the_wrong_account_lets_no_pipeline_in(broken):
    """aws/aws-cdk#14484."""
    proof = broken("delivery-targets", "SharedAccountId: !Ref AWS::AccountId", 'SharedAccountId: "444444444444"')
    found = failing(proof, "sts:AssumeRole")
    assert steps(found) == {"Deploy/Prepare", "Deploy/Execute"}
    assert lacks(found) == {"no statement of the trust policy of role desk-develop-deployment allows it"}


def test_a_stack_set_that_the_target_does_not_let_in_fails_where_cloudformation_goes_there(broken):
    proof = broken("foundation-bootstrap", "role/${Platform}-stack-set-administration", "role/somebody")
    found = failing(proof, "sts:AssumeRole")
    assert steps(found) == {"stack sets"}
    assert lacks(found) == {"no statement of the trust policy of role desk-stack-set-execution allows it"}


def test_an_execution_role_that_may_not_write_policies_fails_at_the_roles_of_its_stack_sets(broken):
    proof = broken("foundation-bootstrap", "                  - iam:PutRolePolicy\n", "")
    found = failing(proof, "iam:PutRolePolicy")
    assert steps(found) == {"stack sets"}
    assert {f.need.who for f in found} == {f"arn:aws:iam::{NONPROD}:role/desk-stack-set-execution"}


def test_an_event_reaches_another_account_s_bus_only_where_its_policy_says_so(small):
    """awslabs/aws-deployment-framework#608: a CodeCommit event without a bus policy."""
    bus = f"arn:aws:events:us-east-1:{NONPROD}:event-bus/default"
    here = "!Sub arn:${AWS::Partition}:codepipeline:${AWS::Region}:${AWS::AccountId}:${Pipeline}"
    pipeline = small.texts["templates/delivery-pipeline.yaml"].replace(here, bus).replace(
        "codepipeline:StartPipelineExecution", "events:PutEvents")
    texts = {**small.texts, "templates/delivery-pipeline.yaml": pipeline}
    found = failing(of(stage(small.assembly, texts, small.sources)), "events:PutEvents")
    assert lacks(found) == {f"no statement of the policy of {bus}, which has none, allows it"}
    policy = f"""
  BusPolicy:
    Type: AWS::Events::EventBusPolicy
    Properties: {{StatementId: Events, Action: "events:PutEvents", Principal: "{SHARED}"}}

Outputs:"""
    roles = small.texts["templates/delivery-target-roles.yaml"].replace("\nOutputs:", policy)
    texts["templates/delivery-target-roles.yaml"] = roles
    assert failing(of(stage(small.assembly, texts, small.sources)), "events:PutEvents") == []
