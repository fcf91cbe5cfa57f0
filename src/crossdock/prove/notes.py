"""What a proof leaves open: what AWS's own limits make of policies, and what is taken for granted."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.prove.advice import name_of
from crossdock.prove.needs.declared import strangers
from crossdock.prove.scene import Scene


def notes(where: Scene) -> Iterator[str]:
    """One sentence each, without a full stop."""
    yield from _shared_folders(where)
    yield from _named_roles(where)
    yield from strangers(where)


def _shared_folders(where: Scene) -> Iterator[str]:
    """CodePipeline keeps 20 characters of a pipeline's name: rights by folder cannot part pipelines that share them."""
    folders: dict[tuple[str, str], list[str]] = {}
    for line in where.lines:
        folders.setdefault((line.bucket, line.folder), []).append(line.pipeline.names.name)
    for (_, folder), names in folders.items():
        if len(names) > 1:
            yield f"{' and '.join(names)} keep their artifacts in one folder, {folder}: each can touch the other's"


def _named_roles(where: Scene) -> Iterator[str]:
    """A policy that names a role is stored with the role's id: made again, the role is another (IAM User Guide, AWS
    JSON policy elements: Principal)."""
    for held in where.in_force.held.values():
        for compiled in held.policy.allows if held.ours else ():
            principal = compiled.statement.principal
            for arn in sorted(principal.aws) if principal else ():
                if ":role/" in arn:
                    yield (f"{held.place(compiled.cause)} names the role {name_of(arn)} itself: once that role is made"
                           " again, AWS no longer lets it in; name its account, and the role by aws:PrincipalArn")
