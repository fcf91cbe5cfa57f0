"""`extend:` of crossdock.yaml: a user's own templates, a stack each in the environments that they are for.

A parameter named as an output of the environment's root stack is given that output; `Platform` and `Environment` are
given where they are declared; everything else is said in crossdock.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.compose.shape import nearest
from crossdock.errors import Problem
from crossdock.model.platform import Environment, Extension, Platform
from crossdock.template import load

_NAMING = ("Platform", "Environment")


def path(extension: Extension) -> str:
    """Where its template lies in an assembly."""
    return f"templates/extend-{extension.name}.yaml"


def environments(platform: Platform, extension: Extension) -> tuple[Environment, ...]:
    """Those that it is for: the ones named, else all."""
    return tuple(e for e in platform.environments if not extension.environments or e.name in extension.environments)


def wired(
    platform: Platform, environment: Environment, extension: Extension, outputs: Mapping[str, Any]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Its parameters in one environment: values, and names of outputs of the root stack that it takes. `outputs` are
    those that the root stack declares."""
    declared = _parameters(extension)
    given = {"Platform": platform.name, "Environment": environment.name} | dict(extension.parameters)
    values = {name: given[name] for name in declared if name in given}
    there = outputs if environment.infrastructure is not None else {}
    return values, tuple(name for name in declared if name not in values and name in there)


def problems(platform: Platform, outputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What is said and not declared, and what is declared and nobody says."""
    for extension in platform.extensions:
        declared = _parameters(extension)
        for name in extension.parameters:
            if name not in declared:
                yield Problem(platform.position("extend", extension.name, "parameters", name),
                              f"{extension.template} has no parameter {name}", nearest(name, declared))
        for environment in environments(platform, extension):
            values, taken = wired(platform, environment, extension, outputs)
            lacking = [n for n, one in declared.items() if n not in values and n not in taken and "Default" not in one]
            if lacking:
                yield Problem(
                    platform.position("extend", extension.name),
                    f"{extension.template} needs {', '.join(lacking)} in {environment.name}",
                    f"say {lacking[0]} under parameters, or name it as an output of the environment: "
                    f"{', '.join(sorted(outputs))}",
                )


def _parameters(extension: Extension) -> Mapping[str, Any]:
    return load(extension.text, extension.template).body.get("Parameters") or {}
