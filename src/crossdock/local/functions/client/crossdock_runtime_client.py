"""A small Lambda runtime client for interpreters that AWS's own has no wheel for.

Speaks the Lambda Runtime API (Lambda Developer Guide, "Using the Lambda runtime API"): next invocation, response,
error, initialization error; errors are named and logged as AWS's client does. Standard library only; it runs in the
function's process, on Python 3.9 or later, and imports no crossdock.
"""

from __future__ import annotations

import decimal
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Handler = Callable[[Any, "Context"], Any]


class Fault(Exception):
    """The package is not what Lambda can run, or an answer is not what it can carry."""

    def __init__(self, kind: str, message: str, stack: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind, self.stack = kind, stack


class Context:
    """What a handler receives beside its event (Lambda Developer Guide, "Python context object")."""

    def __init__(self, headers: Any) -> None:
        self.aws_request_id: str = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn: str = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.client_context = _client_context(headers.get("Lambda-Runtime-Client-Context"))
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self._deadline - int(time.time() * 1000))

    @staticmethod
    def log(message: object) -> None:
        sys.stdout.write(str(message))


def _client_context(text: str | None) -> SimpleNamespace | None:
    if not text:
        return None
    given = json.loads(text)
    client = given.get("client")
    return SimpleNamespace(custom=given.get("custom"), env=given.get("env"),
                           client=SimpleNamespace(**client) if isinstance(client, dict) else None)


class _Formatter(logging.Formatter):
    converter = staticmethod(time.gmtime)
    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        record.aws_request_id = self.request_id
        return super().format(record)


class _Api:
    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address)

    def call(self, method: str, path: str, body: bytes | None = None,
             error: str = "") -> tuple[bytes, http.client.HTTPMessage]:
        headers = {"Lambda-Runtime-Function-Error-Type": error} if error else {}
        self._connection.request(method, f"/2018-06-01/runtime/{path}", body, headers)
        answer = self._connection.getresponse()
        return answer.read(), answer.headers


def _load(handler: str) -> Handler:
    module, _, name = handler.rpartition(".")
    if not module:
        raise Fault("Runtime.MalformedHandlerName",
                    f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)")
    try:
        found = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from None
    except SyntaxError as error:
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}",
                    (f'  File "{error.filename}" Line {error.lineno}\n    {error.text}',)) from None
    if not hasattr(found, name):
        raise Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    handler_found: Handler = getattr(found, name)
    return handler_found


def _number(value: object) -> float:
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _marshal(answer: object) -> bytes:
    if isinstance(answer, bytes):
        return answer
    try:
        return json.dumps(answer, default=_number).encode()
    except (TypeError, ValueError) as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def _failure(error: Exception, request_id: str = "") -> dict[str, Any]:
    kind, stack = type(error).__name__, list[str]()
    if isinstance(error, Fault):
        kind, stack = error.kind, list(error.stack)
    else:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
        stack = traceback.format_list(frames)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": stack}


def _say(failure: dict[str, Any]) -> None:
    """One log event of several lines; a carriage return within it is how AWS's client parts them."""
    stack = [line for entry in failure["stackTrace"] for line in entry.splitlines()]
    lines = [f"[ERROR] {failure['errorType']}: {failure['errorMessage']}", "Traceback (most recent call last):", *stack]
    sys.stdout.write("\r".join(lines) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Load the handler, then run it for one event after the other. SystemExit ends the process, as on Lambda."""
    api = _Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    formatter = _Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
                           "%Y-%m-%dT%H:%M:%S")
    channel = logging.StreamHandler(sys.stdout)
    channel.setFormatter(formatter)
    logging.getLogger().addHandler(channel)
    try:
        handler = _load(os.environ["_HANDLER"])
    except Exception as error:  # noqa: BLE001  whatever the module raises is reported, and ends this process
        failure = _failure(error)
        _say(failure)
        api.call("POST", "init/error", json.dumps(failure).encode(), failure["errorType"])
        sys.exit(1)
    while True:
        body, headers = api.call("GET", "invocation/next")
        request = str(headers["Lambda-Runtime-Aws-Request-Id"])
        formatter.request_id = request
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id") or ""
        try:
            answer = _marshal(handler(json.loads(body), Context(headers)))
        except Exception as error:  # noqa: BLE001  whatever the handler raises is the invocation's answer
            failure = _failure(error, request)
            _say(failure)
            api.call("POST", f"invocation/{request}/error", json.dumps(failure).encode(), failure["errorType"])
        else:
            api.call("POST", f"invocation/{request}/response", answer)


if __name__ == "__main__":
    main()
