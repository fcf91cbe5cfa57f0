"""Ask a delivered service what it answers."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crossdock.aws.cloud import Cloud
from crossdock.model.assembly import Check

PATIENCE = (0.2, 0.5, 1.0, 2.0)
"""Seconds between tries while a new API is not there yet (403 and 404 of API Gateway, no connection)."""
_NOT_YET = frozenset({0, 403, 404})
_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `status` 0: nothing did, and `body` tells why."""

    status: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check with its outcome; `detail` is the answer in one line."""

    name: str
    ok: bool
    detail: str


class _Loopback(urllib.request.HTTPRedirectHandler):
    """Redirects are followed only where the cloud's guard lets them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def redirect_request(self, *arguments: Any, **named: Any) -> urllib.request.Request | None:
        request = super().redirect_request(*arguments, **named)
        if request is not None:
            self._cloud.guard(request.full_url)
        return request


def ask(cloud: Cloud, url: str, method: str = "GET", *, timeout: float = 35.0) -> Answer:
    """One HTTP request. API Gateway answers within 29 s or not at all.

    Raises CloudError when it would leave loopback.
    """
    cloud.guard(url)
    request = urllib.request.Request(url, method=method, headers={"User-Agent": "crossdock"})  # noqa: S310  guarded
    handlers: list[Any] = [_Loopback(cloud)]
    if cloud.local:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout) as response:
            return Answer(status=response.status, body=response.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(status=error.code, body=error.read().decode(errors="replace"))
    except (urllib.error.URLError, OSError) as error:
        return Answer(status=0, body=str(getattr(error, "reason", error)))


def check(
    cloud: Cloud, endpoint: str, check_: Check, *, sleep: Callable[[float], None] = time.sleep
) -> Checked:
    """Ask until the answer is right or wrong for good. `endpoint` is the API's URL as this profile reaches it."""
    name, url = f"{check_.method} {check_.path}", endpoint.rstrip("/") + "/" + check_.path.lstrip("/")
    answer = ask(cloud, url, check_.method)
    for pause in PATIENCE:
        if answer.status not in _NOT_YET or answer.status == check_.expect:
            break
        sleep(pause)
        answer = ask(cloud, url, check_.method)
    return judge(name, check_, answer)


def judge(name: str, check_: Check, answer: Answer) -> Checked:
    """Whether an answer is the one that is right."""
    body = " ".join(answer.body.split())
    said = f"{answer.status or 'no answer'} {body[:_SHOWN]}{'…' if len(body) > _SHOWN else ''}".rstrip()
    if answer.status != check_.expect:
        return Checked(name=name, ok=False, detail=f"expected {check_.expect}, got {said}")
    if check_.contains and check_.contains not in answer.body:
        return Checked(name=name, ok=False, detail=f"expected {check_.contains!r} in the answer, got {said}")
    return Checked(name=name, ok=True, detail=said)
