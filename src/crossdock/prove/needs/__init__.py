"""Who must do what to what, read from what an assembly deploys: one module a kind of actor."""

from __future__ import annotations

import json
from collections.abc import Iterator

from crossdock.model.codec import encode
from crossdock.model.proof import Need
from crossdock.prove.needs import (
    builds,
    declared,
    functions,
    images,
    infrastructure,
    pipelines,
    reviews,
    stack_sets,
    stores,
    tasks,
    upkeep,
)
from crossdock.prove.resources import of_type
from crossdock.prove.scene import Scene


def needs(scene: Scene) -> tuple[Need, ...]:
    """Every need, each request once, in the order of a delivery. Raises UsageError for what isn't known."""
    found: dict[str, Need] = {}
    for need in _all(scene):
        said = encode(need)
        key = json.dumps([said[k] for k in ("who", "action", "resource", "context", "via", "given", "step")])
        found.setdefault(key, need)
    return tuple(found.values())


def _all(scene: Scene) -> Iterator[Need]:
    yield from stores.needs(scene)
    yield from infrastructure.needs(scene)
    yield from stack_sets.needs(scene)
    yield from reviews.needs(scene)
    for rule in of_type(scene.platform, "AWS::Events::Rule"):
        yield from pipelines.triggers(scene, rule)
    for line in scene.lines:
        yield from pipelines.needs(scene, line)
        yield from builds.needs(scene, line)
        yield from upkeep.needs(scene, line)
        yield from images.needs(scene, line)
        yield from functions.needs(scene, line)
        yield from tasks.needs(scene, line)
        yield from declared.needs(scene, line)
