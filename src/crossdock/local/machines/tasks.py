"""Tasks: functions, services, activities, callbacks. Everything is called as the state machine's role.

Step Functions Developer Guide, "Integrating services with Step Functions" (optimized and SDK integrations; request
response, `.sync`, `.waitForTaskToken`).
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError, UnknownServiceError

from crossdock.local.cloudformation.resources.shapes import fit
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.identity import Caller
from crossdock.local.machines import paths
from crossdock.local.machines.errors import StateFailed
from crossdock.local.machines.running import Deadline, Run
from crossdock.local.machines.tokens import Tokens
from crossdock.local.world import World

_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:.+")
_ACTIVITY = re.compile(r"arn:[\w-]+:states:[\w-]+:\d{12}:activity:.+")
_SERVICE = re.compile(r"arn:[\w-]+:states:[\w-]*:(?:\d{12})?:(?P<sdk>aws-sdk:)?(?P<service>[\w-]+):(?P<action>\w+)"
                      r"(?:\.(?P<how>sync:2|sync|waitForTaskToken))?")
_NAMES = {"states": "stepfunctions", "sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs",
          "cognitoidentityprovider": "cognito-idp", "elasticloadbalancingv2": "elbv2", "ses": "ses", "sesv2": "sesv2",
          "applicationautoscaling": "application-autoscaling", "costexplorer": "ce", "organizations": "organizations",
          "bedrockruntime": "bedrock-runtime", "cloudwatch": "cloudwatch", "ecr": "ecr"}
"""Names in resources -> botocore's, where they differ."""
_PREFIXES = {"dynamodb": "DynamoDb", "sqs": "Sqs", "sns": "Sns", "s3": "S3", "stepfunctions": "Sfn", "lambda": "Lambda",
             "events": "EventBridge", "ec2": "Ec2", "ecs": "Ecs", "iam": "Iam", "kms": "Kms", "ssm": "Ssm",
             "rds": "Rds",
             "secretsmanager": "SecretsManager", "cloudformation": "CloudFormation", "codebuild": "CodeBuild",
             "codepipeline": "CodePipeline", "logs": "CloudWatchLogs", "sts": "Sts", "ses": "Ses", "sesv2": "SesV2"}
_OPTIMIZED = {"dynamodb": "DynamoDB", "sqs": "SQS", "sns": "SNS", "stepfunctions": "StepFunctions", "ecs": "ECS",
              "events": "EventBridge", "codebuild": "CodeBuild"}
