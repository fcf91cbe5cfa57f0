"""A run as a tree, folded from its events: what `views.terminal` draws. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from crossdock.model.events import Event, Kind
from crossdock.views.words import ending, one_line, resource_failed, resource_rests, without

LAST_LINES = 6
RESOURCES = 8


class State(StrEnum):
    """How far a node is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Node:
    """One line of the tree with what is below it. Times are seconds since the epoch."""

    title: str
    began: float
    state: State = State.RUNNING
    detail: str = ""
    seconds: float | None = None
    children: dict[str, Node] = field(default_factory=dict)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def elapsed(self, now: float) -> float:
        """Seconds that it took, or has taken so far."""
        return self.seconds if self.seconds is not None else max(0.0, now - self.began)

    def end(self, state: State, at: float, seconds: float | None = None) -> None:
        """It is over."""
        self.state, self.seconds = state, at - self.began if seconds is None else seconds


class Progress:
    """The tree. `feed` takes events in order."""

    def __init__(self) -> None:
        self.roots: dict[str, Node] = {}
        self._open: list[Node] = []
        self._pipelines: dict[str, Node] = {}
        self._by_stack: dict[str, Node] = {}
        self._steps: dict[str, Node] = {}
        self._deploying: Node | None = None

    def feed(self, event: Event) -> None:
        """Take in one event."""
        facts = event.facts
        match event.kind:
            case Kind.STEP_STARTED:
                node = Node(event.subject, event.at, detail=", ".join(facts.get("because", ())))
                self._here[event.subject] = node
                if facts.get("stack"):  # several of these run at once
                    self._by_stack[facts["stack"]] = self._steps[event.subject] = node
                else:
                    self._open.append(node)
            case Kind.STEP_ENDED:
                self._ended(event)
            case Kind.RESOURCE:
                self._resource(event)
            case Kind.PUSHED:
                self._note(f"{event.subject} → {facts['branch']}", event,
                           f"pushed {facts['commit'][:12]}{without(facts.get('uncommitted', ()))}")
            case Kind.EXECUTION:
                self._execution(event)
            case Kind.STAGE:
                self._status(self._below(self._pipeline(event), event.subject, event.at), facts["status"], event)
            case Kind.ACTION:
                self._action(event)
            case Kind.LOG:
                node = self._find(event.subject, event)
                node.lines.append(one_line(str(facts["line"])))
            case Kind.CHECK:
                node = Node(event.subject, event.at, detail=str(facts["detail"]))
                node.end(State.DONE if facts["ok"] else State.FAILED, event.at, 0.0)
                self._here[f"check {facts['service']}/{facts['environment']} {event.subject}"] = node
            case Kind.RUN_STARTED | Kind.RUN_ENDED | Kind.DELIVERED | Kind.SUBSTITUTION | Kind.FAILED:
                pass

    def _ended(self, event: Event) -> None:
        if event.subject in self._steps:
            node = self._steps.pop(event.subject)
        elif self._open:
            node = self._open.pop()
        else:
            return
        node.end(State.DONE if event.facts.get("ok") else State.FAILED, event.at, event.facts.get("seconds"))
        node.detail = str(event.facts.get("detail", "")) if event.facts.get("ok") else node.detail

    @property
    def _here(self) -> dict[str, Node]:
        """Where what happens now belongs: below the step that runs, else at the top."""
        return self._open[-1].children if self._open else self.roots

    def _note(self, title: str, event: Event, detail: str) -> None:
        node = Node(title, event.at, detail=detail)
        node.end(State.DONE, event.at, 0.0)
        self._here[title] = node

    def _pipeline(self, event: Event) -> Node:
        name = str(event.facts["pipeline"])
        if name not in self._pipelines:
            self._pipelines[name] = self._here[name] = Node(name, event.at)
        return self._pipelines[name]

    def _execution(self, event: Event) -> None:
        node = self._pipeline(event)
        node.detail = f"{event.facts.get('service', '')} to {event.facts.get('environment', '')}"
        self._status(node, event.facts["status"], event)

    def _action(self, event: Event) -> None:
        stage = self._below(self._pipeline(event), str(event.facts["stage"]), event.at)
        node = self._below(stage, event.subject, event.at)
        node.detail = one_line(str(event.facts.get("summary", "")))
        self._status(node, event.facts["status"], event)
        self._deploying = node if node.state is State.RUNNING else self._deploying

    def _resource(self, event: Event) -> None:
        facts = event.facts
        parent = self._by_stack.get(facts["stack"]) or self._deploying
        if parent is None or event.subject == facts["stack"]:  # the stack's own line is its parent's
            return
        node = parent.children.get(event.subject) or Node(event.subject, event.at)
        parent.children.pop(event.subject, None)
        parent.children[event.subject] = node  # the newest last
        if node.state is State.FAILED and facts["status"].startswith("DELETE"):
            return  # its rollback does not make it well
        node.detail = str(facts.get("sentence") or facts.get("type", ""))
        if resource_failed(facts["status"]):
            node.end(State.FAILED, event.at)
            node.detail = one_line(str(facts.get("reason", "")))
        elif resource_rests(facts["status"]):
            node.end(State.DONE, event.at)
        else:
            node.state, node.seconds = State.RUNNING, None

    def _find(self, action: str, event: Event) -> Node:
        pipeline = self._pipeline(event)
        for stage in reversed(list(pipeline.children.values())):
            if action in stage.children:
                return stage.children[action]
        return pipeline

    @staticmethod
    def _below(parent: Node, title: str, at: float) -> Node:
        return parent.children.setdefault(title, Node(title, at))

    @staticmethod
    def _status(node: Node, status: str, event: Event) -> None:
        match ending(status):
            case None:
                if node.state is not State.RUNNING:  # a retry
                    node.began = event.at
                node.state, node.seconds = State.RUNNING, None
            case True:
                node.end(State.DONE, event.at, event.facts.get("seconds"))
            case False:
                node.end(State.FAILED, event.at, event.facts.get("seconds"))
