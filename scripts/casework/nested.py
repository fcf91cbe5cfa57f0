"""A library of nested stacks: uploaded as it is, each parent created, looked at and deleted, with nothing left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from casework import census, neighbours, packaging, stacks, values
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


def attempt(stage: Stage, case: Case, scratch: Path) -> Outcome:
    _upload(stage, case)
    worst, why, notes = "works", [], []
    for number, (file, body) in enumerate(parents(case)):
        one = _one(stage, case, scratch, f"case{number}", file, body)
        where = file.relative_to(case.checkout)
        notes.append(f"{where}: {one.verdict} {'; '.join(one.why)[:400]}")
        if (rank := ("works", "refused", "failed", "wrong")).index(one.verdict) > rank.index(worst):
            worst = one.verdict
        why += one.why if one.verdict == "refused" else [f"{where}: {said}" for said in one.why]
    return Outcome(worst, list(dict.fromkeys(why)), notes)


def _one(
    stage: Stage, case: Case, scratch: Path, name: str, file: Path, body: Mapping[str, Any]
) -> Outcome:
    try:
        given = values.given(stage, body, told=_told(body), fill=True)
    except (values.NoValue, ClientError) as error:
        return judged([str(error)])
    values.prepare(stage, body, given)
    neighbours.code(stage, body.get("Resources"), lambda value: values.resolved(value, values.known(body, given)))
    _place(stage, case, body, given)
    template: Mapping[str, Any] | str = file.read_text(encoding="utf-8")
    if _local(body):
        try:
            template, _ = packaging.package(stage, file, scratch / name)
        except Exception as error:  # noqa: BLE001  what awscli's packager says of a template, whatever its kind
            return Outcome("failed", [f"packaging: {error!r}"])
    before = census.everything(stage)
    made = stacks.create(stage, name, template, given, bucket=BUCKET)
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


def _local(body: Mapping[str, Any]) -> bool:
    """Whether a template names files beside it, which are packaged first."""
    for one in body["Resources"].values():
        properties = one.get("Properties") or {}
        for key in ("TemplateURL", "CodeUri", "Code"):
            if isinstance(properties.get(key), str) and "://" not in properties[key]:
                return True
    return False


_URL = re.compile(r"https?://(?:s3[.-][\w.-]*amazonaws\.com(?:\.cn)?/(?P<path>[^/]+)|"
                  r"(?P<host>[\w.-]+?)\.s3[\w.-]*\.amazonaws\.com(?:\.cn)?)/(?P<key>.+)")


def _place(stage: Stage, case: Case, body: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """The library also where the template's own URLs expect it."""
    known = values.known(body, given)
    for one in body["Resources"].values():
        url = values.resolved((one.get("Properties") or {}).get("TemplateURL"), known)
        found = _URL.fullmatch(url)
        if not found:
            continue
        bucket, key = found["path"] or found["host"], found["key"].partition("?")[0]
        parts = key.split("/")
        for start in range(len(parts)):
            if (case.checkout / "/".join(parts[start:])).is_file():
                _upload(stage, case, bucket, "".join(f"{part}/" for part in parts[:start]))
                break


def _upload(stage: Stage, case: Case, bucket: str = BUCKET, prefix: str = "library/") -> None:
    """The repository, and those that it has as submodules where there are checkouts of them."""
    s3 = stage.client("s3")
    if bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=bucket)
    for folder, below in ((case.checkout, ""), *_submodules(case)):
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink() and file.stat().st_size < 2_000_000 \
                    and ".git" not in file.parts:
                s3.put_object(Bucket=bucket, Key=f"{prefix}{below}{file.relative_to(folder)}", Body=file.read_bytes())


def _submodules(case: Case) -> Iterator[tuple[Path, str]]:
    modules = case.checkout / ".gitmodules"
    if not modules.is_file():
        return
    text = modules.read_text(encoding="utf-8")
    for path, url in re.findall(r"path = (\S+)\s+url = (\S+)", text):
        name = "/".join(url.removesuffix(".git").split("/")[-2:])
        folder = case.checkout.parent.parent / name
        if folder.is_dir():
            yield folder, f"{path}/"
