from __future__ import annotations

import io
import json
from typing import Any

import pytest

from crossdock.model.events import Event, Kind, Run
from crossdock.views import choose
from crossdock.views.lines import Lines
from crossdock.views.plain import Plain, text
from crossdock.views.progress import Progress, State
from crossdock.views.summary import summary
from crossdock.views.terminal import Terminal, lines
from crossdock.views.words import duration, one_line


def event(kind: Kind, subject: str, at: float = 0.0, **facts: Any) -> Event:
    return Event(at=at, kind=kind, subject=subject, facts=facts)


P = {"pipeline": "p", "execution": "e"}
STORY = [
    event(Kind.RUN_STARTED, "rehearse"),
    event(Kind.STEP_STARTED, "shared/key", 1.0, stack="hello-key", account="shared", verb="+",
          because=["not there yet"]),
    event(Kind.RESOURCE, "Key", 1.5, stack="hello-key", account="shared", type="AWS::KMS::Key",
          status="CREATE_IN_PROGRESS", reason="", sentence="encrypts artifacts"),
    event(Kind.RESOURCE, "Key", 2.0, stack="hello-key", account="shared", type="AWS::KMS::Key",
          status="CREATE_COMPLETE", reason="", sentence="encrypts artifacts"),
    event(Kind.STEP_ENDED, "shared/key", 3.0, stack="hello-key", ok=True, seconds=2.0, detail="created"),
    event(Kind.STEP_STARTED, "deliver greeter", 4.0),
    event(Kind.PUSHED, "greeter", 4.0, environment="development", repository="r", branch="develop", commit="c" * 40),
    event(Kind.EXECUTION, "p", 5.0, **P, status="InProgress", service="greeter", environment="development"),
    event(Kind.STAGE, "Build", 5.0, **P, status="InProgress"),
    event(Kind.ACTION, "Build", 5.0, **P, stage="Build", status="InProgress"),
    event(Kind.LOG, "Build", 6.0, **P, line="running tests"),
    event(Kind.ACTION, "Build", 9.0, **P, stage="Build", status="Failed", summary="exit 1", seconds=4.0),
    event(Kind.STAGE, "Build", 9.0, **P, status="Failed"),
    event(Kind.EXECUTION, "p", 9.0, **P, status="Failed"),
    event(Kind.CHECK, "GET /", 9.5, service="greeter", environment="development", ok=True, detail="200 hello"),
]


def test_plain_lines_tell_what_matters() -> None:
    stream = io.StringIO()
    with Plain(stream) as view:
        for happened in STORY:
            view(happened)
    assert stream.getvalue().splitlines() == [
        "+ shared/key (not there yet)",
        "    Key CREATE_COMPLETE - encrypts artifacts",
        "ok shared/key: created (2.0 s)",
        "> deliver greeter",
        "greeter: pushed cccccccccccc on develop of r",
        "p: execution e InProgress",
        "  Build/Build InProgress",
        "    | running tests",
        "  Build/Build Failed (4.0 s): exit 1",
        "p: execution e Failed",
        "ok greeter GET /: 200 hello",
    ]


def test_a_failed_resource_is_told_with_its_reason() -> None:
    facts = {"stack": "s", "account": "a", "type": "AWS::KMS::Key", "status": "CREATE_FAILED", "reason": "no"}
    failed = event(Kind.RESOURCE, "Key", **facts)
    assert text(failed).strip() == "Key (AWS::KMS::Key) CREATE_FAILED: no"


@pytest.mark.parametrize("kind", list(Kind))
def test_no_kind_of_event_is_unknown_to_the_views(kind: Kind) -> None:
    facts = {"status": "InProgress", "seconds": 1.0, "stage": "S", "line": "l", "ok": True, "detail": "d",
             "commit": "c", "branch": "b", "repository": "r", "service": "s", "environment": "e", "stack": "k",
             "type": "t", **P}
    text(event(kind, "x", **facts))
    Progress().feed(event(kind, "x", **facts))


