"""One resource on its way: made, updated, replaced, restored, removed. Each tells whether it worked; events say why."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

from botocore.exceptions import ClientError

from crossdock.local.cloudformation import attributes, existing, nested, policies, properties, signals
from crossdock.local.cloudformation.events import now, resource_event
from crossdock.local.cloudformation.knowledge import scope
from crossdock.local.cloudformation.resources.coverage import handler_of
from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, is_missing, with_stack_tags
from crossdock.local.cloudformation.run import EXPECTED, Run, reason
from crossdock.local.cloudformation.state import STACK_TYPE, Resource
from crossdock.template import resolve, schema

REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."
CANCELLED = {"CREATE": "Resource creation cancelled", "UPDATE": "Resource update cancelled"}


def wanted(run: Run, name: str) -> Resource:
    """The resource as the target declares it, resolved. Raises what resolving raises."""
    stack, target = run.stack, run.stack.target
    declared = target.body["Resources"][name]
    handler = handler_of(declared["Type"])
    known = scope(run.engine, stack, target, run.caller, imports=run.imports)
    given = resolve.resolve(declared.get("Properties") or {}, known) or {}
    if wrong := properties.problems(declared["Type"], given):
        said = "\n".join(wrong)
        raise Failed(f"Properties validation failed for resource {name} with message:\n{said}")
    return Resource(
        logical_id=name,
        type=declared["Type"],
        properties=with_stack_tags(handler, given, target.tags),
        metadata=resolve.resolve(declared.get("Metadata") or {}, known) or {},
        creation_policy=attributes.read(resolve.resolve(declared.get("CreationPolicy") or {}, known)),
        deletion_policy=str(resolve.resolve(declared.get("DeletionPolicy", "Delete"), known)),
        replace_policy=str(resolve.resolve(declared.get("UpdateReplacePolicy", "Delete"), known)),
        depends=run.order[name],
    )


Verdict = Literal["same", "update", "replace"]


def verdict(handler: Handler, old: Mapping[str, Any], new: Mapping[str, Any]) -> Verdict:
    """What must happen to bring a resource from old to new properties."""
    if old == new:
        return "same"
    if handler.update is None:
        return "replace"
    facts = schema.of(handler.type)
    if facts is not None and facts.update(old, new).replacement == "always":
        return "replace"
    return "update"


def settle(run: Run, name: str) -> bool:
    """Bring one resource to what the target declares. Once the operation was stopped, nothing more is begun."""
    if run.stopped():
        return False
    stack = run.stack
    current = stack.resources.get(name)
    try:
        resource = wanted(run, name)
    except EXPECTED as error:
        failing = current or Resource(logical_id=name, type=stack.target.body["Resources"][name]["Type"])
        stack.resources[name] = failing
        _failed(run, failing, "UPDATE" if current else "CREATE", error)
        return False
    if current is None or not current.physical_id:
        stack.resources[name] = resource
        return _make(run, resource, "CREATE")
    what = verdict(handler_of(resource.type), current.properties, resource.properties)
    if what != "same" and is_denied(run, current, "Update:Replace" if what == "replace" else "Update:Modify"):
        return False
    match what:
        case "same" if resource.type != STACK_TYPE:
            _adopt(current, resource)
            return True
        case "replace":
            return _replace(run, current, resource)
        case _:
            return _update(run, current, resource)


def is_denied(run: Run, current: Resource, action: policies.Action) -> bool:
    """Whether the stack policy forbids this change; its event says so."""
    said = policies.denial(run.policy, action, current.logical_id, current.type)
    if said:
        run.stop.set()
        resource_event(run.stack, current, "UPDATE_FAILED", said)
    return bool(said)


def _adopt(current: Resource, resource: Resource) -> None:
    """Take over what needs no call: metadata, policies, dependencies."""
    current.metadata, current.depends = resource.metadata, resource.depends
    current.deletion_policy, current.replace_policy = resource.deletion_policy, resource.replace_policy


def _make(run: Run, resource: Resource, verb: str) -> bool:
    """Create it. `verb` is UPDATE when it replaces another."""
    handler, stack = handler_of(resource.type), run.stack
    stack.signals.pop(resource.logical_id, None)
    if verb == "CREATE":
        resource_event(stack, resource, "CREATE_IN_PROGRESS")

    told = False

    def made(physical_id: str) -> None:
        nonlocal told
        told, resource.physical_id = True, physical_id
        run.engine.keep(("stacks", stack.id, "resources", resource.logical_id))  # what is made is not lost sight of
        resource_event(stack, resource, f"{verb}_IN_PROGRESS", "Resource creation Initiated")

    context = run.context(resource)
    context.made = made
    try:
        existing.check(context, resource)
        if handler.foretell is not None:  # a kill while it is being made leaves something: by this it is found again
            resource.physical_id = handler.foretell(context, resource.properties)
            run.engine.keep(("stacks", stack.id, "resources", resource.logical_id))
        physical_id = handler.create(context, _stamped(handler, context, resource.properties))
        if not told or resource.physical_id != physical_id:
            made(physical_id)
        resource.attributes = handler.read(context, physical_id, resource.properties)
        signals.wait(run, resource)
    except EXPECTED as error:
        if not told:  # nothing came to be: what bears that name is somebody else's
            resource.physical_id = ""
        _failed(run, resource, verb, existing.told(context, resource, error))
        return False
    return _done(run, resource, verb)


def _stamped(handler: Handler, context: Context, props: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties with the tags that CloudFormation adds itself."""
    return with_stack_tags(handler, props, context.caller.system_tags)


