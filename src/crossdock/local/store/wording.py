"""Errors in AWS's words where moto has others: code and message as the services' clients know them.

Sources: the Errors sections of the API references; messages as the AWS CLI and SDKs show them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape, unescape

Words = tuple[tuple[str, Callable[[re.Match[str]], str]], ...]
"""Pattern of a whole message -> what AWS says instead."""

_IAM: Words = (
    (r"(Role|User|Group) (\S+) not found", lambda m: f"The {m[1].lower()} with name {m[2]} cannot be found."),
    (r"User (\S+) already exists", lambda m: f"User with name {m[1]} already exists."),
    (r"Instance profile (\S+) not found", lambda m: f"Instance Profile {m[1]} cannot be found."),
    (r"Policy (arn:\S+) not found", lambda m: f"Policy {m[1]} was not found."),
    (r"Policy Document (\S+) not attached to role \S+",
     lambda m: f"The role policy with name {m[1]} cannot be found."),
)
_SNS: Words = (
    (r"Endpoint does not exist", lambda _: "Topic does not exist"),
    (r"AttributeName", lambda _: "Invalid parameter: AttributeName"),
)
_SSM: Words = ((r"Parameter \S+ not found\.", lambda _: ""),)
_SQS: Words = ((r"An error occurred \(\w+\) when calling the \w+ operation: (.*)", lambda m: m[1]),)
_TABLES: Mapping[str, Words] = {"iam": _IAM, "sns": _SNS, "sqs": _SQS, "ssm": _SSM}
_MESSAGE = re.compile(r"(<Message>|\"[Mm]essage\":\s*\")(.*?)(</Message>|\"\s*[,}])", re.S)


def worded(service: str, body: str) -> str:
    """An error's body with the message that AWS gives."""
    return _MESSAGE.sub(lambda found: found[1] + _message(service, found[2]) + found[3], body, count=1)


def _message(service: str, text: str) -> str:
    return next(_found(service, text), text)


def _found(service: str, text: str) -> Iterator[str]:
    plain = unescape(text).strip()
    for pattern, words in _TABLES.get(service, ()):
        if found := re.fullmatch(pattern, plain, re.S):
            yield escape(words(found), quote=False) if service in ("iam", "sns") else words(found)
