"""Secrets Manager: what was said of a secret can be taken back, passwords that RDS manages are rotated."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _emptied(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def update_secret(self: Any, secret_id: str, **more: Any) -> Any:
        """A description can be taken away: moto doesn't look at an empty one."""
        answer = as_written(self, secret_id=secret_id, **more)
        if more.get("description") == "":
            self.secrets[secret_id].description = ""
        return answer

    return update_secret


def _managed(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def rotate_secret(self: Any, secret_id: str, *given: Any, **more: Any) -> Any:
        """A password that RDS manages changes at once, without a function (Secrets Manager User Guide, "Managed
        rotation"): moto leaves a version without a value."""
        secret = self.secrets.get(secret_id)
        if secret is None or secret.owning_service != "rds":
            return as_written(self, secret_id, *given, **more)
        current = next(one for one in secret.versions.values() if "AWSCURRENT" in one["version_stages"])
        value = json.loads(current["secret_string"]) | {"password": secrets.token_urlsafe(24)}
        return self.put_secret_value(
            secret_id=secret_id, secret_string=json.dumps(value), secret_binary=None, client_request_token="",
            version_stages=["AWSCURRENT"])  # fmt: skip

    return rotate_secret


WRAPPED: Wrapped = (
    ("SecretsManagerBackend", "update_secret", _emptied),
    ("SecretsManagerBackend", "rotate_secret", _managed),
)
