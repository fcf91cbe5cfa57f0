"""The assembly that a command works with: composed anew, or the one on disk as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from crossdock import compose, library
from crossdock.errors import EditedAssembly, Problem, TemplateError
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
    compose.render(assembly, compose.files(platform), directory)
    return assembly


def lint(
    directory: Path, *, state: Path | None = None, sources: Mapping[str, str] | None = None
) -> None:
    """Ask cfn-lint about every template of an assembly. Raises TemplateError with every finding.

    A template that was found clean is not asked about again until it, or cfn-lint, changes; `state` is the folder that
    keeps which those are (else that beside the assembly). The library's own were asked about when it was made.
    `sources`: path in the assembly -> the file that it was taken from, at which findings then point.
    """
    kept = (state or directory.parent) / "linted"
    clean = set(kept.read_text(encoding="utf-8").split()) if kept.exists() else set()
    clean |= {_fingerprint(library.load(name).encode()) for name in library.names()}
    now = {_fingerprint(file.read_bytes()): file for file in sorted(directory.glob("templates/*.yaml"))}
    problems: list[Problem] = []
    for fingerprint, file in now.items():
        if fingerprint not in clean:
            found = compose.lint_files([file])
            said = (sources or {}).get(file.relative_to(directory).as_posix(), str(file))
            problems += [replace(one, position=replace(one.position, file=said)) for one in found]
            clean |= set() if found else {fingerprint}
    kept.write_text("\n".join(sorted(clean & now.keys())) + "\n", encoding="utf-8")
    if problems:
        raise TemplateError(problems, what="the composed templates")


def _fingerprint(template: bytes) -> str:
    return hashlib.sha256(version("cfn-lint").encode() + b"\0" + template).hexdigest()
