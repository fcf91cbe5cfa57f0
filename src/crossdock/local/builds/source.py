"""A build's sources, read as the build's role: artifacts of a pipeline, zips in S3, repositories."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from crossdock.local.builds.artifacts import unpack
from crossdock.local.builds.shell import Start
from crossdock.local.builds.workspace import Workspace
from crossdock.local.identity import Caller
from crossdock.local.repositories.connections import use_connection
from crossdock.local.world import World


class SourceError(Exception):
    """The text is the phase context's message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloning:
    """What a clone needs: the build's workspace, processes with its environment, a place for its lines."""

    world: World
    role: Caller
    workspace: Workspace
    start: Start
    env: Mapping[str, str]
    line: Callable[[str], None]


def from_artifact(s3: Any, bucket: str, key: str, target: Path, cloning: Cloning, *, what: str) -> str:
    """A pipeline's artifact: a zip, or the reference of a full clone (OutputArtifactFormat CODEBUILD_CLONE_REF), which
    the build's role follows. The commit that was cloned, or empty. Raises SourceError, ArtifactError, AwsError."""
    archive = cloning.workspace.control / "source.zip"
    _download(s3, bucket, key, archive, what)
    with archive.open("rb") as file:
        marked = file.read(24) == b'{"CODEBUILD_CLONE_REF": '
    if not marked:
        unpack(archive, target)
        archive.unlink()
        return ""
    where = json.loads(archive.read_text(encoding="utf-8"))["CODEBUILD_CLONE_REF"]
    archive.unlink()
    if "Host" in where:
        if where["Connection"]:
            use_connection(cloning.world, cloning.role, where["Connection"], where["Repository"], where["Branch"])
        return from_host(where["Host"], where["Repository"], where["Commit"], target, cloning)
    url = f"{cloning.world.endpoint}/v1/repos/{where['Repository']}"
    return clone(url, where["Commit"], target, cloning)


def from_host(host: str, name: str, version: str, target: Path, cloning: Cloning, *, depth: int = 0) -> str:
    """Clone what stands in for a repository at a git host; the commit. Raises SourceError."""
    hosts: Any = cloning.world.engine("codestar-connections")
    directory = hosts.remote(host, name)
    if directory is None:
        raise SourceError(hosts.lacking(host, name))
    if version.startswith("pr/"):
        raise SourceError(f"the local AWS does not emulate pull requests at git hosts ({version})")
    url = f"https://{host}/{name}"
    cloning.workspace.instead |= {f"{url}.git": hosts.address(host, name), url: hosts.address(host, name)}
    cloning.world.substitution(f"a build took {name} from {hosts.address(host, name)}, not from {host}")
    commit = _clone(directory.as_uri(), version, target, cloning, depth=depth, told=url)
    _git(("-C", str(target), "remote", "set-url", "origin", f"{url}.git"), cloning, url)
    return commit


def at_host(location: str) -> tuple[str, str]:
    """Host and `owner/name` of a repository's HTTPS URL. Raises SourceError."""
    parts = urlsplit(location)
    name = parts.path.strip("/").removesuffix(".git")
    if parts.scheme != "https" or not parts.hostname or "/" not in name:
        raise SourceError(f"{location} is no HTTPS URL of a repository at a git host")
    return parts.hostname, name


def from_s3(s3: Any, bucket: str, key: str, target: Path, *, scratch: Path, what: str) -> str:
    """Download a zip and extract it into `target`; the object's version id. Raises SourceError, ArtifactError.

    `what`: "primary source", for the message.
    """
    archive = scratch / "source.zip"
    version = _download(s3, bucket, key, archive, what)
    unpack(archive, target)
    archive.unlink()
    return version


def _download(s3: Any, bucket: str, key: str, archive: Path, what: str) -> str:
    try:
        answer = s3.get_object(Bucket=bucket, Key=key)
        with archive.open("wb") as file:
            for piece in answer["Body"].iter_chunks(1 << 20):
                file.write(piece)
    except ClientError as error:
        raise SourceError(f"{told(error)} for {what} and source version arn:aws:s3:::{bucket}/{key}") from error
    return str(answer.get("VersionId", ""))


def told(error: ClientError) -> str:
    """A refusal of S3 as CodeBuild passes it on."""
    fault, meta = error.response["Error"], error.response.get("ResponseMetadata", {})
    return (
        f"{fault.get('Code')}: {fault.get('Message')} status code: {meta.get('HTTPStatusCode')}, "
        f"request id: {meta.get('RequestId')}, host id: {meta.get('HostId', '')}"
    )


def clone(location: str, version: str, target: Path, cloning: Cloning, *, depth: int = 0) -> str:
    """Clone a repository of CodeCommit with the role's own credentials; the commit. Raises SourceError.

    `location` is the repository's HTTPS URL on AWS, whose path is the same at the local endpoint.
    """
    cloning.workspace.git_config(credentials=True)
    url = cloning.world.endpoint + urlsplit(location).path
    return _clone(url, version, target, cloning, depth=depth, told=location)


def _clone(url: str, version: str, target: Path, cloning: Cloning, *, depth: int, told: str) -> str:
    shallow = ["--depth", str(depth)] if depth and not version else []
    _git(("clone", "--quiet", *shallow, url, str(target)), cloning, told)
    if version:
        _git(("-C", str(target), "checkout", "--quiet", version.removeprefix("refs/heads/")), cloning, told)
    return _git(("-C", str(target), "rev-parse", "HEAD"), cloning, told)


def _git(arguments: Sequence[str], cloning: Cloning, told: str) -> str:
    """The last line that a git command said. Raises SourceError."""
    with cloning.start(["git", *arguments], cloning.env, cloning.workspace.root) as process:
        said = [text.decode(errors="replace").rstrip() for text in process.output]
        if process.wait():
            for text in said:
                cloning.line(text)
            raise SourceError(f"git {arguments[0]} failed: {said[-1] if said else 'no output'} for {told}")
    return said[-1] if said else ""