"""How errors of a service begin: of SDK integrations and of optimized ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Does tasks for one execution. `role` makes a session of its role."""

    world: World
    role: Callable[[], Caller]
    region: str
    tokens: Tokens

    def act(self, run: Run, state: Mapping[str, Any], given: Any, deadline: Deadline) -> Any:
        """What the task answers with. Raises StateFailed, Aborted, NotEmulated."""
        resource = str(state["Resource"])
        if _FUNCTION.fullmatch(resource):
            payload = paths.filled(state["Parameters"], run.scope(given)) if "Parameters" in state else given
            return self._timed(run, deadline, lambda: self._invoked({"FunctionName": resource, "Payload": payload})[
                "Payload"])
        if _ACTIVITY.fullmatch(resource):
            return self._offered(run, state, given, deadline, resource)
        found = _SERVICE.fullmatch(resource)
        if found is None:
            raise NotEmulated(f"the resource {resource} of state machines")
        if found["how"] == "waitForTaskToken":
            return self._called_back(run, state, given, deadline, found)
        parameters = paths.filled(state.get("Parameters") or {}, run.scope(given))
        return self._timed(run, deadline, lambda: self._asked(run, found, parameters))

    # -- services

    def _asked(self, run: Run, found: re.Match[str], parameters: dict[str, Any]) -> Any:
        service = _NAMES.get(found["service"], found["service"])
        match found["sdk"] or "", service, found["action"]:
            case "", "lambda", "invoke":
                return self._invoked(parameters)
            case "", "stepfunctions", "startExecution":
                return self._nested(run, parameters, str(found["how"] or ""))
            case "", "codebuild", "startBuild" if found["how"]:
                return self._built(run, parameters)
            case "", "apigateway" | "http" | "eks" | "emr-containers", _:
                raise NotEmulated(f"the integration {found['service']}:{found['action']} of state machines")
            case _ if found["how"]:
                raise NotEmulated(f"the integration {found[0].split(':::')[-1]} of state machines")
        return self._called(service, found["action"], parameters, sdk=bool(found["sdk"]))

    def _called(self, service: str, action: str, parameters: Mapping[str, Any], *, sdk: bool) -> Any:
        try:
            client = self.world.client(service, self.role(), self.region)
        except UnknownServiceError:
            raise NotEmulated(f"the service {service}") from None
        operation = action[0].upper() + action[1:]
        shapes = client.meta.service_model
        if operation not in shapes.operation_names:
            raise StateFailed("States.Runtime", f"{service} has no action {action}")
        described = shapes.operation_model(operation)
        prefix = (_PREFIXES if sdk else _OPTIMIZED).get(service, service.replace("-", " ").title().replace(" ", ""))
        given = fit(described.input_shape, _bodies(service, parameters), f"{service}:{action}") \
            if described.input_shape is not None else {}
        try:
            told = getattr(client, xform_name(operation))(**given)
        except ClientError as error:
            said = error.response["Error"]
            if said["Code"] == "NotEmulated":
                raise NotEmulated(str(said["Message"]).removeprefix("the local AWS does not emulate ")) from None
            raise StateFailed(_named(prefix, str(said["Code"])), f"{said['Message']} (Service: {prefix}, Status Code: "
                              f"{error.response['ResponseMetadata']['HTTPStatusCode']})") from error
        except ParamValidationError as error:
            raise StateFailed("States.Runtime", str(error)) from error
        meta = told.pop("ResponseMetadata", {})
        shown = _shown(told, described.output_shape)
        if not sdk and service in ("dynamodb", "sqs", "sns", "events"):
            shown["SdkHttpMetadata"] = {"HttpStatusCode": meta.get("HTTPStatusCode", 200)}
            shown["SdkResponseMetadata"] = {"RequestId": meta.get("RequestId", "")}
        return shown

    def _invoked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        payload = parameters.get("Payload", {})
        client = self.world.client("lambda", self.role(), self.region)
        more = {name: str(parameters[name]) for name in ("Qualifier", "InvocationType", "ClientContext", "LogType")
                if name in parameters}
        try:
            told = client.invoke(FunctionName=str(parameters["FunctionName"]),
                                 Payload=json.dumps(payload).encode(), **more)
        except ClientError as error:
            said = error.response["Error"]
            if said["Code"] == "NotEmulated":
                raise NotEmulated(str(said["Message"]).removeprefix("the local AWS does not emulate ")) from None
            raise StateFailed(_named("Lambda", str(said["Code"])), str(said["Message"])) from error
        text = told["Payload"].read().decode("utf-8", "replace")
        if told.get("FunctionError"):
            raise _raised(text)
        answered = json.loads(text) if text else None
        return {"ExecutedVersion": told.get("ExecutedVersion"), "Payload": answered, "StatusCode": told["StatusCode"]}

    def _nested(self, run: Run, parameters: Mapping[str, Any], how: str) -> Any:
        started = self._called("stepfunctions", "startExecution", parameters, sdk=False)
        if not how:
            return started
        arn = started.get("ExecutionArn")
        while True:
            run.alive()
            told = self._called("stepfunctions", "describeExecution", {"executionArn": arn}, sdk=False)
            if told["Status"] != "RUNNING":
                break
            time.sleep(0.05)
        if told["Status"] != "SUCCEEDED":
            raise StateFailed("States.TaskFailed", json.dumps(told, default=str))
        if how == "sync:2":
            told = {**told, "Input": json.loads(told["Input"]), "Output": json.loads(told["Output"])}
        return told

    def _built(self, run: Run, parameters: Mapping[str, Any]) -> Any:
        started = self._called("codebuild", "startBuild", parameters, sdk=False)
        while True:
            run.alive()
            wanted = {"Ids": [started["Build"]["Id"]]}
            [build] = self._called("codebuild", "batchGetBuilds", wanted, sdk=False)["Builds"]
            if build["BuildStatus"] != "IN_PROGRESS":
                break
            time.sleep(0.1)
        if build["BuildStatus"] != "SUCCEEDED":
            raise StateFailed("States.TaskFailed", json.dumps({"Build": build}, default=str))
        return {"Build": build}

    # -- what waits

    def _called_back(
        self, run: Run, state: Mapping[str, Any], given: Any, deadline: Deadline, found: re.Match[str]
    ) -> Any:
        waiting = self.tokens.new()
        run.context["Task"] = {"Token": waiting.token}
        parameters = paths.filled(state.get("Parameters") or {}, run.scope(given))
        service = _NAMES.get(found["service"], found["service"])
        if (found["sdk"] or "", service, found["action"]) == ("", "lambda", "invoke"):
            self._invoked(parameters)
        else:
            self._called(service, found["action"], parameters, sdk=bool(found["sdk"]))
        return self._answered(run, waiting, deadline)

    def _offered(
        self, run: Run, state: Mapping[str, Any], given: Any, deadline: Deadline, activity: str
    ) -> Any:
        waiting = self.tokens.new()
        run.context["Task"] = {"Token": waiting.token}
        payload = paths.filled(state["Parameters"], run.scope(given)) if "Parameters" in state else given
        self.tokens.offer(activity, waiting.token, json.dumps(payload))
        return self._answered(run, waiting, deadline)

    def _answered(self, run: Run, waiting: Any, deadline: Deadline) -> Any:
        def alive() -> None:
            run.alive()
            if deadline.at is not None and time.monotonic() > deadline.at:
                raise StateFailed("States.Timeout", "")

        return json.loads(self.tokens.wait(waiting, heartbeat=deadline.heartbeat, alive=alive))

    def _timed(self, run: Run, deadline: Deadline, work: Callable[[], Any]) -> Any:
        """A call that is given up when its time is over; it goes on by itself then."""
        told: list[Any] = []
        failed: list[BaseException] = []
        done = threading.Event()

        def call() -> None:
            try:
                told.append(work())
            except Exception as error:  # noqa: BLE001  raised again where the answer is waited for
                failed.append(error)
            finally:
                done.set()

        threading.Thread(target=call, name="states-task", daemon=True).start()
        while not done.wait(0.02 if not told else 0):
            run.alive()
            if deadline.at is not None and time.monotonic() > deadline.at:
                raise StateFailed("States.Timeout", "")
        if failed:
            if isinstance(failed[0], AwsError) and not isinstance(failed[0], NotEmulated):
                raise StateFailed("States.TaskFailed", failed[0].message) from failed[0]
            raise failed[0]
        return told[0]


