"""The text of Fn::Sub: `${Name}`, `${Name.Attribute}`, and `${!Literal}`, which becomes `${Literal}`."""

from __future__ import annotations

import re
from collections.abc import Callable

from crossdock.template.scope import Unresolved

_VARIABLE = re.compile(r"\$\{(!?)([^{}]*)\}")


def substitute(template: str, value: Callable[[str], str]) -> str:
    """The text with every variable replaced by what `value` gives for its name."""
    return _VARIABLE.sub(lambda found: f"${{{found[2]}}}" if found[1] else value(found[2].strip()), template)


def substitute_known(template: str, value: Callable[[str], str]) -> str:
    """The text with the variables replaced for which `value` doesn't raise Unresolved; it is Fn::Sub text still."""

    def replace(found: re.Match[str]) -> str:
        if found[1]:
            return found[0]
        try:
            return value(found[2].strip()).replace("${", "${!")
        except Unresolved:
            return found[0]

    return _VARIABLE.sub(replace, template)


def variables(template: str) -> list[str]:
    """The names that the text refers to, in order, each once."""
    return list(dict.fromkeys(found[2].strip() for found in _VARIABLE.finditer(template) if not found[1]))
