"""From one API call to what it asks of IAM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crossdock.iam.calls.ask import Ask, ResolveEntity, ResolveKey, Value
from crossdock.iam.calls.fill import fill, is_template, literal, owner_of
from crossdock.iam.calls.kinds import Place
from crossdock.iam.calls.paths import Params, as_map, holds, text, values
from crossdock.iam.calls.rules import Rule, table


def asks(
    service: str,
    operation: str,
    params: Params,
    *,
    account: str,
    region: str,
    partition: str = "aws",
    resolve_key: ResolveKey | None = None,
    resolve_entity: ResolveEntity | None = None,
) -> tuple[Ask, ...]:
    """Every action on every resource that the call itself needs of its caller, the main one first.

    `params` are the request's members by botocore's names. All asks must be allowed; none means that the call needs no
    permission. What AWS services then do in the caller's name (forward access: S3 asking KMS) is not among them.
    Raises Unmapped.
    """
    return tuple(_asks(service, operation, params, Place(account, region, partition, resolve_key, resolve_entity)))


def target_account(service: str, operation: str, params: Params) -> str | None:
    """The account that the parameters name as the owner of what is called: by the ARN of a key, function, topic, bus or
    secret, a queue URL, a `registryId`. None when they name none, or several. Raises Unmapped.

    For AssumeRole it is the account of the role assumed.
    """
    place, main, owners = Place("", "", "aws"), "", set()
    found = table(service)
    given = found.prepare(operation, params) if found.prepare else params
    for rule in found.of(operation):
        if main in ("", rule.action):
            told = {_owner(rule, resource, one, place)
                    for one in _each(rule, given) for resource, _ in _resources(rule, one, place)}
            owners |= told
            main = rule.action if told else main
    return (owners.pop() or None) if len(owners) == 1 else None


def _asks(service: str, operation: str, params: Params, place: Place) -> Iterator[Ask]:
    found = table(service)
    rules = found.of(operation)
    given = found.prepare(operation, params) if found.prepare else params
    seen: set[tuple[str, str, str]] = set()
    for rule in rules:
        for ask in _of(rule, given, place):
            identity = (ask.action, ask.resource, repr(sorted(ask.context.items())))
            if identity not in seen:
                seen.add(identity)
                yield ask


def _of(rule: Rule, params: Params, place: Place) -> Iterator[Ask]:
    for one in _each(rule, params):
        resources = _resources(rule, one, place)
        context = _context(rule.context, one, place) if resources else {}
        for resource, unresolved in resources:
            yield Ask(rule.action, resource, _owner(rule, resource, one, place), context, unresolved)


def _each(rule: Rule, params: Params) -> Iterator[Params]:
    """The parameters, once for each item of a list that the rule speaks of."""
    if rule.each:
        for item in values(params, rule.each + "[]"):
            yield {**params, "@": item}
    else:
        yield params


def _resources(rule: Rule, params: Params, place: Place) -> list[tuple[str, bool]]:
    """Resources that the rule asks for, and whether their names are known in part only; none where it doesn't apply."""
    if not all(holds(params, condition) for condition in rule.when):
        return []
    return [filled for template in rule.resources for filled in fill(template, params, place)] or [("*", False)]


def _owner(rule: Rule, resource: str, params: Params, place: Place) -> str:
    if rule.owner is not None:
        return literal(params, rule.owner) if rule.owner else ""
    return owner_of(resource) or place.account


def _context(specs: Mapping[str, str], params: Params, place: Place) -> dict[str, Value]:
    context: dict[str, Value] = {}
    for key, spec in specs.items():
        if is_template(spec):
            filled = [value for value, _ in fill(spec, params, place) if value]
            if filled:
                context[key] = filled[0]
            continue
        found = values(params, spec)
        if key.endswith("*"):
            context.update({key[:-1] + name: value for name, value in as_map(found).items()})
        elif spec.endswith("{}"):
            if keys := tuple(dict.fromkeys(text(value) for value in found)):
                context[key] = keys
        elif spec.endswith("[]"):
            if found:
                context[key] = tuple(text(value) for value in found)
        elif found and isinstance(found[0], str | bool | int | float | bytes):
            context[key] = text(found[0])
    return context
