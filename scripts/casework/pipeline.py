"""A pipeline template: created, its sources filled, an execution followed to its end, approvals given."""

from __future__ import annotations

import io
import shutil
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from casework import census, neighbours, packaging, stacks, values
from casework.listing import Case
from casework.outcome import Outcome, judged, refusals
from casework.stage import TOOLS, Stage

SECONDS = 180.0
ENDED = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled")


def attempt(stage: Stage, case: Case, scratch: Path) -> Outcome:
    try:
        template, notes = packaging.package(stage, case.file, scratch)
        notes += [f"{what}: made ours" for what in values.own_account(stage, template)]
        given = values.given(stage, template, fill=True)
        own = {values.resolved(one["Properties"].get("RepositoryName"), values.known(template, given))
               for one in template["Resources"].values() if one["Type"] == "AWS::CodeCommit::Repository"}
        for name in given:
            if "reposit" in name.lower() and "arn" not in name.lower() and "uri" not in name.lower() \
                    and given[name] not in own:
                _repository(stage, given[name], "main", case.checkout, scratch)
    except values.NoValue as error:
        return Outcome("failed", [str(error)])
    except ClientError as error:
        return judged([str(error.response["Error"]["Message"])])
    except Exception as error:  # noqa: BLE001  what awscli's packager says of a template, whatever its kind
        return Outcome("failed", [f"packaging: {error!r}"])
    values.prepare(stage, template, given)
    neighbours.tokens_of_git_hosts(stage)
    known = values.known(template, given)
    neighbours.code(stage, template.get("Resources"), lambda value: values.resolved(value, known))
    made = stacks.create(stage, "case", template, given, bucket=packaging.BUCKET)
    if not made.well:
        return judged([f"{made.status}: {reason}" for reason in made.reasons], notes=notes)
    found = stacks.resources(stage.client("cloudformation"), "case")
    notes.append(f"{len(found)} resources")
    if lost := census.missing(stage, found):
        return Outcome("wrong", [f"created, but not there: {one}" for one in lost], notes)
    ill: list[str] = []
    for one in found:
        if one["ResourceType"] == "AWS::CodePipeline::Pipeline":
            ill += _run(stage, one["PhysicalResourceId"], case, scratch, notes)
    return judged(ill, notes=notes) if ill else Outcome("works", [], notes)


def _run(stage: Stage, name: str, case: Case, scratch: Path, notes: list[str]) -> list[str]:
    """What was wrong with an execution that isn't the doing of what it runs."""
    client = stage.client("codepipeline")
    pipeline = client.get_pipeline(name=name)["pipeline"]
    for store in (pipeline.get("artifactStore"), *(pipeline.get("artifactStores") or {}).values()):
        if store:
            neighbours.bucket(stage, store["location"])
    for action in pipeline["stages"][0]["actions"]:
        _fill(stage, action, case, scratch, notes)
    execution = client.start_pipeline_execution(name=name)["pipelineExecutionId"]
    until = time.monotonic() + SECONDS
    status = "InProgress"
    while status not in ENDED and time.monotonic() < until:
        time.sleep(0.2)
        status = client.get_pipeline_execution(
            pipelineName=name, pipelineExecutionId=execution)["pipelineExecution"]["status"]
        _approve(client, name)
    actions = client.list_action_executions(pipelineName=name, filter={"pipelineExecutionId": execution})
    seen = [(one["actionName"], one["status"], _said(one) + _behind(stage, one))
            for one in actions["actionExecutionDetails"]]
    notes += [f"{name} {action}: {state} {said[:240]}" for action, state, said in reversed(seen)]
    notes.append(f"{name}: {status}")
    if status not in ENDED:
        waiting = [said for _, state, said in seen if state == "InProgress"]
        if any("Error" in said and not refusals(said) for said in waiting):
            notes.append(f"{name}: a function failed without reporting; the action waits for 20 minutes, as on AWS")
            return []
        return [said for said in waiting if refusals(said)] or [f"{name}: still {status} after {SECONDS:.0f} s"]
    return [f"{name} {action}: {said}" for action, state, said in seen if state == "Failed" and _ours(said)]


def _said(detail: dict[str, Any]) -> str:
    result = (detail.get("output") or {}).get("executionResult") or {}
    return str((result.get("errorDetails") or {}).get("message") or result.get("externalExecutionSummary") or "")


