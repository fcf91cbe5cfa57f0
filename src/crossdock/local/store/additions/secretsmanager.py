"""Secrets Manager: what was said of a secret can be taken back."""

from __future__ import annotations

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


WRAPPED: Wrapped = (("SecretsManagerBackend", "update_secret", _emptied),)
