"""Run one attempt at one action: resolve it, become its role, bring its artifacts, call its provider."""

from __future__ import annotations

import queue
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller
from crossdock.local.pipelines import structure
from crossdock.local.pipelines.actions import ActionError, Job, Result, provider
from crossdock.local.pipelines.actions.job import put_artifact
from crossdock.local.pipelines.state import ActionRun, Artifact, Execution, Pipeline
from crossdock.local.pipelines.variables import UnresolvedError, resolve_all

if TYPE_CHECKING:
    from crossdock.local.world import World

_PRINCIPAL = "codepipeline.amazonaws.com"
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An attempt that is about to run, and the mailbox at which it is reached."""

    world: World
    pipeline: Pipeline
    execution: Execution
    run: ActionRun
    mailbox: queue.SimpleQueue[Any]

    def perform(self) -> Result:
        """Raises ActionError for whatever stops the action, with AWS's own code and message; AbandonedError."""
        try:
            return self._perform()
        except UnresolvedError as error:
            raise ActionError("InvalidActionConfiguration", str(error)) from error
        except AwsError as error:
            raise ActionError(error.code, error.message) from error
        except ClientError as error:
            raise ActionError(str(error.response["Error"]["Code"]), str(error.response["Error"]["Message"])) from error
        except BotoCoreError as error:
            raise ActionError(type(error).__name__, str(error)) from error

    def _perform(self) -> Result:
        declaration = self.run.declaration
        region = declaration.get("region", self.pipeline.region)
        self.run.configuration = resolve_all(declaration.get("configuration") or {}, self.execution.variables)
        owner = pipeline_caller(self.world, self.pipeline, self.execution.declaration, self.execution.id)
        caller = owner
        if "roleArn" in declaration:
            caller = action_caller(self.world, owner, declaration["roleArn"], self.execution.id)
        self.run.updated_by = caller.arn
        store = structure.store(self.execution.declaration, region)
        self.run.inputs = [
            self._bring(owner, self.execution.artifacts[given["name"]], region, store)
            for given in declaration.get("inputArtifacts") or []
        ]
        self.run.outputs = [
            Artifact(
                name=made["name"], bucket=store["location"], key=artifact_key(self.pipeline.name, made["name"]),
                region=region,
            )
            for made in declaration.get("outputArtifacts") or []
        ]
        return provider(declaration["actionTypeId"]).run(
            Job(
                world=self.world, run=self.run, pipeline=self.pipeline.name, pipeline_arn=self.pipeline.arn,
                execution=self.execution.id, account=self.pipeline.account, region=region, caller=caller,
                configuration=self.run.configuration, inputs=tuple(self.run.inputs), outputs=tuple(self.run.outputs),
                encryption_key=key_of(store), override=self.execution.overrides.get(self.run.action, ""),
                mailbox=self.mailbox, revision=self._revision(),
            )
        )

    def _revision(self) -> str:
        """The source revision that the first input artifact came with; empty when an action made it."""
        first = next((artifact.name for artifact in self.run.inputs), "")
        return next(
            (run.revision.id for run in self.execution.history
             if run.revision is not None and any(made.name == first for made in run.outputs)), "",
        )

    def _bring(self, owner: Caller, artifact: Artifact, region: str, store: Mapping[str, Any]) -> Artifact:
        """Rule A4: an input artifact that stands in another region is copied to the store of the action's region."""
        if artifact.region == region:
            return artifact
        found = self.world.client("s3", owner, artifact.region).get_object(Bucket=artifact.bucket, Key=artifact.key)
        copy = Artifact(name=artifact.name, bucket=store["location"], key=artifact.key, region=region)
        put_artifact(self.world.client("s3", owner, region), copy, found["Body"].read(), key_of(store))
        return copy


def key_of(store: Mapping[str, Any]) -> str:
    """The key with which a store encrypts; empty for S3's own."""
    return str((store.get("encryptionKey") or {}).get("id", ""))


def pipeline_caller(world: World, pipeline: Pipeline, declaration: Mapping[str, Any], session: str) -> Caller:
    """A session of the pipeline's role."""
    return world.assume(
        declaration["roleArn"], service=_PRINCIPAL, session=session, source_arn=pipeline.arn,
        source_account=pipeline.account,
    )


def action_caller(world: World, owner: Caller, role: str, session: str) -> Caller:
    """A session of an action's role, assumed by the pipeline's role (rule A2): both sides must allow it."""
    answer = world.client("sts", owner).assume_role(RoleArn=role, RoleSessionName=session)
    return world.session(answer["Credentials"]["AccessKeyId"])


def artifact_key(pipeline: str, artifact: str) -> str:
    """Rule A1: `<pipeline>/<artifact>/<random>`, the names cut to 20 and 10 characters."""
    random = "".join(secrets.choice(_LETTERS) for _ in range(7))
    return f"{pipeline[:20]}/{artifact[:10]}/{random}"
