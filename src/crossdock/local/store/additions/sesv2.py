"""SES: the tags with which an identity is made are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.local.store.additions.base import Wrapped


def _tagged(as_written: Callable[..., Any]) -> Callable[..., Any]:
    def create_email_identity(self: Any, email_identity: str, tags: list[dict[str, str]] | None, **more: Any) -> Any:
        made = as_written(self, email_identity=email_identity, tags=tags, **more)
        arn = f"arn:aws:ses:{self.region_name}:{self.account_id}:identity/{email_identity}"
        self.core_backend.tagger.tag_resource(arn, tags or [])
        return made

    return create_email_identity


WRAPPED: Wrapped = (("SESV2Backend", "create_email_identity", _tagged),)
