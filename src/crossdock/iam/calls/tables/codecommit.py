"""CodeCommit: branches as condition keys, and pull requests, whose number doesn't tell the repository.

Sources: CodeCommit User Guide, auth-and-access-control-permissions-reference, how-to-conditional-branch
(`codecommit:References` is `refs/heads/<branch>`).
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

REPOSITORY = ("arn:${Partition}:codecommit:${Region}:${Account}:{repositoryName}",)


def on_branch(action: str, member: str) -> Rules:
    """An operation that writes to a branch."""
    reference = {"codecommit:References": f"refs/heads/{{{member}}}"}
    return (Rule(f"codecommit:{action}", REPOSITORY, reference),)


def on_pull_request(action: str) -> Rules:
    return (Rule(f"codecommit:{action}", ("{pull-request:pullRequestId}",)),)


RULES: dict[str, Rules] = {
    "CreateCommit": on_branch("CreateCommit", "branchName"),
    "CreateBranch": on_branch("CreateBranch", "branchName"),
    "DeleteBranch": on_branch("DeleteBranch", "branchName"),
    "PutFile": on_branch("PutFile", "branchName"),
    "DeleteFile": on_branch("DeleteFile", "branchName"),
    "MergeBranchesByFastForward": on_branch("MergeBranchesByFastForward", "targetBranch"),
    "MergeBranchesBySquash": on_branch("MergeBranchesBySquash", "targetBranch"),
    "MergeBranchesByThreeWay": on_branch("MergeBranchesByThreeWay", "targetBranch"),
    "CreatePullRequest": (
        Rule("codecommit:CreatePullRequest",
             ("arn:${Partition}:codecommit:${Region}:${Account}:{targets[].repositoryName}",)),
    ),
    **{
        name: on_pull_request(name)
        for name in (
            "CreatePullRequestApprovalRule", "DeletePullRequestApprovalRule", "DescribePullRequestEvents",
            "EvaluatePullRequestApprovalRules", "GetPullRequest", "GetPullRequestApprovalStates",
            "GetPullRequestOverrideState", "OverridePullRequestApprovalRules", "UpdatePullRequestApprovalRuleContent",
            "UpdatePullRequestApprovalState", "UpdatePullRequestDescription", "UpdatePullRequestStatus",
            "UpdatePullRequestTitle",
        )
    },
    "PostCommentReply": (Rule("codecommit:PostCommentReply", ("{comment:inReplyTo}",)),),
    **{
        name: (Rule(f"codecommit:{name}", ("{comment:commentId}",)),)
        for name in ("DeleteCommentContent", "GetComment", "GetCommentReactions", "PutCommentReaction", "UpdateComment")
    },
    "UpdateRepositoryName": (
        Rule("codecommit:UpdateRepositoryName", ("arn:${Partition}:codecommit:${Region}:${Account}:{oldName}",
                                                 "arn:${Partition}:codecommit:${Region}:${Account}:{newName}")),
    ),
}
