"""What a caller asks for, checked and settled before anything is done: template, macros, parameters, capabilities."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from crossdock.errors import Problem, TemplateError
from crossdock.local.cloudformation import attributes, fetch, macros
from crossdock.local.cloudformation import capabilities as acknowledged
from crossdock.local.cloudformation.knowledge import invalid, parameter, parameter_attribute, pseudo, scope
from crossdock.local.cloudformation.resources import coverage
from crossdock.local.cloudformation.state import Stack, Target
from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller
from crossdock.template import (
    Document,
    Pseudo,
    Scope,
    Unresolved,
    extensions,
    graph,
    load,
    parameters,
    resolve,
    rules,
    sam,
    schema,
    structure,
    transforms,
)
from crossdock.template.functions import intrinsic
from crossdock.template.problems import mistake

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core
    from crossdock.local.world import World

MEASURED: ContextVar[bool] = ContextVar("measured", default=False)
"""Set while CloudFormation hands a template on to itself (stack sets): its size was checked when it came."""


def text(world: World, call: Call, previous: str | None = None) -> str:
    """The template that a call names: TemplateBody, TemplateURL, or the stack's present one."""
    given = call.params
    if "TemplateBody" in given and "TemplateURL" in given:
        raise AwsError("ValidationError", "Only one of Template URL or Template Body can be specified.")
    if "TemplateBody" in given:
        body = str(given["TemplateBody"])
        if len(body.encode()) > structure.INLINE_BYTES and not MEASURED.get():
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{body[:40]}...' at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {structure.INLINE_BYTES}",
            )
        return body
    if "TemplateURL" in given:
        caller = call.caller.via("cloudformation.amazonaws.com")
        return fetch.template(world, given["TemplateURL"], caller, call.region)
    if given.get("UsePreviousTemplate") and previous is not None:
        return previous
    raise AwsError("ValidationError", "Either Template URL or Template Body must be specified.")


def no_previous_value(name: str) -> AwsError:
    return AwsError(
        "ValidationError",
        f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key not in "
        "the previous template",
    )


