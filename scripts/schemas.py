"""Writes docs/schema/*.json: the shape of every document that crossdock writes, made from the nouns.

Usage: python scripts/schemas.py
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crossdock.model import schema
from crossdock.model.assembly import Assembly
from crossdock.model.events import Event, Run
from crossdock.model.organization import Organization
from crossdock.model.plan import Plan
from crossdock.model.proof import Proof

TARGET = Path(__file__).resolve().parent.parent / "docs" / "schema"
CHECK = {
    "type": "object", "additionalProperties": False, "required": ["name", "ok", "detail"],
    "properties": {"name": {"type": "string"}, "ok": {"type": "boolean"}, "detail": {"type": "string"}},
}
DELIVERY = {
    "type": "object", "additionalProperties": False,
    "required": ["service", "environment", "account", "commit", "execution", "status", "seconds", "endpoint", "checks"],
    "properties": {
        **{name: {"type": "string"}
           for name in ("service", "environment", "commit", "execution", "status", "endpoint")},
        "account": {"type": "string", "pattern": "^[0-9]{12}$"}, "seconds": {"type": "number"},
        "checks": {"type": "array", "items": CHECK},
    },
}
REPORT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Report",
    "description": "What `crossdock rehearse --report FILE` writes.", "type": "object", "additionalProperties": False,
    "required": ["ok", "seconds", "deliveries", "substitutions", "events"],
    "properties": {
        "ok": {"type": "boolean"}, "seconds": {"type": "number"}, "deliveries": {"type": "array", "items": DELIVERY},
        "substitutions": {"type": "array", "items": {"type": "string"}}, "events": {"type": "string"},
    },
}


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """(file name, schema) of every document but crossdock.yaml, whose schema is a source itself."""
    yield "assembly.json", schema.document(Assembly)
    yield "plan.json", schema.document(Plan)
    yield "proof.json", schema.document(Proof)
    yield "organization.json", schema.document(Organization)
    yield "event.json", schema.schema(Event)
    yield "run.json", schema.schema(Run)
    yield "report.json", REPORT


def text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, document in documents():
        (TARGET / name).write_text(text(document), encoding="utf-8")
