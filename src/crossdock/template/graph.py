"""The order in which resources can be made: each after what it refers to.

Source: CloudFormation User Guide, "DependsOn attribute", "Troubleshooting" (circular dependencies).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crossdock.template.problems import mistake
from crossdock.template.references import references

_IGNORED = frozenset({"Type", "DependsOn", "Condition"})


def active(body: Mapping[str, Any], conditions: Mapping[str, bool]) -> list[str]:
    """Logical ids of the resources that exist under these conditions, in the template's order."""
    resources: Mapping[str, Any] = body.get("Resources") or {}
    return [name for name, resource in resources.items() if _holds(name, resource.get("Condition"), conditions)]


def dependencies(body: Mapping[str, Any], conditions: Mapping[str, bool]) -> Mapping[str, frozenset[str]]:
    """Logical id -> logical ids it needs (Ref, GetAtt, Sub, DependsOn), of resources whose condition holds.

    DependsOn on a resource whose condition doesn't hold is no dependency; a reference to one raises TemplateError.
    """
    resources: Mapping[str, Any] = body.get("Resources") or {}
    alive = set(active(body, conditions))
    result: dict[str, frozenset[str]] = {}
    missing: dict[str, None] = {}
    for name, resource in resources.items():
        if name not in alive:
            continue
        content = {key: value for key, value in resource.items() if key not in _IGNORED}
        named = {r.name for r in references(content, conditions) if r.name in resources}
        missing.update(dict.fromkeys(sorted(named - alive)))
        depends_on = resource.get("DependsOn") or []
        explicit = [depends_on] if isinstance(depends_on, str) else depends_on
        result[name] = frozenset(named | {other for other in explicit if other in alive})
    _refuse(missing, "Resources")
    return result


def check_outputs(body: Mapping[str, Any], conditions: Mapping[str, bool]) -> None:
    """Raises TemplateError for outputs that exist and refer to resources that don't, under these conditions."""
    resources, alive = body.get("Resources") or {}, set(active(body, conditions))
    missing: dict[str, None] = {}
    for output in (body.get("Outputs") or {}).values():
        if "Condition" not in output or conditions.get(output["Condition"]):
            named = {reference.name for reference in references(output, conditions) if reference.name in resources}
            missing.update(dict.fromkeys(sorted(named - alive)))
    _refuse(missing, "Outputs")


def _refuse(missing: Iterable[str], block: str) -> None:
    if missing:
        raise mistake(
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in the {block} block of "
            "the template", hint="the resource's condition does not hold",
        )  # fmt: skip


def waves(dependencies: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Logical ids in groups: each needs only ids of earlier groups. Within a group, the order of `dependencies`.

    Raises TemplateError naming the resources that wait for each other.
    """
    result: list[list[str]] = []
    left = dict(dependencies)
    done: set[str] = set()
    while left:
        wave = [name for name, needs in left.items() if needs <= done or not (needs - done) & dependencies.keys()]
        if not wave:
            raise mistake(f"Circular dependency between resources: [{', '.join(_circular(left, done))}]")
        result.append(wave)
        done.update(wave)
        for name in wave:
            del left[name]
    return result


def _circular(left: Mapping[str, frozenset[str]], done: set[str]) -> Iterable[str]:
    """Of what can't be ordered, the resources that need themselves through others (not those that only wait)."""
    return [name for name in left if name in set(_reached(name, left, done))]


def _reached(start: str, left: Mapping[str, frozenset[str]], done: set[str]) -> Iterator[str]:
    seen: set[str] = set()
    pending = [start]
    while pending:
        for name in left.get(pending.pop(), frozenset()) - done - seen:
            seen.add(name)
            pending.append(name)
            yield name


def _holds(name: str, condition: Any, conditions: Mapping[str, bool]) -> bool:
    if condition is None:
        return True
    if condition not in conditions:
        raise mistake(
            f"Template format error: Unresolved condition dependency {condition} in the Resources block of the "
            "template", hint=f"resource {name}",
        )  # fmt: skip
    return conditions[condition]