def _done(run: Run, resource: Resource, verb: str) -> bool:
    if run.stopped():
        resource_event(run.stack, resource, f"{verb}_FAILED", CANCELLED[verb])
        return False
    resource_event(run.stack, resource, f"{verb}_COMPLETE")
    return True


def _failed(run: Run, resource: Resource, verb: str, error: BaseException) -> None:
    stopped = run.stop.is_set()
    run.stop.set()
    said = CANCELLED[verb] if stopped and not isinstance(error, ClientError) else reason(error, resource)
    resource_event(run.stack, resource, f"{verb}_FAILED", said)


def _replace(run: Run, current: Resource, resource: Resource) -> bool:
    """The new one first; the old one goes in the clean-up, once everything else has worked."""
    current.updated = now()
    resource_event(run.stack, current, "UPDATE_IN_PROGRESS", REPLACING)
    if name := _fixed_name(current, resource):
        run.stop.set()
        said = (
            f"CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {name} and update the stack again."
        )
        resource_event(run.stack, current, "UPDATE_FAILED", said)
        return False
    worked = _make(run, resource, "UPDATE")
    if resource.physical_id:
        run.stack.resources[resource.logical_id] = resource
        run.stack.garbage.append(dataclasses.replace(current, deletion_policy=current.replace_policy))
    else:
        current.status, current.reason = resource.status, resource.reason
    return worked


def _fixed_name(current: Resource, resource: Resource) -> str:
    """The name that both the old and the new resource would bear, if the template fixes it and it identifies them."""
    facts = schema.of(resource.type)
    keys = facts.primary_identifier if facts else ()
    if not keys or any(key not in resource.properties for key in keys):
        name = existing.name_of(resource)
        return name if name == existing.name_of(current) else ""
    if any(current.properties.get(key) != resource.properties[key] for key in keys):
        return ""
    return str(resource.properties[keys[0]])


def _update_policy(run: Run, name: str) -> Any:
    """A resource's update policy as its template now has it, resolved."""
    declared = run.stack.target.body["Resources"][name].get("UpdatePolicy") or {}
    return resolve.resolve(declared, scope(run.engine, run.stack, run.stack.target, run.caller, imports=run.imports))


