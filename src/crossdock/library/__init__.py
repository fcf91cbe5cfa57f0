"""The template library: plain CloudFormation YAML, one idea a file. `docs/services.md` says what a service adds."""

from __future__ import annotations

from importlib import resources
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_GROUPS = (
    "foundation", "delivery", "environment", "network", "security", "storage", "data", "compute", "observability",
)


def names() -> tuple[str, ...]:
    """Every template's name, such as `foundation/artifacts`, in the order in which a platform needs them."""
    root = resources.files(__name__)
    return tuple(
        f"{group}/{name.removesuffix('.yaml')}"
        for group in _GROUPS
        if root.joinpath(group).is_dir()
        for name in sorted(entry.name for entry in root.joinpath(group).iterdir())
        if name.endswith(".yaml")
    )


def load(name: str) -> str:
    """The text of a template. KeyError if there is none of this name."""
    if name not in names():
        raise KeyError(name)
    return resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def functions() -> tuple[str, ...]:
    """Names of the functions that are resources of ours, such as `stack_set`."""
    found = resources.files(__name__).joinpath("resources").iterdir()
    return tuple(sorted(entry.name for entry in found if entry.joinpath("index.py").is_file()))


def code(function: str) -> bytes:
    """A function's code as Lambda takes it; the same code gives the same bytes. KeyError if there is none.

    It isn't compressed: that would give other bytes with another zlib.
    """
    if function not in functions():
        raise KeyError(function)
    folder = resources.files(__name__).joinpath("resources", function)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".py")):
            entry = ZipInfo(f"{function}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, folder.joinpath(name).read_bytes(), ZIP_STORED)
    return packed.getvalue()