def _behind(stage: Stage, detail: dict[str, Any]) -> str:
    """What a stack or a function that an action waits for said is not emulated here."""
    action, resolved = detail["input"]["actionTypeId"]["provider"], detail["input"]["resolvedConfiguration"]
    said: list[str] = []
    try:
        if action == "CloudFormation" and detail["status"] == "Failed":
            said = stacks.reasons(stage.client("cloudformation"), str(detail["output"]["executionResult"].get(
                "externalExecutionId") or resolved["StackName"]))
        elif action == "Lambda" and detail["status"] != "Succeeded":
            logs, group = stage.client("logs"), f"/aws/lambda/{resolved['FunctionName'].rpartition(':')[2]}"
            said = [str(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    except ClientError:
        return ""
    found = list(dict.fromkeys(one for text in said for one in refusals(text)))
    told = [f"the local AWS does not emulate {one}" for one in found] or (
        said if action == "CloudFormation" else [one.strip() for one in said if "Error" in one][-1:])
    return "".join(f"\n{one}" for one in told)


def _ours(said: str) -> bool:
    """A failed build, a stack whose template is wrong or a file that isn't there are what the pipeline runs."""
    return bool(refusals(said)) or not any(sign in said for sign in (
        "Build terminated with state", "COMMAND_EXECUTION_ERROR", "does not contain", "not found in", "No such file",
        "YAML_FILE_ERROR", "ValidationError", "could not be found", "does not exist", "invalid CIDR",
        "Project cannot be found"))


def _approve(client: Any, name: str) -> None:
    for stage in client.get_pipeline_state(name=name)["stageStates"]:
        for action in stage.get("actionStates", []):
            latest = action.get("latestExecution") or {}
            if latest.get("token") and latest.get("status") == "InProgress":
                try:
                    client.put_approval_result(
                        pipelineName=name, stageName=stage["stageName"], actionName=action["actionName"],
                        token=latest["token"], result={"status": "Approved", "summary": "tried"})
                except ClientError:
                    continue


def _fill(stage: Stage, action: dict[str, Any], case: Case, scratch: Path, notes: list[str]) -> None:
    """Something for a source action to find."""
    configuration = action["configuration"]
    match action["actionTypeId"]["provider"]:
        case "CodeCommit":
            branch = str(configuration.get("BranchName", "main"))
            _repository(stage, str(configuration["RepositoryName"]), branch, case.checkout, scratch)
        case "GitHub":
            name = f"github.com/{configuration['Owner']}/{configuration['Repo']}"
            _push(stage, f"/v1/hosts/{name}", str(configuration["Branch"]), case.checkout, scratch)
        case "CodeStarSourceConnection":
            held = stage.client("codestar-connections").get_connection(ConnectionArn=configuration["ConnectionArn"])
            host = {"GitHub": "github.com", "Bitbucket": "bitbucket.org", "GitLab": "gitlab.com"}[
                held["Connection"]["ProviderType"]]
            _push(stage, f"/v1/hosts/{host}/{configuration['FullRepositoryId']}", str(configuration["BranchName"]),
                  case.checkout, scratch)
        case "S3":
            key = str(configuration["S3ObjectKey"])
            held = io.BytesIO()
            with zipfile.ZipFile(held, "w") as archive:
                for file in sorted(case.checkout.rglob("*"))[:2000]:
                    if file.is_file() and file.stat().st_size < 1_000_000:
                        archive.write(file, file.relative_to(case.checkout))
            try:
                stage.client("s3").put_object(Bucket=configuration["S3Bucket"], Key=key, Body=held.getvalue())
            except ClientError as error:
                notes.append(f"source {configuration['S3Bucket']}/{key}: {error}")


def _repository(stage: Stage, name: str, branch: str, checkout: Path, scratch: Path) -> None:
    """A repository with what is in the checkout on a branch; pushed over HTTP by git."""
    client = stage.client("codecommit")
    if not name or name not in [one["repositoryName"] for one in client.list_repositories()["repositories"]]:
        client.create_repository(repositoryName=name)
    _push(stage, f"/v1/repos/{name}", branch, checkout, scratch)


def _push(stage: Stage, path: str, branch: str, checkout: Path, scratch: Path) -> None:
    """What is in the checkout becomes a branch of the repository at a path, once."""
    folder = scratch / f"push{path}-{branch}".replace("/", "-")
    if folder.exists():
        return
    shutil.copytree(checkout, folder, symlinks=False, ignore_dangling_symlinks=True,
                    ignore=shutil.ignore_patterns(".git"))
    helper = "!aws codecommit credential-helper --ignore-host-check $@"
    environment = {**stage.environment(TOOLS), "HOME": str(scratch), "PATH": _path(), "GIT_TERMINAL_PROMPT": "0"}
    url = f"{stage.world.endpoint}{path}"
    for argv in (
        ("init", "-q", "-b", branch), ("add", "-A"),
        ("-c", "user.name=someone", "-c", "user.email=someone@example.com", "commit", "-qm", "what is there"),
        ("-c", "credential.UseHttpPath=true", "-c", f"credential.helper={helper}", "push", "-q", url,
         f"HEAD:refs/heads/{branch}"),
    ):
        subprocess.run(["git", *argv], cwd=folder, env=environment, check=False, capture_output=True)


def _path() -> str:
    import os
    import sys

    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"
