"""A buildspec: a project builds with it, its source the repository; its phases must end as they would on AWS."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from casework import values
from casework.listing import Case
from casework.outcome import Outcome, judged, refusals
from casework.stage import DEVELOPMENT, REGION, TOOLS, Stage

SECONDS = 150.0
OWN_DOING = ("COMMAND_EXECUTION_ERROR", "CLIENT_ERROR", "YAML_FILE_ERROR", "Error while executing command",
             "no matching", "No matching", "Secrets", "ResourceNotFound", "ParameterNotFound", "Parameter")


def attempt(stage: Stage, case: Case, scratch: Path) -> Outcome:  # noqa: ARG001  one signature for all kinds
    text = _text(case)
    key = "source.zip"
    stage.client("s3").put_object(Bucket=values.BUCKET, Key=key, Body=_zip(case))
    project = {
        "name": "case", "serviceRole": f"arn:aws:iam::{TOOLS}:role/{values.ROLE}",
        "artifacts": {"type": "NO_ARTIFACTS"}, "timeoutInMinutes": 5,
        "source": {"type": "S3", "location": f"{values.BUCKET}/{key}", "buildspec": text},
        "environment": {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                        "computeType": "BUILD_GENERAL1_SMALL", "environmentVariables": _variables()},
    }
    client = stage.client("codebuild")
    try:
        client.create_project(**project)
        build = client.start_build(projectName="case")["build"]["id"]
    except ClientError as error:
        return judged([str(error.response["Error"]["Message"])])
    until = time.monotonic() + SECONDS
    while True:
        found: dict[str, Any] = client.batch_get_builds(ids=[build])["builds"][0]
        if found["buildStatus"] != "IN_PROGRESS" or time.monotonic() > until:
            break
        time.sleep(0.1)
    notes = [f"{phase['phaseType']}: {phase.get('phaseStatus', '')} {said}".strip() for phase in found["phases"]
             for said in [_said(phase)] if phase.get("phaseStatus") not in (None, "SUCCEEDED") or said]
    notes.append(f"{found['buildStatus']}")
    if found["buildStatus"] == "IN_PROGRESS":
        client.stop_build(id=build)
        return Outcome("works", [], [*notes, f"stopped after {SECONDS:.0f} s"])
    ill = [said for phase in found["phases"] if (said := _said(phase))
           and (refusals(said) or not any(sign in said for sign in OWN_DOING))]
    return judged(ill, notes=notes) if ill else Outcome("works", [], notes)


def _said(phase: dict[str, Any]) -> str:
    return "; ".join(f"{one.get('statusCode', '')} {one.get('message', '')}".strip()
                     for one in phase.get("contexts") or () if one.get("message"))


def _text(case: Case) -> str:
    """The buildspec: the file itself, or what a project inside a template says, its `Fn::Sub` left to the shell."""
    _, _, logical = case.path.partition("#")
    text = case.file.read_text(encoding="utf-8")
    if not logical:
        return text
    from crossdock.template import load

    found = load(text).body["Resources"][logical]["Properties"]["Source"]["BuildSpec"]
    while isinstance(found, dict):
        value = next(iter(found.values()))
        found = value[0] if isinstance(value, list) and next(iter(found)) == "Fn::Sub" else value
        if isinstance(found, list):
            joint, parts = found
            found = str(joint).join(part if isinstance(part, str) else "given" for part in parts)
    return str(found)


def _zip(case: Case) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        root = case.checkout
        total = 0
        near = case.file.parent
        files = sorted(root.rglob("*"), key=lambda file: (near not in file.parents, str(file)))
        for file in files:
            if file.is_file() and not file.is_symlink() and total < 40_000_000:
                total += file.stat().st_size
                archive.write(file, file.relative_to(root))
    return held.getvalue()


def _variables() -> list[dict[str, str]]:
    """What projects of such buildspecs usually set."""
    given = {"ACCOUNT_ID": TOOLS, "AWS_ACCOUNT_ID": TOOLS, "REGION": REGION, "ARTIFACT_BUCKET": values.BUCKET,
             "S3_BUCKET": values.BUCKET, "BUCKET": values.BUCKET, "IMAGE_REPO_NAME": "given", "IMAGE_TAG": "latest",
             "STACK_NAME": "given", "ENVIRONMENT": "dev", "DEPLOYMENT_ACCOUNT_ID": DEVELOPMENT}
    return [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in given.items()]
