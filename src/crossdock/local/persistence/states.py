"""How the states of the engines divide into parts."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.local.builds.state import Build
from crossdock.local.cloudformation.stacksets.state import StackSet
from crossdock.local.cloudformation.state import Stack
from crossdock.local.persistence.shapes import Shape
from crossdock.local.pipelines.state import Execution, Pipeline


def _busy(pipeline: Pipeline) -> bool:
    return any(lane.holder or lane.waiting or lane.queue or lane.inside for lane in list(pipeline.lanes.values()))


SHAPES: Mapping[type, Shape] = {
    Build: Shape(moving=lambda build: build.ended is None),
    Execution: Shape(moving=lambda execution: not execution.is_over()),
    Pipeline: Shape(entries=("executions",), moving=_busy),
    Stack: Shape(entries=("resources",), grows=("events",), moving=lambda stack: stack.busy),
    StackSet: Shape(moving=lambda stack_set: not all(o.over for o in list(stack_set.operations.values()))),
}
"""By class. An engine whose state stands not here is kept as well: each entry of its dicts as a whole."""
