"""Assembly <-> directory: a manifest and plain CloudFormation YAML, which a person may read, lint, edit and deploy.

    .crossdock/assembly/manifest.json
    .crossdock/assembly/templates/foundation-artifacts.yaml ...
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from crossdock.compose import assets
from crossdock.errors import UsageError
from crossdock.model.assembly import Assembly, Stack
from crossdock.model.codec import dumps, loads

MANIFEST = "manifest.json"
_ANEW = "compose one: crossdock compose"


def render(assembly: Assembly, files: Mapping[str, bytes], directory: Path) -> None:
    """Write an assembly. What stood in the directory is replaced as a whole, or not at all."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        for path in sorted(_sums(assembly)):
            file = fresh / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(files[path])
        (fresh / MANIFEST).write_text(dumps(assembly), encoding="utf-8", newline="\n")
        fresh.chmod(0o777 & ~_umask())
        if directory.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
            directory.rename(old / "old")
            fresh.rename(directory)
            shutil.rmtree(old)
        else:
            fresh.rename(directory)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def load(directory: Path) -> Assembly:
    """The assembly in a directory. UsageError when there is none, or when another version of crossdock wrote it."""
    file = directory / MANIFEST
    try:
        return loads(Assembly, file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(message=f"there is no assembly in {directory}", hint=_ANEW) from None
    except (ValueError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UsageError(message=f"{file} is not an assembly: {error}", hint=_ANEW) from error


def texts(assembly: Assembly, directory: Path) -> dict[str, str]:
    """The text of every template of an assembly in a directory, by its path."""
    return {path: (directory / path).read_text(encoding="utf-8") for path in sorted(_sums(assembly))
            if path.endswith(".yaml")}


def edited(directory: Path) -> tuple[str, ...]:
    """Templates that are not what the manifest says: edited by hand, or gone. Empty when there is no assembly."""
    if not (directory / MANIFEST).is_file():
        return ()
    return tuple(path for path, sum_ in sorted(_sums(load(directory)).items()) if _sum(directory / path) != sum_)


def adopt(directory: Path) -> Assembly:
    """The assembly in a directory with its templates as they are now. UsageError when one is gone."""
    assembly = load(directory)
    sums = {path: _sum(directory / path) for path in _sums(assembly)}
    for path, sum_ in sorted(sums.items()):
        if not sum_:
            raise UsageError(message=f"{directory / path} is gone", hint=_ANEW)
    return replace(assembly, stacks=tuple(_adopted(stack, sums) for stack in assembly.stacks))


def _adopted(stack: Stack, sums: Mapping[str, str]) -> Stack:
    """A stack whose files have these digests. Assets that were edited get keys of their own, which it is then told."""
    return assets.rekeyed(replace(stack, sha256=sums[stack.template]), sums)


def _sums(assembly: Assembly) -> dict[str, str]:
    """Digest of every file of an assembly, by its path."""
    found = {stack.template: stack.sha256 for stack in assembly.stacks}
    return found | {asset.path: asset.sha256 for stack in assembly.stacks for asset in stack.assets}


def _sum(file: Path) -> str:
    try:
        return sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _umask() -> int:
    """What new folders may not have; `mkdtemp` gives 0700, which is not what a person expects of this one."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
