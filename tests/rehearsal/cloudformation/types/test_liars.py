"""The stories notice a type that says it did what it did not do."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from tests.rehearsal.cloudformation.types import lifecycle
from tests.rehearsal.cloudformation.types.records import RECORDS

from crossdock.local.cloudformation.resources import coverage
from crossdock.local.cloudformation.resources.handler import Handler

QUEUE = next(record for record in RECORDS if record.type == "AWS::SQS::Queue")
HONEST = coverage.HANDLERS[QUEUE.type]


def _half(ctx: Any, url: str, old: Any, new: Any) -> object:
    """Changes what came, and leaves what went."""
    assert HONEST.update is not None
    return HONEST.update(ctx, url, old, {**old, **new})


def _doubled(ctx: Any, props: Any) -> str:
    """Makes two, tells of one."""
    HONEST.create(ctx, {**props, "QueueName": ctx.name(60) + "-too"})
    return HONEST.create(ctx, props)


def _elsewhere(ctx: Any, _: str, _old: Any, new: Any) -> str:
    """Replaces what it should change."""
    return HONEST.create(ctx, new)


def _nothing(*_: Any) -> None:
    return None


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Any:
    def lying(**verbs: Any) -> Handler:
        handler = dataclasses.replace(HONEST, **verbs)
        monkeypatch.setitem(coverage.HANDLERS, QUEUE.type, handler)  # type: ignore[arg-type]
        return handler

    return lying


def _fails(story: Any, account: Any, *more: Any) -> str:
    with pytest.raises((AssertionError, pytest.fail.Exception)) as noticed:
        story(account, QUEUE, *more)
    return str(noticed.value)


def test_an_update_that_does_nothing_is_noticed(account, says):
    says(update=_nothing)
    assert "is '60', not 90" in _fails(lifecycle.changes_in_place, account)


def test_an_update_that_leaves_what_was_taken_out_is_noticed(account, says):
    says(update=_half)
    assert _fails(lifecycle.changes_in_place, account)


def test_an_update_that_replaces_is_noticed(account, says):
    says(update=_elsewhere)
    assert "it was replaced" in _fails(lifecycle.changes_in_place, account)


def test_a_deletion_that_does_nothing_is_noticed(account, says):
    says(delete=_nothing)
    assert "is still there" in _fails(lifecycle.is_made_and_deleted, account)


def test_a_replacement_whose_old_one_stays_is_noticed(account, says):
    says(delete=_nothing)
    assert "is still there" in _fails(lifecycle.is_replaced, account)


def test_a_creation_that_a_rollback_leaves_is_noticed(account, says):
    says(delete=_nothing)
    assert "is still there" in _fails(lifecycle.creation_is_rolled_back, account)


def test_a_rollback_that_changes_nothing_back_is_noticed(account, says):
    says(update=lambda ctx, url, old, new: None if ctx.undoing else HONEST.update(ctx, url, old, new))
    assert "not '60'" in _fails(lifecycle.update_is_rolled_back, account, QUEUE.changed)


def test_a_creation_that_makes_more_than_it_tells_is_noticed(account, says):
    says(create=_doubled)
    assert "left behind" in _fails(lifecycle.is_made_and_deleted, account)
