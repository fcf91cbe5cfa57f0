"""The access that a plan adds and takes away: what policies say now, against what they will say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crossdock.errors import PolicyError, TemplateError, UsageError
from crossdock.model.assembly import Assembly, Asset, Literal, Output, Stack
from crossdock.model.plan import Access, Observed, ObservedStack
from crossdock.prove import stage
from crossdock.prove.against import against


def access(assembly: Assembly, observed: Observed, texts: Mapping[str, str]) -> Access:
    """Grants and denials of the platform's own policies that come and go. `texts`: the assembly's templates, by path.

    Both sides are deployed on paper with the parameters that stacks have now, so that what differs is what was written.
    """
    before: dict[str, str] = dict(texts)
    there = [_as_it_is(stack, observed.stacks[stack.id], before) for stack in assembly.stacks
             if stack.id in observed.stacks and observed.stacks[stack.id].template]
    then = [_with_values(stack, observed) for stack in assembly.stacks]
    try:
        old = stage(replace(assembly, stacks=tuple(there), deliveries=()), before, {})
        new = stage(replace(assembly, stacks=tuple(then), deliveries=()), texts, {})
        found = against(new, old)
    except (PolicyError, TemplateError, UsageError) as error:
        # Such as a template of another version, which asks for other values.
        return Access(unknown=str(error))
    return Access(added=tuple(map(str, found.added)), removed=tuple(map(str, found.removed)))


def _as_it_is(stack: Stack, seen: ObservedStack, texts: dict[str, str]) -> Stack:
    path = f"{stack.id} as it is"
    texts[path] = seen.template
    texts |= seen.nested
    nested = tuple(Asset(path=key, key=key, sha256="") for key in seen.nested)
    return replace(stack, template=path, parameters={k: Literal(value=v) for k, v in seen.parameters.items()},
                   assets=nested or stack.assets)


def _with_values(stack: Stack, observed: Observed) -> Stack:
    """With what other stacks give already; what isn't there yet stays a reference."""
    def known(value: Literal | Output) -> Literal | Output:
        if isinstance(value, Output) and value.stack in observed.stacks:
            given = observed.stacks[value.stack].outputs.get(value.name)
            return Literal(value=given) if given is not None else value
        return value

    return replace(stack, parameters={name: known(value) for name, value in stack.parameters.items()})
