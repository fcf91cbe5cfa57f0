"""How states fail."""

from __future__ import annotations

from collections.abc import Iterable


class StateFailed(Exception):
    """A state's error, by name and cause (Amazon States Language, "Errors")."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error, self.cause = error, cause


class Aborted(Exception):
    """The execution was stopped, or the local AWS goes down."""


def matches(error: str, names: Iterable[str]) -> bool:
    """Whether a retrier or catcher is for this error. `States.ALL` is not for errors that end an execution, and
    `States.TaskFailed` for all but time-outs."""
    if error == "States.Runtime":
        return "States.Runtime" in names
    return any(
        name == error or (name == "States.ALL" and error != "States.DataLimitExceeded")
        or (name == "States.TaskFailed" and error != "States.Timeout")
        or (name == "States.Timeout" and error == "States.HeartbeatTimeout")
        for name in names
    )
