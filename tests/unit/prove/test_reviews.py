"""Reviews: developers push branches, approvers merge, nobody pushes to a branch that is delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from proving import SHARED, failing

from crossdock import library
from crossdock.model.assembly import Literal, Stack
from crossdock.model.proof import Proof
from crossdock.prove import of, stage

DEVELOPERS, APPROVERS = "desk-developers", "desk-senior-developers"
PUSHED, AROUND = "nobody pushes to a branch that is delivered", "nobody gets around a review"


@pytest.fixture
def peopled(small) -> Callable[..., Proof]:
    """The proof of a platform with roles of people; `old` becomes `new` in their templates."""

    def prove(old: str = "", new: str = "", references: str = "refs/heads/develop,refs/heads/master") -> Proof:
        texts = dict(small.texts)
        given = {"Platform": "desk", "OrganizationId": "o-a1b2c3d4e5", "PeopleAccountId": SHARED,
                 "PeopleArns": f"arn:aws:iam::{SHARED}:user/*", "PermanentReferences": references}
        stacks = list(small.assembly.stacks)
        for name in ("developers", "senior-developers"):
            text = library.load(f"security/{name}")
            texts[f"templates/{name}.yaml"] = text.replace(old, new)
            assert old in text or name == "developers"
            stacks.append(Stack(
                id=f"shared/{name}", name=f"desk-{name}", account="shared", account_id=SHARED, region="us-east-1",
                template=f"templates/{name}.yaml", sha256="",
                parameters={key: Literal(value=value) for key, value in given.items()}))
        return of(stage(replace(small.assembly, stacks=tuple(stacks)), texts, small.sources))

    return prove


def breached(proof: Proof) -> dict[str, set[str]]:
    """Never -> the roles that break it."""
    return {never.what: {f.need.who.rpartition("/")[2] for f in never.breaches} for never in proof.breached}


def test_people_may_do_their_work_and_nothing_that_goes_around_reviews(peopled):
    proof = peopled()
    assert proof.failing == ()
    assert breached(proof) == {}
    assert [one for one in proof.unused if "developer" in one.place.policy and not one.reason and (
        one.action != "codepipeline:PutApprovalResult")] == []  # nothing waits for an approval in this environment
    asked = {never.what: never.asked for never in proof.nevers}
    assert asked[PUSHED] > 100
    assert asked[AROUND] > 50
    done = {(f.need.who.rpartition("/")[2], f.need.action) for f in proof.needs if f.need.step.action == "review"}
    assert (DEVELOPERS, "codecommit:GitPush") in done
    assert (APPROVERS, "codecommit:MergePullRequestByFastForward") in done
    assert (DEVELOPERS, "codecommit:MergePullRequestByFastForward") not in done


def test_a_branch_that_is_delivered_and_not_named_is_a_breach(peopled):
    assert breached(peopled(references="refs/heads/master"))[PUSHED] == {DEVELOPERS, APPROVERS}


def test_a_way_to_push_that_the_denial_forgets_is_a_breach(peopled):
    proof = peopled("              - codecommit:DeleteFile\n              - codecommit:GitPush\n",
                    "              - codecommit:DeleteFile\n")
    assert breached(proof)[PUSHED] == {DEVELOPERS, APPROVERS}
    assert {f.need.action for never in proof.breached for f in never.breaches} == {"codecommit:GitPush"}


def test_a_developer_who_merges_without_an_approver_is_a_breach(peopled):
    found = breached(peopled("- codecommit:PostCommentForPullRequest\n", "- codecommit:*PullRequest*\n"))
    assert found[PUSHED] == {DEVELOPERS}
    assert found[AROUND] == {DEVELOPERS, APPROVERS}


def test_a_denial_that_refuses_the_question_before_a_push_is_a_need_that_fails(peopled):
    """With IfExists a denial holds where no reference is named too, and so refuses every push."""
    proof = peopled("ForAnyValue:StringEquals: {codecommit:References", "StringEqualsIfExists: {codecommit:References")
    found = failing(proof, "codecommit:GitPush")
    assert {f.need.who.rpartition("/")[2] for f in found} == {DEVELOPERS, APPROVERS}
    assert all(not f.need.context for f in found)


def test_a_build_that_may_push_to_one_branch_alone_is_seen(small):
    """It names the branch as condition, so that a request without a branch is refused."""
    mark, name = "              - Sid: ReadSourceAndHandOnResults\n", "templates/delivery-build.yaml"
    statement = ("              - {Sid: Release, Effect: Allow, Action: 'codecommit:GitPush', Resource: '*', "
                 "Condition: {StringEquals: {'codecommit:References': refs/heads/develop}}}\n")
    text = small.texts[name].replace(mark, statement + mark)
    proof = of(stage(small.assembly, {**small.texts, name: text}, small.sources))
    assert breached(proof)[PUSHED] == {"desk-develop-catalog-build", "desk-develop-lending-build"}
