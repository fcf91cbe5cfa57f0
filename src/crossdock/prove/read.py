"""The one place here that reads files: an assembly's directory and the templates of the services that it delivers."""

from __future__ import annotations

from pathlib import Path

from crossdock.model.assembly import Assembly
from crossdock.prove.prove import stage
from crossdock.prove.scene import Scene, Source

TEMPLATE = "template.yaml"
"""The file of a service that declares what it consists of (docs/services.md)."""


def read(assembly: Assembly, directory: Path, root: Path) -> Scene:
    """An assembly rendered in `directory`, of the platform in `root`, deployed on paper."""
    paths = {path for stack in assembly.stacks for path in (stack.template, *(asset.path for asset in stack.assets))}
    texts = {path: (directory / path).read_text(encoding="utf-8") for path in sorted(paths)}
    sources = {}
    for delivery in assembly.deliveries:
        path = f"{delivery.source}/{TEMPLATE}"
        if (root / path).is_file():
            sources[delivery.service] = Source(file=path, text=(root / path).read_text(encoding="utf-8"))
    return stage(assembly, texts, sources)
