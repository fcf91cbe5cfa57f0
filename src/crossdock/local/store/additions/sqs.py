"""SQS: a queue tells whose dead letters it takes."""

from __future__ import annotations

import json
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _allowing(as_written: Any) -> Any:
    def attributes(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = as_written.fget(self)
        if policy := getattr(self, "redrive_allow_policy", None):
            found["RedriveAllowPolicy"] = policy if isinstance(policy, str) else json.dumps(policy)
        return found

    return property(attributes)


WRAPPED: Wrapped = (("Queue", "attributes", _allowing),)
