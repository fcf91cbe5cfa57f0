"""People's roles, by the Metadata of their templates, and the branches that they may not push to: what is delivered.

A role says what it is for by `Crossdock: {Part: developer}` or `{Part: approver}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.prove.resources import Resource, of_type
from crossdock.prove.scene import Scene

REFERENCES = "codecommit:References"
"""The branch that a push or a merge would change (CodeCommit User Guide, limit pushes and merges to branches)."""


def part_of(role: Resource) -> str:
    """`developer`, `approver`, or what else a role says that it is for; empty where it says nothing."""
    return str((role.metadata.get("Crossdock") or {}).get("Part", ""))


def repositories(scene: Scene) -> Iterator[Resource]:
    """The repositories that services are delivered from."""
    yield from of_type(scene.platform, "AWS::CodeCommit::Repository")


def permanent(scene: Scene, repository: Resource) -> tuple[str, ...]:
    """The branches of a repository that are delivered, as references: a person's push would deliver without review."""
    branches = {d.branch for d in scene.assembly.deliveries if d.repository == repository.names.name}
    return tuple(f"refs/heads/{branch}" for branch in sorted(branches))
