"""What an update would do, in the shape of DescribeChangeSet. Nothing is changed here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.errors import TemplateError
from crossdock.local.cloudformation import imports
from crossdock.local.cloudformation.events import now
from crossdock.local.cloudformation.knowledge import invalid, pseudo
from crossdock.local.cloudformation.state import STACK_TYPE, ChangeSet, Stack, Target
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller
from crossdock.local.store import zones
from crossdock.template import Scope, differences, resolve
from crossdock.template.references import references

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
_REPLACEMENT = {"always": "True", "conditional": "Conditional", "never": "False"}
_RECREATION = {"always": "Always", "conditional": "Conditionally", "never": "Never"}


def _scope(engine: Core, stack: Stack, target: Target) -> Scope:
    """What is known of a target while nothing is made: references stay as they are."""
    return Scope(
        parameters=target.parameters, mappings=target.body.get("Mappings") or {}, conditions=target.conditions,
        pseudo=pseudo(engine, stack), zones=zones.names,
        import_value=lambda name: engine.export(stack.account, stack.region, name),
        dynamic=lambda service, rest: f"{{{{resolve:{service}:{rest}}}}}",
    )  # fmt: skip


def _known(engine: Core, stack: Stack, target: Target) -> dict[str, Any]:
    return differences.known(target.body, _scope(engine, stack, target))


def compare(engine: Core, stack: Stack, target: Target) -> tuple[differences.ResourceChange, ...]:
    """What happens to each resource on the way from what the stack is to the target. Raises AwsError."""
    try:
        old = {} if stack.status == "REVIEW_IN_PROGRESS" else _known(engine, stack, stack.target)
        return differences.between(old, _known(engine, stack, target))
    except TemplateError as error:
        raise invalid(error) from error


def differs(engine: Core, stack: Stack, target: Target) -> bool:
    """Whether an update would do anything. A nested stack counts as something: its template may have changed."""
    if stack.before is not None or compare(engine, stack, target) or dict(stack.target.tags) != dict(target.tags):
        return True
    if any(declared["Type"] == STACK_TYPE for declared in target.resources.values()):
        return True
    return bool(_outputs(engine, stack, stack.target) != _outputs(engine, stack, target))


def _outputs(engine: Core, stack: Stack, target: Target) -> Any:
    known = _scope(engine, stack, target)
    try:
        return {
            name: resolve.partial(declared, known)
            for name, declared in (target.body.get("Outputs") or {}).items()
            if "Condition" not in declared or target.conditions.get(declared["Condition"])
        }
    except TemplateError as error:
        raise invalid(error) from error


def describe(stack: Stack, change: differences.ResourceChange, target: Target) -> dict[str, Any]:
    """One change as the API answers it."""
    held = stack.resources.get(change.logical_id)
    shown: dict[str, Any] = {
        "Action": change.action, "LogicalResourceId": change.logical_id, "ResourceType": change.type,
        "Scope": [], "Details": [],
    }  # fmt: skip
    if held is not None and held.physical_id:
        shown["PhysicalResourceId"] = held.physical_id
    if change.action == "Modify":
        shown["Replacement"] = _REPLACEMENT[change.replacement]
        shown["Scope"] = list(change.scope)
        shown["Details"] = [each for detail in change.details for each in _details(stack, change, target, detail)]
    if change.action == "Remove" and held is not None:
        policy = held.deletion_policy
        shown["PolicyAction"] = "Delete" if policy == "Delete" else "Retain"
    if change.replacement != "never":
        declared = target.resources.get(change.logical_id, {})
        kept = declared.get("UpdateReplacePolicy", "Delete") != "Delete"
        shown["PolicyAction"] = "ReplaceAndRetain" if kept else "ReplaceAndDelete"
    return {"Type": "Resource", "ResourceChange": shown}


def _details(
    stack: Stack, change: differences.ResourceChange, target: Target, detail: differences.Detail
) -> Iterator[dict[str, Any]]:
    """A property that is written as before and changes with parameters is told twice: by the parameters that it refers
    to, and as a modification whose value turns out (API reference, ResourceChangeDetail; User Guide, "Example change
    sets", modifying a parameter value)."""
    before, after = (_written(one, change.logical_id, detail.name) for one in (stack.target, target))
    changed = [
        name for name in dict.fromkeys(reference.name for reference in references(after))
        if name in target.parameters and target.parameters[name] != stack.target.parameters.get(name)
    ] if detail.source == "DirectModification" and before == after else []
    for name in changed:
        yield _detail(detail) | {"ChangeSource": "ParameterReference", "CausingEntity": name}
    yield _detail(detail) | ({"Evaluation": "Dynamic"} if changed else {})


def _written(target: Target, resource: str, name: str) -> Any:
    declared = (target.body.get("Resources") or {}).get(resource) or {}
    return (declared.get("Properties") or {}).get(name)


def _detail(detail: differences.Detail) -> dict[str, Any]:
    place: dict[str, Any] = {"Attribute": detail.attribute, "RequiresRecreation": _RECREATION[detail.recreation]}
    if detail.attribute == "Properties":
        place["Name"] = detail.name
    shown = {"Target": place, "Evaluation": detail.evaluation, "ChangeSource": detail.source}
    return {**shown, "CausingEntity": detail.cause} if detail.cause else shown


def make(
    engine: Core, stack: Stack, params: Mapping[str, Any], arn: str, target: Target | AwsError, caller: Caller
) -> ChangeSet:
    """A change set of a stack. `target` may be the error of a transform: then it is a failed one that says so."""
    made = ChangeSet(
        id=arn, name=params["ChangeSetName"], kind=params.get("ChangeSetType", "UPDATE"), created=now(),
        status="FAILED", description=params.get("Description", ""), role=params.get("RoleARN", stack.role),
        nested=bool(params.get("IncludeNestedStacks", False)), on_failure=params.get("OnStackFailure", ""),
    )  # fmt: skip
    if isinstance(target, AwsError):
        made.reason = target.message
        return made
    made.target = target
    if made.kind == "IMPORT":
        made.imports = imports.asked(stack, target, params.get("ResourcesToImport") or ())
        made.changes = imports.changes(stack, target, compare(engine, stack, target), made.imports)
        made.status, made.execution = "CREATE_COMPLETE", "AVAILABLE"
        return made
    made.changes = [describe(stack, change, target) for change in compare(engine, stack, target)]
    changed = {entry["ResourceChange"]["LogicalResourceId"] for entry in made.changes}
    fresh = stack.status == "REVIEW_IN_PROGRESS"
    if not fresh:
        if dict(stack.target.tags) != dict(target.tags):
            made.changes += [_touched(stack, name, "Tags") for name in stack.resources if name not in changed]
        else:
            made.changes += [
                _touched(stack, name, "Properties", evaluation="Dynamic", source="Automatic")
                for name, declared in target.resources.items()
                if declared["Type"] == STACK_TYPE and name not in changed
            ]
    if made.nested:
        from crossdock.local.cloudformation import nested_changes

        nested_changes.add(engine, stack, made, caller)
        if made.reason:
            return made
    if not fresh and not (made.changes if made.nested and not made.children else differs(engine, stack, target)):
        made.reason = NO_CHANGES
        return made
    made.status, made.execution = "CREATE_COMPLETE", "AVAILABLE"
    return made


def is_only_looked_at(entry: Mapping[str, Any]) -> bool:
    """Whether a nested stack is among the changes only because its template may have changed."""
    return bool([detail.get("ChangeSource") for detail in entry["ResourceChange"]["Details"]] == ["Automatic"])


def _touched(
    stack: Stack, name: str, attribute: str, *, evaluation: str = "Static", source: str = "DirectModification"
) -> dict[str, Any]:
    held = stack.resources[name]
    place = {"Attribute": attribute, "RequiresRecreation": "Never"}
    return {"Type": "Resource", "ResourceChange": {
        "Action": "Modify", "LogicalResourceId": name, "PhysicalResourceId": held.physical_id,
        "ResourceType": held.type, "Replacement": "False", "Scope": [attribute],
        "Details": [{"Target": place, "Evaluation": evaluation, "ChangeSource": source}],
    }}  # fmt: skip


def arn(stack: Stack, name: str, partition: str) -> str:
    return f"arn:{partition}:cloudformation:{stack.region}:{stack.account}:changeSet/{name}/{uuid.uuid4()}"
