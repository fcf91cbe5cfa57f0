"""A buildspec: a project builds with it, its source the repository; then with `exit 1` in each of its phases.

It works when its commands are really run, one after the other, up to its end or to the first that needs what this
stage has not (another service on the network, a file that something else makes), and that one's failure fails the
build; and when `exit 1`, put first into a phase, fails that phase and the build, whichever phase it is.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from casework import values
from casework.listing import Case
from casework.outcome import Outcome, judged, refusals
from casework.stage import DEVELOPMENT, REGION, TOOLS, Stage
from crossdock.local.builds import buildspec

SECONDS = 150.0
OWN_DOING = ("COMMAND_EXECUTION_ERROR", "CLIENT_ERROR", "YAML_FILE_ERROR", "Error while executing command",
             "no matching", "No matching")
ABSENT = re.compile(r"(\S+): not found \(([^)]+)\)")


def attempt(stage: Stage, case: Case, scratch: Path) -> Outcome:  # noqa: ARG001  one signature for all kinds
    text, key = _text(case), "source.zip"
    stage.client("s3").put_object(Bucket=values.BUCKET, Key=key, Body=_zip(case, text))
    _expected(stage, text)
    try:
        found = _build(stage, "case", text, key)
    except ClientError as error:
        return judged([str(error.response["Error"]["Message"])])
    notes = _told(found)
    if found["buildStatus"] == "IN_PROGRESS":
        stage.client("codebuild").stop_build(id=found["id"])
        notes.append(f"stopped after {SECONDS:.0f} s")
    ill = [said for phase in found["phases"] if (said := _said(phase))
           and (refusals(said) or not any(sign in said for sign in OWN_DOING))]
    if ill:
        return judged(ill, notes=notes)
    for number, (phase, mutant) in enumerate(_mutants(text)):
        ended = _build(stage, f"mutant-{number}", mutant, key)
        status = {one["phaseType"]: one.get("phaseStatus") for one in ended["phases"]}
        if ended["buildStatus"] != "FAILED" or status.get(phase.upper()) != "FAILED":
            return Outcome("wrong", [f"with exit 1 in {phase}: {ended['buildStatus']}, {status}"], notes)
        notes.append(f"exit 1 in {phase}: FAILED")
    lines = _log(stage, found)
    absent = _absent(lines)
    notes += [f"| {line[:200]}" for line in lines if not line.startswith("[Container]")][-4:]
    if found["buildStatus"] == "FAILED" and absent:
        return Outcome("refused", absent, notes)
    return Outcome("works", [], notes)


def _build(stage: Stage, name: str, text: str, key: str) -> dict[str, Any]:
    """A project with this buildspec, and its build when it has ended, or after SECONDS."""
    client = stage.client("codebuild")
    client.create_project(
        name=name, serviceRole=f"arn:aws:iam::{TOOLS}:role/{values.ROLE}", artifacts={"type": "NO_ARTIFACTS"},
        timeoutInMinutes=5, source={"type": "S3", "location": f"{values.BUCKET}/{key}", "buildspec": text},
        environment={"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                     "computeType": "BUILD_GENERAL1_SMALL", "environmentVariables": _variables()})
    build, until = client.start_build(projectName=name)["build"]["id"], time.monotonic() + SECONDS
    while True:
        found: dict[str, Any] = client.batch_get_builds(ids=[build])["builds"][0]
        if found["buildStatus"] != "IN_PROGRESS" or time.monotonic() > until:
            return found
        time.sleep(0.1)


def _told(found: dict[str, Any]) -> list[str]:
    notes = [f"{phase['phaseType']}: {phase.get('phaseStatus', '')} {said}".strip() for phase in found["phases"]
             for said in [_said(phase)] if phase.get("phaseStatus") not in (None, "SUCCEEDED") or said]
    return [*notes, str(found["buildStatus"])]


def _said(phase: dict[str, Any]) -> str:
    return "; ".join(f"{one.get('statusCode', '')} {one.get('message', '')}".strip()
                     for one in phase.get("contexts") or () if one.get("message"))


def _log(stage: Stage, found: dict[str, Any]) -> list[str]:
    """The last lines of a build's log."""
    logs = found["logs"]
    try:
        events = stage.client("logs").get_log_events(
            logGroupName=logs["groupName"], logStreamName=logs["streamName"], startFromHead=False)["events"]
    except ClientError:
        return []
    return [str(event["message"]).rstrip() for event in events]


