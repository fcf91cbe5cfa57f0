"""What a Map state goes over: its items, read from its input or from S3, in batches; its results, written there.

Step Functions Developer Guide, "ItemReader (Map)", "ItemBatcher (Map)", "ResultWriter (Map)", "Setting failure
thresholds for Distributed Map states". Distributed iterations run as those of an inline Map: in the same execution.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import NotEmulated
from crossdock.local.machines import paths
from crossdock.local.machines.errors import StateFailed
from crossdock.local.machines.paths import Scope

if TYPE_CHECKING:
    from crossdock.local.machines.running import Run


def _asked(run: Run, state: Mapping[str, Any], given: Any) -> Any:
    """A task on the Map state's behalf."""
    from crossdock.local.machines.running import Deadline

    return run.act(run, state, given, Deadline(None, None))


def read(run: Run, state: Mapping[str, Any], scope: Scope) -> Any:
    reader = state.get("ItemReader")
    if reader is None:
        return paths.value(state.get("ItemsPath", "$"), scope, "ItemsPath")
    where = paths.filled(reader.get("Parameters") or reader.get("Arguments") or {}, scope)
    settings = reader.get("ReaderConfig") or {}
    most = settings.get("MaxItems") or None
    if "MaxItemsPath" in settings:
        most = int(paths.value(settings["MaxItemsPath"], scope, "MaxItemsPath"))
    operation = str(reader["Resource"]).rpartition(":")[2]
    resource = f"arn:aws:states:::aws-sdk:s3:{operation}"
    told = _asked(run, {"Type": "Task", "Resource": resource, "Parameters": where}, {})
    match operation, str(settings.get("InputType", "JSON" if operation == "getObject" else "")).upper():
        case "listObjectsV2", _:
            found = told.get("Contents") or []
        case "getObject", "JSON":
            found = json.loads(told["Body"])
        case "getObject", "JSONL":
            found = [json.loads(line) for line in str(told["Body"]).splitlines() if line.strip()]
        case "getObject", "CSV":
            found = _rows(str(told["Body"]), settings)
        case _, kind:
            raise NotEmulated(f"ItemReader of {kind or operation} in state machines")
    return found[:most] if isinstance(found, list) else found


def _rows(text: str, settings: Mapping[str, Any]) -> list[dict[str, str]]:
    separators = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
    names = settings.get("CSVHeaders") if settings.get("CSVHeaderLocation") == "GIVEN" else None
    reader = csv.DictReader(io.StringIO(text), fieldnames=names,
                            delimiter=separators[str(settings.get("CSVDelimiter", "COMMA"))])
    return [dict(row) for row in reader]


def tolerated(state: Mapping[str, Any], number: int, scope: Scope) -> int:
    """How many iterations may fail."""
    def given(name: str) -> float:
        if f"{name}Path" in state:
            return float(paths.value(state[f"{name}Path"], scope, name))
        return float(state.get(name, 0))

    return max(int(given("ToleratedFailureCount")), int(number * given("ToleratedFailurePercentage") / 100))


def batched(state: Mapping[str, Any], found: list[Any], scope: Scope) -> list[Any]:
    """The items, or batches of them (`Items`, with `BatchInput` beside them)."""
    batcher = state.get("ItemBatcher")
    if batcher is None:
        return found
    size = batcher.get("MaxItemsPerBatch")
    if "MaxItemsPerBatchPath" in batcher:
        size = paths.value(batcher["MaxItemsPerBatchPath"], scope, "MaxItemsPerBatchPath")
    more = {"BatchInput": paths.filled(batcher["BatchInput"], scope)} if "BatchInput" in batcher else {}
    step = int(size or len(found) or 1)
    return [{"Items": found[at : at + step], **more} for at in range(0, len(found), step)]


def written(run: Run, state: Mapping[str, Any], results: list[Any], scope: Scope) -> Any:
    """The results themselves, or where they were written to."""
    writer = state.get("ResultWriter")
    if not writer:
        return results
    where = paths.filled(writer.get("Parameters") or writer.get("Arguments") or {}, scope)
    prefix, label = str(where.get("Prefix") or "").strip("/"), str(uuid.uuid4())
    folder = f"{prefix}/{label}" if prefix else label
    succeeded = [{"Status": "SUCCEEDED", "Output": json.dumps(result)} for result in results]
    manifest = {"DestinationBucket": where["Bucket"], "MapRunArn": "", "ResultFiles": {
        "FAILED": [], "PENDING": [], "SUCCEEDED": [{"Key": f"{folder}/SUCCEEDED_0.json"}]}}
    for name, body in (("SUCCEEDED_0.json", succeeded), ("manifest.json", manifest)):
        try:
            _asked(run, {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "Parameters": {
                "Bucket": where["Bucket"], "Key": f"{folder}/{name}", "Body": body}}, {})
        except StateFailed as failed:
            raise StateFailed("States.ResultWriterFailed", failed.cause) from failed
    return {"MapRunArn": "", "ResultWriterDetails": {"Bucket": where["Bucket"], "Key": f"{folder}/manifest.json"}}
