"""The IAM policy engine: policies read and compiled, requests decided, decisions put into words. Pure."""

from crossdock.iam.compiled import Cause
from crossdock.iam.decide import decide
from crossdock.iam.decision import Decision, Leg, Verdict
from crossdock.iam.grants import Grant
from crossdock.iam.in_force import Policies
from crossdock.iam.mistakes import Mistake
from crossdock.iam.policy import Policy, parse, review, validate
from crossdock.iam.principals import PrincipalType
from crossdock.iam.request import Request
from crossdock.iam.statement import Effect, PolicyKind, Statement
from crossdock.iam.wording import denial, explain

__all__ = [
    "Cause",
    "Decision",
    "Effect",
    "Grant",
    "Leg",
    "Mistake",
    "Policies",
    "Policy",
    "PolicyKind",
    "PrincipalType",
    "Request",
    "Statement",
    "Verdict",
    "decide",
    "denial",
    "explain",
    "parse",
    "review",
    "validate",
]
