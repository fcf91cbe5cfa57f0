"""What people need who change services: developers push branches and open pull requests, approvers approve and merge.

Source: CodeCommit User Guide, permissions reference; limit pushes and merges to branches.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Need, Step
from crossdock.prove.needs.asking import Actor
from crossdock.prove.resources import Resource, of_type
from crossdock.prove.reviews import REFERENCES, part_of, permanent, repositories
from crossdock.prove.scene import Scene

BRANCH = "refs/heads/feature/any"
"""Stands for any branch that is not delivered."""
_READS = ("GetRepository", "GetBranch", "ListBranches", "ListPullRequests", "GetPullRequest", "GetDifferences",
          "GetPullRequestApprovalStates", "EvaluatePullRequestApprovalRules", "GetCommentsForPullRequest")
_WRITES = ("CreatePullRequest", "PostCommentForPullRequest", "UpdatePullRequestDescription", "UpdatePullRequestStatus")


def needs(scene: Scene) -> Iterator[Need]:
    """Everything that the roles of developers and approvers need."""
    for role in of_type(scene.platform, "AWS::IAM::Role"):
        kind = part_of(role)
        if kind not in ("developer", "approver"):
            continue
        actor = Actor(scene=scene, who=role.arn, step=Step(action="review"), region=scene.assembly.region)
        for repository in repositories(scene):
            if repository.home.account == role.home.account:
                yield from _works(actor, repository)
                if kind == "approver":
                    yield from _approves(scene, actor, repository)


def _works(actor: Actor, repository: Resource) -> Iterator[Need]:
    yield actor.does("codecommit:GitPull", repository.arn, "developers fetch")
    # What a push begins with, the question which references there are, names none.
    yield actor.does("codecommit:GitPush", repository.arn, "developers push branches of theirs")
    yield actor.does("codecommit:GitPush", repository.arn, "developers push branches of theirs",
                     **{REFERENCES.replace(":", "__"): BRANCH})
    for action in (*_READS, *_WRITES):
        yield actor.does(f"codecommit:{action}", repository.arn, "developers open and discuss pull requests")


def _approves(scene: Scene, actor: Actor, repository: Resource) -> Iterator[Need]:
    yield actor.does("codecommit:UpdatePullRequestApprovalState", repository.arn, "approvers approve")
    for reference in permanent(scene, repository):
        yield actor.does("codecommit:MergePullRequestByFastForward", repository.arn, "approvers merge what is approved",
                         **{REFERENCES.replace(":", "__"): reference})
