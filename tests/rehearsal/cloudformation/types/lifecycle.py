"""A resource from its creation to its end, as five stories that every type must stand, seen through its service's API.

A type that lies (says it changed, replaced or deleted and did not) fails its story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy
from tests.rehearsal.cloudformation.types.leftovers import held, left

from crossdock.local.cloudformation.resources.shapes import text

Account = Any
"""tests/rehearsal/cloudformation/conftest.py."""
Props = Mapping[str, Any]
NOTHING = (ClientError, KeyError, IndexError, StopIteration)
FAILS = {"Type": "AWS::S3::BucketPolicy", "DependsOn": "X", "Properties": {
    "Bucket": "no-such-bucket-anywhere", "PolicyDocument": policy(allow("s3:GetObject"))}}
"""A resource that can't be made, after the one that is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One type, and what its stories need.

    made       the properties that it is created with
    read       what its service has under a physical id, by property; KeyError, IndexError or ClientError for nothing
    changed    properties that an update changes in place, put over `made`; one that is None is taken out
    replaced   properties for which an update replaces it, put over `made` likewise
    why        of what has nothing to change, or nothing to be replaced for: why, by its schema
    otherwise  what `read` gives for properties that the template doesn't name
    around     the resources that it stands among
    hides      changed properties that no API shows
    needs      resources around it that must be there before, to which no property refers
    lasting    of what stays when it is deleted: why
    prepare    puts in place what no template makes, before each story
    """

    type: str
    made: Props
    read: Callable[[Account, str], Props]
    changed: Props | None = None
    replaced: Props | None = None
    why: str = ""
    otherwise: Props = field(default_factory=dict)
    around: Props = field(default_factory=dict)
    hides: str = ""
    needs: tuple[str, ...] = ()
    lasting: str = ""
    prepare: Callable[[Account], object] = lambda _: None

    def __str__(self) -> str:
        return self.type.removeprefix("AWS::")

    def after(self, change: Props | None) -> dict[str, Any]:
        """The properties once a change is put over them."""
        return {name: value for name, value in {**self.made, **(change or {})}.items() if value is not None}


def template(record: Record, properties: Props, **more: Any) -> dict[str, Any]:
    """A stack of the resource (`X`) and what is around it. What `GetAtt` gives stands in its outputs."""
    first = {"DependsOn": list(record.needs)} if record.needs else {}
    looked_at = {"Type": record.type, "Properties": properties, **first}
    resources = {**record.around, "X": looked_at, **more}
    outputs = {f"Output{n}": {"Value": found} for n, found in enumerate(_attributes(properties))}
    return {"Resources": resources, **({"Outputs": outputs} if outputs else {})}


Story = Callable[..., None]


def _leaving_nothing(story: Story) -> Story:
    """A story after which there is nothing that was not there before it."""

    def told(account: Account, record: Record, *more: Any) -> None:
        record.prepare(account)
        before = held(account.world, account.number, account.region)
        story(account, record, *more)
        behind = left(before, held(account.world, account.number, account.region))
        assert record.lasting or not behind, f"left behind: {behind}"

    return told


@_leaving_nothing
def is_made_and_deleted(account: Account, record: Record) -> None:
    made = _create(account, record)
    _delete(account, record, made)


@_leaving_nothing
def is_made_with_all_of_it(account: Account, record: Record) -> None:
    """What an update can change counts from the beginning too."""
    properties = record.after(record.changed)
    status = account.create(template(record, properties))
    assert status == "CREATE_COMPLETE", account.reasons("X")
    made = account.physical("X")
    _shows(account, record, made, properties)
    _delete(account, record, made)


@_leaving_nothing
def changes_in_place(account: Account, record: Record) -> None:
    """There, and back again: what a change added goes with it."""
    made = _create(account, record)
    for properties in (record.after(record.changed), dict(record.made)):
        status = account.update(template(record, properties))
        assert status == "UPDATE_COMPLETE", account.reasons("X")
        assert account.physical("X") == made, "it was replaced"
        _shows(account, record, made, properties)
    _delete(account, record, made)


@_leaving_nothing
def is_replaced(account: Account, record: Record) -> None:
    old = _create(account, record)
    properties = record.after(record.replaced)
    status = account.update(template(record, properties))
    assert status == "UPDATE_COMPLETE", account.reasons("X")
    new = account.physical("X")
    assert new != old, "it was not replaced"
    _shows(account, record, new, properties)
    _is_gone(account, record, old)
    _delete(account, record, new)


@_leaving_nothing
def creation_is_rolled_back(account: Account, record: Record) -> None:
    """The resource itself was made; what comes after it fails."""
    status = account.create(template(record, record.made, Bad=FAILS))
    assert status == "ROLLBACK_COMPLETE", account.reasons("X")
    made = account.physical("X")
    assert made, account.reasons("X")
    _is_gone(account, record, made)
    assert account.delete() == "DELETE_COMPLETE"


@_leaving_nothing
def update_is_rolled_back(account: Account, record: Record, change: Props) -> None:
    """The resource itself was changed or replaced; what comes after it fails."""
    made = _create(account, record)
    status = account.update(template(record, record.after(change), Bad=FAILS))
    assert status == "UPDATE_ROLLBACK_COMPLETE", account.reasons("X")
    reasons = account.reasons("X")
    assert not any("UPDATE_FAILED" in event and name == "X" for name, event in account.events()), reasons
    assert account.physical("X") == made
    _shows(account, record, made, record.made)
    for other in _made_meanwhile(account) - {made, ""}:
        _is_gone(account, record, other)
    _delete(account, record, made)


# -- their steps


def _create(account: Account, record: Record) -> str:
    status = account.create(template(record, record.made))
    assert status == "CREATE_COMPLETE", account.reasons("X")
    made = account.physical("X")
    _shows(account, record, made, record.made)
    return made


def _delete(account: Account, record: Record, made: str) -> None:
    status = account.delete()
    assert status == "DELETE_COMPLETE", account.reasons("X")
    _is_gone(account, record, made)


def _is_gone(account: Account, record: Record, id_: str) -> None:
    if record.lasting:
        return
    try:
        found = record.read(account, id_)
    except NOTHING:
        return
    pytest.fail(f"{id_} is still there: {found}")


def _shows(account: Account, record: Record, id_: str, properties: Props) -> None:
    """Every property that the service tells is as the template has it."""
    found = record.read(account, id_)
    outputs = account.outputs() if any(True for _ in _attributes(properties)) else {}
    named = {str(attribute): outputs[f"Output{n}"] for n, attribute in enumerate(_attributes(properties))}
    for name, value in found.items():
        wanted = _resolved(account, properties.get(name, record.otherwise.get(name)), named)
        assert _plain({name: value}) == _plain({name: wanted}), f"{name} is {value!r}, not {wanted!r}"
    unread = {*(record.changed or {})} - found.keys() - {*record.hides.split()}
    assert not unread, f"a change of {unread} isn't looked at"


def _made_meanwhile(account: Account) -> set[str]:
    """Every physical id that the resource had, by the stack's events."""
    events = account.cloudformation.describe_stack_events(StackName="one")["StackEvents"]
    return {event["PhysicalResourceId"] for event in events if event["LogicalResourceId"] == "X"}


