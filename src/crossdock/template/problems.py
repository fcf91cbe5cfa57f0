"""How this room reports a mistake: a TemplateError worded as AWS words it, with the position when it is known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from crossdock.errors import Position, Problem, TemplateError

NOWHERE = Position("template")


def mistake(what: str, position: Position = NOWHERE, hint: str = "") -> TemplateError:
    """One mistake as an error to raise."""
    return TemplateError([Problem(position, what, hint)], position.file)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the valid name most like `name`, or an empty string."""
    names = list(known)
    by_folded = {candidate.lower(): candidate for candidate in names}
    if name.lower() in by_folded:
        return f"did you mean {by_folded[name.lower()]}?"
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {found[0]}?" if found else ""