def _update(run: Run, current: Resource, resource: Resource) -> bool:
    """In place. A handler may answer with another physical id: then the old one is left to the clean-up."""
    handler, old = handler_of(current.type), current.properties
    before = dataclasses.replace(current)
    resource_event(run.stack, current, "UPDATE_IN_PROGRESS")
    context = run.context(current)
    try:
        assert handler.update is not None  # noqa: S101  `verdict` says replace otherwise
        current.drift = None
        # Whatever comes of it, a rollback must now go back from the new properties.
        current.properties = resource.properties
        before_it, wanted_now = (_stamped(handler, context, props) for props in (old, resource.properties))
        attributes.unrolled(current.type, _update_policy(run, resource.logical_id), before_it, wanted_now)
        answer = handler.update(context, current.physical_id, before_it, wanted_now)
        if isinstance(answer, str) and answer != current.physical_id:
            resource_event(run.stack, current, "UPDATE_IN_PROGRESS", REPLACING)
            run.stack.garbage.append(dataclasses.replace(before, deletion_policy=before.replace_policy))
            current.physical_id = answer
        current.attributes = handler.read(context, current.physical_id, resource.properties)
    except EXPECTED as error:
        current.halfway = current.halfway or old
        _failed(run, current, "UPDATE", error)
        return False
    _adopt(current, resource)
    return _done(run, current, "UPDATE")


def restore(run: Run, name: str) -> bool:
    """Bring one resource back to what it was before the update. The one that replaced it becomes garbage."""
    stack = run.stack
    assert stack.before is not None  # noqa: S101  only an update is undone so
    old, current = stack.before.resources[name], stack.resources[name]
    if current.physical_id != old.physical_id:
        stack.garbage = [kept for kept in stack.garbage if kept.physical_id != old.physical_id]
        stack.garbage.append(dataclasses.replace(current, deletion_policy="Delete"))
        stack.resources[name] = back = dataclasses.replace(old)
        resource_event(stack, back, "UPDATE_COMPLETE")
        return True
    touched = current.properties != old.properties
    if current.type == STACK_TYPE:
        touched = nested.is_touched(run, current.physical_id)
    if not touched:
        _adopt(current, old)
        if current.status == "UPDATE_FAILED":  # nothing was changed, so there is nothing to change back
            resource_event(stack, current, "UPDATE_COMPLETE")
        return True
    handler = handler_of(current.type)
    resource_event(stack, current, "UPDATE_IN_PROGRESS")
    context = run.context(current)
    try:
        if handler.update is not None:
            was, back_to = (_stamped(handler, context, props) for props in (current.properties, old.properties))
            handler.update(context, current.physical_id, was, back_to)
        current.properties, current.halfway = old.properties, None
        current.attributes = handler.read(context, current.physical_id, old.properties)
    except EXPECTED as error:
        _failed(run, current, "UPDATE", error)
        return False
    _adopt(current, old)
    resource_event(stack, current, "UPDATE_COMPLETE")
    return True


def remove(run: Run, resource: Resource, *, created_now: bool = False) -> bool:
    """Delete it, unless its policy keeps it. What is gone already counts as deleted."""
    stack, policy = run.stack, resource.deletion_policy
    if created_now and (policy == "RetainExceptOnCreate" or stack.retain_except_on_create):
        policy = "Delete"
    handler = handler_of(resource.type)
    snapshot = handler.snapshot if policy == "Snapshot" and not created_now else None
    if policy not in ("Delete", "Snapshot") and resource.physical_id:
        resource_event(stack, resource, "DELETE_SKIPPED")
        return True
    if resource.physical_id:
        resource_event(stack, resource, "DELETE_IN_PROGRESS")
        try:
            if snapshot is not None:
                snapshot(run.context(resource), resource.physical_id, resource.properties)
            _delete(run, handler, resource)
        except EXPECTED as error:
            if not (isinstance(error, ClientError) and is_missing(error)):
                resource_event(stack, resource, "DELETE_FAILED", reason(error, resource))
                return False
    resource_event(stack, resource, "DELETE_COMPLETE")
    return True


def _delete(run: Run, handler: Handler, resource: Resource) -> None:
    """Delete it as what it is; after a failed update, also as what it was, of which something may be left."""
    try:
        handler.delete(run.context(resource), resource.physical_id, resource.properties)
    except ClientError as error:
        if resource.halfway is None or is_missing(error):
            raise
        handler.delete(run.context(resource), resource.physical_id, resource.halfway)