def checked(body: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """Raises AwsError for parameters that break what the template says of them; SSM parameters aren't read."""
    try:
        parameters.resolve(body, given)
    except TemplateError as error:
        raise invalid(error) from error


def read(text: str) -> Document:
    """A template read and checked for its form, before any transform. Raises TemplateError."""
    document = load(text)
    if problems := structure.validate(document):
        raise TemplateError(problems)
    return document


def build(
    engine: Core,
    stack: Stack,
    caller: Caller,
    body: str,
    *,
    given: Mapping[str, str],
    previous: Mapping[str, str] | None = None,
    capabilities: Iterable[str] = (),
    tags: Mapping[str, str] | None = None,
    notification_arns: tuple[str, ...] = (),
    check: bool = True,
) -> Target:
    """The target of a creation or update. Raises AwsError as the API words it; NotEmulated never passes unnamed.

    caller  whose rights read SSM parameters: the stack's role, or the caller by forward access
    check   whether missing capabilities are an error (change sets and updates: yes; summaries: no)
    """
    try:
        document = read(body)
        source = document.body
        values = parameters.resolve(
            source, given, previous=previous, ssm=lambda name: parameter(engine, stack.region, caller, name)
        )
        if check:
            acknowledged.check((), macros.acknowledged(source), capabilities)
            macros.may_transform(engine, stack, caller, source)
        mine = pseudo(engine, stack)
        known = Scope(parameters=values, mappings=source.get("Mappings") or {}, conditions={}, pseudo=mine)
        made_by = macros.Macros(engine, stack, caller, known)
        expanded = macros.expand(made_by, source, partial(_hosted, scope=known))
        extended = transforms.LANGUAGE_EXTENSIONS in transforms.declared(source)
        look = structure.made if macros.acknowledged(source) == [sam.SERVERLESS] else \
            partial(_made_by_others, extended=extended)
        if expanded != source and (problems := look(document, expanded)):
            raise TemplateError(problems)
        _check_rules(expanded, values, mine, partial(parameter_attribute, engine, stack.region, caller))
        target = Target(
            text=body, body=expanded, parameters=values, capabilities=tuple(capabilities), tags=dict(tags or {}),
            given=parameters.stored(expanded, given, previous=previous), notification_arns=notification_arns,
            conditions=resolve.conditions(expanded, known),
        )  # fmt: skip
        graph.waves(graph.dependencies(expanded, target.conditions))
        graph.check_outputs(expanded, target.conditions)
    except TemplateError as error:
        raise invalid(error) from error
    if check:
        acknowledged.check(target.resources.values(), [], capabilities)
    try:
        _check_resources(engine, stack, target, caller, extended=extended)
        _check_outputs(engine, stack, target, caller)
    except TemplateError as error:
        raise invalid(error) from error
    return target


def _check_rules(body: Mapping[str, Any], values: Mapping[str, Any], mine: Pseudo, lookup: rules.Lookup) -> None:
    try:
        rules.check(body, values, mine, lookup)
    except Unresolved as error:
        raise AwsError(
            "ValidationError", f"Template format error: Unresolved dependencies [{error.logical_id}]. Cannot reference "
                               "resources in the Rules block of the template") from error  # fmt: skip


def _made_by_others(document: Document, body: dict[str, Any], *, extended: bool) -> list[Problem]:
    """Every problem of what a function made, which need be no template at all. `extended`: functions of the language
    extensions may be left in it."""
    if extended and isinstance(body, dict):
        body = {**body, "Transform": [*transforms.declared(body), transforms.LANGUAGE_EXTENSIONS]}
    return structure.validate(dataclasses.replace(document, body=body))


def _hosted(macro: str, body: dict[str, Any], *, scope: Scope) -> dict[str, Any]:
    """The template after a transform that CloudFormation hosts."""
    try:
        if macro == transforms.LANGUAGE_EXTENSIONS:
            return extensions.expand(body, scope)
        given, pseudo = scope.parameters, scope.pseudo
        return sam.transform(body, given, region=pseudo.region, account=pseudo.account, partition=pseudo.partition)
    except TemplateError as error:
        raise TransformFailed(macro, error) from error
    except Unresolved as error:
        said = f"Template format error: Unresolved dependencies [{error.logical_id}]"
        raise macros.MacroFailed(f"Transform {macro} failed with: {said}") from error


class TransformFailed(macros.MacroFailed):
    """A macro says no; a change set tells it in its status, everything else at once."""

    def __init__(self, macro: str, error: TemplateError) -> None:
        said = " ".join(problem.what for problem in error.problems)
        if macro == sam.SERVERLESS:
            said = (
                "Invalid Serverless Application Specification document. Number of errors found: "
                f"{len(error.problems)}. {said}"
            )
        super().__init__(f"Transform {macro} failed with: {said}")


def _computed(value: Any, known: Scope) -> Any:
    try:
        return resolve.resolve(value, known)
    except (TemplateError, AwsError, Unresolved):
        return value


def _check_resources(engine: Core, stack: Stack, target: Target, caller: Caller, *, extended: bool) -> None:
    """Refuse by name, before anything is made, what no handler would do. Raises TemplateError for functions that can't
    be evaluated, as far as their arguments are known before there is a resource."""
    known = scope(engine, stack, target, caller, pending=dict.fromkeys(target.resources))
    problems: list[str] = []
    if unknown := sorted({d["Type"] for d in target.resources.values() if _is_unknown(d["Type"])}):
        raise AwsError("ValidationError", f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    for name, declared in target.resources.items():
        try:
            properties = resolve.partial(declared.get("Properties") or {}, known)
        except AwsError:  # what isn't there now may be there when the resource's turn has come
            properties = declared.get("Properties") or {}
        problems += [f"{name}: {what}" for what in coverage.problems(declared["Type"], properties or {})]
        handler = coverage.HANDLERS.get(declared["Type"])
        kept = handler is not None and handler.snapshot is not None
        if extended:
            computed = {n: _computed(declared[n], known) for n in attributes.POLICIES if n in declared}
            declared = {**declared, **computed}  # noqa: PLW2901  it is looked at as what it comes to
        problems += [what if what.startswith("Template ") else f"{name}: {what}"  # as AWS words it
                     for what in attributes.problems(declared, can_snapshot=kept)]
    if problems:
        raise AwsError("ValidationError", "; ".join(problems))


def _is_unknown(type_name: str) -> bool:
    """Whether neither CloudFormation nor anything here has such a type."""
    return not (type_name.startswith("Custom::") or type_name in coverage.HANDLERS or schema.of(type_name))


def _check_outputs(engine: Core, stack: Stack, target: Target, caller: Caller) -> None:
    """Raises TemplateError for outputs of which it shows already that they can't be evaluated, or that they are no text
    (User Guide, "Outputs section")."""
    known = scope(engine, stack, target, caller, pending=dict.fromkeys(target.resources))
    for name, declared in (target.body.get("Outputs") or {}).items():
        if "Condition" in declared and not target.conditions.get(declared["Condition"], False):
            continue
        try:
            value = resolve.partial(declared["Value"], known)
            resolve.partial(declared.get("Export") or {}, known)
        except AwsError:  # an import or a secret that isn't there: the stack fails by it, not the request
            continue
        if isinstance(value, list) or (isinstance(value, dict) and not intrinsic(value)):
            raise mistake(no_text(name))


def no_text(output: str) -> str:
    """What is said of an output that is no text."""
    said = "The Value field of every Outputs member must evaluate to a String."
    return f"Template format error: Output {output} is malformed. {said}"
