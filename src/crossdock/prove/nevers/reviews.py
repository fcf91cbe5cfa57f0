"""What is delivered was reviewed: nobody pushes to a permanent branch, nobody takes away what demands approvals.

Source: CodeCommit User Guide, limit pushes and merges to branches; approval rule templates.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Need, Step
from crossdock.prove.claims import Claim, Probe
from crossdock.prove.parts import Kind, Part
from crossdock.prove.reviews import REFERENCES, permanent, repositories

_PUSHES = ("GitPush", "PutFile", "DeleteFile", "CreateCommit", "DeleteBranch", "MergeBranchesByFastForward",
           "MergeBranchesBySquash", "MergeBranchesByThreeWay")
_MERGES = ("MergePullRequestByFastForward", "MergePullRequestBySquash", "MergePullRequestByThreeWay")
_RULES = ("OverridePullRequestApprovalRules", "DeletePullRequestApprovalRule", "UpdatePullRequestApprovalRuleContent",
          "AssociateApprovalRuleTemplateWithRepository", "DisassociateApprovalRuleTemplateFromRepository",
          "DeleteRepository", "UpdateRepositoryName")
_TEMPLATES = ("DeleteApprovalRuleTemplate", "UpdateApprovalRuleTemplateContent")


def claims(probe: Probe, part: Part) -> Iterator[Claim]:
    """What one role must not do to branches that are delivered, and to the rules of reviews."""
    for repository in repositories(probe.scene):
        if repository.home.account != part.account:
            continue
        for action in _RULES:
            yield _claim(part, action, repository.arn, "nobody gets around a review")
        for reference in permanent(probe.scene, repository):
            for action in (*_PUSHES, *(() if part.kind is Kind.APPROVER else _MERGES)):
                yield _claim(part, action, repository.arn, "nobody pushes to a branch that is delivered", reference)
        for action in _TEMPLATES:
            yield _claim(part, action, "*", "nobody gets around a review")


def _claim(part: Part, action: str, resource: str, what: str, reference: str = "") -> Claim:
    """Asked even of those who need the action: on other branches."""
    step = Step(environment=part.environment, service=part.service, action=part.kind.value)
    return Claim(what, Need(who=part.who, action=f"codecommit:{action}", resource=resource, owner=part.account,
                            step=step, why=what, context={REFERENCES: reference}))
