"""UPLOAD_ARTIFACTS and the log's copy in S3, written as the build's role."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crossdock.local.builds.artifacts import ArtifactError, digests, pack, select
from crossdock.local.builds.buildspec import Artifacts, Buildspec
from crossdock.local.builds.logs import BuildLog
from crossdock.local.builds.shell import Shell
from crossdock.local.builds.state import Build
from crossdock.local.builds.workspace import Workspace

Clients = Callable[[str], Any]
Say = Callable[[str], None]


def upload_all(
    build: Build, spec: Buildspec, *, workspace: Workspace, shell: Shell, client: Clients, say: Say
) -> None:
    """Upload what the buildspec names to where the project or the pipeline wants it.

    Raises ArtifactError; ClientError when the role may not.
    """
    up = _Uploader(build, workspace, shell, client, say)
    if build.order is not None:
        outputs = build.order.outputs
        for output in outputs:
            wanted = spec.artifacts if len(outputs) == 1 else spec.secondary.get(output.name)
            if wanted is None:
                say(f"No artifacts for {output.name} in the buildspec, nothing to upload")
                continue
            up.zip(wanted, output.bucket, output.key, name=output.name if len(outputs) > 1 else "", encrypted=True)
        return
    up.project_artifact(build.settings["artifacts"], spec.artifacts, "")
    for one in build.settings.get("secondaryArtifacts", ()):
        up.project_artifact(one, spec.secondary.get(one["artifactIdentifier"]), one["artifactIdentifier"])


def upload_log(build: Build, client: Clients, log: BuildLog) -> None:
    """The whole log as `<prefix>/<build>.gz`, when the project's s3Logs are enabled."""
    config = build.settings.get("logsConfig", {}).get("s3Logs", {})
    if config.get("status") != "ENABLED":
        return
    bucket, _, prefix = str(config["location"]).removeprefix("arn:aws:s3:::").partition("/")
    key = f"{prefix.strip('/')}/{build.uuid}.gz".lstrip("/")
    options = {} if config.get("encryptionDisabled") else encryption(build)
    client("s3").put_object(Bucket=bucket, Key=key, Body=log.packed(), **options)


def encryption(build: Build) -> dict[str, str]:
    """PutObject's members for SSE-KMS; the account's own key for S3 needs no name."""
    key = build.encryption_key
    named = {} if key == build.default_key else {"SSEKMSKeyId": key}
    return {"ServerSideEncryption": "aws:kms", **named}


class _Uploader:
    def __init__(self, build: Build, workspace: Workspace, shell: Shell, client: Clients, say: Say) -> None:
        self._build, self._workspace, self._shell, self._client, self._say = build, workspace, shell, client, say

    def project_artifact(self, config: Any, wanted: Artifacts | None, identifier: str) -> None:
        """An artifact of a project outside pipelines: S3, as a zip or as single files."""
        if config["type"] == "NO_ARTIFACTS":
            return
        if wanted is None:
            raise ArtifactError(f"no artifacts {identifier or 'section'} found in the buildspec")
        name = config.get("name") or self._build.project
        if config.get("overrideArtifactName") and wanted.name:
            name = self._shell.expand(wanted.name)
        parts = [config.get("path", "").strip("/"), wanted.prefix.strip("/")]
        parts += [self._build.uuid] if config.get("namespaceType") == "BUILD_ID" else []
        key = "/".join([part for part in [*parts, name.strip("/")] if part])
        encrypted = not config.get("encryptionDisabled")
        if config.get("packaging") == "ZIP":
            self.zip(wanted, config["location"], key, name=identifier, encrypted=encrypted)
            return
        for path, inner in self._files(wanted):
            self._put(path, config["location"], f"{key}/{inner}", encrypted)
        self._record(identifier, config["location"], key, {})

    def zip(self, wanted: Artifacts, bucket: str, key: str, *, name: str, encrypted: bool) -> None:
        """Zip the files and put them there as one object."""
        archive = self._workspace.control / "artifact.zip"
        pack(self._files(wanted), archive, symlinks=wanted.symlinks)
        sha256, md5 = self._put(archive, bucket, key, encrypted)
        archive.unlink()
        self._record(name, bucket, key, {"sha256sum": sha256, "md5sum": md5, "encryptionDisabled": not encrypted})

    def _files(self, wanted: Artifacts) -> list[tuple[Path, str]]:
        given = self._shell.expand(wanted.base) or "."
        base = (self._workspace.source / given).resolve()
        self._say(f"Expanding base directory path: {given}")
        if not base.is_dir():
            raise ArtifactError(f"no matching base directory path found for {given}")
        self._say("Assembling file list")
        found = select(self._expanded(wanted), base)
        for glob in wanted.files:
            self._say(f"Expanding {glob}")
        self._say(f"Found {len(found)} file(s)")
        return found

    def _expanded(self, wanted: Artifacts) -> Artifacts:
        files = tuple(self._shell.expand(glob) for glob in wanted.files)
        return Artifacts(files=files, discard_paths=wanted.discard_paths, exclude=wanted.exclude)

    def _put(self, path: Path, bucket: str, key: str, encrypted: bool) -> tuple[str, str]:
        sha256, md5 = digests(path)
        metadata = {
            "codebuild-buildarn": self._build.arn, "codebuild-content-sha256": sha256, "codebuild-content-md5": md5
        }
        with path.open("rb") as body:
            self._client("s3").put_object(
                Bucket=bucket, Key=key, Body=body, Metadata=metadata, **(encryption(self._build) if encrypted else {})
            )
        return sha256, md5

    def _record(self, name: str, bucket: str, key: str, facts: dict[str, Any]) -> None:
        location = f"arn:{self._build.arn.split(':')[1]}:s3:::{bucket}/{key}"
        self._build.uploaded[name] = {"location": location, **({"artifactIdentifier": name} if name else {}), **facts}
