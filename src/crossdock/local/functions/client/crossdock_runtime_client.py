"""A small Lambda runtime client for interpreters that AWS's own has no wheel for.

Speaks the Lambda Runtime API (Lambda Developer Guide, "Using the Lambda runtime API"): next invocation, response,
error, initialization error. Standard library only; it runs in the function's process and imports no crossdock.
"""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback


class Context:
    """What a handler receives beside its event."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = json.loads(headers.get("Lambda-Runtime-Client-Context") or "null")
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    @staticmethod
    def log(message):
        sys.stdout.write(str(message))


class _Formatter(logging.Formatter):
    request_id = ""

    def format(self, record):
        record.aws_request_id = self.request_id
        return super().format(record)


def _failure(error):
    frames = traceback.extract_tb(error.__traceback__)
    stack = [line for frame in frames if frame.filename != __file__ for line in traceback.format_list([frame])]
    return {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": "", "stackTrace": stack}


def _say(failure, label="[ERROR]"):
    print(f"{label} {failure['errorType']}: {failure['errorMessage']}")
    if failure["stackTrace"]:
        print("Traceback (most recent call last):\n" + "".join(failure["stackTrace"]).rstrip())


class _Api:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def call(self, method, path, body=None, headers=None):
        self._connection.request(method, f"/2018-06-01/runtime/{path}", body, headers or {})
        answer = self._connection.getresponse()
        return answer.read(), answer.headers


def _load(handler):
    module, _, name = handler.rpartition(".")
    if not module:
        raise ValueError(f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def main():
    api = _Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    formatter = _Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
                           "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    channel = logging.StreamHandler(sys.stdout)
    channel.setFormatter(formatter)
    logging.getLogger().addHandler(channel)
    try:
        handler = _load(os.environ["_HANDLER"])
    except BaseException as error:
        failure = _failure(error)
        failure["errorType"] = {"ModuleNotFoundError": "Runtime.ImportModuleError", "ImportError":
                                "Runtime.ImportModuleError", "SyntaxError": "Runtime.UserCodeSyntaxError",
                                "AttributeError": "Runtime.HandlerNotFound"}.get(failure["errorType"], failure["errorType"])
        _say(failure)
        api.call("POST", "init/error", json.dumps(failure), {"Lambda-Runtime-Function-Error-Type": failure["errorType"]})
        sys.exit(1)
    while True:
        body, headers = api.call("GET", "invocation/next")
        request = headers["Lambda-Runtime-Aws-Request-Id"]
        formatter.request_id = request
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id") or ""
        try:
            answer = json.dumps(handler(json.loads(body), Context(headers)))
        except BaseException as error:
            failure = _failure(error) | {"requestId": request}
            _say(failure)
            api.call("POST", f"invocation/{request}/error", json.dumps(failure),
                     {"Lambda-Runtime-Function-Error-Type": failure["errorType"]})
            if isinstance(error, (SystemExit, KeyboardInterrupt)):
                raise
        else:
            api.call("POST", f"invocation/{request}/response", answer)


if __name__ == "__main__":
    main()
