"""A build's sources, read as the build's role: artifacts of a pipeline, zips in S3, repositories of CodeCommit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from crossdock.local.builds.artifacts import unpack
from crossdock.local.builds.shell import Start
from crossdock.local.builds.workspace import Workspace


class SourceError(Exception):
    """The text is the phase context's message."""


def from_s3(s3: Any, bucket: str, key: str, target: Path, *, scratch: Path, what: str) -> str:
    """Download a zip and extract it into `target`; the object's version id. Raises SourceError, ArtifactError.

    `what`: "primary source", for the message.
    """
    archive = scratch / "source.zip"
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        with archive.open("wb") as file:
            for piece in answer["Body"].iter_chunks(1 << 20):
                file.write(piece)
    except ClientError as error:
        raise SourceError(f"{told(error)} for {what} and source version arn:aws:s3:::{bucket}/{key}") from error
    unpack(archive, target)
    archive.unlink()
    return str(answer.get("VersionId", ""))


def told(error: ClientError) -> str:
    """A refusal of S3 as CodeBuild passes it on."""
    fault, meta = error.response["Error"], error.response.get("ResponseMetadata", {})
    return (
        f"{fault.get('Code')}: {fault.get('Message')} status code: {meta.get('HTTPStatusCode')}, "
        f"request id: {meta.get('RequestId')}, host id: {meta.get('HostId', '')}"
    )


def clone(
    location: str, version: str, target: Path, *, endpoint: str, workspace: Workspace, start: Start,
    env: Mapping[str, str], line: Callable[[str], None], depth: int = 0,
) -> str:
    """Clone a repository of CodeCommit with the role's own credentials; the commit. Raises SourceError.

    `location` is the repository's HTTPS URL on AWS, whose path is the same at `endpoint`.
    """
    workspace.git_credentials()
    url = endpoint + urlsplit(location).path
    shallow = ["--depth", str(depth)] if depth and not version else []
    said: list[str] = []
    steps = [["git", "clone", "--quiet", *shallow, url, str(target)]]
    if version:
        steps.append(["git", "-C", str(target), "checkout", "--quiet", version.removeprefix("refs/heads/")])
    steps.append(["git", "-C", str(target), "rev-parse", "HEAD"])
    for argv in steps:
        with start(argv, env, workspace.root) as process:
            said = [text.decode(errors="replace").rstrip() for text in process.output]
            if process.wait():
                for text in said:
                    line(text)
                raise SourceError(f"{' '.join(argv[:2])} failed: {said[-1] if said else 'no output'} for {location}")
    return said[-1]
