"""Files out of a zip and into one: sources that come from S3, artifacts that go there. No AWS call is made here.

Globs as in the build specification reference: `*` stays in its directory, `**/*` is everything below.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from crossdock.local.builds.buildspec import Artifacts


class ArtifactError(Exception):
    """The text is the phase context's message."""


def unpack(archive: Path, target: Path) -> None:
    """Extract a zip: modes and symbolic links as they were, nothing outside `target`. Raises ArtifactError."""
    try:
        with zipfile.ZipFile(archive) as file:
            links = [info for info in file.infolist() if stat.S_ISLNK(info.external_attr >> 16)]
            for info in file.infolist():
                if not stat.S_ISLNK(info.external_attr >> 16):
                    _extract(file, info, _inside(target, info.filename))
            for info in links:  # last, so that nothing is written through one
                _link(_inside(target, info.filename), file.read(info).decode(), target)
    except zipfile.BadZipFile as error:
        raise ArtifactError(f"the source is not a zip file: {error}") from error


def _extract(file: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> None:
    if info.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with file.open(info) as source, path.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    mode = (info.external_attr >> 16) & 0o777
    if mode:
        path.chmod(mode | 0o600)


def _link(path: Path, to: str, target: Path) -> None:
    whole = os.path.normpath(path.parent / to)
    if not Path(whole).is_relative_to(target):
        raise ArtifactError(f"the zip file has a link that leads outside: {path.name} -> {to}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(to)


def _inside(target: Path, name: str) -> Path:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or (parts.parts and ":" in parts.parts[0]):
        raise ArtifactError(f"the zip file names a path outside: {name}")
    return target / parts


def select(spec: Artifacts, base: Path) -> list[tuple[Path, str]]:
    """The files of an artifact with their names in it. `base` exists. Raises ArtifactError when nothing matches."""
    wanted = [_pattern(glob) for glob in spec.files]
    unwanted = [_pattern(glob) for glob in spec.exclude]
    chosen: dict[str, Path] = {}
    matched = [False] * len(wanted)
    for path in _walk(base):
        name = path.relative_to(base).as_posix()
        hits = [bool(one.fullmatch(name)) for one in wanted]
        matched = [before or now for before, now in zip(matched, hits, strict=True)]
        if any(hits) and not any(one.fullmatch(name) for one in unwanted):
            chosen[path.name if spec.discard_paths else name] = path
    if not chosen or not all(matched):
        missing = [glob for glob, hit in zip(spec.files, matched, strict=True) if not hit] or list(spec.files)
        raise ArtifactError(f"no matching artifact paths found: {', '.join(missing)}")
    return [(path, name) for name, path in sorted(chosen.items())]


def pack(files: Iterable[tuple[Path, str]], target: Path, *, symlinks: bool) -> None:
    """Write a zip. `symlinks` keeps links; otherwise the file that a link leads to goes in, and directories don't."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6, strict_timestamps=False) as archive:
        for path, name in files:
            if symlinks and path.is_symlink():
                info = zipfile.ZipInfo(name)
                info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
                archive.writestr(info, str(path.readlink()))
            elif not path.exists():
                raise ArtifactError(f"{name} is a link that leads nowhere: {path.readlink()}")
            elif path.is_file():
                archive.write(path, name)


def digests(path: Path) -> tuple[str, str]:
    """SHA-256 and MD5 of a file, in hex."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            sha256.update(piece)
            md5.update(piece)
    return sha256.hexdigest(), md5.hexdigest()


def _walk(base: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(base):
        links = {name for name in names if Path(directory, name).is_symlink()}
        names[:] = sorted(set(names) - links)
        for name in sorted({*files, *links}):
            path = Path(directory, name)
            if path.is_file() or path.is_symlink():
                yield path


def _pattern(glob: str) -> re.Pattern[str]:
    text = glob.removeprefix("./")
    pieces: list[str] = []
    for piece in re.split(r"(\*\*/|/\*\*\Z|\A\*\*\Z|\*|\?|\[[^\]]+\])", text):
        match piece:
            case "**/":
                pieces.append("(?:[^/]+/)*")
            case "/**":
                pieces.append("/.+")
            case "**":
                pieces.append(".+")
            case "*":
                pieces.append("[^/]*")
            case "?":
                pieces.append("[^/]")
            case _ if piece.startswith("[") and piece.endswith("]"):
                pieces.append("[" + piece[1:-1].replace("\\", "\\\\").replace("!", "^", 1) + "]")
            case _:
                pieces.append(re.escape(piece))
    return re.compile("".join(pieces))
