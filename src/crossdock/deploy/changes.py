"""What becomes of each resource of a stack: old and new template compared with their parameters filled in. Pure.

Ids that AWS makes up stand on both sides as the same placeholder, so what differs is what was written. Whether a change
replaces a resource follows the registry's schemas (CloudFormation User Guide, update behaviors of stack resources).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crossdock.errors import TemplateError
from crossdock.model.assembly import Literal, Stack
from crossdock.model.plan import Change, ObservedStack, Verb
from crossdock.prove.resources import Home, Resource, deploy, parsed
from crossdock.template import schema

STATEFUL = frozenset({
    "AWS::CodeCommit::Repository", "AWS::DynamoDB::Table", "AWS::ECR::Repository", "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup", "AWS::KMS::Key", "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SecretsManager::Secret",
})  # fmt: skip
"""Types whose resources hold what nothing else holds."""
_KEPT = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})
_HOLDERS = frozenset({"AWS::CloudFormation::Stack", "Custom::StackSet"})
"""What is below them is listed instead."""


def created(stack: Stack, texts: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]]) -> tuple[Change, ...]:
    """The resources of a stack that isn't there yet."""
    return tuple(_change(r, Verb.CREATE, stack) for r in _new(stack, texts, outputs) if r.type not in _HOLDERS)


def deleted(stack: Stack, seen: ObservedStack, texts: Mapping[str, str]) -> tuple[Change, ...]:
    """The resources that a stack takes along; those that a policy keeps are told as kept."""
    found = []
    for resource in _old(stack, seen, texts):
        if resource.type not in _HOLDERS:
            kept = _policy(resource, "DeletionPolicy") in _KEPT
            found.append(_change(resource, Verb.KEEP if kept else Verb.DELETE, stack))
    return tuple(found)


def changed(
    stack: Stack, seen: ObservedStack, texts: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]]
) -> tuple[Change, ...]:
    """What an update does to each resource, those left alone left out.

    texts    the assembly's templates, by path
    outputs  what stacks give now, by id
    """
    before = {_key(resource): resource for resource in _old(stack, seen, texts)}
    after = {_key(resource): resource for resource in _new(stack, texts, outputs)}
    return tuple(_differences(stack, before, after))


def _differences(stack: Stack, before: Mapping[str, Resource], after: Mapping[str, Resource]) -> Iterator[Change]:
    for key, resource in after.items():
        old = before.get(key)
        if resource.type in _HOLDERS:
            continue
        if old is None or old.type != resource.type:
            yield _change(resource, Verb.CREATE, stack)
        else:
            yield from _update(stack, old, resource)
    for key, resource in before.items():
        new = after.get(key)
        if resource.type not in _HOLDERS and (new is None or new.type != resource.type):
            kept = _policy(resource, "DeletionPolicy") in _KEPT
            yield _change(resource, Verb.KEEP if kept else Verb.DELETE, stack)


def _update(stack: Stack, old: Resource, new: Resource) -> Iterator[Change]:
    known = schema.of(new.type)
    if known is None:
        if old.properties != new.properties:
            yield _change(new, Verb.UPDATE, stack)
        return
    made = known.update(old.properties, new.properties)
    if not made.properties:
        return
    verb = Verb.UPDATE if made.replacement == "never" else Verb.REPLACE
    kept = _policy(old, "UpdateReplacePolicy") in _KEPT
    yield Change(
        resource=_key(new, stack), type=new.type, verb=verb, properties=made.properties,
        certain=made.replacement != "conditional",
        loses_data=verb is Verb.REPLACE and _stateful(new) and not kept,
    )


def _change(resource: Resource, verb: Verb, stack: Stack) -> Change:
    return Change(resource=_key(resource, stack), type=resource.type, verb=verb,
                  loses_data=verb is Verb.DELETE and _stateful(resource))


def _stateful(resource: Resource) -> bool:
    """Instances of a database cluster hold nothing themselves."""
    member = resource.type == "AWS::RDS::DBInstance" and "DBClusterIdentifier" in resource.properties
    return resource.type in STATEFUL and not member


def _old(stack: Stack, seen: ObservedStack, texts: Mapping[str, str]) -> tuple[Resource, ...]:
    return _deployed(stack, seen.template, dict(seen.parameters), {**_nested(stack, texts), **seen.nested})


def _new(
    stack: Stack, texts: Mapping[str, str], outputs: Mapping[str, Mapping[str, str]]
) -> tuple[Resource, ...]:
    given = {
        name: value.value if isinstance(value, Literal) else outputs.get(value.stack, {}).get(value.name, "")
        for name, value in stack.parameters.items()
    }
    return _deployed(stack, texts[stack.template], given, _nested(stack, texts))


def _nested(stack: Stack, texts: Mapping[str, str]) -> dict[str, str]:
    return {asset.key: texts[asset.path] for asset in stack.assets if asset.path in texts}


def _deployed(
    stack: Stack, text: str, given: Mapping[str, str], nested: Mapping[str, str]
) -> tuple[Resource, ...]:
    """The resources, none where a value that AWS has to give first is missing: such a stack is told as a whole."""
    home = Home(id=stack.id, name=stack.name, account=stack.account_id, region=stack.region)
    try:
        return deploy(home, parsed(text, stack.id), given,
                      nested={key: parsed(inner, key) for key, inner in nested.items()}).resources
    except TemplateError:
        return ()


def _key(resource: Resource, stack: Stack | None = None) -> str:
    """`Network/Vpc/Subnet`: a resource's place in its stack, through those nested in it."""
    whole = f"{resource.home.id}/{resource.logical_id}"
    return whole.removeprefix(f"{stack.id}/") if stack else whole


def _policy(resource: Resource, name: str) -> str:
    written = (resource.document.body.get("Resources") or {}).get(resource.logical_id) or {}
    return str(written.get(name, ""))
