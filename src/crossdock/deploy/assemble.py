"""The assembly that a command works with: composed anew, or the one on disk as it is."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from crossdock import compose
from crossdock.errors import EditedAssembly, TemplateError
from crossdock.model.assembly import Assembly
from crossdock.model.platform import Platform

STATE, ASSEMBLY = ".crossdock", "assembly"


def assembly_directory(root: Path) -> Path:
    """Where the assembly of the platform in `root` is rendered."""
    return root / STATE / ASSEMBLY


def assemble(platform: Platform, root: Path, *, fresh: bool = False) -> Assembly:
    """Compose and render. Raises EditedAssembly when what is on disk was edited by hand, unless `fresh`."""
    directory = assembly_directory(root)
    if not fresh and directory.exists():
        edited = compose.edited(directory)
        if edited:
            raise EditedAssembly(file=", ".join(edited), directory=str(directory))
    assembly = compose.compose(platform)
    compose.render(assembly, compose.templates(platform), directory)
    return assembly


def lint(directory: Path) -> None:
    """Ask cfn-lint about every template of an assembly. Raises TemplateError with every finding.

    Templates that were found clean are not asked about again until they, or cfn-lint, change.
    """
    clean, now = directory.parent / "linted", _fingerprint(directory)
    if clean.exists() and clean.read_text(encoding="utf-8") == now:
        return
    problems = compose.lint(directory)
    if problems:
        raise TemplateError(problems, what=str(directory))
    clean.write_text(now, encoding="utf-8")


def _fingerprint(directory: Path) -> str:
    found = hashlib.sha256(version("cfn-lint").encode())
    for file in sorted(directory.glob("templates/*.yaml")):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()
