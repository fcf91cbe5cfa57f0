"""Bringing resources that exist into a stack: change sets of type IMPORT.

Source: CloudFormation User Guide, "Import AWS resources into a CloudFormation stack", "Resource import status codes".
A type can be imported when its drift can be detected: only then can it be told whether the resource is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from crossdock.local.cloudformation import schedule
from crossdock.local.cloudformation.drift import present
from crossdock.local.cloudformation.events import failed_to, resource_event, stack_event
from crossdock.local.cloudformation.operations import outputs
from crossdock.local.cloudformation.resources.coverage import handler_of
from crossdock.local.cloudformation.resources.handler import Failed, with_stack_tags
from crossdock.local.cloudformation.run import EXPECTED, Run, reason
from crossdock.local.cloudformation.state import ChangeSet, Resource, Stack, Target
from crossdock.local.cloudformation.work import wanted
from crossdock.local.engine import AwsError
from crossdock.template import differences, graph, schema

TAGGED = "Apply stack-level tags to imported resource if applicable."
_OTHER_ID = frozenset({"AWS::Events::Rule"})
"""Types whose identifier isn't their physical id."""


def identifiers(kind: str) -> tuple[str, ...]:
    """The properties that identify a resource of this type for an import; empty: it can't be imported here."""
    facts = schema.of(kind)
    if facts is None or present.reader_of(kind) is None or kind in _OTHER_ID or len(facts.primary_identifier) != 1:
        return ()
    return facts.primary_identifier


def summaries(resources: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """ResourceIdentifierSummaries of a template."""
    names: dict[str, list[str]] = {}
    for name, declared in resources.items():
        if identifiers(str(declared.get("Type"))):
            names.setdefault(str(declared["Type"]), []).append(name)
    return [
        {"ResourceType": kind, "LogicalResourceIds": held, "ResourceIdentifiers": list(identifiers(kind))}
        for kind, held in names.items()
    ]


def asked(stack: Stack, target: Target, given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Logical id -> physical id of what a change set imports. Raises AwsError as CloudFormation words it."""
    found: dict[str, str] = {}
    for entry in given:
        name, kind = entry["LogicalResourceId"], entry["ResourceType"]
        declared = target.resources.get(name)
        if declared is None or declared["Type"] != kind:
            raise AwsError("ValidationError", f"Resources to import [{name}] must be present in the template.")
        keys = identifiers(kind)
        if not keys:
            raise AwsError("ValidationError", f"ResourceTypes [{kind}] are not supported for Import")
        value = dict(entry["ResourceIdentifier"])
        if tuple(value) != keys or not value[keys[0]]:
            raise AwsError(
                "ValidationError", f"Resource identifier of {name} must be [{', '.join(keys)}], not "
                                   f"[{', '.join(value)}]")  # fmt: skip
        found[name] = str(value[keys[0]])
    held = {} if stack.status == "REVIEW_IN_PROGRESS" else stack.resources
    if missing := [name for name in target.resources if name not in held and name not in found]:
        raise AwsError("ValidationError", f"Resources [{', '.join(missing)}] is missing from ResourceToImport list")
    if again := [name for name in found if name in held]:
        raise AwsError("ValidationError", f"Resources [{', '.join(again)}] passed in ResourceToImport already exist")
    if loose := [name for name in found if "DeletionPolicy" not in target.resources[name]]:
        raise AwsError(
            "ValidationError", f"The following resources to import [{', '.join(loose)}] must have DeletionPolicy "
                               "attribute specified in the template.")  # fmt: skip
    return found


def changes(stack: Stack, target: Target, changed: Sequence[differences.ResourceChange], found: Mapping[str, str]) -> (
    list[dict[str, Any]]
):
    """The change set's entries. Raises AwsError when anything but the import would happen."""
    if other := [one.logical_id for one in changed if one.logical_id not in found]:
        raise AwsError(
            "ValidationError",
            f"You have modified resources [{', '.join(other)}] in your template that are not being imported. Update, "
            "create or delete operations cannot be executed during import operations.",
        )
    held = {} if stack.status == "REVIEW_IN_PROGRESS" else stack.target.body
    if (target.body.get("Outputs") or {}) != (held.get("Outputs") or {}):
        raise AwsError("ValidationError", "As part of the import operation, you cannot modify or add [Outputs]")
    return [
        {"Type": "Resource", "ResourceChange": {
            "Action": "Import", "LogicalResourceId": name, "PhysicalResourceId": physical_id,
            "ResourceType": target.resources[name]["Type"], "Scope": [], "Details": []}}
        for name, physical_id in found.items()
    ]  # fmt: skip


def perform(run: Run, change: ChangeSet, before: Target | None) -> bool:
    """A stack in IMPORT_IN_PROGRESS takes the resources in, all or none. `before`: None for a new stack."""
    stack = run.stack
    run.order = graph.dependencies(stack.target.body, stack.target.conditions)
    order = {name: needs & change.imports.keys() for name, needs in run.order.items() if name in change.imports}
    failed, _ = schedule.run(order, partial(_take_in, run, change.imports))
    if not failed:
        stack.outputs = outputs(run)
        stack_event(stack, "IMPORT_COMPLETE")
        return True
    stack_event(stack, "IMPORT_ROLLBACK_IN_PROGRESS", failed_to("import", failed))
    for name in change.imports:
        stack.resources.pop(name, None)
    stack.target = before or Target(text=stack.target.text, body={})
    stack_event(stack, "IMPORT_ROLLBACK_COMPLETE")
    return False


def _take_in(run: Run, imports: Mapping[str, str], name: str) -> bool:
    stack = run.stack
    resource = Resource(logical_id=name, type=stack.target.resources[name]["Type"], physical_id=imports[name])
    stack.resources[name] = resource
    resource_event(stack, resource, "IMPORT_IN_PROGRESS", "Resource import started.")
    reader = present.reader_of(resource.type)
    try:
        if reader is None:
            raise Failed(f"{resource.type} can't be imported")
        declared = wanted(run, name)
        declared.physical_id = resource.physical_id
        stack.resources[name] = resource = declared
        _must_name_the_same(resource)
        context, handler = run.context(resource), handler_of(resource.type)
        reader.read(context, resource.physical_id, resource.properties)
        resource.attributes = handler.read(context, resource.physical_id, resource.properties)
        resource_event(stack, resource, "IMPORT_COMPLETE", "Resource import completed.")
        _tag(run, resource)
    except EXPECTED as error:
        resource_event(stack, resource, "IMPORT_FAILED", reason(error, resource))
        return False
    return True


def _must_name_the_same(resource: Resource) -> None:
    key = identifiers(resource.type)[0]
    named = resource.properties.get(key, resource.physical_id)
    if named != resource.physical_id:
        raise Failed(f"The Identifier [{key}] for resource [{resource.logical_id}] must match the template's {named}.")


def _tag(run: Run, resource: Resource) -> None:
    handler, tags = handler_of(resource.type), run.stack.target.tags
    if not tags or not handler.tags or handler.update is None:
        return
    resource_event(run.stack, resource, "UPDATE_IN_PROGRESS", TAGGED)
    mine = {key: value for key, value in resource.properties.items() if key != "Tags"}
    handler.update(run.context(resource), resource.physical_id, mine, with_stack_tags(handler, mine, tags))
    resource_event(run.stack, resource, "UPDATE_COMPLETE")