def _named(prefix: str, code: str) -> str:
    """`DynamoDB.ConditionalCheckFailedException`; codes of older APIs have no `Exception` at their end."""
    code = code.rpartition(".")[2]
    return f"{prefix}.{code if code.endswith(('Exception', 'Error')) else f'{code}Exception'}"


def _raised(payload: str) -> StateFailed:
    """A function's error: its type is the state's error, the whole answer the cause."""
    try:
        told = json.loads(payload)
        kind = str(told["errorType"])
    except (ValueError, KeyError, TypeError):
        return StateFailed("Lambda.Unknown", payload)
    if "does not emulate" in str(told.get("errorMessage")):
        raise NotEmulated(str(told["errorMessage"]).partition("does not emulate ")[2])
    if kind == "Sandbox.Timedout":
        return StateFailed("Sandbox.Timedout", payload)
    return StateFailed(kind, payload)


def _bodies(service: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is text in an API but an object in a task: messages, details, bodies."""
    made = dict(parameters)
    texts = {"sqs": ("MessageBody",), "sns": ("Message",), "s3": ("Body",), "stepfunctions": ("Input", "Output")}
    for name in texts.get(service, ()):
        if name in made and not isinstance(made[name], str | bytes):
            made[name] = json.dumps(made[name])
    if service == "events" and isinstance(made.get("Entries"), list):
        made["Entries"] = [{**entry, "Detail": entry["Detail"] if isinstance(entry.get("Detail", ""), str)
                            else json.dumps(entry["Detail"])} for entry in made["Entries"]]
    return made


def _shown(value: Any, shape: Any) -> Any:
    """An API's answer as Step Functions hands it on: names in capitals, everything JSON."""
    if value is None or shape is None:
        return value if value is not None else {}
    match shape.type_name:
        case "structure":
            return {name[0].upper() + name[1:]: _shown(item, shape.members.get(name)) for name, item in value.items()}
        case "list":
            return [_shown(item, shape.member) for item in value]
        case "map":
            return {key: _shown(item, shape.value) for key, item in value.items()}
        case "blob":
            raw = value.read() if hasattr(value, "read") else value
            return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else base64.b64encode(raw).decode()
        case "timestamp":
            return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        case _ if isinstance(value, Decimal):
            return float(value)
        case _:
            return value