def _attributes(value: Any) -> Iterator[Any]:
    """Every `Fn::GetAtt` in a value."""
    if isinstance(value, Mapping):
        if "Fn::GetAtt" in value:
            yield value
        for item in value.values():
            yield from _attributes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _attributes(item)


def _resolved(account: Account, value: Any, named: Mapping[str, str]) -> Any:
    match value:
        case {"Ref": str(name)}:
            return {"AWS::Region": account.region, "AWS::AccountId": account.number}.get(name) or account.physical(name)
        case {"Fn::Join": [joint, parts]}:
            return str(joint).join(_resolved(account, part, named) for part in parts)
        case {"Fn::Sub": str(pattern)}:
            return pattern.replace("${AWS::Region}", account.region)
        case {"Fn::GetAtt": _}:
            return named[str(value)]
        case Mapping():
            return {key: _resolved(account, item, named) for key, item in value.items()}
        case list():
            return [_resolved(account, item, named) for item in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    """A value as it counts: the case of names, the type of scalars, what is empty and tags of AWS's own don't."""
    if isinstance(value, Mapping):
        kept = {str(key): _plain(item) for key, item in value.items() if not str(key).startswith("aws:")}
        return {key.lower(): item for key, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, (list, tuple, set)):
        if value and all(isinstance(one, Mapping) and {str(key).lower() for key in one} == {"key", "value"}
                         for one in value):  # tags
            return _plain({one.get("Key", one.get("key")): one.get("Value", one.get("value")) for one in value})
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text(value) if value is not None else None
