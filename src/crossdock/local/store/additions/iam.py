"""IAM: who may sign in by a provider is added and taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import EmptyResult

from crossdock.local.store.additions.base import Added, Wrapped


def _add_client(self: Any) -> EmptyResult:
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    client = self._get_param("ClientID")
    if client not in provider.client_id_list:
        provider.client_id_list.append(client)
    return EmptyResult()


def _remove_client(self: Any) -> EmptyResult:
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    client = self._get_param("ClientID")
    provider.client_id_list[:] = [held for held in provider.client_id_list if held != client]
    return EmptyResult()


def _moved(as_written: Callable[..., None]) -> Callable[..., None]:
    def update_group(self: Any, group_name: str, new_group_name: str | None, new_path: str | None) -> None:
        """A group moves without another name too: moto looks at both or none."""
        if new_path and not new_group_name:
            self.get_group(group_name).path = new_path
        as_written(self, group_name, new_group_name, new_path)

    return update_group


WRAPPED: Wrapped = (("IAMBackend", "update_group", _moved),)
ADDED: Added = {"IamResponse": {
    "add_client_id_to_open_id_connect_provider": _add_client,
    "remove_client_id_from_open_id_connect_provider": _remove_client,
}}
