"""Synthetics: canaries can be taken away and tagged."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.core.exceptions import JsonRESTError

from crossdock.local.store.additions.base import Added


def _delete_canary(self: Any) -> str:
    canaries, name = self.synthetics_backend.canaries, self.path.rpartition("/")[2]
    if name not in canaries:
        raise JsonRESTError("ResourceNotFoundException", f"Canary {name} not found")
    del canaries[name]
    return "{}"


def _tag(self: Any) -> str:
    _canary(self).tags.update(json.loads(self.body)["Tags"])
    return "{}"


def _untag(self: Any) -> str:
    for key in self.querystring.get("tagKeys", ()):
        _canary(self).tags.pop(key, None)
    return "{}"


def _canary(self: Any) -> Any:
    """`/tags/ARN`."""
    name = unquote(self.path).rpartition(":")[2]
    if name not in self.synthetics_backend.canaries:
        raise JsonRESTError("ResourceNotFoundException", f"Canary {name} not found")
    return self.synthetics_backend.canaries[name]


ADDED: Added = {"SyntheticsResponse": {
    "delete_canary": _delete_canary, "tag_resource": _tag, "untag_resource": _untag,
}}
