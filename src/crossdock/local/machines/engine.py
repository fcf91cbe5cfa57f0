"""The Step Functions API."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from crossdock.local.engine import AwsError, Call, Engine, NotEmulated
from crossdock.local.identity import Caller
from crossdock.local.machines import definition
from crossdock.local.machines.errors import Aborted, StateFailed
from crossdock.local.machines.records import Records
from crossdock.local.machines.running import Run
from crossdock.local.machines.state import Execution, Machine, State
from crossdock.local.machines.tasks import Worker
from crossdock.local.machines.tokens import Tokens, Waiting
from crossdock.local.world import World

EXPRESS_SECONDS = 300.0
"""Step Functions quotas, "Maximum execution time" of Express workflows."""
POLL_SECONDS = 60.0
"""GetActivityTask API: the poll is held for 60 seconds."""
MOST_EVENTS = 25_000


class StepFunctions(Records, Engine):
    """State machines and activities are kept (`Records`); executions run in threads, as the machine's role."""

    service: ClassVar[str] = "stepfunctions"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self.tokens = Tokens()
        self._ended: dict[str, threading.Event] = {}
        self._stopping = threading.Event()

    def start(self) -> None:
        """What ran when the last local AWS went down has failed."""
        for execution in self.state.executions.values():
            if execution.status == "RUNNING" and execution.arn not in self._ended:
                self._over(execution, "FAILED", error="States.Runtime", cause="the local AWS stopped")

    def stop(self) -> None:
        self._stopping.set()
        for ended in list(self._ended.values()):
            ended.set()

    # -- executions

    def start_execution(self, call: Call) -> Mapping[str, Any]:
        execution, machine, role, text = self._made(call)
        known = self.state.executions.get(execution.arn)
        if known is not None:
            if known.status == "RUNNING" and known.input == execution.input:
                return {"executionArn": known.arn, "startDate": known.started}
            raise AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{execution.arn}'", 400)
        self.state.executions[execution.arn] = execution
        self._ended[execution.arn] = threading.Event()
        threading.Thread(target=self._run, args=(execution, machine, role, text), name="execution", daemon=True).start()
        return {"executionArn": execution.arn, "startDate": execution.started}

    def start_sync_execution(self, call: Call) -> Mapping[str, Any]:
        execution, machine, role, text = self._made(call)
        if machine.kind != "EXPRESS":
            raise AwsError("StateMachineTypeNotSupported",
                           "This operation is not supported by this type of state machine", 400)
        self._ended[execution.arn] = threading.Event()
        self._run(execution, machine, role, text)
        if execution.error == "NotEmulated":
            raise NotEmulated(execution.cause)
        shown = self._shown(execution)
        return {**shown, "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}}

    def stop_execution(self, call: Call) -> Mapping[str, Any]:
        execution = self._execution(call)
        if execution.status == "RUNNING":
            self._over(execution, "ABORTED", error=str(call.params.get("error") or ""),
                       cause=str(call.params.get("cause") or ""))
            self._ended.get(execution.arn, threading.Event()).set()
        return {"stopDate": execution.stopped}

    def describe_execution(self, call: Call) -> Mapping[str, Any]:
        return self._shown(self._execution(call))

    def describe_state_machine_for_execution(self, call: Call) -> Mapping[str, Any]:
        machine = self.state.machines.get(self._execution(call).machine)
        if machine is None:
            raise AwsError("StateMachineDoesNotExist", "State Machine Does Not Exist", 400)
        return {"stateMachineArn": machine.arn, "name": machine.name, "definition": machine.definition,
                "roleArn": machine.role, "updateDate": machine.updated, **machine.members}

    def list_executions(self, call: Call) -> Mapping[str, Any]:
        wanted, status = str(call.params.get("stateMachineArn") or ""), call.params.get("statusFilter")
        found = [one for one in self.state.executions.values() if one.machine == wanted
                 and (not status or one.status == status)]
        found.sort(key=lambda one: one.started, reverse=True)
        return {"executions": [
            {"executionArn": one.arn, "stateMachineArn": one.machine, "name": one.name, "status": one.status,
             "startDate": one.started, "stopDate": one.stopped} for one in found]}

    def get_execution_history(self, call: Call) -> Mapping[str, Any]:
        events = list(self._execution(call).events)
        return {"events": events[::-1] if call.params.get("reverseOrder") else events}

    # -- tasks that wait

    def send_task_success(self, call: Call) -> Mapping[str, Any]:
        one = self._waiting(call)
        try:
            json.loads(str(call.params["output"]))
        except ValueError:
            raise AwsError("InvalidOutput", f"Invalid Output: '{call.params['output']}'", 400) from None
        one.output = str(call.params["output"])
        one.done.set()
        return {}

    def send_task_failure(self, call: Call) -> Mapping[str, Any]:
        one = self._waiting(call)
        one.failure = StateFailed(str(call.params.get("error") or ""), str(call.params.get("cause") or ""))
        one.done.set()
        return {}

    def send_task_heartbeat(self, call: Call) -> Mapping[str, Any]:
        self._waiting(call).beat = time.monotonic()
        return {}

    def get_activity_task(self, call: Call) -> Mapping[str, Any]:
        arn = str(call.params["activityArn"])
        if arn not in self.state.activities:
            raise AwsError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'", 400)
        found = self.tokens.take(arn, POLL_SECONDS)
        return {"taskToken": found[0], "input": found[1]} if found else {}

    def _waiting(self, call: Call) -> Waiting:
        found = self.tokens.find(str(call.params["taskToken"]))
        if found is None:
            raise AwsError("TaskDoesNotExist", "Task Timed Out: 'Provided task does not exist anymore'", 400)
        return found

    # -- the run itself

    def _made(self, call: Call) -> tuple[Execution, Machine, str, str]:
        """A new execution, with the role and definition that its machine, version or alias has now."""
        machine, role, text, number, alias = self._target(str(call.params["stateMachineArn"]))
        given = str(call.params.get("input") or "{}")
        try:
            json.loads(given)
        except ValueError:
            raise AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{given}'", 400) from None
        name = str(call.params.get("name") or uuid.uuid4())
        kind = "execution" if machine.kind == "STANDARD" else "express"
        end = f":{uuid.uuid4()}" if kind == "express" else ""
        arn = f"{machine.arn.replace(':stateMachine:', f':{kind}:')}:{name}{end}"
        return Execution(arn=arn, name=name, machine=machine.arn, account=machine.account, region=machine.region,
                         input=given, version=number, alias=alias), machine, role, text

    def _run(self, execution: Execution, machine: Machine, role: str, text: str) -> None:
        flow = definition.read(text)
        started = execution.started.isoformat().replace("+00:00", "Z")
        context = {
            "Execution": {"Id": execution.arn, "Input": json.loads(execution.input), "Name": execution.name,
                          "RoleArn": role, "StartTime": started, "RedriveCount": 0},
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        }
        lock = threading.Lock()

        def note(kind: str, **details: Any) -> None:
            with lock:
                if len(execution.events) < MOST_EVENTS:
                    execution.events.append({
                        "id": len(execution.events) + 1, "previousEventId": len(execution.events), "type": kind,
                        "timestamp": datetime.now(UTC), **details})

        seconds = flow.get("TimeoutSeconds") or (EXPRESS_SECONDS if machine.kind == "EXPRESS" else None)
        worker = Worker(world=self.world, region=machine.region, tokens=self.tokens,
                        role=lambda: self._role(role, execution, machine))
        run = Run(language=str(flow.get("QueryLanguage", "JSONPath")), context=context, note=note, act=worker.act,
                  ended=self._ended[execution.arn], until=time.monotonic() + float(seconds) if seconds else None)
        note("ExecutionStarted", executionStartedEventDetails={"input": execution.input, "roleArn": role})
        self._told(execution)
        try:
            output = run.flow(flow, json.loads(execution.input))
        except Aborted:
            if execution.status == "RUNNING":
                self._over(execution, "FAILED", error="States.Runtime", cause="the local AWS stopped")
        except StateFailed as failed:
            timed = failed.error == "States.Timeout" and run.until is not None and time.monotonic() > run.until
            self._over(execution, "TIMED_OUT" if timed else "FAILED", error=failed.error, cause=failed.cause)
        except NotEmulated as error:
            self.world.substitution(f"execution {execution.name} of {machine.name} ended: {error.message}")
            self._over(execution, "FAILED", error="NotEmulated",
                       cause=error.message.removeprefix("the local AWS does not emulate "))
        except AwsError as error:
            self._over(execution, "FAILED", error="States.Runtime", cause=error.message)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            # A definition that the checks let through and that means nothing.
            self._over(execution, "FAILED", error="States.Runtime", cause=f"{type(error).__name__}: {error}")
        else:
            self._over(execution, "SUCCEEDED", output=json.dumps(output, separators=(",", ":"), ensure_ascii=False))
        finally:
            self._ended.pop(execution.arn, None)

    def _role(self, role: str, execution: Execution, machine: Machine) -> Caller:
        try:
            return self.world.assume(role, service="states.amazonaws.com", session=execution.name[:64],
                                     source_arn=machine.arn, source_account=machine.account)
        except AwsError as error:
            raise StateFailed("States.Permissions", f"The role {role} is not authorized to be assumed by Step "
                              f"Functions: {error.message}") from error

    def _over(self, execution: Execution, status: str, *, output: str = "", error: str = "", cause: str = "") -> None:
        if execution.status != "RUNNING":
            return
        execution.output, execution.error, execution.cause = output, error, cause
        execution.stopped, execution.status = datetime.now(UTC), status
        name = {"TIMED_OUT": "TimedOut"}.get(status, status.capitalize())
        details = {"output": output} if status == "SUCCEEDED" else {"error": error, "cause": cause}
        execution.events.append({
            "id": len(execution.events) + 1, "previousEventId": len(execution.events), "type": f"Execution{name}",
            "timestamp": execution.stopped, f"execution{name}EventDetails": details})
        self.keep(("executions", execution.arn))
        if not self._stopping.is_set():
            self._told(execution)

    def _told(self, execution: Execution) -> None:
        """EventBridge hears of Standard executions (Developer Guide, "Step Functions Execution Status Change")."""
        if ":express:" in execution.arn:
            return
        stopped = int(execution.stopped.timestamp() * 1000) if execution.stopped else None
        self.world.emit(
            account=execution.account, region=execution.region, source="aws.states", resources=[execution.arn],
            detail_type="Step Functions Execution Status Change", detail={
                "executionArn": execution.arn, "stateMachineArn": execution.machine, "name": execution.name,
                "status": execution.status, "startDate": int(execution.started.timestamp() * 1000), "stopDate": stopped,
                "input": execution.input, "output": execution.output or None, "error": execution.error or None,
                "cause": execution.cause or None})

    def _execution(self, call: Call) -> Execution:
        arn = str(call.params["executionArn"])
        found = self.state.executions.get(arn)
        if found is None or ":express:" in arn:
            raise AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400)
        return found

    def _shown(self, execution: Execution) -> dict[str, Any]:
        return {
            "executionArn": execution.arn, "stateMachineArn": execution.machine, "name": execution.name,
            "status": execution.status, "startDate": execution.started, "stopDate": execution.stopped,
            "input": execution.input, "inputDetails": {"included": True}, "output": execution.output or None,
            "outputDetails": {"included": True} if execution.output else None, "error": execution.error or None,
            "cause": execution.cause or None, "stateMachineVersionArn": execution.version or None,
            "stateMachineAliasArn": execution.alias or None,
        }
