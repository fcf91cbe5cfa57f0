"""The platform that `crossdock init` gives: a copy of examples/hello, carried in the package as one JSON file.

`python -m crossdock.library.starter examples/hello` renews that file; a test says when it must be.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from crossdock.errors import UsageError

FILE = "starter.json"
_MADE = {".crossdock", "__pycache__", "build", "packaged.yaml"}
_NAME = re.compile(r"(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")


def starter() -> Mapping[str, str]:
    """Path -> text of every file."""
    files: dict[str, str] = json.loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return files


def init(directory: Path) -> tuple[Path, ...]:
    """Write a new platform into a directory that is empty or not there; the paths of its files, relative to it.

    The platform takes the directory's name where that can be one. UsageError when the directory holds something.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(message=f"{directory} is not empty", hint="name a new directory: crossdock init DIR")
    name = directory.resolve().name
    for path, text in starter().items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        named = path == "crossdock.yaml" and _NAME.fullmatch(name) is not None
        text_of_file = re.sub(r"^platform: \S+", f"platform: {name}", text, flags=re.M) if named else text
        file.write_text(text_of_file, encoding="utf-8", newline="\n")
    return tuple(Path(path) for path in starter())


def pack(directory: Path) -> str:
    """The text of the JSON file for a platform's directory, without what builds and rehearsals made in it."""
    return json.dumps(dict(_files(directory)), indent=1, ensure_ascii=False) + "\n"


def _files(directory: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(directory.rglob("*")):
        path = file.relative_to(directory)
        if file.is_file() and not _MADE & set(path.parts):
            yield path.as_posix(), file.read_text(encoding="utf-8")


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(pack(Path(sys.argv[1])), encoding="utf-8", newline="\n")
