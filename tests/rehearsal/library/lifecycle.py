"""A template from its creation to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock import library


def lives(account: Any, name: str, first: Mapping[str, str], second: Mapping[str, str]) -> None:
    """Made, changed as `second` says differently, changed back, deleted, each with success."""
    template = library.load(name)
    assert account.create(template, parameters=dict(first)) == "CREATE_COMPLETE", failures(account)
    assert account.outputs()["TemplateVersion"]
    if second:
        assert account.update(template, parameters={**first, **second}) == "UPDATE_COMPLETE", failures(account)
        assert account.update(template, parameters=dict(first)) == "UPDATE_COMPLETE", failures(account)
    assert account.delete() == "DELETE_COMPLETE", failures(account)


def failures(account: Any, name: str = "one") -> str:
    """What failed first, a line each, nested stacks instead of those around them."""
    return "\n".join(dict.fromkeys(_failures(account, name)))


def _failures(account: Any, name: str) -> Iterator[str]:
    for event in account._events(name):
        reason = event.get("ResourceStatusReason", "")
        nested = event["ResourceType"] == "AWS::CloudFormation::Stack" and event["PhysicalResourceId"]
        if "cancelled" in reason or not {"FAILED", "ROLLBACK"} & set(event["ResourceStatus"].split("_")):
            continue
        if nested and nested != event["StackId"]:
            yield from _failures(account, nested)
        else:
            yield f"{event['LogicalResourceId']} {event['ResourceStatus']}: {reason}"
