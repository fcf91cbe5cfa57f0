"""The CodePipeline engine: pipelines and their tags. Running them is in `executions` and `conductor`."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call
from crossdock.local.pipelines import lanes, structure
from crossdock.local.pipelines.actions import provider
from crossdock.local.pipelines.state import Declaration, Pipeline, now
from crossdock.local.pipelines.webhooks import Webhooks
from crossdock.local.pipelines.work import action_caller, pipeline_caller

if TYPE_CHECKING:
    from crossdock.local.world import World

_log = logging.getLogger(__name__)
POLL_SECONDS = 5.0
"""Between two looks at polled sources; CodePipeline looks about once a minute."""


class CodePipeline(Webhooks):
    """Pipelines of every account and region of the world."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._poller: threading.Thread | None = None

    def start(self) -> None:
        super().start()
        self._poller = threading.Thread(target=self._poll_forever, name="codepipeline-poll", daemon=True)
        self._poller.start()

    def stop(self) -> None:
        super().stop()
        if self._poller is not None:
            self._poller.join()
            self._poller = None

    def create_pipeline(self, call: Call) -> Mapping[str, Any]:
        """Rule E4: creating a pipeline starts an execution."""
        declaration = _normal(call.params["pipeline"], version=1)
        name, arn = declaration["name"], call.arn(declaration["name"])
        structure.check(declaration, call.region)
        self._pass_connections(call, declaration)
        tags = {tag["key"]: tag["value"] for tag in call.params.get("tags") or []}
        moment = now()
        pipeline = Pipeline(
            account=call.account, region=call.region, name=name, arn=arn, version=1, versions={1: declaration},
            created=moment, updated=moment, tags=tags,
        )
        self._check_role(pipeline, declaration)
        with self.lock:
            if arn in self.state.pipelines:
                raise AwsError(
                    "PipelineNameInUseException",
                    f"A pipeline with the name '{name}' already exists in account '{call.account}'",
                )
            self.state.pipelines[arn] = pipeline
            values = {v["name"]: v.get("defaultValue", "") for v in declaration.get("variables") or []}
            self.begin(pipeline, "CreatePipeline", call.caller.arn, variables=values)
        return {"pipeline": structure.masked(declaration), "tags": [{"key": k, "value": v} for k, v in tags.items()]}

    def update_pipeline(self, call: Call) -> Mapping[str, Any]:
        """Rule P7: a new version. Running executions keep theirs."""
        given = call.params["pipeline"]
        pipeline = self.pipeline(replace(call, params=given), "name")
        with self.lock:
            version = pipeline.version + 1
            declaration = _normal(given, version=version)
            structure.check(declaration, pipeline.region)
            self._pass_connections(call, declaration)
            self._check_role(pipeline, declaration)
            pipeline.versions[version] = declaration
            pipeline.version, pipeline.updated = version, now()
        return {"pipeline": structure.masked(declaration)}

    def get_pipeline(self, call: Call) -> Mapping[str, Any]:
        pipeline = self.pipeline(call, "name")
        version = call.params.get("version", pipeline.version)
        if version not in pipeline.versions:
            raise AwsError(
                "PipelineVersionNotFoundException", f"Pipeline {pipeline.name} has no version {version}"
            )
        return {
            "pipeline": structure.masked(pipeline.versions[version]),
            "metadata": {"pipelineArn": pipeline.arn, "created": pipeline.created, "updated": pipeline.updated},
        }

    def list_pipelines(self, call: Call) -> Mapping[str, Any]:
        own = [p for p in self.state.pipelines.values() if (p.account, p.region) == (call.account, call.region)]
        return {
            "pipelines": [
                {
                    "name": p.name, "version": p.version, "created": p.created, "updated": p.updated,
                    "pipelineType": p.declaration["pipelineType"], "executionMode": p.declaration["executionMode"],
                }
                for p in sorted(own, key=lambda p: p.name)
            ]
        }

    def delete_pipeline(self, call: Call) -> None:
        """Running executions are abandoned. Nothing happens for a pipeline that isn't there, as on AWS."""
        with self.lock:
            pipeline = self.state.pipelines.pop(call.arn(call.params["name"]), None)
            if pipeline is None:
                return
            for execution in pipeline.executions.values():
                if not execution.is_over():
                    lanes.withdraw(pipeline, execution)
                    execution.status = "Cancelled"
                    self.halt(execution)

    def tag_resource(self, call: Call) -> None:
        self._tagged(call).update({tag["key"]: tag["value"] for tag in call.params["tags"]})

    def untag_resource(self, call: Call) -> None:
        tags = self._tagged(call)
        for key in call.params["tagKeys"]:
            tags.pop(key, None)

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"tags": [{"key": key, "value": value} for key, value in self._tagged(call).items()]}

    def tags(self, arn: str) -> Mapping[str, str]:
        if arn in self.state.webhooks:
            return self.state.webhooks[arn].tags
        pipeline = self.state.pipelines.get(arn.partition("/")[0])  # stages and actions have their pipeline's tags
        return pipeline.tags if pipeline else {}

    def _tagged(self, call: Call) -> dict[str, str]:
        arn = call.params["resourceArn"]
        if arn in self.state.webhooks:
            return self.state.webhooks[arn].tags
        if arn not in self.state.pipelines:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist")
        return self.state.pipelines[arn].tags

    def _pass_connections(self, call: Call, declaration: Declaration) -> None:
        """Who names a connection must be allowed to pass it (Service Authorization Reference, PassConnection)."""
        for _, action in structure.actions(declaration):
            arn = (action.get("configuration") or {}).get("ConnectionArn", "")
            if action["actionTypeId"]["provider"] == "CodeStarSourceConnection" and arn.count(":") >= 5:
                service, region, account = arn.split(":")[2:5]
                self.world.authorize(
                    call.caller, action=f"{service}:PassConnection", resource=arn, account=account, region=region,
                    context={f"{service}:PassedToService": "codepipeline.amazonaws.com"})

    def _check_role(self, pipeline: Pipeline, declaration: Declaration) -> None:
        try:
            pipeline_caller(self.world, pipeline, declaration, "validation")
        except AwsError as error:
            raise structure.structure_error(
                f"CodePipeline is not authorized to perform AssumeRole on role {declaration['roleArn']}: "
                f"{error.message}"
            ) from error

    # -- polled sources (rules S1, S3)

    def _poll_forever(self) -> None:
        while not self.ending.wait(POLL_SECONDS):
            self.poll()

    def poll(self) -> None:
        """Start the pipelines whose polled sources have a revision that no execution has taken."""
        for pipeline in list(self.state.pipelines.values()):
            declaration = pipeline.declaration
            for stage, action in structure.actions(declaration):
                configuration = action["configuration"]
                head = provider(action["actionTypeId"]).head
                if head is None or configuration.get("PollForSourceChanges", "true") != "true":
                    continue
                key = f"{stage['name']}/{action['name']}"
                try:
                    revision = self._look(pipeline, action)
                except (ClientError, AwsError) as error:  # a branch that isn't there yet, a role without rights
                    _log.info("%s could not poll %s: %s", pipeline.arn, key, error)
                    continue
                with self.lock:
                    if not revision or pipeline.lane(stage["name"]).holder or pipeline.seen.get(key) == revision:
                        continue
                    pipeline.seen[key] = revision
                    self.begin(pipeline, "PollForSourceChanges", action["name"])

    def _look(self, pipeline: Pipeline, action: Declaration) -> str:
        caller = pipeline_caller(self.world, pipeline, pipeline.declaration, "poll")
        if "roleArn" in action:
            caller = action_caller(self.world, caller, action["roleArn"], "poll")
        region, head = action.get("region", pipeline.region), provider(action["actionTypeId"]).head
        if head is None:
            return ""
        return head(self.world, lambda service: self.world.client(service, caller, region), action["configuration"])


def _normal(given: Mapping[str, Any], *, version: int) -> Declaration:
    """A declaration with AWS's defaults filled in, and its version."""
    declaration = copy.deepcopy(dict(given))
    declaration |= {
        "version": version,
        "pipelineType": declaration.get("pipelineType", "V1"),
        "executionMode": declaration.get("executionMode", "SUPERSEDED"),
    }
    for _, action in structure.actions(declaration):
        for key, default in (("runOrder", 1), ("configuration", {}), ("inputArtifacts", []), ("outputArtifacts", [])):
            action.setdefault(key, copy.copy(default))
    return declaration