def test_json_lines_are_one_document_a_line() -> None:
    stream = io.StringIO()
    with Lines(stream) as view:
        for happened in STORY:
            view(happened)
    documents = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [document["kind"] for document in documents] == [happened.kind.value for happened in STORY]


def test_the_tree_folds_what_went_well_and_opens_what_failed() -> None:
    progress = Progress()
    for happened in STORY:
        progress.feed(happened)
    assert [(n.title, n.state) for n in progress.roots.values()] == [
        ("shared/key", State.DONE), ("deliver greeter", State.RUNNING),
    ]
    below = progress.roots["deliver greeter"].children.values()
    assert [(n.title, n.state) for n in below] == [
        ("greeter → develop", State.DONE), ("p", State.FAILED), ("GET /", State.DONE),
    ]
    rows = lines(progress.roots["deliver greeter"], 10.0)
    titles = [what if isinstance(what, str) else what.title for _, what, _ in rows]
    assert titles == ["deliver greeter", "greeter → develop", "p", "Build", "Build", "running tests", "GET /"]


def test_a_resource_that_failed_stays_failed_through_its_rollback() -> None:
    progress = Progress()
    progress.feed(STORY[1])
    for status in ("CREATE_FAILED", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"):
        facts = {"stack": "hello-key", "account": "a", "type": "T", "status": status, "reason": "no"}
        progress.feed(event(Kind.RESOURCE, "Key", **facts))
    assert progress.roots["shared/key"].children["Key"].state is State.FAILED


def test_a_terminal_draws_the_tree() -> None:
    stream = io.StringIO()
    with Terminal(stream) as view:
        for happened in STORY:
            view(happened)
    drawn = stream.getvalue()
    assert "✓ shared/key  created" in drawn
    assert "│ running tests" in drawn


class _Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_view_fits_the_stream() -> None:
    assert isinstance(choose(_Tty(), {}), Terminal)
    assert isinstance(choose(_Tty(), {"NO_COLOR": "1"}), Plain)
    assert isinstance(choose(_Tty(), {"TERM": "dumb"}), Plain)
    assert isinstance(choose(io.StringIO(), {}), Plain)
    assert isinstance(choose(_Tty(), {}, json=True), Lines)


def test_the_summary_tells_what_was_delivered_where_and_what_answered() -> None:
    run = Run.fold("x", [
        *STORY,
        event(Kind.DELIVERED, "greeter", service="greeter", environment="development", account="222222222222",
              commit="c" * 40, execution="e", status="Succeeded", seconds=12.0, endpoint="http://127.0.0.1:1/x",
              checks=[{"name": "GET /", "ok": True, "detail": "200 hello"}]),
        event(Kind.SUBSTITUTION, "python3.13 ran on python 3.11"),
    ])
    assert summary(run) == [
        "steps",
        "  shared/key           2.0 s  created",
        "  p Build/Build        4.0 s  FAILED",
        "otherwise than on AWS",
        "  python3.13 ran on python 3.11",
        "greeter to development (account 222222222222): Succeeded at commit cccccccccccc in 12 s",
        "  endpoint  http://127.0.0.1:1/x",
        "  ok  GET /  200 hello",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.42, "0.4 s"), (12.3, "12 s"), (185.0, "3 min 05 s"), (59.7, "1 min 00 s")]
)
def test_durations_are_short(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_log_cannot_move_the_cursor() -> None:
    assert one_line("10 %\r\x1b[31m100 %\x1b[0m done\x07\n") == "100 % done"


def test_the_summary_of_a_run_that_succeeded_ends_by_saying_so() -> None:
    run = Run.fold("x", [
        event(Kind.RUN_STARTED, "rehearse"),
        event(Kind.DELIVERED, "greeter", service="greeter", environment="development", account="222222222222",
              commit="c" * 40, execution="e", status="Succeeded", seconds=12.0, endpoint="",
              checks=[{"name": "GET /", "ok": True, "detail": "200 hello"}]),
        event(Kind.RUN_ENDED, "rehearse", ok=True, seconds=1.0),
    ])
    assert summary(run)[-1].startswith("1 delivery and 1 check succeeded in ")
