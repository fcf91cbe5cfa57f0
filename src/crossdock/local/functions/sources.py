"""Event source mappings: what feeds a function (Lambda API, CreateEventSourceMapping)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.bus.patterns import PatternError, compile_pattern
from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.functions.feeds import ACTIONS, kind
from crossdock.local.functions.polling import Poller
from crossdock.local.functions.state import EventSource, Function, State
from crossdock.local.world import World

_MEMBERS = ("BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria", "FunctionResponseTypes",
            "StartingPosition", "StartingPositionTimestamp", "ParallelizationFactor", "MaximumRetryAttempts",
            "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "DestinationConfig", "ScalingConfig",
            "MetricsConfig", "TumblingWindowInSeconds")
_REFUSED = ("SelfManagedEventSource", "Topics", "Queues", "SourceAccessConfigurations", "ProvisionedPollerConfig",
            "AmazonManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig", "KMSKeyArn")


class EventSources:
    """The operations of the API that are about event source mappings."""

    world: World
    state: State
    poller: Poller

    def _named(self, call: Call, reference: str, qualifier: str = "") -> tuple[Function, str]:
        raise NotImplementedError

    def create_event_source_mapping(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        function, qualifier = self._named(call, str(p["FunctionName"]))
        source = str(p.get("EventSourceArn") or "")
        settings = _settings(p, {})
        found = kind(source)
        if found != "sqs" and "StartingPosition" not in p:
            raise _invalid("1 validation error detected: Value null at 'startingPosition' failed to satisfy "
                           "constraint: Member must not be null.")
        arn = function.arn + (f":{qualifier}" if qualifier else "")
        if any((one.function, one.source) == (arn, source) for one in self.state.sources.values()):
            raise AwsError("ResourceConflictException", f"The event source arn (\" {source} \") and function (\" "
                           f"{function.name} \") provided mapping already exists. Please update or delete the existing "
                           "mapping with UUID", 409)
        self._allowed(function, source)
        made = EventSource(
            uuid=str(uuid.uuid4()), account=call.account, region=call.region, function=arn, source=source,
            settings={"BatchSize": 10 if found == "sqs" else 100, "MaximumBatchingWindowInSeconds": 0, **settings},
            enabled=bool(p.get("Enabled", True)), tags=dict(p.get("Tags") or {}),
        )
        self.state.sources[made.uuid] = made
        self.poller.wake()
        return _shown(made)

    def update_event_source_mapping(self, call: Call) -> Mapping[str, Any]:
        held = self._mapping(call)
        if "FunctionName" in call.params:
            function, qualifier = self._named(call, str(call.params["FunctionName"]))
            self._allowed(function, held.source)
            held.function = function.arn + (f":{qualifier}" if qualifier else "")
        held.settings = _settings(call.params, held.settings)
        held.enabled = bool(call.params.get("Enabled", held.enabled))
        held.modified = datetime.now(UTC)
        self.poller.wake()
        return _shown(held)

    def get_event_source_mapping(self, call: Call) -> Mapping[str, Any]:
        return _shown(self._mapping(call))

    def delete_event_source_mapping(self, call: Call) -> Mapping[str, Any]:
        held = self._mapping(call)
        del self.state.sources[held.uuid]
        return {**_shown(held), "State": "Deleting"}

    def list_event_source_mappings(self, call: Call) -> Mapping[str, Any]:
        wanted = call.params.get("FunctionName")
        arn = self._named(call, str(wanted))[0].arn if wanted else ""
        return {"EventSourceMappings": [
            _shown(one) for one in list(self.state.sources.values())
            if (one.account, one.region) == (call.account, call.region) and one.function.startswith(arn)
            and call.params.get("EventSourceArn") in (None, one.source)
        ]}

    def _mapping(self, call: Call) -> EventSource:
        held = self.state.sources.get(str(call.params["UUID"]))
        if held is None or (held.account, held.region) != (call.account, call.region):
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        return held

    def _allowed(self, function: Function, source: str) -> None:
        """The function's role must be allowed to read the source: Lambda asks when the mapping is made."""
        role = self.world.assume(
            str(function.latest.settings["Role"]), service="lambda.amazonaws.com", session=function.name,
            source_arn=function.arn, source_account=function.account)
        for action in ACTIONS[kind(source)]:
            try:
                self.world.authorize(role, action=action, resource=source, account=source.split(":")[4],
                                     region=source.split(":")[3])
            except AwsError as error:
                service = {"sqs": "SQS", "kinesis": "Kinesis", "dynamodb": "DynamoDB"}[kind(source)]
                raise _invalid(f"The provided execution role does not have permissions to call "
                               f"{action.partition(':')[2]} on {service} ({error.message})") from error


def _settings(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    for name in _REFUSED:
        if params.get(name):
            raise NotEmulated(f"{name} of an event source mapping")
    if params.get("TumblingWindowInSeconds"):
        raise NotEmulated("tumbling windows of an event source mapping")
    made = {**held, **{name: params[name] for name in _MEMBERS if name in params}}
    for one in (made.get("FilterCriteria") or {}).get("Filters") or ():
        try:
            compile_pattern(str(one.get("Pattern", "{}")))
        except PatternError as error:
            raise _invalid(f"Invalid filter pattern definition. ({error})") from error
    return made


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message, 400)


def _shown(one: EventSource) -> dict[str, Any]:
    return {
        **one.settings, "UUID": one.uuid, "EventSourceArn": one.source, "FunctionArn": one.function,
        "LastModified": one.modified, "LastProcessingResult": one.result,
        "State": "Enabled" if one.enabled else "Disabled", "StateTransitionReason": "USER_INITIATED",
        "EventSourceMappingArn": f"arn:aws:lambda:{one.region}:{one.account}:event-source-mapping:{one.uuid}",
    }


