"""What moto does again at each call, in each account, or with its lock held: done once, or without it."""

from __future__ import annotations

import functools
import json
import threading
import uuid
from collections.abc import Mapping
from copy import copy
from typing import Any
from urllib.parse import parse_qsl

from moto import backends
from moto.core import responses
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.iam import models as iam
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.sqs import models as sqs

_POLL = 0.05
"""Seconds between two looks into a queue that is polled for longer."""


def apply(lock: threading.RLock) -> None:
    """`lock`: the store's, held by the thread that polls a queue."""
    responses.method_names_from_class = _methods
    responses.camelcase_to_underscores = sqs.camelcase_to_underscores = _snake
    responses.parse_qsl = _form
    responses.gen_amzn_requestid_long = _request_id
    backends._import_backend = _backend
    iam.IAMBackend._init_aws_policies = _policies
    free = threading.Condition(lock)
    sqs.Queue.wait_for_messages = lambda _self, timeout: free.wait(min(timeout, _POLL)) and None


_methods = functools.cache(lambda of: frozenset(method_names_from_class(of)))
_snake = functools.cache(camelcase_to_underscores)
_backend = functools.cache(backends._import_backend)


def _form(body: str, **how: Any) -> list[tuple[str, str]]:
    """moto reads every body as a form, also those in JSON, which are long and make no sense as one."""
    return [(body, "")] if body[:1] == "{" else parse_qsl(body, **how)


def _request_id(headers: dict[str, Any] | None = None) -> str:
    """The request's id in the headers; the door puts its own there in the end."""
    made = uuid.uuid4().hex
    if headers is not None:
        headers["x-amzn-requestid"] = made
    return made


@functools.cache
def _published() -> Mapping[str, Any]:
    """The policies that AWS manages: over a thousand, whose documents take a tenth of a second to read."""
    return {name: iam.AWSManagedPolicy.from_data(name, "aws", "aws", data)
            for name, data in json.loads(aws_managed_policies_data).items()}


def _policies(self: Any) -> list[Any]:
    """Those of one account: its own, since each counts what it is attached to; documents are everybody's."""
    made = [copy(policy) for policy in _published().values()]
    for policy in made:
        policy.account_id, policy.region, policy.tags = self.account_id, self.region_name, {}
        policy.versions = list(policy.versions)
    return made
