"""Which execution is in which stage, as transitions between states. No threads.

Source: CodePipeline User Guide, "How pipeline executions work" and "Set or change the pipeline execution mode". In the
mode SUPERSEDED a stage is locked by the execution in it; one execution waits before a stage, and a newer one supersedes
it. In the mode QUEUED it is locked as well, and executions wait in their order. In the mode PARALLEL they pass each
other. A disabled transition holds executions before or behind.
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
    if execution.mode != "SUPERSEDED":
        lane.queue.append(execution.id)
        return None
    other = pipeline.executions.get(lane.waiting)
    if other is not None and other.number > execution.number:
        return execution
    lane.waiting = execution.id
    return other


def admit(pipeline: Pipeline, stage: str) -> Execution | None:
    """Let the next waiting execution enter, when it may: the inbound transition is enabled and the stage free, or the
    execution one that needs no free stage."""
    lane = pipeline.lane(stage)
    if not lane.inbound.enabled:
        return None
    queued = pipeline.executions.get(lane.queue[0]) if lane.queue else None
    if queued is not None and queued.mode == "PARALLEL":
        lane.queue.remove(queued.id)
        lane.inside.append(queued.id)
        lane.latest = queued.id
        return queued
    if lane.holder or not (lane.waiting or queued):
        return None
    if queued is not None:
        lane.holder = lane.queue.pop(0)
    else:
        lane.holder, lane.waiting = lane.waiting, ""
    lane.latest = lane.holder
    return pipeline.executions[lane.holder]


def release(pipeline: Pipeline, execution: Execution, stage: str) -> None:
    """The execution is through with the stage, however: its lock is free."""
    lane = pipeline.lane(stage)
    if lane.holder == execution.id:
        lane.holder = ""
    if execution.id in lane.inside:
        lane.inside.remove(execution.id)


def within(pipeline: Pipeline, stage: str) -> list[Execution]:
    """The executions that are in a stage now."""
    lane = pipeline.lane(stage)
    return [pipeline.executions[id_] for id_ in (lane.holder, *lane.inside) if id_]


def reenter(pipeline: Pipeline, execution: Execution, stage: str) -> None:
    """An execution is in a stage again: it is retried there."""
    lane = pipeline.lane(stage)
    if execution.mode == "PARALLEL":
        lane.inside.append(execution.id)
    else:
        lane.holder = execution.id


def withdraw(pipeline: Pipeline, execution: Execution) -> bool:
    """Take an execution out of every place where it waits; whether it was in no stage."""
    for lane in pipeline.lanes.values():
        if lane.waiting == execution.id:
            lane.waiting = ""
        if lane.left == execution.id:
            lane.left = ""
        if execution.id in lane.queue:
            lane.queue.remove(execution.id)
    return all(lane.holder != execution.id and execution.id not in lane.inside for lane in pipeline.lanes.values())


def hold_back(pipeline: Pipeline, execution: Execution, stage: str) -> Execution | None:
    """Keep an execution behind a stage whose outbound transition is disabled. Returns whom it supersedes there."""
    lane = pipeline.lane(stage)
    other = pipeline.executions.get(lane.left)
    lane.left = execution.id
    return other


def newer_has_entered(pipeline: Pipeline, execution: Execution, stage: str) -> bool:
    latest = pipeline.executions.get(pipeline.lane(stage).latest)
    return latest is not None and latest.number > execution.number
