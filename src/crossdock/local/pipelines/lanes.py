"""Which execution is in which stage: the SUPERSEDED execution mode as transitions between states. No threads.

Source: CodePipeline User Guide, "How pipeline executions work": a stage is locked by the execution in it; one
execution waits before a stage, a newer one supersedes it; a disabled transition holds executions before or behind.
"""

from __future__ import annotations

from crossdock.local.pipelines.state import Execution, Pipeline


def stage_names(execution: Execution) -> list[str]:
    return [stage["name"] for stage in execution.declaration["stages"]]


def following(execution: Execution, stage: str) -> str | None:
    """The stage behind this one, in the execution's own declaration; None behind the last."""
    names = stage_names(execution)
    index = names.index(stage) + 1
    return names[index] if index < len(names) else None


def arrive(pipeline: Pipeline, execution: Execution, stage: str) -> Execution | None:
    """Let an execution wait before a stage. Returns the execution that it supersedes, if one waited there."""
    lane = pipeline.lane(stage)
    other = pipeline.executions.get(lane.waiting)
    if other is not None and other.number > execution.number:
        return execution
    lane.waiting = execution.id
    return other


def admit(pipeline: Pipeline, stage: str) -> Execution | None:
    """Let the waiting execution enter, when the stage is free and its inbound transition is enabled."""
    lane = pipeline.lane(stage)
    if lane.holder or not lane.waiting or not lane.inbound.enabled:
        return None
    lane.holder, lane.waiting = lane.waiting, ""
    lane.latest = lane.holder
    return pipeline.executions[lane.holder]


def release(pipeline: Pipeline, execution: Execution, stage: str) -> None:
    """The execution is through with the stage, however: its lock is free."""
    lane = pipeline.lane(stage)
    if lane.holder == execution.id:
        lane.holder = ""


def withdraw(pipeline: Pipeline, execution: Execution) -> bool:
    """Take an execution out of every place where it waits; whether it held no stage."""
    for lane in pipeline.lanes.values():
        if lane.waiting == execution.id:
            lane.waiting = ""
        if lane.left == execution.id:
            lane.left = ""
    return all(lane.holder != execution.id for lane in pipeline.lanes.values())


def hold_back(pipeline: Pipeline, execution: Execution, stage: str) -> Execution | None:
    """Keep an execution behind a stage whose outbound transition is disabled. Returns whom it supersedes there."""
    lane = pipeline.lane(stage)
    other = pipeline.executions.get(lane.left)
    lane.left = execution.id
    return other


def newer_has_entered(pipeline: Pipeline, execution: Execution, stage: str) -> bool:
    latest = pipeline.executions.get(pipeline.lane(stage).latest)
    return latest is not None and latest.number > execution.number
