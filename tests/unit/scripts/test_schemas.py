"""The schemas in docs/schema are made from the nouns, and the documents that are written validate against them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemas

from crossdock.model import codec
from crossdock.model.assembly import Stack
from crossdock.model.events import Event, Kind, Run
from crossdock.model.plan import Identity, Plan, Step, Verb

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = dict(schemas.documents())


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_the_schema_on_disk_is_the_one_that_the_nouns_give(name: str) -> None:
    assert (ROOT / "docs" / "schema" / name).read_text(encoding="utf-8") == schemas.text(DOCUMENTS[name])


def _valid(name: str, value: Any) -> None:
    jsonschema.Draft202012Validator(DOCUMENTS[name]).validate(value)


def test_a_composed_assembly_is_a_valid_document() -> None:
    _valid("assembly.json", json.loads((ROOT / "tests/golden/hello/manifest.json").read_text(encoding="utf-8")))


def test_a_plan_is_a_valid_document() -> None:
    stack = Stack(id="shared/x", name="p-x", account="shared", account_id="1" * 12, region="us-east-1",
                  template="templates/x.yaml", sha256="0" * 64)
    plan = Plan(platform="p", identity=Identity(account="1" * 12, caller="arn"), assembly_digest="a",
                observed_digest="b", steps=(Step(stack=stack, verb=Verb.CREATE),))
    _valid("plan.json", json.loads(codec.dumps(plan)))


def test_an_event_and_the_run_that_it_folds_into_are_valid() -> None:
    event = Event(at=1.0, kind=Kind.STEP_ENDED, subject="apply", facts={"ok": True, "seconds": 1.0})
    _valid("event.json", codec.encode(event))
    _valid("run.json", codec.encode(Run.fold("x", [event])))


def test_a_document_with_an_unknown_member_is_not_valid() -> None:
    with pytest.raises(jsonschema.ValidationError):
        _valid("event.json", {"at": 1.0, "kind": "log", "subject": "s", "facts": {}, "other": 1})
