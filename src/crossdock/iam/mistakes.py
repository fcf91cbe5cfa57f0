"""What is wrong in a policy document, and where: more than AWS refuses, as it stores actions that do not exist and
ARNs that nothing has (IAM User Guide, policy validation)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from crossdock.iam import actions

Path = tuple[str | int, ...]
_PARTITION = re.compile(r"aws(-[a-z]+)*|.*[*?].*")
_REGION = re.compile(r"|[a-z]{2,4}(-[a-z]+)+-[0-9]|.*[*?].*")
_ACCOUNT = re.compile(r"|aws|[0-9]{12}|.*[*?].*")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake of a document.

    path    leads to it: `("Statement", 0, "Action", 2)`
    hint    may be empty
    stored  AWS takes the document all the same
    """

    path: Path
    what: str
    hint: str = ""
    stored: bool = False


@cache
def action(name: str) -> tuple[str, str] | None:
    """What is wrong with an action of a policy (wildcards included) and a hint; None when some action is meant."""
    if actions.matching(name):
        return None
    prefix, _, rest = name.partition(":")
    named = actions.matching(f"{prefix}:*")
    of_others = _by_name().get(rest.lower(), [])
    elsewhere = f"did you mean {of_others[0]}?" if len(of_others) == 1 else ""
    if not named:
        return f"there is no service {prefix}", elsewhere or nearest(prefix, actions.services())
    if "*" in rest or "?" in rest:
        return f"no action of {prefix} is like {rest}", nearest(name, named)
    hint = nearest(name, named, alike=0.9) or elsewhere or nearest(name, named)
    return f"there is no action {name}", hint or f"known are those of {actions.data_date()}"


@cache
def _by_name() -> dict[str, list[str]]:
    """Lower-case name of an action -> all actions of that name."""
    found: dict[str, list[str]] = {}
    for one in actions.matching("*"):
        found.setdefault(one.partition(":")[2].lower(), []).append(one)
    return found


def nearest(name: str, known: Iterable[str], *, alike: float = 0.6) -> str:
    """A hint that names the valid name most like `name`, or an empty string."""
    by_folded = {one.lower(): one for one in known}
    found = difflib.get_close_matches(name.lower(), by_folded, n=1, cutoff=alike)
    return f"did you mean {by_folded[found[0]]}?" if found else ""


def arn(value: str) -> str:
    """What is wrong with an ARN that a policy names as resource; empty when nothing is (IAM User Guide, ARNs)."""
    parts = _VARIABLE.sub("*", value).split(":", 5)
    if value == "*" or (len(parts) < 6 and parts[-1].endswith("*")):
        return ""
    if len(parts) < 6:
        return f"{value} is no ARN: it has {len(parts)} of its 6 parts (arn:partition:service:region:account:resource)"
    _, partition, _, region, account, _ = parts
    for said, form, what in ((partition, _PARTITION, "partition"), (region, _REGION, "region"),
                             (account, _ACCOUNT, "account id of 12 digits")):  # fmt: skip
        if not form.fullmatch(said):
            return f"{value}: {said!r} is no {what}"
    return ""


def doubtful(path: Path, statement: dict[str, tuple[str, ...]], *, listed: frozenset[str]) -> Iterator[Mistake]:
    """What AWS stores although it means nothing. `listed`: the elements of `statement` that were written as lists."""
    for element, values in statement.items():
        for index, value in enumerate(values):
            where = (*path, element, index) if element in listed else (*path, element)
            if element.endswith("Action"):
                wrong = action(value)
                if wrong:
                    yield Mistake(where, *wrong, stored=True)
            elif what := arn(value):
                yield Mistake(where, what, stored=True)
