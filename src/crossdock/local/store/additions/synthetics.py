"""Synthetics: canaries can be taken away."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError

from crossdock.local.store.additions.base import Added


def _delete_canary(self: Any) -> str:
    canaries, name = self.synthetics_backend.canaries, self.path.rpartition("/")[2]
    if name not in canaries:
        raise JsonRESTError("ResourceNotFoundException", f"Canary {name} not found")
    del canaries[name]
    return "{}"


ADDED: Added = {"SyntheticsResponse": {"delete_canary": _delete_canary}}
