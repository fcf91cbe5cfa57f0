"""Variables in action configuration: `#{namespace.name}` (CodePipeline User Guide, variables reference). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

REFERENCE = re.compile(r"#\{([A-Za-z0-9@\-_]+)\.([^\s{}]+?)\}")


class UnresolvedError(Exception):
    """A reference names no variable that exists by now."""


def resolve(text: str, variables: Mapping[str, Mapping[str, str]]) -> str:
    """The text with every reference replaced. Raises UnresolvedError."""

    def value(found: re.Match[str]) -> str:
        namespace, name = found.groups()
        try:
            return variables[namespace][name]
        except KeyError:
            raise UnresolvedError(
                f"the variable {found[0]} has no value: no action that ran has the namespace {namespace} "
                f"and an output variable {name}"
            ) from None

    return REFERENCE.sub(value, text)


def resolve_all(configuration: Mapping[str, str], variables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {key: resolve(text, variables) for key, text in configuration.items()}
