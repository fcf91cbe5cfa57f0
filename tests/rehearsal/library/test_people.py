"""Roles of people in the shared account: what developers and senior developers may do, and who becomes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.conftest import NONPROD
from tests.rehearsal.cloudformation.policies import allow, policy
from tests.rehearsal.library.lifecycle import failures, lives

from crossdock import library

GIVEN = {"Platform": "shop", "OrganizationId": "o-a1b2c3d4e5", "PeopleAccountId": NONPROD,
         "PeopleArns": f"arn:aws:iam::{NONPROD}:role/staff-*", "SecondFactor": "identity-provider",
         "PermanentReferences": "refs/heads/main,refs/heads/develop"}
ASKED = ("PullRequestDoesNotExistException", "NotEmulated")
"""How a call ends that was let in, about a pull request that is not there."""
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"


@pytest.mark.parametrize("template", ["security/developers", "security/senior-developers"])
def test_a_role_of_people_is_made_changed_and_deleted(account, template):
    lives(account, template, GIVEN, {
        "SessionSeconds": "3600", "SecondFactor": "this-role", "PermissionsBoundaryArn": BOUNDARY,
        "OrganizationId": ""})


def staff(account: Any, name: str) -> Any:
    """Somebody who signed in as a role of an account, and may become whoever lets him."""
    trusting = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account.number}:root"}}]}
    iam = account.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusting))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(allow("sts:AssumeRole"))))
    return account.as_role(arn)


def codes(call: Any) -> str:
    """How a call ends: `done`, or its error's code."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def test_staff_become_developers_and_others_do_not(account, enter):
    assert account.create(library.load("security/developers"), parameters=GIVEN) == "CREATE_COMPLETE", failures(account)
    role = account.outputs()["DeveloperRoleArn"]

    def becomes(who: Any) -> str:
        return codes(lambda: who.client("sts").assume_role(RoleArn=role, RoleSessionName="ada"))

    assert becomes(staff(account, f"staff-{account.region}")) == "done"
    assert becomes(staff(account, f"guest-{account.region}")) == "AccessDenied"
    second = GIVEN | {"SecondFactor": "this-role"}
    assert account.update(library.load("security/developers"), parameters=second) == "UPDATE_COMPLETE"
    assert becomes(account.as_role(f"arn:aws:iam::{NONPROD}:role/staff-{account.region}")) == "AccessDenied"
    assert account.delete() == "DELETE_COMPLETE"


@pytest.fixture
def repository(account):
    """A repository with one commit on its permanent branch and one beside it."""
    codecommit = account.client("codecommit")
    name = f"shop-{account.region}"
    codecommit.create_repository(repositoryName=name)
    first = codecommit.put_file(repositoryName=name, branchName="main", fileContent=b"1", filePath="a")["commitId"]
    codecommit.create_branch(repositoryName=name, branchName="idea", commitId=first)
    codecommit.put_file(repositoryName=name, branchName="idea", fileContent=b"2", filePath="a", parentCommitId=first)
    yield name
    codecommit.delete_repository(repositoryName=name)


def test_developers_push_what_is_not_delivered_and_senior_developers_merge(account, repository):
    for template, name in (("security/developers", "developers"), ("security/senior-developers", "seniors")):
        assert account.create(library.load(template), name, parameters=GIVEN) == "CREATE_COMPLETE", failures(account)
    developer = account.as_role(account.outputs("developers")["DeveloperRoleArn"]).client("codecommit")
    senior = account.as_role(account.outputs("seniors")["SeniorDeveloperRoleArn"]).client("codecommit")
    tip = developer.get_branch(repositoryName=repository, branchName="idea")["branch"]["commitId"]
    there = {"repositoryName": repository, "commitId": tip}
    assert codes(lambda: developer.create_branch(**there, branchName="another")) == "done"
    assert codes(lambda: developer.create_branch(**there, branchName="develop")) == "AccessDeniedException"
    assert codes(lambda: senior.delete_branch(repositoryName=repository, branchName="main")) == "AccessDeniedException"
    merge = {"pullRequestId": "1", "repositoryName": repository}
    assert codes(lambda: developer.merge_pull_request_by_fast_forward(**merge)) == "AccessDeniedException"
    assert codes(lambda: senior.merge_pull_request_by_fast_forward(**merge)) in ASKED
    assert account.delete("developers") == account.delete("seniors") == "DELETE_COMPLETE"
