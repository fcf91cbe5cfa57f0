"""What people need who change services: developers push branches, open pull requests and see what becomes of them;
approvers approve and merge changes, and approve, retry and stop deliveries.

Sources: CodeCommit User Guide, permissions reference, how-to-conditional-branch; CodePipeline User Guide,
approvals-iam-permissions.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Need, Step
from crossdock.prove.needs.asking import Actor
from crossdock.prove.resources import Resource, of_type
from crossdock.prove.reviews import REFERENCES, part_of, permanent, repositories
from crossdock.prove.scene import Line, Scene

BRANCH = "refs/heads/feature/any"
"""Stands for any branch that is not delivered."""
_READS = (
    "BatchGetCommits", "BatchGetPullRequests", "BatchGetRepositories", "DescribePullRequestEvents",
    "EvaluatePullRequestApprovalRules", "GetBranch", "GetCommentsForPullRequest", "GetCommit", "GetDifferences",
    "GetMergeConflicts", "GetPullRequest", "GetPullRequestApprovalStates", "GetRepository", "GitPull", "ListBranches",
    "ListPullRequests",
)  # fmt: skip
_DISCUSSES = ("CreatePullRequest", "PostCommentForPullRequest", "PostCommentReply", "UpdatePullRequestDescription",
              "UpdatePullRequestStatus", "UpdatePullRequestTitle")
_PUSHES = ("CreateBranch", "DeleteBranch", "GitPush")
_MERGES = ("MergePullRequestByFastForward", "MergePullRequestBySquash", "MergePullRequestByThreeWay")
_FINDS = ("codebuild:ListProjects", "codecommit:ListRepositories", "codepipeline:ListPipelines",
          "logs:DescribeLogGroups")
_SEES = ("GetPipeline", "GetPipelineExecution", "GetPipelineState", "ListActionExecutions", "ListPipelineExecutions")


def needs(scene: Scene) -> Iterator[Need]:
    """Everything that the roles of developers and approvers need."""
    for role in of_type(scene.platform, "AWS::IAM::Role"):
        kind = part_of(role)
        if kind not in ("developer", "approver"):
            continue
        actor = Actor(scene=scene, who=role.arn, step=Step(action="review"), region=scene.assembly.region)
        for action in _FINDS:
            yield actor.does(action, "*", "developers find what is there")
        for repository in repositories(scene):
            if repository.home.account == role.home.account:
                yield from _changes(actor, repository)
                yield from _approves(scene, actor, repository) if kind == "approver" else ()
        for line in scene.lines:
            if line.home.account == role.home.account:
                yield from _sees(actor, line)
                yield from _steers(actor, line) if kind == "approver" else ()


def _changes(actor: Actor, repository: Resource) -> Iterator[Need]:
    for action in (*_READS, *_DISCUSSES):
        yield actor.does(f"codecommit:{action}", repository.arn, "developers fetch, open and discuss pull requests")
    # What a push begins with, the question which references there are, names none.
    yield actor.does("codecommit:GitPush", repository.arn, "developers push branches of theirs")
    for action in _PUSHES:
        yield actor.does(f"codecommit:{action}", repository.arn, "developers push branches of theirs",
                         **{REFERENCES.replace(":", "__"): BRANCH})


def _approves(scene: Scene, actor: Actor, repository: Resource) -> Iterator[Need]:
    yield actor.does("codecommit:UpdatePullRequestApprovalState", repository.arn, "approvers approve changes")
    for reference in permanent(scene, repository):
        for action in _MERGES:
            yield actor.does(f"codecommit:{action}", repository.arn, "approvers merge what is approved",
                             **{REFERENCES.replace(":", "__"): reference})


def _sees(actor: Actor, line: Line) -> Iterator[Need]:
    why = "developers see what becomes of their changes"
    for action in _SEES:
        yield actor.does(f"codepipeline:{action}", line.pipeline.arn, why)
    for project in line.projects:
        for action in ("BatchGetBuilds", "BatchGetProjects", "ListBuildsForProject"):
            yield actor.does(f"codebuild:{action}", project.arn, why)
        group = {"logGroupName": f"/aws/codebuild/{project.names.name}", "logStreamName": "*"}
        for operation in ("DescribeLogStreams", "FilterLogEvents", "GetLogEvents"):
            yield from actor.calls("logs", operation, group, why)


def _steers(actor: Actor, line: Line) -> Iterator[Need]:
    why = "approvers approve, retry and stop deliveries"
    yield actor.does("codepipeline:StopPipelineExecution", line.pipeline.arn, why)
    for action in line.actions:
        yield actor.does("codepipeline:RetryStageExecution", f"{line.pipeline.arn}/{action.stage}", why)
        if action.category == "Approval":
            yield actor.does("codepipeline:PutApprovalResult", f"{line.pipeline.arn}/{action.title}", why)
