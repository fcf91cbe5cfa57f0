"""A library of nested stacks: uploaded as it is, each parent created, looked at and deleted, with nothing left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from casework import census, stacks, values
from casework.listing import Case
from casework.outcome import Outcome, judged
from casework.stage import Stage
from crossdock.errors import TemplateError
from crossdock.template import load

SUFFIXES = {".yaml", ".yml", ".template", ".json"}
BUCKET = "cases-library"
STACK = "AWS::CloudFormation::Stack"


def parents(case: Case) -> list[tuple[Path, dict[str, Any]]]:
    """The library's templates that nest others, or all of them when none does."""
    found: list[tuple[Path, dict[str, Any]]] = []
    for file in sorted(case.checkout.rglob("*")):
        if file.suffix not in SUFFIXES or not file.is_file() or file.stat().st_size > 460_800 or "ci" in file.parts:
            continue
        try:
            body = load(file.read_text(encoding="utf-8")).body
        except (TemplateError, UnicodeDecodeError):
            continue
        if isinstance(body, dict) and isinstance(body.get("Resources"), dict):
            found.append((file, body))
    nesting = [one for one in found if any(r.get("Type") == STACK for r in one[1]["Resources"].values())]
    return nesting or found


def attempt(stage: Stage, case: Case, scratch: Path) -> Outcome:  # noqa: ARG001  one signature for all kinds
    _upload(stage, case)
    worst, why, notes = "works", [], []
    for number, (file, body) in enumerate(parents(case)):
        one = _one(stage, f"case{number}", file, body)
        where = file.relative_to(case.checkout)
        notes.append(f"{where}: {one.verdict} {'; '.join(one.why)[:400]}")
        if (rank := ("works", "refused", "failed", "wrong")).index(one.verdict) > rank.index(worst):
            worst = one.verdict
        why += one.why if one.verdict == "refused" else [f"{where}: {said}" for said in one.why]
    return Outcome(worst, list(dict.fromkeys(why)), notes)


def _one(stage: Stage, name: str, file: Path, body: Mapping[str, Any]) -> Outcome:
    before = census.everything(stage)
    try:
        given = values.given(stage, body.get("Parameters") or {}, told=_told(body))
    except (values.NoValue, ClientError) as error:
        return judged([str(error)])
    values.prepare(stage, body, given)
    made = stacks.create(stage, name, file.read_text(encoding="utf-8"), given, bucket=BUCKET)
    if not made.well:
        return judged([f"{made.status}: {reason}" for reason in made.reasons])
    found = stacks.resources(stage.client("cloudformation"), name)
    if lost := census.missing(stage, found):
        return Outcome("wrong", [f"created, but not there: {one}" for one in lost])
    gone = stacks.delete(stage, name)
    if not gone.well:
        return judged([f"{gone.status}: {reason}" for reason in gone.reasons])
    kept = {str(one.get("PhysicalResourceId")) for one in found if one["ResourceType"] in _kept_types(body)}
    after = census.everything(stage)
    left = [f"{kind}: {one}" for kind, now in after.items() for one in sorted(now - before.get(kind, frozenset()))
            if one not in kept and kind not in ("AWS::Logs::LogGroup",)]
    return Outcome("wrong", [f"deleted, but left over: {one}" for one in left]) if left else Outcome("works")


def _kept_types(body: Mapping[str, Any]) -> set[str]:
    return {str(one["Type"]) for one in body["Resources"].values() if one.get("DeletionPolicy", "Delete") != "Delete"}


def _told(body: Mapping[str, Any]) -> dict[str, str]:
    """Parameters that say where the library is."""
    found = {}
    for name, one in (body.get("Parameters") or {}).items():
        low = name.lower()
        if re.search(r"qss3bucketname|s3bucketname$|templatebucket", low):
            found[name] = BUCKET
        elif "keyprefix" in low:
            found[name] = "library/"
        elif "bucketregion" in low:
            found[name] = "us-east-1"
        elif low == "availabilityzones" and str(one.get("Type", "")).startswith("List<"):
            found[name] = "us-east-1a,us-east-1b"
    return found


def _upload(stage: Stage, case: Case) -> None:
    s3 = stage.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    for file in case.checkout.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.stat().st_size < 2_000_000 and ".git" not in file.parts:
            s3.put_object(Bucket=BUCKET, Key=f"library/{file.relative_to(case.checkout)}", Body=file.read_bytes())
