"""AWS::CodeCommit, AWS::CodeBuild, AWS::CodePipeline."""

from __future__ import annotations

from typing import Any

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import BUCKET, KEY, get, pick, ref, resource, role, tags


def _mapped(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def _repository(account: Account, id_: str) -> Props:
    codecommit = account.client("codecommit")
    for held in codecommit.list_repositories()["repositories"]:
        if held["repositoryId"] == id_:
            found = codecommit.get_repository(repositoryName=held["repositoryName"])["repositoryMetadata"]
            return {**pick(found, "RepositoryName RepositoryDescription KmsKeyId"),
                    "Tags": _mapped(codecommit.list_tags_for_resource(resourceArn=found["Arn"])["tags"])}
    raise KeyError(id_)


def _project(account: Account, name: str) -> Props:
    found = account.client("codebuild").batch_get_projects(names=[name])["projects"]
    one = {project["name"]: project for project in found}[name]
    environment = {key: value for key, value in one["environment"].items() if value not in (False, [], None)}
    environment.pop("imagePullCredentialsType", None)
    source = {key: value for key, value in one["source"].items() if key in ("type", "buildspec", "location")}
    return {**pick(one, "Name TimeoutInMinutes QueuedTimeoutInMinutes Description Tags ServiceRole EncryptionKey "
                        "ConcurrentBuildLimit"),
            "Source": source, "Environment": environment,
            "Cache": {key: value for key, value in (one.get("cache") or {}).items() if value != "NO_CACHE"}}


def _pipeline(account: Account, name: str) -> Props:
    codepipeline = account.client("codepipeline")
    answer = codepipeline.get_pipeline(name=name)
    found = answer["pipeline"]
    shut = [{"StageName": stage["stageName"], "Reason": stage["inboundTransitionState"]["disabledReason"]}
            for stage in codepipeline.get_pipeline_state(name=name)["stageStates"]
            if not stage.get("inboundTransitionState", {}).get("enabled", True)]
    stages = [{"Name": stage["name"], "Actions": [
        {key: action[key] for key in ("name", "actionTypeId", "configuration", "outputArtifacts", "inputArtifacts",
                                      "runOrder") if action.get(key)} for action in stage["actions"]]}
        for stage in found["stages"]]
    return {"RoleArn": found["roleArn"], "Stages": stages, "DisableInboundStageTransitions": shut,
            **pick(found, "PipelineType ExecutionMode"),
            "Tags": codepipeline.list_tags_for_resource(resourceArn=answer["metadata"]["pipelineArn"])["tags"]}


def _reports(account: Account, arn: str) -> Props:
    found = account.client("codebuild").batch_get_report_groups(reportGroupArns=[arn])["reportGroups"]
    one = {group["arn"]: group for group in found}[arn]
    return {"Type": one["type"], "Tags": one.get("tags", []),
            "ExportConfig": {"ExportConfigType": one["exportConfig"]["exportConfigType"]}}


def _credential(account: Account, arn: str) -> Props:
    found = account.client("codebuild").list_source_credentials()["sourceCredentialsInfos"]
    one = {credential["arn"]: credential for credential in found}[arn]
    return pick(one, "ServerType AuthType")


def _webhook(account: Account, name: str) -> Props:
    codepipeline = account.client("codepipeline")
    held = {one["definition"]["name"]: one for one in codepipeline.list_webhooks()["webhooks"]}[name]
    found = held["definition"]
    return {**pick(found, "TargetPipeline TargetAction Filters Authentication"),
            "Tags": codepipeline.list_tags_for_resource(resourceArn=held["arn"])["tags"]}


def _action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    kind = {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"}
    return {"Name": name, "ActionTypeId": kind, "RunOrder": 1, **more}


SOURCE = {"Name": "Source", "Actions": [_action(
    "Take", "Source", "CodeCommit", OutputArtifacts=[{"Name": "S"}],
    Configuration={"RepositoryName": "one", "BranchName": "main", "PollForSourceChanges": "false"})]}
ASK = {"Name": "Ask", "Actions": [_action("Approve", "Approval", "Manual")]}
TELL = {"Name": "Ask", "Actions": [_action("Approve", "Approval", "Manual", Configuration={"CustomData": "now"})]}
ENVIRONMENT = {"Type": "LINUX_CONTAINER", "ComputeType": "BUILD_GENERAL1_SMALL", "Image": "aws/codebuild/standard:7.0"}

RECORDS = (
    Record(type="AWS::CodeCommit::Repository", made={"RepositoryName": "r1"}, read=_repository,
           changed={"RepositoryName": "r2", "RepositoryDescription": "d", "Tags": tags(a="b")},
           why="its schema has nothing create-only"),
    Record(type="AWS::CodeBuild::Project", read=_project,
           made={"Name": "build-1", "ServiceRole": get("R"), "TimeoutInMinutes": "20",
                 "Artifacts": {"Type": "CODEPIPELINE"}, "Source": {"Type": "CODEPIPELINE", "BuildSpec": "a.yml"},
                 "Environment": ENVIRONMENT, "EncryptionKey": get("K")},
           changed={"TimeoutInMinutes": 30, "Source": {"Type": "CODEPIPELINE", "BuildSpec": "b.yml"},
                    "Description": "told", "QueuedTimeoutInMinutes": "9", "ServiceRole": get("S"),
                    "Environment": {**ENVIRONMENT, "PrivilegedMode": "true"}, "Tags": tags(a="b"),
                    "Cache": {"Type": "LOCAL", "Modes": ["LOCAL_SOURCE_CACHE"]}, "ConcurrentBuildLimit": 2},
           replaced={"Name": "build-2"}, otherwise={"QueuedTimeoutInMinutes": 480},
           around={"R": role("codebuild"), "S": role("codebuild"), "K": KEY}),
    Record(type="AWS::CodePipeline::Pipeline", read=_pipeline,
           made={"RoleArn": get("R"), "ArtifactStore": {"Type": "S3", "Location": ref("B")}, "Stages": [SOURCE, ASK],
                 "PipelineType": "V2"},
           changed={"RoleArn": get("P"), "Stages": [SOURCE, TELL], "Tags": tags(a="b"),
                    "DisableInboundStageTransitions": [{"StageName": "Ask", "Reason": "wait"}]},
           replaced={"Name": "named"}, otherwise={"ExecutionMode": "SUPERSEDED"},
           around={"R": role("codepipeline", "s3:*"), "P": role("codepipeline", "s3:*"), "B": BUCKET,
                   "C": resource("AWS::CodeCommit::Repository", RepositoryName="one")}),
    Record(type="AWS::CodePipeline::Webhook", read=_webhook,
           made={"Name": "one", "Authentication": "GITHUB_HMAC", "TargetPipeline": ref("L"), "TargetAction": "Take",
                 "AuthenticationConfiguration": {"SecretToken": "very-secret-1"},
                 "Filters": [{"JsonPath": "$.ref", "MatchEquals": "refs/heads/main"}]},
           changed={"Filters": [{"JsonPath": "$.ref", "MatchEquals": "refs/heads/other"}], "Tags": tags(a="b")},
           replaced={"Name": "two"},
           around={"R": role("codepipeline", "s3:*"), "B": BUCKET,
                   "C": resource("AWS::CodeCommit::Repository", RepositoryName="one"),
                   "L": {**resource("AWS::CodePipeline::Pipeline", RoleArn=get("R"), Stages=[SOURCE, ASK],
                                    ArtifactStore={"Type": "S3", "Location": ref("B")}), "DependsOn": "C"}}),
    Record(type="AWS::CodeBuild::ReportGroup", read=_reports,
           made={"Type": "TEST", "ExportConfig": {"ExportConfigType": "NO_EXPORT"}},
           changed={"Tags": tags(a="b")}, replaced={"Name": "named"}),
    Record(type="AWS::CodeBuild::SourceCredential", read=_credential,
           made={"ServerType": "GITHUB", "AuthType": "PERSONAL_ACCESS_TOKEN", "Token": "a-token-of-ours"},
           replaced={"ServerType": "BITBUCKET", "AuthType": "BASIC_AUTH", "Username": "someone"},
           why="a token is written only: that it changed can't be seen"),
)  # fmt: skip
