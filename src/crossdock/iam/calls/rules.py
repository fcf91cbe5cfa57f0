"""What one operation needs, as data, and where it is kept.

`data/calls/<service>.json` holds what `scripts/build_iam_data.py` derives from botocore's models and the Service
Authorization Reference; `tables/<service>.py` holds what is written by hand, and wins. An operation in neither is
`Unmapped`.
"""

from __future__ import annotations

import importlib
import json
import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.util import find_spec
from typing import Any

from crossdock.iam.calls.ask import Unmapped
from crossdock.iam.calls.paths import Params


@dataclass(frozen=True, slots=True)
class Rule:
    """One action that an operation needs.

    resources  templates: `${Partition}`, `${Region}`, `${Account}` as the Service Authorization Reference writes them;
               `{Path}` and `{kind:Path}` are filled from the parameters (paths.py, fill.py). One whose parameter is
               missing counts for nothing; when none is left, the resource is `*`
    context    condition key -> spec of its value, or a template; a key that ends in `*` spreads a map over keys; specs
               that end in `[]` or `{}` give multivalued keys
    when       conditions (paths.holds) that must all hold, else this rule asks nothing
    owner      spec of the 12 digits of the resource's owner where neither ARN nor caller tells; `""` = the store tells
    each       a list whose elements each make the ask; in templates and context the element is `@`
    """

    action: str
    resources: tuple[str, ...] = ("*",)
    context: Mapping[str, str] = field(default_factory=dict)
    when: tuple[str, ...] = ()
    owner: str | None = None
    each: str = ""


Rules = tuple[Rule, ...]
Prepare = Callable[[str, Params], Params]


@dataclass(frozen=True, slots=True)
class Table:
    """All rules of one service. `prepare` takes apart parameters whose one string says several things."""

    service: str
    rules: Mapping[str, Rules]
    undecided: Mapping[str, str]
    prepare: Prepare | None = None

    def of(self, operation: str) -> Rules:
        """The rules of an operation. Raises Unmapped."""
        if operation not in self.rules:
            raise Unmapped(self.service, operation, self.undecided.get(operation, ""))
        return self.rules[operation]


@cache
def table(service: str) -> Table:
    """The table of a service by botocore's name; an unknown service has an empty one."""
    written, prepare = _written(service)
    generated, undecided = _generated(service)
    return Table(service, {**generated, **written}, undecided, prepare)


def operations(service: str) -> tuple[str, ...]:
    """All operations that the tables hold for a service."""
    return tuple(sorted(table(service).rules))


def module_name(service: str) -> str:
    """The module in `tables/` that holds what is written by hand about a service."""
    name = service.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def _written(service: str) -> tuple[Mapping[str, Rules], Prepare | None]:
    name = f"crossdock.iam.calls.tables.{module_name(service)}"
    if not module_name(service).isidentifier() or find_spec(name) is None:
        return {}, None
    module = importlib.import_module(name)
    return module.RULES, getattr(module, "prepare", None)


def _generated(service: str) -> tuple[dict[str, Rules], Mapping[str, str]]:
    file = resources.files("crossdock.iam") / "data" / "calls" / f"{service}.json"
    if not file.is_file():
        return {}, {}
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    rules = {name: tuple(_rule(rule) for rule in found) for name, found in document["operations"].items()}
    return rules, document["undecided"]


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        data["action"], tuple(data.get("resources", ("*",))), data.get("context", {}), tuple(data.get("when", ())),
        each=data.get("each", ""),
    )
