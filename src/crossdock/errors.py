"""Every error that a user can meet, in one tree: what happened (fmt), one next action (hint), an exit code.

CrossdockError                      1
├── InputError                      2   something the user wrote is wrong; carries every problem found, with positions
│   ├── PlatformError                   crossdock.yaml
│   └── TemplateError                   a CloudFormation template
├── UsageError                      2   a command was asked for something that can't be done
├── PolicyError                     2   an IAM policy document is not one that AWS would store
├── CloudError                      4   AWS refused or could not be reached
│   ├── AccessDenied                    principal, action, resource, and the policy that lacked the statement
│   └── StackFailed                     the CloudFormation events that failed, with reasons
├── DeployError                     3
│   ├── StalePlan                       the cloud changed after the plan was made
│   ├── EditedAssembly                  the assembly on disk is not the one that was composed
│   └── DataLoss                        what holds data would be deleted or replaced, and nobody allowed it
├── ProofFailed                     7   a need is not met, or a never not kept; details tell which, and what to write
├── DeliveryFailed                  5   an execution failed: the action, the last lines of its log, the events
└── LocalError                      6   the local AWS could not start or is not running
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file. `line` and `column` count from 1; 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in something the user wrote: where, what, and one thing to do about it."""

    position: Position
    what: str
    hint: str = ""


class CrossdockError(Exception):
    """Base of all. `fmt` and `hint` are formatted with the keyword arguments given."""

    fmt: ClassVar[str] = "{message}"
    hint: ClassVar[str] = ""
    exit_code: ClassVar[int] = 1

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.fmt.format(**facts))

    @property
    def advice(self) -> str:
        """The one next action, or an empty string."""
        return str(self.facts.get("hint") or self.hint.format(**self.facts))

    @property
    def details(self) -> Sequence[str]:
        """Further lines for a person: log lines, failed events."""
        lines = self.facts.get("details", ())
        return [str(line) for line in lines] if isinstance(lines, (list, tuple)) else [str(lines)]


class InputError(CrossdockError):
    """Something the user wrote is wrong; every problem found is in `problems`."""

    fmt, exit_code = "{count} in {what}", 2

    def __init__(self, problems: Sequence[Problem], what: str = "the input") -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.position))
        many = len(self.problems)
        super().__init__(count=f"{many} problem{'s' if many != 1 else ''}", what=what)

    @property
    def details(self) -> Sequence[str]:
        lines: list[str] = []
        for problem in self.problems:
            lines.append(f"{problem.position}: {problem.what}")
            if problem.hint:
                lines.append(f"  hint: {problem.hint}")
        return lines


class PlatformError(InputError):
    """crossdock.yaml does not describe a platform."""


class TemplateError(InputError):
    """A CloudFormation template is not one."""


class UsageError(CrossdockError):
    """A command was asked for something that can't be done."""

    exit_code = 2


class PolicyError(CrossdockError):
    """An IAM policy document is not one that AWS would store."""

    fmt, exit_code = "malformed policy: {message}", 2


class CloudError(CrossdockError):
    """AWS refused, or could not be reached."""

    exit_code = 4


class AccessDenied(CloudError):
    """AWS answered that a principal may not do something; the message is AWS's own."""


class StackFailed(CloudError):
    """A stack did not reach the state asked for; `details` are the events that failed."""

    fmt = "stack {stack} in account {account} ended in {status}"


class DeployError(CrossdockError):
    """A plan could not be applied."""

    exit_code = 3


class StalePlan(DeployError):
    """The cloud changed after the plan was made."""

    fmt, hint = "{subject} changed after this plan was made", "make a new plan: crossdock plan"


class DataLoss(DeployError):
    """The plan deletes or replaces resources that hold data."""

    def __init__(self, *, resources: Sequence[str], stacks: Sequence[str]) -> None:
        names = resources if len(resources) == 1 else stacks
        super().__init__(
            message="this plan takes data away", details=list(resources),
            hint="keep the data elsewhere first, then allow it, by resource or by stack: " + " ".join(
                f"--allow-data-loss {name}" for name in names),
        )


class EditedAssembly(DeployError):
    """The assembly on disk was edited after it was composed."""

    fmt = "{file} was edited by hand after it was composed"
    hint = "apply it as it is with --assembly {directory}, or compose anew with --fresh"


class DeliveryFailed(CrossdockError):
    """An execution of a pipeline failed; `details` tell the action, its log and the events."""

    fmt, exit_code = "{service} was not delivered to {environment}: {why}", 5


class ProofFailed(CrossdockError):
    """Some access that deliveries need is missing, or some that must never be is there."""

    fmt, exit_code = "the proof fails: {summary}", 7
    hint = "change crossdock.yaml, or the template where it is said"


class LocalError(CrossdockError):
    """The local AWS could not start, or is not running."""

    exit_code = 6
