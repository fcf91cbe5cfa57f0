"""What the calls stand on: the state, one operation per stack at a time in the background, and who acts for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.local.cloudformation import constraints, interrupted, notices, request, waiting
from crossdock.local.cloudformation.events import stack_event
from crossdock.local.cloudformation.lookup import Stacks
from crossdock.local.cloudformation.run import Run
from crossdock.local.cloudformation.state import Stack, State, Target
from crossdock.local.engine import AwsError, Call, Engine, HttpRequest, HttpResponse
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.world import World

SERVICE = "cloudformation.amazonaws.com"
UPDATABLE = frozenset(
    ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED", "IMPORT_COMPLETE",
     "IMPORT_ROLLBACK_COMPLETE"]
)


class Core(Stacks, Engine):
    """Operations answer at once; the work goes on in a thread, one operation per stack at a time."""

    service = "cloudformation"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self.answered = threading.Condition()
        self.lock = threading.RLock()
        self.runs: dict[str, tuple[Run, threading.Thread]] = {}

    # -- life

    def start(self) -> None:
        """Operations that were cut short by a stop have failed; the stacks say so and can be deleted or continued."""
        interrupted.settle(self.state)

    def stop(self) -> None:
        with self.lock:
            runs = list(self.runs.values())
        for run, _ in runs:
            run.stop.set()
        for _, thread in runs:
            thread.join(timeout=2)

    def handle(self, call: Call) -> Mapping[str, Any]:
        constraints.check(call)
        return super().handle(call)

    def http(self, request: HttpRequest) -> HttpResponse:
        return waiting.receive(self, request)

    # -- work in the background

    def begin(self, run: Run, work: Callable[[Run], object]) -> None:
        """Start the work of an operation on its own thread."""

        def go() -> None:
            try:
                with notices.sent(self, run.stack, run.caller):
                    work(run)
            finally:
                if run.stack.busy:  # an error of ours: it flies, but leaves no stack hanging
                    self._interrupted(run.stack)
                with self.lock:
                    self.runs.pop(run.stack.id, None)

        thread = threading.Thread(target=go, name=f"stack {run.stack.name}", daemon=True)
        with self.lock:
            self.runs[run.stack.id] = (run, thread)
            thread.start()

    def _interrupted(self, stack: Stack) -> None:
        status = stack.status.partition("_IN_PROGRESS")[0].removesuffix("_COMPLETE_CLEANUP")
        stack_event(stack, f"{status}_FAILED", "Internal Failure")

    def wait(self, stack_id: str, seconds: float = 30.0) -> None:
        """Until the operation on a stack is over: for those who are in the same process."""
        found = self.runs.get(stack_id)
        if found is not None:
            found[1].join(seconds)

    def has(self, service: str) -> bool:
        """Whether an engine of ours answers for a service."""
        try:
            self.world.engine(service)
        except KeyError:
            return False
        return True

    def actor(self, call: Call, stack: Stack, role: str = "") -> Caller:
        """Who acts on the resources: a session of the stack's role, or the caller by forward access."""
        if not (role or stack.role):
            return call.caller.via(SERVICE)
        arn = role or stack.role
        try:
            return self.world.assume(
                arn, service=SERVICE, session="AWSCloudFormation", source_arn=stack.id, source_account=stack.account
            )
        except AwsError as error:
            raise AwsError("ValidationError", f"Role {arn} is invalid or cannot be assumed") from error

    def target(
        self, call: Call, stack: Stack, actor: Caller, *, previous: Target | None, tags: Mapping[str, str] | None = None
    ) -> Target:
        """What a create, update or change set request asks for."""
        params = call.params
        given: dict[str, str] = {}
        kept: dict[str, str] = {}
        for entry in params.get("Parameters", ()):
            name = entry["ParameterKey"]
            if entry.get("UsePreviousValue"):
                if previous is None or name not in previous.given:
                    raise request.no_previous_value(name)
                kept[name] = previous.given[name]
            else:
                given[name] = str(entry.get("ParameterValue", ""))
        if any(str(tag["Key"]).lower().startswith("aws:") for tag in params.get("Tags", ())):
            raise AwsError("ValidationError", "aws: prefixed tag key names are not allowed for external use.")
        old_tags = previous.tags if previous else {}
        asked = {t["Key"]: t["Value"] for t in params["Tags"]} if "Tags" in params else (tags or old_tags)
        arns = notices.checked(tuple(params.get("NotificationARNs", previous.notification_arns if previous else ())))
        return request.build(
            self, stack, actor, request.text(self.world, call, previous.text if previous else None), given=given,
            previous=kept, capabilities=params.get("Capabilities", ()), tags=asked, notification_arns=arns,
        )  # fmt: skip

    def must_be(self, stack: Stack, statuses: Iterable[str], verb: str) -> None:
        if stack.status not in statuses or stack.parent:
            what = "is a nested stack" if stack.parent else f"is in {stack.status} state"
            raise AwsError("ValidationError", f"Stack:{stack.id} {what} and can not be {verb}.")
