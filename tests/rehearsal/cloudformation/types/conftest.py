"""Few regions, gone through again and again: each test leaves nothing behind, and a failed one is cleared away."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.rehearsal.cloudformation.types.lifecycle")


@pytest.fixture(scope="module")
def regions(world: Any) -> Iterator[str]:
    return itertools.cycle(("us-east-1", "us-west-2", "eu-west-1"))


@pytest.fixture(autouse=True)
def cleared(account: Any) -> Iterator[None]:
    """What a failed test left of its stack goes, so that the next one fails by itself only."""
    yield
    found = account.cloudformation.list_stacks()["StackSummaries"]
    is_left = any(one["StackName"] == "one" and one["StackStatus"] != "DELETE_COMPLETE" for one in found)
    if is_left and account.delete() == "DELETE_FAILED":
        left = account.cloudformation.describe_stack_resources(StackName="one")["StackResources"]
        account.delete(RetainResources=[one["LogicalResourceId"] for one in left
                                        if one["ResourceStatus"] == "DELETE_FAILED"])
