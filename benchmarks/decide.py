"""Decisions a second: 10,000 distinct requests across accounts for objects and their key, under two levels of SCPs.

Roles of one account read and decrypt prefixes of another account's bucket. The policies are shaped as crossdock
composes them; every round has requests of its own, so that no answer can be remembered. The baseline is the same loop
with a look-up in place of the decision. One core, CPU time. Goal: 20,000 a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from time import process_time

from measuring import Ratio, Result, Series, main

from crossdock.iam import Policies, Policy, PolicyKind, PrincipalType, Request, decide, parse

REQUESTS, ROUNDS, GOAL = 10_000, 7, 20_000
OWNER, READER, ORGANIZATION, REGION = "111111111111", "222222222222", "o-a1b2c3d4e5", "eu-west-1"
ENVIRONMENTS, SERVICES = ("development", "staging", "production", "training"), 25
BUCKET = f"arn:aws:s3:::hello-artifacts-{OWNER}"
KEY = f"arn:aws:kms:{REGION}:{OWNER}:key/5f2b7c1e-0000-4000-8000-000000000001"

Statement = dict[str, object]
Case = tuple[Request, Policies, bool]
"""A request, the policies in force for it, whether it must be allowed."""


def _policy(kind: PolicyKind, name: str, *statements: Statement) -> Policy:
    return parse({"Version": "2012-10-17", "Statement": list(statements)}, kind, name=name)


def _organization() -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
    """SCPs of the root and of the account."""
    full: Statement = {"Sid": "FullAccess", "Effect": "Allow", "Action": "*", "Resource": "*"}
    regions: Statement = {
        "Sid": "OnlyOurRegions", "Effect": "Deny", "Resource": "*",
        "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION, "us-east-1"]}},
    }
    stay: Statement = {"Sid": "NobodyLeaves", "Effect": "Deny", "Action": "organizations:LeaveOrganization",
                       "Resource": "*"}
    keys: Statement = {
        "Sid": "KeysStay", "Effect": "Deny", "Action": ["kms:ScheduleKeyDeletion", "kms:DisableKey"], "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/security-*"}},
    }
    return ((_policy(PolicyKind.SCP, "root", full, regions),),
            (_policy(PolicyKind.SCP, "FullAWSAccess", full), _policy(PolicyKind.SCP, "workload", stay, keys)))


def _resource_policies() -> tuple[Policy, Policy]:
    """The bucket's policy and the key's: one statement for each environment."""
    bucket: list[Statement] = [{
        "Sid": "OnlyEncrypted", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [BUCKET, f"{BUCKET}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]
    key: list[Statement] = [{
        "Sid": "OwnAccount", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}, "Action": "kms:*",
        "Resource": "*",
    }]
    for environment in ENVIRONMENTS:
        who: Statement = {
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{READER}:role/hello-{environment}-*"},
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
        }
        principal: Statement = {"AWS": f"arn:aws:iam::{READER}:root"}
        bucket.append({
            "Sid": f"Read{environment.title()}", "Effect": "Allow", "Principal": principal, "Condition": who,
            "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": f"{BUCKET}/configuration/{environment}/*",
        })
        key.append({
            "Sid": f"Decrypt{environment.title()}", "Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt",
            "Resource": "*", "Condition": {
                "ArnLike": who["ArnLike"],
                "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "kms:ViaService": f"s3.{REGION}.amazonaws.com"},
            },
        })
    return _policy(PolicyKind.RESOURCE, "bucket", *bucket), _policy(PolicyKind.KEY, "key", *key)


def cases(round_: int) -> list[Case]:
    """The requests of one round: each object read, and decrypted through S3; each fifth of another environment."""
    scps, (bucket, key) = _organization(), _resource_policies()
    made: list[Case] = []
    each = REQUESTS // (2 * len(ENVIRONMENTS) * SERVICES)
    for place, environment in enumerate(ENVIRONMENTS):
        other = ENVIRONMENTS[(place + 1) % len(ENVIRONMENTS)]
        for number in range(SERVICES):
            role = f"hello-{environment}-service{number}"
            identity = _policy(
                PolicyKind.IDENTITY, role,
                {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/configuration/*"},
                {"Sid": "Decrypt", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY,
                 "Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}},
            )
            reading = Policies(identity=(identity,), resource=bucket, scps=scps)
            decrypting = Policies(identity=(identity,), resource=key, scps=scps)
            for item in range(each):
                foreign = item % 5 == 4
                owner = other if foreign else environment
                path = f"{BUCKET}/configuration/{owner}/service{number}/{round_}/{item}.json"
                made.append((_request(role, item, "s3:GetObject", path, {}), reading, not foreign))
                service = "lambda" if foreign else "s3"
                through = {"kms:ViaService": f"{service}.{REGION}.amazonaws.com",
                           "kms:EncryptionContext:aws:s3:arn": path}
                made.append((_request(role, item, "kms:Decrypt", KEY, through), decrypting, not foreign))
    return made


def _request(role: str, item: int, action: str, resource: str, more: dict[str, str]) -> Request:
    return Request(
        principal=f"arn:aws:sts::{READER}:assumed-role/{role}/run{item}", principal_type=PrincipalType.SESSION,
        principal_account=READER, action=action, resource=resource, resource_account=OWNER, context={
            "aws:PrincipalArn": f"arn:aws:iam::{READER}:role/{role}", "aws:PrincipalAccount": READER,
            "aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalType": "AssumedRole", "aws:SecureTransport": "true",
            "aws:RequestedRegion": REGION, "aws:userid": f"AROAEXAMPLE{role}:run{item}", **more,
        },
    )  # fmt: skip


def trivial(asked: Sequence[Case]) -> Callable[[Request, Policies], bool]:
    """The least that any decision would do: look the answer up."""
    known = {(r.principal, r.action, r.resource, str(r.context)): allowed for r, _, allowed in asked}
    return lambda request, _: known[request.principal, request.action, request.resource, str(request.context)]


def seconds(asked: Sequence[Case], answer: Callable[[Request, Policies], bool]) -> float:
    """CPU seconds of one decision."""
    began = process_time()
    answers = [answer(request, policies) for request, policies, _ in asked]
    spent = process_time() - began
    if answers != [expected for _, _, expected in asked]:
        raise AssertionError("a request was decided otherwise than it must be")
    return spent / len(asked)


def measure() -> Result:
    looked: list[float] = []
    decided: list[float] = []
    counts: Counter[str] = Counter()
    for round_ in range(ROUNDS):
        asked = cases(round_)
        looked.append(seconds(asked, trivial(asked)))
        decided.append(seconds(asked, lambda request, policies: decide(request, policies).allowed))
        counts = Counter("allowed" if expected else "denied" for _, _, expected in asked)
    baseline, engine = Series("look-up", looked), Series("iam.decide", decided)
    speed = 1 / engine.median
    return Result(
        benchmark="decide", series=[baseline, engine],
        ratios=[Ratio("iam.decide / look-up", engine.median / baseline.median),
                Ratio(f"{GOAL:,} decisions, seconds", GOAL / speed, 1.0)],
        notes=[f"{speed:,.0f} decisions a second; of {counts.total():,} requests in a round "
               + ", ".join(f"{many:,} {what}" for what, many in sorted(counts.items()))],
        more={"decisions_per_second": speed},
    )


if __name__ == "__main__":
    main(measure, __doc__ or "")
