"""Executions on their way through stages: the threads that run stages and actions, and what they leave in the state.

All changes of state happen under one lock; providers run outside it.
"""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError, Engine
from crossdock.local.pipelines import happenings, lanes, rollbacks
from crossdock.local.pipelines.actions import AbandonedError, ActionError, Result
from crossdock.local.pipelines.actions.job import HALT
from crossdock.local.pipelines.state import ActionRun, Declaration, Execution, Pipeline, StageRun, State, now
from crossdock.local.pipelines.work import Work

if TYPE_CHECKING:
    from crossdock.local.world import World

CONCURRENT = 50
"""Executions under way at once in the modes QUEUED and PARALLEL (CodePipeline User Guide, quotas)."""


class Conductor(Engine):
    """The part of the CodePipeline engine that runs executions."""

    service = "codepipeline"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self.lock = threading.RLock()
        self.mail: dict[str, queue.SimpleQueue[Any]] = {}
        self.ending = threading.Event()
        self._threads: set[threading.Thread] = set()

    def start(self) -> None:
        """Settle what was running when the last local AWS ended, and let waiting executions enter."""
        self.ending.clear()
        with self.lock:
            for pipeline in self.state.pipelines.values():
                for stage in list(pipeline.lanes):
                    for execution in lanes.within(pipeline, stage):
                        self._interrupted(pipeline, execution, stage)
                for stage in list(pipeline.lanes):
                    self.admit(pipeline, stage)

    def stop(self) -> None:
        self.ending.set()
        with self.lock:
            for mailbox in self.mail.values():
                mailbox.put(HALT)
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    # -- executions

    def begin(
        self, pipeline: Pipeline, trigger: str, detail: str, *, variables: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> Execution:
        """A new execution; it waits before the first stage, or enters it. Raises AwsError when too many are under way
        (rule E3)."""
        with self.lock:
            under_way = sum(not one.is_over() for one in pipeline.executions.values())
            if pipeline.declaration["executionMode"] != "SUPERSEDED" and under_way >= CONCURRENT:
                raise AwsError("ConcurrentPipelineExecutionsLimitExceededException",
                               f"Pipeline {pipeline.name} has {under_way} executions under way already")
            execution = Execution(
                id=str(uuid.uuid4()), number=len(pipeline.executions) + 1, version=pipeline.version,
                declaration=pipeline.declaration, trigger=trigger, trigger_detail=detail,
                overrides=dict(overrides or {}),
            )
            execution.variables = {
                "codepipeline": {"PipelineExecutionId": execution.id}, "variables": dict(variables or {}),
            }
            pipeline.executions[execution.id] = execution
            started = {"execution-trigger": {"trigger-type": trigger, "trigger-detail": detail}}
            happenings.pipeline_changed(self.world, pipeline, execution, "STARTED", started)
            self.enter(pipeline, execution, lanes.stage_names(execution)[0])
        return execution

    def roll_back(
        self, pipeline: Pipeline, stage: str, target: Execution, trigger: str, detail: str
    ) -> Execution:
        """Run one stage as the target ran it (rule E9), in a new execution that ends with the stage."""
        with self.lock:
            execution = Execution(
                id=str(uuid.uuid4()), number=len(pipeline.executions) + 1, version=pipeline.version,
                declaration=pipeline.declaration, trigger=trigger, trigger_detail=detail, target=target.id,
                artifacts=dict(target.artifacts),
                variables={name: dict(values) for name, values in target.variables.items()},
            )
            execution.variables["codepipeline"] = {"PipelineExecutionId": execution.id}
            pipeline.executions[execution.id] = execution
            started = {"execution-trigger": {"trigger-type": trigger, "trigger-detail": detail}}
            happenings.pipeline_changed(self.world, pipeline, execution, "STARTED", started)
            self.enter(pipeline, execution, stage)
        return execution

    def enter(self, pipeline: Pipeline, execution: Execution, stage: str) -> None:
        """Arrive before a stage, superseding who waited there, and enter it when it is free."""
        superseded = lanes.arrive(pipeline, execution, stage)
        if superseded is not None:
            self.end(pipeline, superseded, "Superseded")
        self.admit(pipeline, stage)

    def admit(self, pipeline: Pipeline, stage: str) -> None:
        while not self.ending.is_set() and (execution := lanes.admit(pipeline, stage)) is not None:
            execution.stages[stage] = StageRun()
            happenings.stage_changed(self.world, pipeline, execution, stage, "STARTED")
            self._conduct_in_thread(pipeline, execution, stage, _actions(execution, stage))

    def resume(self, pipeline: Pipeline, execution: Execution, stage: str, names: Sequence[str]) -> None:
        """Run these actions of a stage again (RetryStageExecution). The caller has checked that it may be."""
        run = execution.stages[stage]
        run.status, run.attempt, execution.status = "InProgress", run.attempt + 1, "InProgress"
        execution.updated = now()
        lanes.reenter(pipeline, execution, stage)
        happenings.pipeline_changed(self.world, pipeline, execution, "RESUMED")
        happenings.stage_changed(self.world, pipeline, execution, stage, "RESUMED")
        chosen = [action for action in _actions(execution, stage) if action["name"] in names]
        self._conduct_in_thread(pipeline, execution, stage, chosen)

    def end(self, pipeline: Pipeline, execution: Execution, status: str) -> None:
        execution.status, execution.updated = status, now()
        state = {"Cancelled": "CANCELED"}.get(status, status.upper())
        happenings.pipeline_changed(self.world, pipeline, execution, state)

    def halt(self, execution: Execution) -> None:
        """Tell the execution's running actions that nobody waits for them."""
        for run in execution.history:
            if run.id in self.mail:
                self.mail[run.id].put(HALT)

    # -- stages

    def _conduct_in_thread(
        self, pipeline: Pipeline, execution: Execution, stage: str, actions: Iterable[Declaration]
    ) -> None:
        ordered = sorted(actions, key=_order)
        groups = [list(group) for _, group in groupby(ordered, key=_order)]
        self._thread(f"{pipeline.name}-{stage}", partial(self._conduct, pipeline, execution, stage, groups))

    def _conduct(
        self, pipeline: Pipeline, execution: Execution, stage: str, groups: Sequence[Sequence[Declaration]]
    ) -> None:
        """Run groups of parallel actions one after the other (rule P5), until one fails or the execution stops."""
        for group in groups:
            with self.lock:
                if execution.status == "Stopping" or self.ending.is_set():
                    break
                runs = [self._open(pipeline, execution, stage, action) for action in group]
            if len(runs) == 1:
                self._perform(pipeline, execution, runs[0])
            else:
                threads = [
                    self._thread(f"{pipeline.name}-{run.action}", partial(self._perform, pipeline, execution, run))
                    for run in runs
                ]
                for thread in threads:
                    thread.join()
            if any(run.status != "Succeeded" for run in runs):
                break
        if not self.ending.is_set():
            with self.lock:
                self._leave(pipeline, execution, stage)

    def _leave(self, pipeline: Pipeline, execution: Execution, stage: str) -> None:
        """The stage is done: its lock is free, the execution goes on or ends, the next one enters."""
        run = execution.stages[stage]
        statuses = [run.actions[a["name"]].status for a in _actions(execution, stage) if a["name"] in run.actions]
        complete = len(statuses) == len(_actions(execution, stage)) and set(statuses) == {"Succeeded"}
        run.status = "Succeeded" if complete else "Failed" if "Failed" in statuses else "Stopped"
        happenings.stage_changed(self.world, pipeline, execution, stage, run.status.upper())
        lanes.release(pipeline, execution, stage)
        if execution.status == "Stopping":
            self.end(pipeline, execution, "Stopped")
        elif execution.status == "InProgress" and run.status == "Succeeded":
            self._go_on(pipeline, execution, stage)
        elif execution.status == "InProgress":
            self._failed(pipeline, execution, stage)
        self.admit(pipeline, stage)

    def _failed(self, pipeline: Pipeline, execution: Execution, stage: str) -> None:
        """What the stage wants when it failed (onFailure): one retry, a rollback, or nothing more."""
        declared = next(one for one in execution.declaration["stages"] if one["name"] == stage)
        wanted, run = declared.get("onFailure") or {}, execution.stages[stage]
        if wanted.get("result") == "RETRY" and not run.automatic:
            run.automatic += 1
            names = [action["name"] for action in declared["actions"]]
            if (wanted.get("retryConfiguration") or {}).get("retryMode", "ALL_ACTIONS") == "FAILED_ACTIONS":
                names = [name for name in names if name not in run.actions or run.actions[name].status != "Succeeded"]
            self.resume(pipeline, execution, stage, names)
            return
        self.end(pipeline, execution, "Failed")
        target = rollbacks.latest(pipeline, stage) if wanted.get("result") == "ROLLBACK" else None
        if target is not None and not execution.target:
            self.roll_back(pipeline, stage, target, "AutomatedRollback", execution.id)

    def _go_on(self, pipeline: Pipeline, execution: Execution, stage: str) -> None:
        following = None if execution.target else lanes.following(execution, stage)
        if following is None:
            self.end(pipeline, execution, "Succeeded")
        elif pipeline.lane(stage).outbound.enabled:
            self.enter(pipeline, execution, following)
        else:
            superseded = lanes.hold_back(pipeline, execution, stage)
            if superseded is not None:
                self.end(pipeline, superseded, "Superseded")

    def _interrupted(self, pipeline: Pipeline, execution: Execution, stage: str) -> None:
        for run in execution.stages[stage].actions.values():
            if run.status == "InProgress":
                self._close(pipeline, execution, run, "Failed",
                            error=("JobFailed", "The local AWS was stopped while this action ran"))
        execution.stages[stage].status = "Failed"
        happenings.stage_changed(self.world, pipeline, execution, stage, "FAILED")
        lanes.release(pipeline, execution, stage)
        self.end(pipeline, execution, "Stopped" if execution.status == "Stopping" else "Failed")

    # -- actions

    def _open(self, pipeline: Pipeline, execution: Execution, stage: str, action: Declaration) -> ActionRun:
        run = ActionRun(id=str(uuid.uuid4()), stage=stage, action=action["name"], declaration=action)
        execution.history.append(run)
        execution.stages[stage].actions[run.action] = run
        self.mail[run.id] = queue.SimpleQueue()
        happenings.action_changed(self.world, pipeline, execution, run, "STARTED")
        return run

    def _perform(self, pipeline: Pipeline, execution: Execution, run: ActionRun) -> None:
        work = Work(world=self.world, pipeline=pipeline, execution=execution, run=run, mailbox=self.mail[run.id])
        try:
            result = work.perform()
        except ActionError as error:
            self._close(pipeline, execution, run, "Failed", error=(error.code, error.message))
        except AbandonedError:
            if not self.ending.is_set():  # else it is still in progress, and `start` will settle it
                self._close(pipeline, execution, run, "Abandoned")
        except BaseException as error:
            self._close(pipeline, execution, run, "Failed", error=("InternalFailure", repr(error)))
            raise
        else:
            self._close(pipeline, execution, run, "Succeeded", result=result)

    def _close(
        self, pipeline: Pipeline, execution: Execution, run: ActionRun, status: str, *,
        result: Result | None = None, error: tuple[str, str] = ("", ""),
    ) -> None:
        with self.lock:
            self.mail.pop(run.id, None)
            run.error_code, run.error_message = error
            if result is None:
                run.outputs = []
            else:
                run.variables, run.revision = dict(result.variables), result.revision
                execution.artifacts |= {artifact.name: artifact for artifact in run.outputs}
                if run.declaration.get("namespace"):
                    execution.variables[run.declaration["namespace"]] = run.variables
                if run.revision is not None:
                    pipeline.seen[f"{run.stage}/{run.action}"] = run.revision.id
            run.status, run.updated = status, now()
            execution.updated = run.updated
            happenings.action_changed(self.world, pipeline, execution, run, status.upper())

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                with self.lock:
                    self._threads.discard(thread)

        thread = threading.Thread(target=run, name=f"codepipeline-{name}", daemon=True)
        with self.lock:
            self._threads.add(thread)
        thread.start()
        return thread


def _actions(execution: Execution, stage: str) -> list[Declaration]:
    return next(list(s["actions"]) for s in execution.declaration["stages"] if s["name"] == stage)


def _order(action: Declaration) -> int:
    return int(action.get("runOrder", 1))
