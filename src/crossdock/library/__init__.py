"""The template library: plain CloudFormation YAML, one idea a file. `docs/services.md` says what a service adds."""

from __future__ import annotations

from importlib import resources

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
