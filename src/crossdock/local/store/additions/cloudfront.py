"""CloudFront: policies of caches, origin requests and response headers, identities that read buckets, functions.

Nothing is served by CloudFront here; all of it is kept and shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.cloudfront import urls
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult

from crossdock.local.store.additions.base import Added, NoSuch, found

urls.url_paths["{0}/2020-05-31/[^/]+-policy(/.+)?$"] = CloudFrontResponse.dispatch
urls.url_paths["{0}/2020-05-31/origin-access-identity/.+$"] = CloudFrontResponse.dispatch
urls.url_paths["{0}/2020-05-31/function/[^/]+/publish$"] = CloudFrontResponse.dispatch


def _kept(self: Any, noun: str) -> dict[str, dict[str, Any]]:
    held: dict[str, dict[str, Any]] = vars(self.backend).setdefault("kept", {}).setdefault(noun, {})
    return held


def _told(noun: str, one: dict[str, Any]) -> ActionResult:
    return ActionResult({noun: one, "ETag": one["ETag"], f"{noun}Config": one[f"{noun}Config"]})


def _create(noun: str) -> Callable[[Any], ActionResult]:
    def create(self: Any) -> ActionResult:
        config = self._get_param(f"{noun}Config") or {}
        held = _kept(self, noun)
        if any(one["name"] == config.get("Name") for one in held.values() if config.get("Name")):
            raise NoSuch(f"{noun}AlreadyExists", f"A {noun} with the name {config['Name']} already exists")
        id_ = secrets.token_hex(7).upper()
        held[id_] = {"Id": id_, "name": config.get("Name"), f"{noun}Config": config,
                     "ETag": secrets.token_hex(7).upper(), "LastModifiedTime": datetime.now(UTC),
                     "S3CanonicalUserId": secrets.token_hex(32)}
        return _told(noun, held[id_])

    return create


def _get(noun: str) -> Callable[[Any], ActionResult]:
    return lambda self: _told(noun, found(_kept(self, noun), self._get_param("Id"), f"NoSuch{noun}", noun))


def _matched(self: Any, noun: str) -> dict[str, Any]:
    one: dict[str, Any] = found(_kept(self, noun), self._get_param("Id"), f"NoSuch{noun}", noun)
    if self._get_param("IfMatch") != one["ETag"]:
        raise NoSuch("PreconditionFailed", "The request failed because it didn't meet the preconditions")
    return one


def _update(noun: str) -> Callable[[Any], ActionResult]:
    def update(self: Any) -> ActionResult:
        one = _matched(self, noun)
        config = self._get_param(f"{noun}Config") or {}
        one.update({f"{noun}Config": config, "name": config.get("Name"), "ETag": secrets.token_hex(7).upper(),
                    "LastModifiedTime": datetime.now(UTC)})
        return _told(noun, one)

    return update


def _delete(noun: str) -> Callable[[Any], EmptyResult]:
    def delete(self: Any) -> EmptyResult:
        del _kept(self, noun)[_matched(self, noun)["Id"]]
        return EmptyResult()

    return delete


def _publish(self: Any) -> ActionResult:
    """The function's code goes live; it is kept, and runs nowhere."""
    function = self.backend.describe_function(name=self._get_param("Name"))
    return ActionResult({"FunctionSummary": function.function_summary})


def _operations(noun: str, spelled: str) -> dict[str, Callable[..., Any]]:
    return {f"create_{spelled}": _create(noun), f"get_{spelled}": _get(noun), f"update_{spelled}": _update(noun),
            f"delete_{spelled}": _delete(noun), f"get_{spelled}_config": _get(noun)}


ADDED: Added = {"CloudFrontResponse": {
    **_operations("CachePolicy", "cache_policy"), **_operations("OriginRequestPolicy", "origin_request_policy"),
    **_operations("ResponseHeadersPolicy", "response_headers_policy"),
    **_operations("CloudFrontOriginAccessIdentity", "cloud_front_origin_access_identity"), "publish_function": _publish,
}}  # fmt: skip
