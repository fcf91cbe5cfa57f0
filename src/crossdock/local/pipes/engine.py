"""The Pipes API, and the thread that looks at what running pipes read from."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError, Call, Engine
from crossdock.local.functions.feeds import kind, read
from crossdock.local.functions.state import EventSource
from crossdock.local.pipes import flowing, inputs
from crossdock.local.pipes.state import Pipe
from crossdock.local.world import World

BUSY, IDLE = 0.1, 1.0
"""Seconds between two looks: after one that found something, and after one that did not."""
PRINCIPAL = "pipes.amazonaws.com"
_MEMBERS = ("Description", "RoleArn", "SourceParameters", "Enrichment", "EnrichmentParameters", "Target",
            "TargetParameters", "LogConfiguration", "KmsKeyIdentifier")
_SOURCE = {"sqs": "SqsQueueParameters", "kinesis": "KinesisStreamParameters", "dynamodb": "DynamoDBStreamParameters"}


class Pipes(Engine):
    """Pipes by ARN. What one can't hand over it reads again: a queue's messages when they are visible again."""

    service: ClassVar[str] = "pipes"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state: dict[str, Pipe] = {}
        self._stopping, self._awake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="pipes", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(10)

    # -- operations

    def create_pipe(self, call: Call) -> Mapping[str, Any]:
        p, name = call.params, str(call.params["Name"])
        arn = call.arn(f"pipe/{name}")
        if arn in self.state:
            raise AwsError("ConflictException", f"Pipe {name} already exists.", 409)
        pipe = Pipe(arn=arn, name=name, account=call.account, region=call.region, source=str(p["Source"]),
                    members={one: p[one] for one in _MEMBERS if p.get(one) is not None},
                    feed=self._feed(call, str(p["Source"]), p.get("SourceParameters") or {}),
                    wanted=str(p.get("DesiredState") or "RUNNING"), tags=dict(p.get("Tags") or {}))
        flowing.check(pipe)
        self._trusts(pipe)
        self.state[arn] = pipe
        self._awake.set()
        return _summary(pipe)

    def update_pipe(self, call: Call) -> Mapping[str, Any]:
        pipe = self._pipe(call)
        draft = Pipe(arn=pipe.arn, name=pipe.name, account=pipe.account, region=pipe.region, source=pipe.source,
                     members={**pipe.members, **{one: call.params[one] for one in _MEMBERS
                                                 if call.params.get(one) is not None}}, feed=pipe.feed)
        flowing.check(draft)
        self._trusts(draft)
        parameters = draft.members.get("SourceParameters") or {}
        pipe.feed.settings |= _settings(kind(pipe.source), parameters)
        pipe.members, pipe.wanted = draft.members, str(call.params.get("DesiredState") or pipe.wanted)
        pipe.modified, pipe.reason = datetime.now(UTC), ""
        self._awake.set()
        return _summary(pipe)

    def describe_pipe(self, call: Call) -> Mapping[str, Any]:
        pipe = self._pipe(call)
        return {**_summary(pipe), "Source": pipe.source, **pipe.members, "StateReason": pipe.reason or None,
                "Tags": pipe.tags}

    def list_pipes(self, call: Call) -> Mapping[str, Any]:
        prefix = str(call.params.get("NamePrefix") or "")
        return {"Pipes": [
            {**_summary(pipe), "Source": pipe.source, "Target": pipe.members["Target"]} for pipe in self.state.values()
            if (pipe.account, pipe.region) == (call.account, call.region) and pipe.name.startswith(prefix)]}

    def delete_pipe(self, call: Call) -> Mapping[str, Any]:
        pipe = self._pipe(call)
        del self.state[pipe.arn]
        return {**_summary(pipe), "DesiredState": "DELETED", "CurrentState": "DELETING"}

    def start_pipe(self, call: Call) -> Mapping[str, Any]:
        return self._set(call, "RUNNING")

    def stop_pipe(self, call: Call) -> Mapping[str, Any]:
        return self._set(call, "STOPPED")

    def _set(self, call: Call, wanted: str) -> Mapping[str, Any]:
        pipe = self._pipe(call)
        pipe.wanted, pipe.modified = wanted, datetime.now(UTC)
        self._awake.set()
        return _summary(pipe)

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"tags": self._tagged(call)}

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        self._tagged(call).update(call.params["tags"])
        return {}

    def untag_resource(self, call: Call) -> Mapping[str, Any]:
        held = self._tagged(call)
        for key in call.params["tagKeys"]:
            held.pop(key, None)
        return {}

    def holds(self, arn: str) -> bool:
        return arn in self.state

    def tags(self, arn: str) -> Mapping[str, str]:
        return self.state[arn].tags if arn in self.state else {}

    # -- records

    def _loop(self) -> None:
        while not self._stopping.is_set():
            found = False
            for pipe in list(self.state.values()):
                if pipe.wanted == "RUNNING" and not self._stopping.is_set():
                    found = self._look(pipe) or found
            self._awake.wait(BUSY if found else IDLE)
            self._awake.clear()

    def _look(self, pipe: Pipe) -> bool:
        """Whether there was something that could be handed over."""
        found = False
        try:
            role = self.world.assume(str(pipe.members["RoleArn"]), service=PRINCIPAL, session=pipe.name[:64],
                                     source_arn=pipe.arn, source_account=pipe.account)
            for batch in read(self.world, role, pipe.feed):
                events = [(id_, inputs.event(record)) for id_, record in batch.records]
                criteria = (pipe.members.get("SourceParameters") or {}).get("FilterCriteria") or {}
                wanted = [event for _, event in events if inputs.passes(event, criteria)]
                if wanted:
                    flowing.flow(self.world, pipe, role, wanted)
                if events:
                    batch.done([id_ for id_, _ in events])
                    pipe.reason, found = "", True
        except flowing.Failed as error:
            pipe.reason = f"{error}"
        except AwsError as error:
            pipe.reason = error.message
        except ClientError as error:
            pipe.reason = str(error.response["Error"]["Message"])
            if error.response["Error"]["Code"] == "NotEmulated":
                self.world.substitution(f"pipe {pipe.name} did not reach {pipe.members['Target']}: {pipe.reason}")
        except (KeyError, ValueError, TypeError):
            logging.getLogger(__name__).exception("pipe %s", pipe.arn)
            pipe.reason = "internal error"
        return found

    # -- helpers

    def _feed(self, call: Call, source: str, parameters: Mapping[str, Any]) -> EventSource:
        settings = _settings(kind(source), parameters)
        return EventSource(uuid=str(uuid.uuid4()), account=call.account, region=call.region, function="", source=source,
                           settings=settings)

    def _trusts(self, pipe: Pipe) -> None:
        try:
            self.world.assume(str(pipe.members["RoleArn"]), service=PRINCIPAL, session="check", source_arn=pipe.arn,
                              source_account=pipe.account)
        except AwsError as error:
            raise AwsError("ValidationException", f"EventBridge Pipes is not allowed to assume the role "
                           f"{pipe.members['RoleArn']}: {error.message}", 400) from error

    def _pipe(self, call: Call) -> Pipe:
        name = str(call.params["Name"])
        found = self.state.get(call.arn(f"pipe/{name}"))
        if found is None:
            raise AwsError("NotFoundException", f"Pipe {name} does not exist.", 404)
        return found

    def _tagged(self, call: Call) -> dict[str, str]:
        found = self.state.get(str(call.params["resourceArn"]))
        if found is None or found.account != call.account:
            raise AwsError("NotFoundException", "The resource does not exist.", 404)
        return found.tags


def _settings(service: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    given = parameters.get(_SOURCE[service]) or {}
    return {"BatchSize": given.get("BatchSize") or (10 if service == "sqs" else 100),
            "StartingPosition": given.get("StartingPosition") or "LATEST",
            "StartingPositionTimestamp": given.get("StartingPositionTimestamp")}


def _summary(pipe: Pipe) -> dict[str, Any]:
    return {"Arn": pipe.arn, "Name": pipe.name, "DesiredState": pipe.wanted, "CurrentState": pipe.wanted,
            "CreationTime": pipe.created, "LastModifiedTime": pipe.modified}
