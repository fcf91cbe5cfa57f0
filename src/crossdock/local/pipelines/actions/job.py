"""One action as its provider sees it: who it acts as, its configuration, its artifacts, and how it may wait."""

from __future__ import annotations

import io
import json
import queue
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.local.identity import Caller
from crossdock.local.pipelines.state import ActionRun, Artifact, Revision

if TYPE_CHECKING:
    from crossdock.local.world import World


class ActionError(Exception):
    """An action fails: an error code and a message, both shown in the pipeline's state."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class AbandonedError(Exception):
    """Nobody waits for this action any more: the execution was stopped, or the local AWS ends."""


HALT = object()
"""What an abandoned action finds in its mailbox."""


@dataclass(frozen=True, slots=True)
class Result:
    """What an action that succeeded leaves: output variables, and for sources the revision."""

    variables: Mapping[str, str] = field(default_factory=dict)
    revision: Revision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt at one action.

    caller          a session of the action's role, or of the pipeline's where the action has none
    region          where the action runs
    encryption_key  of the artifact store; empty for S3's own key
    override        a revision that StartPipelineExecution asked of this source; empty: the latest
    revision        the source revision of the first input artifact; empty when an action made it
    mailbox         approvals, job results and HALT arrive here
    run             the attempt's record; providers set summary, external_id, external_url and token as they go
    """

    world: World
    run: ActionRun
    pipeline: str
    pipeline_arn: str
    execution: str
    account: str
    region: str
    caller: Caller
    configuration: Mapping[str, str]
    inputs: tuple[Artifact, ...]
    outputs: tuple[Artifact, ...]
    encryption_key: str
    override: str
    mailbox: queue.SimpleQueue[Any]
    revision: str = ""

    def client(self, service: str) -> Any:
        return self.world.client(service, self.caller, self.region)

    def pause(self, seconds: float) -> None:
        """Wait between two looks at something. Raises AbandonedError."""
        try:
            self.receive(seconds)
        except TimeoutError:
            return

    def receive(self, seconds: float) -> Any:
        """The next message for this action. Raises AbandonedError, or TimeoutError after `seconds`."""
        try:
            message = self.mailbox.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise TimeoutError from None
        if message is HALT:
            raise AbandonedError
        return message

    def poll(self, look: Any, *, limit: float, first: float = 0.05, longest: float = 0.5) -> Any:
        """Call `look` until it answers something true; pauses grow from `first` to `longest` seconds.

        Raises ActionError after `limit` seconds (CodePipeline User Guide, quotas: action timeouts).
        """
        end, pause = time.monotonic() + limit, first
        while not (answer := look()):
            if time.monotonic() > end:
                raise ActionError("JobFailed", f"The action did not end within {limit / 60:.0f} minutes")
            self.pause(pause)
            pause = min(longest, pause * 1.5)
        return answer

    def input(self, name: str) -> Artifact:
        for artifact in self.inputs:
            if artifact.name == name:
                return artifact
        raise ActionError("InvalidActionConfiguration", f"{name} is not an input artifact of this action")

    def read(self, name: str) -> bytes:
        """An input artifact's object, read as the action's caller."""
        artifact = self.input(name)
        answer = self.client("s3").get_object(Bucket=artifact.bucket, Key=artifact.key)
        return bytes(answer["Body"].read())

    def read_file(self, name: str, path: str) -> bytes:
        """One file of an input artifact."""
        try:
            with zipfile.ZipFile(io.BytesIO(self.read(name))) as bundle:
                return bundle.read(path)
        except zipfile.BadZipFile as error:
            raise ActionError("InvalidArtifact", f"The artifact {name} is not a zip file") from error
        except KeyError as error:
            raise ActionError("FileNotFound", f"File [{path}] does not exist in artifact [{name}]") from error

    def read_json(self, name: str, path: str) -> Any:
        try:
            return json.loads(self.read_file(name, path))
        except ValueError as error:
            raise ActionError("InvalidArtifact", f"File [{path}] of artifact [{name}] is not JSON: {error}") from error

    def write(self, artifact: Artifact, content: bytes) -> None:
        """Store an output artifact as the action's caller, encrypted with the store's key."""
        put_artifact(self.client("s3"), artifact, content, self.encryption_key)

    def write_files(self, artifact: Artifact, files: Mapping[str, bytes]) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
            for path, content in files.items():
                bundle.writestr(path, content)
        self.write(artifact, buffer.getvalue())


def put_artifact(s3: Any, artifact: Artifact, content: bytes, key: str) -> None:
    """Store an artifact with SSE-KMS: by the given key, or by S3's own where the store names none."""
    s3.put_object(
        Bucket=artifact.bucket, Key=artifact.key, Body=content, ServerSideEncryption="aws:kms",
        **({"SSEKMSKeyId": key} if key else {}),
    )


def code_of(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
