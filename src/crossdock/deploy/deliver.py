"""One service on its way to one environment: pushed, followed through its pipeline, asked what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.aws import logs, pipelines, reasons, repositories, stacks
from crossdock.aws.cloud import Account, Cloud
from crossdock.aws.follow import Follower
from crossdock.aws.origin import denied
from crossdock.deploy.check import Checked, check
from crossdock.errors import CrossdockError, DeliveryFailed
from crossdock.model.assembly import Assembly, Delivery
from crossdock.model.events import Event, Kind

Clock = Callable[[], float]


@dataclass(slots=True)
class Courier:
    """Carries deliveries of one assembly to one cloud.

    work     where histories of services without a repository of their own are kept
    approve  whether to say yes to approvals, as the shared account's administrator
    """

    cloud: Cloud
    assembly: Assembly
    work: Path
    approve: bool = False
    clock: Clock = time.time
    shared: Account = field(init=False)

    def __post_init__(self) -> None:
        self.shared = self.cloud.account(self.assembly.accounts[self.assembly.shared])

    def deliver(self, delivery: Delivery, source: Path) -> Iterator[Event]:
        """Push a service's folder and see it through. Raises DeliveryFailed, CloudError."""
        began = self.clock()
        before = pipelines.executions(self.shared, delivery.pipeline, region=delivery.region)
        pushed = repositories.push(
            self.cloud, self.shared, repository=delivery.repository, branch=delivery.branch, source=source,
            work=self.work / delivery.service, region=delivery.region,
        )
        yield Event(at=self.clock(), kind=Kind.PUSHED, subject=delivery.service, facts={
            "environment": delivery.environment, "repository": delivery.repository, "branch": delivery.branch,
            "commit": pushed.commit, "changed": pushed.changed,
            **({"uncommitted": list(pushed.uncommitted)} if pushed.uncommitted else {}),
        })
        if pushed.changed:
            known = frozenset(e["pipelineExecutionId"] for e in before)
            execution = pipelines.await_execution(self.shared, delivery, pushed.commit, known=known)
        else:  # the branch was there already: nothing but this starts the pipeline
            execution = pipelines.start(self.shared, delivery.pipeline, region=delivery.region)
        yield from self.see_through(delivery, execution, pushed.commit, began)

    def retry(self, delivery: Delivery) -> Iterator[Event]:
        """Retry the failed stage of the newest failed execution and see it through. Raises UsageError, as above."""
        began = self.clock()
        state = pipelines.failed_execution(self.shared, delivery.pipeline, region=delivery.region)
        before = pipelines.actions(self.shared, delivery.pipeline, state.execution, region=delivery.region)
        pipelines.retry(self.shared, delivery.pipeline, state, region=delivery.region)
        earlier = frozenset(action["actionExecutionId"] for action in before)
        commit = pipelines.commit(self.shared, delivery.pipeline, state.execution, region=delivery.region)
        yield from self.see_through(delivery, state.execution, commit, began, earlier)

    def see_through(
        self, delivery: Delivery, execution: str, commit: str, began: float, earlier: frozenset[str] = frozenset()
    ) -> Iterator[Event]:
        """Follow an execution, then check. Tells DELIVERED in any case, then raises DeliveryFailed if it was not."""
        target = self.cloud.account(delivery.account_id)
        follower = Follower(
            self.shared, target, delivery, execution, self.clock, self._approve if self.approve else None, earlier
        )
        yield from follower.follow()
        endpoint, checked = "", list[Checked]()
        failure: CrossdockError | None = None
        if follower.status == "Succeeded":
            endpoint = self.endpoint(delivery)
            for checking in delivery.checks:
                outcome = self._check(delivery, endpoint, checking)
                checked.append(outcome)
                yield Event(at=self.clock(), kind=Kind.CHECK, subject=outcome.name, facts={
                    "service": delivery.service, "environment": delivery.environment, "ok": outcome.ok,
                    "detail": outcome.detail,
                })
            if not all(outcome.ok for outcome in checked):
                failure = self._wrong_answers(target, delivery, checked)
        else:
            failure = reasons.failure(self.shared, target, delivery, execution, follower.status)
        yield Event(at=self.clock(), kind=Kind.DELIVERED, subject=delivery.service, facts={
            "service": delivery.service, "environment": delivery.environment, "account": delivery.account_id,
            "commit": commit, "execution": execution, "status": follower.status,
            "seconds": round(self.clock() - began, 3), "endpoint": endpoint,
            "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checked],
        })
        if failure is not None:
            raise failure

    def endpoint(self, delivery: Delivery) -> str:
        """The delivered stack's output `Endpoint`, as this profile reaches it; empty where it has none."""
        stack = stacks.describe(self.cloud.account(delivery.account_id), delivery.stack, delivery.region)
        url = stacks.outputs(stack).get("Endpoint", "") if stack else ""
        return self.cloud.reachable(url) if url else ""

    def _check(self, delivery: Delivery, endpoint: str, checking: Any) -> Checked:
        if not endpoint:
            why = f"stack {delivery.stack} has no output Endpoint"
            return Checked(name=f"{checking.method} {checking.path}", ok=False, detail=why)
        return check(self.cloud, endpoint, checking)

    def _wrong_answers(self, target: Account, delivery: Delivery, checked: list[Checked]) -> DeliveryFailed:
        wrong = [outcome for outcome in checked if not outcome.ok]
        details = [f"check {outcome.name}: {outcome.detail}" for outcome in wrong]
        said = logs.of_functions(target, delivery.stack, region=delivery.region)
        return DeliveryFailed(
            service=delivery.service, environment=delivery.environment,
            why=f"{len(wrong)} of {len(checked)} checks failed after the deployment",
            details=[*details, *said, *denied("\n".join(said), (self.shared, target))],
            hint=f"see what it said: crossdock logs {delivery.service} {delivery.environment}",
        )

    def _approve(self, approval: pipelines.Approval) -> str:
        who = self.cloud.identity().caller
        pipelines.answer(self.shared, approval, approved=True, summary="approved by crossdock rehearse")
        return f"approved {approval.stage}/{approval.action} as {who}"
