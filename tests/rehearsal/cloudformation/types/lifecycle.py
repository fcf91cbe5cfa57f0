"""One resource from its creation to its end: what a type must do, seen through its service's own API.

`look` asks the service what it has under a physical id and raises KeyError, IndexError or ClientError for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust

NOTHING = (ClientError, KeyError, IndexError)
FAILS = {"Type": "AWS::S3::BucketPolicy", "DependsOn": "X", "Properties": {
    "Bucket": "no-such-bucket-anywhere", "PolicyDocument": policy(allow("s3:GetObject"))}}
"""A resource that can't be made, after the one that is looked at."""


@dataclass
class Case:
    """first: made so; second: changed in place to this; third: replaced by this. `around`: what it needs."""

    type: str
    first: dict[str, Any]
    look: Callable[[Any, str], Any]
    sees: tuple[Any, ...]
    second: dict[str, Any] | None = None
    third: dict[str, Any] | None = None
    around: dict[str, Any] = field(default_factory=dict)


def template(case: Case, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Resources": {**case.around, "X": {"Type": case.type, "Properties": properties}, **more}}


def lives(account: Any, case: Case) -> None:
    """Made, changed with a failure that is rolled back, changed, replaced with and without a failure, deleted."""
    assert account.create(template(case, case.first)) == "CREATE_COMPLETE", account.reasons("X")
    made = account.physical("X")
    assert case.look(account, made) == case.sees[0], "made"
    seen = case.sees[0]
    if case.second is not None:
        failed = account.update(template(case, case.second, Bad=FAILS))
        assert failed == "UPDATE_ROLLBACK_COMPLETE", account.reasons("X")
        assert account.physical("X") == made
        assert case.look(account, made) == seen
        assert account.update(template(case, case.second)) == "UPDATE_COMPLETE", account.reasons("X")
        assert account.physical("X") == made
        seen = case.sees[1]
        assert case.look(account, made) == seen
    if case.third is not None:
        failed = account.update(template(case, case.third, Bad=FAILS))
        assert failed == "UPDATE_ROLLBACK_COMPLETE", account.reasons("X")
        assert account.physical("X") == made
        assert case.look(account, made) == seen
        assert account.update(template(case, case.third)) == "UPDATE_COMPLETE", account.reasons("X")
        assert account.physical("X") != made
        with pytest.raises(NOTHING):
            case.look(account, made)
        made = account.physical("X")
    assert account.delete() == "DELETE_COMPLETE", account.reasons("X")
    with pytest.raises(NOTHING):
        case.look(account, made)


def comes_to_nothing(account: Any, case: Case) -> None:
    """Its creation is rolled back when something after it fails."""
    assert account.create(template(case, case.first, Bad=FAILS)) == "ROLLBACK_COMPLETE", account.reasons("X")
    made = account.physical("X")
    assert made
    with pytest.raises(NOTHING):
        case.look(account, made)
    assert account.delete() == "DELETE_COMPLETE"


def role(*services: str) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust(*services)}}
