"""Questions: small programs that ask one cloud something through stock boto3 and tell what it answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from witnessing.normal import normal

HOME, OTHER = "111111111111", "222222222222"
REGION = "us-east-1"
CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1}, parameter_validation=True,
    s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)

Facts = dict[str, Any]
"""What a cloud answered, by the name of the fact: JSON values."""


@dataclass(frozen=True, slots=True)
class Key:
    """An access key, with the token of a session where it belongs to one."""

    id: str
    secret: str
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A cloud that is asked. `keys` are those of an IAM user in each account who may do everything."""

    name: str
    endpoint: str
    keys: Mapping[str, Key]
    clients: dict[tuple[str, Key], Any] = field(default_factory=dict)

    def client(self, service: str, account: str = HOME, key: Key | None = None) -> Any:
        """A boto3 client of an account's administrator, or of a key."""
        key = key or self.keys[account]
        if (service, key) not in self.clients:
            config = CONFIG.merge(Config(signature_version="s3v4")) if service == "s3" else CONFIG
            self.clients[service, key] = boto3.client(
                service, endpoint_url=self.endpoint, region_name=REGION, config=config, aws_access_key_id=key.id,
                aws_secret_access_key=key.secret, aws_session_token=key.token)
        return self.clients[service, key]


@dataclass(frozen=True, slots=True)
class Question:
    """`name` is `<service>/<what is asked>`; `asks` one sentence for a reader."""

    name: str
    asks: str
    put: Callable[[Side], Facts]


QUESTIONS: dict[str, Question] = {}


def question(put: Callable[[Side], Facts]) -> Callable[[Side], Facts]:
    """Make a function of a module `questions/<service>...` a question; its docstring's first line says what it asks."""
    service = put.__module__.rpartition(".")[2]
    asked = Question(f"{service}/{put.__name__}", (put.__doc__ or "").strip().splitlines()[0], put)
    assert asked.name not in QUESTIONS, asked.name
    QUESTIONS[asked.name] = asked
    return put


def answers(side: Side, only: str = "") -> dict[str, Facts]:
    """What a side answers to all questions (or those with `only` in their names), without what is random."""
    from witnessing import questions

    assert questions.MODULES  # importing them registered them
    return {name: normal(_put(asked, side), side.endpoint) for name, asked in QUESTIONS.items() if only in name}


def _put(asked: Question, side: Side) -> Facts:
    try:
        return asked.put(side)
    except ClientError as error:
        return {"stopped at": f"{error.operation_name}: {said(error)}"}
    except (BotoCoreError, ResponseParserError, Unsettled) as error:
        return {"stopped at": broken(error)}


class Unsettled(Exception):
    """What was waited for did not come in time."""


def said(error: ClientError) -> str:
    """`<HTTP status> <code>: <message>`"""
    answer = error.response
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return f"{status} {answer['Error'].get('Code')}: {answer['Error'].get('Message')}"


def broken(error: Exception) -> str:
    """No answer, or one that is none: a fault of the side, whatever the question."""
    return f"broken: {type(error).__name__}: {str(error)[:160]}"


def refusal(call: Callable[..., Any], **members: Any) -> str:
    """The error that a call is answered with, or `accepted`."""
    try:
        call(**members)
    except ClientError as error:
        return said(error)
    except (BotoCoreError, ResponseParserError) as error:
        return broken(error)
    return "accepted"


def told(call: Callable[[], Any]) -> Any:
    """What a call is answered with, or the error: one fact that fails takes no other with it."""
    try:
        return call()
    except ClientError as error:
        return said(error)
    except (BotoCoreError, ResponseParserError, KeyError) as error:
        return broken(error)


def await_true(test: Callable[[], Any], what: str, seconds: float = 20.0) -> Any:
    """The first true value of `test`. Raises Unsettled."""
    deadline = time.monotonic() + seconds
    while not (value := test()):
        if time.monotonic() > deadline:
            raise Unsettled(f"{what}: not after {seconds:.0f} s")
        time.sleep(0.03)
    return value
