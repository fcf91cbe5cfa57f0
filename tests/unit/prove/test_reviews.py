"""Reviews: developers push branches, approvers merge, nobody pushes to a branch that is delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from proving import SHARED, failing

from crossdock.model.assembly import Literal, Stack
from crossdock.model.proof import Proof
from crossdock.prove import of, stage

TEMPLATE = "templates/people.yaml"
PUSHED, AROUND = "nobody pushes to a branch that is delivered", "nobody gets around a review"


@pytest.fixture
def peopled(small) -> Callable[..., Proof]:
    """The proof of a platform with roles of people; `old` becomes `new` in their template."""

    def prove(old: str = "", new: str = "") -> Proof:
        text = (Path(__file__).parent / "people.yaml").read_text()
        assert old in text
        people = Stack(id="shared/people", name="desk-people", account="shared", account_id=SHARED, region="us-east-1",
                       template=TEMPLATE, sha256="", parameters={"Platform": Literal(value="desk")})
        assembly = replace(small.assembly, stacks=(*small.assembly.stacks, people))
        return of(stage(assembly, {**small.texts, TEMPLATE: text.replace(old, new)}, small.sources))

    return prove


def breached(proof: Proof) -> dict[str, set[str]]:
    """Never -> the roles that break it."""
    return {never.what: {f.need.who.rpartition("/")[2] for f in never.breaches} for never in proof.breached}


def test_people_may_do_their_work_and_nothing_that_goes_around_reviews(peopled):
    proof = peopled()
    assert proof.failing == ()
    assert breached(proof) == {}
    asked = {never.what: never.asked for never in proof.nevers}
    assert asked[PUSHED] > 100
    assert asked[AROUND] > 50
    done = {(f.need.who.rpartition("/")[2], f.need.action) for f in proof.needs if f.need.step.action == "review"}
    assert ("desk-developers", "codecommit:GitPush") in done
    assert ("desk-approvers", "codecommit:MergePullRequestByFastForward") in done
    assert ("desk-developers", "codecommit:MergePullRequestByFastForward") not in done


def test_a_push_to_a_branch_that_is_delivered_is_a_breach(peopled):
    assert breached(peopled("refs/heads/develop, ", ""))[PUSHED] == {"desk-developers", "desk-approvers"}


def test_an_approver_s_push_is_a_breach_too_and_a_merge_is_none(peopled):
    proof = peopled("      ManagedPolicyArns: [!Ref Work, !Ref Reviewed]\n      Policies",
                    "      ManagedPolicyArns: [!Ref Work]\n      Policies")
    assert breached(proof)[PUSHED] == {"desk-approvers"}
    actions = {f.need.action for never in proof.breached for f in never.breaches}
    assert actions == {"codecommit:GitPush"}


def test_a_developer_who_merges_without_an_approver_is_a_breach(peopled):
    found = breached(peopled("- codecommit:PostCommentForPullRequest\n", "- codecommit:*PullRequest*\n"))
    assert found[PUSHED] == {"desk-developers"}
    assert found[AROUND] == {"desk-developers", "desk-approvers"}


def test_a_denial_that_refuses_the_question_before_a_push_is_a_need_that_fails(peopled):
    """Without `Null`, a denial with IfExists holds where no reference is named, and so refuses every push."""
    proof = peopled('              "Null": {codecommit:References: "false"}\n', "")
    assert {f.need.who.rpartition("/")[2] for f in failing(proof, "codecommit:GitPush")} == {
        "desk-developers", "desk-approvers"}
    assert all(not f.need.context for f in failing(proof, "codecommit:GitPush"))


def test_a_build_that_may_push_to_one_branch_alone_is_seen(small):
    """It names the branch as condition, so that a request without a branch is refused."""
    mark, name = "              - Sid: ReadSourceAndHandOnResults\n", "templates/delivery-build.yaml"
    statement = ("              - {Sid: Release, Effect: Allow, Action: 'codecommit:GitPush', Resource: '*', "
                 "Condition: {StringEquals: {'codecommit:References': refs/heads/develop}}}\n")
    text = small.texts[name].replace(mark, statement + mark)
    proof = of(stage(small.assembly, {**small.texts, name: text}, small.sources))
    assert breached(proof)[PUSHED] == {"desk-develop-catalog-build", "desk-develop-lending-build"}