def _absent(lines: Sequence[str]) -> list[str]:
    """Commands that the build called and that a build here is kept from, or that this machine lacks."""
    said = [ABSENT.search(line) for line in lines]
    return list(dict.fromkeys(f"{one[1]} in builds ({one[2]})" for one in said if one))


def _mutants(text: str) -> Iterator[tuple[str, str]]:
    """The buildspec with `exit 1` first in a phase, what comes before it left out; nothing for one that isn't valid."""
    try:
        buildspec.parse(text)
    except buildspec.BuildspecError:
        return
    whole = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  scalars stay the text that they are
    phases = {name: whole["phases"][name] for name in buildspec.PHASES if name in whole["phases"]}
    for name in phases:
        changed = {**whole, "phases": {}}
        for other, phase in phases.items():
            commands = list(phase.get("commands") or [])
            changed["phases"][other] = {**phase, "commands": ["exit 1", *commands] if other == name else ["true"]}
            changed["phases"][other].pop("runtime-versions", None)
        env = dict(whole.get("env") or {})
        changed["env"] = {key: value for key, value in env.items() if key in ("shell", "variables")}
        yield name, yaml.safe_dump(changed, sort_keys=False)


def _expected(stage: Stage, text: str) -> None:
    """Parameters and secrets that the buildspec names, as somebody would have made them."""
    try:
        spec = buildspec.parse(text)
    except buildspec.BuildspecError:
        return
    for name in spec.parameters.values():
        if "$" not in name:
            stage.client("ssm").put_parameter(Name=name, Value="given", Type="SecureString", Overwrite=True)
    keys: dict[str, list[str]] = {}
    for reference in spec.secrets.values():
        secret, _, rest = reference.partition(":")
        keys.setdefault(secret, []).append(rest.partition(":")[0])
    for secret, named in keys.items():
        if secret and "$" not in secret:
            members = ", ".join(f'"{key}": "given"' for key in named if key)
            stage.client("secretsmanager").create_secret(
                Name=secret, SecretString=f"{{{members}}}" if members else "given")


def _text(case: Case) -> str:
    """The buildspec: the file itself, or what a project inside a template says, its `Fn::Sub` left to the shell."""
    from awscli.customizations.cloudformation.yamlhelper import yaml_parse  # type: ignore[import-untyped]

    _, _, logical = case.path.partition("#")
    text = case.file.read_text(encoding="utf-8")
    if not logical:
        return text
    found = yaml_parse(text)["Resources"][logical]["Properties"]["Source"]["BuildSpec"]
    while isinstance(found, dict):
        value = next(iter(found.values()))
        found = value[0] if isinstance(value, list) and next(iter(found)) == "Fn::Sub" else value
        if isinstance(found, list):
            joint, parts = found
            found = str(joint).join(part if isinstance(part, str) else "given" for part in parts)
    return str(found)


def _root(case: Case, text: str) -> Path:
    """The folder that would be the repository's top: of those above the file, the one that has most of the paths which
    the buildspec names, the nearer one among equals."""
    named = dict.fromkeys(re.findall(r"[\w.-]+(?:/[\w.-]+)*", text), 1)
    named |= dict.fromkeys(re.findall(r"\bcd +([\w.-]+(?:/[\w.-]+)*)", text), 5)
    folders = [folder for folder in (case.file.parent, *case.file.parent.parents)
               if folder == case.checkout or case.checkout in folder.parents]
    return max(folders, key=lambda folder: sum(
        weight for name, weight in named.items() if (folder / name.removeprefix("./")).exists()))


def _zip(case: Case, text: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        root, total, near = _root(case, text), 0, case.file.parent
        for file in sorted(root.rglob("*"), key=lambda file: (near not in file.parents, str(file))):
            if file.is_file() and not file.is_symlink() and ".git" not in file.parts and total < 40_000_000:
                total += file.stat().st_size
                archive.write(file, file.relative_to(root))
    return held.getvalue()


def _variables() -> list[dict[str, str]]:
    """What projects of such buildspecs usually set."""
    given = {"ACCOUNT_ID": TOOLS, "AWS_ACCOUNT_ID": TOOLS, "REGION": REGION, "ARTIFACT_BUCKET": values.BUCKET,
             "S3_BUCKET": values.BUCKET, "S3_BUCKET_NAME": values.BUCKET, "BUCKET": values.BUCKET,
             "IMAGE_REPO_NAME": "given", "IMAGE_TAG": "latest", "STACK_NAME": "given", "ENVIRONMENT": "dev",
             "DEPLOYMENT_ACCOUNT_ID": DEVELOPMENT}
    return [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in given.items()]
