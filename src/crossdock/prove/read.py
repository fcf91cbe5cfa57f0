"""The one place here that reads files: an assembly's directory and the templates of the services that it delivers."""

from __future__ import annotations

from pathlib import Path

from crossdock.errors import Problem
from crossdock.model.assembly import Assembly
from crossdock.prove import documents
from crossdock.prove.prove import stage, unread
from crossdock.prove.scene import Scene, Source

TEMPLATE = "template.yaml"
"""The file of a service that declares what it consists of (docs/services.md)."""


def read(assembly: Assembly, directory: Path, root: Path) -> Scene:
    """An assembly rendered in `directory`, of the platform in `root`, deployed on paper."""
    paths = {path for stack in assembly.stacks for path in (stack.template, *(asset.path for asset in stack.assets))}
    texts = {p: (directory / p).read_text(encoding="utf-8") for p in sorted(paths) if p.endswith(".yaml")}
    sources = {}
    for delivery in assembly.deliveries:
        path = f"{delivery.source}/{TEMPLATE}"
        if (root / path).is_file():
            sources[delivery.service] = Source(file=path, text=(root / path).read_text(encoding="utf-8"))
    return stage(assembly, texts, sources)


def mistakes(scene: Scene) -> list[Problem]:
    """What AWS would refuse in services' templates, and every mistake in policies, with file, line and column."""
    return [*unread(scene), *documents.mistakes(scene.resources)]
