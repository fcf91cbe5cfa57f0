"""Decisions in words: AWS's own message for a denial (IAM User Guide, troubleshoot access denied), and for people who
want to know which statement it was."""

from __future__ import annotations

from typing import assert_never

from crossdock.iam.compiled import Cause
from crossdock.iam.decision import Decision, Verdict
from crossdock.iam.request import Request
from crossdock.iam.statement import Effect


def denial(request: Request, decision: Decision, *, same_organization: bool) -> str:
    """AWS's message. The type of policy is told only inside one account or organization.

    ValueError when the request is allowed.
    """
    if decision.allowed:
        raise ValueError("the request is allowed")
    resource = f'"{request.resource}"' if request.action.lower().startswith("s3:") else _shown(request)
    message = (
        f"User: {request.session_arn or request.principal or 'anonymous'} is not authorized to perform: "
        f"{request.action} on resource: {resource}"
    )
    told = same_organization or request.principal_account == request.resource_account
    reason = _reason(request, decision) if told else ""
    return f"{message} {reason}" if reason else message


_LISTS = {"iam:listroles": "role/", "iam:listusers": "user/", "iam:listgroups": "group/",
          "iam:listinstanceprofiles": "instance-profile/"}


def _shown(request: Request) -> str:
    """The resource as a message names it: IAM's lists stand for all entities below a path, though no policy's resource
    but `*` covers them."""
    kind = _LISTS.get(request.action.lower())
    if kind is None or request.resource != "*":
        return request.resource
    partition = (request.principal or "arn:aws").split(":")[1]
    return f"arn:{partition}:iam::{request.resource_account or request.principal_account}:{kind}"


def _reason(request: Request, decision: Decision) -> str:
    denies = [cause for cause in decision.because if cause.effect is Effect.DENY]
    match decision.verdict:
        case Verdict.EXPLICIT_DENY:
            return f"with an explicit deny in {_a(_title(denies[0]))}"
        case Verdict.IMPLICIT_DENY | Verdict.UNKNOWN if decision.missing:
            return f"because no {decision.missing[0].kind.words} allows the {request.action} action"
        case Verdict.UNKNOWN if denies:
            return f"because it cannot be told that no statement of {_a(_title(denies[0]))} denies it"
        case _:
            return ""


def explain(decision: Decision) -> list[str]:
    """One sentence for each statement or missing side that the decision rests on."""
    match decision.verdict:
        case Verdict.ALLOWED:
            return [f"allowed by {c}" for c in decision.because] or ["allowed without any policy"]
        case Verdict.EXPLICIT_DENY:
            return [f"denied by {c}" for c in decision.because]
        case Verdict.IMPLICIT_DENY:
            return [str(leg) for leg in decision.missing]
        case Verdict.UNKNOWN:
            doubts = [f"cannot be decided: whether {c} applies is not known" for c in decision.because]
            return doubts + [str(leg) for leg in decision.missing]
        case _:
            assert_never(decision.verdict)


def _title(cause: Cause) -> str:
    return cause.kind.words if cause.kind else "KMS grant"


def _a(title: str) -> str:
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"
