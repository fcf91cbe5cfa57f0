"""The door and the engine agree: over random worlds, reading an encrypted object succeeds exactly where `iam.decide`
allows it over the same documents, read back through the services' own APIs and put together here a second time."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import ClientError
from tests.unit.door.staging import MANAGEMENT, REGION, SHARED, TARGET, Stage, account, document, fresh

from crossdock import iam
from crossdock.iam import Decision, Policies, Policy, PolicyKind, Request
from crossdock.local.identity import Caller, Kind

SAMPLES = 240
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
NEUTRAL = {"Effect": "Deny", "Action": "s3:GetBucketWebsite", "Resource": "*"}

Statement = dict[str, Any]
Controls = dict[tuple[str, str], tuple[tuple[Policy, ...], ...]]


@dataclass
class Setting:
    """What stays the same: callers, an object under a key, control policies whose content changes."""

    stage: Stage
    callers: list[Caller]
    bucket: str
    key: str
    keeper: Caller
    boundaries: list[str]
    controls: Mapping[tuple[str, str], str]


@pytest.fixture(scope="module")
def setting(stage: Stage) -> Setting:
    keeper = stage.role(SHARED, {"Action": "*", "Resource": "*"})
    key = stage.key(SHARED, {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": keeper.principal_arn}},
                    {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": account(SHARED)}})
    bucket = stage.bucket(private=False)
    stage.client("s3", SHARED).put_object(
        Bucket=bucket, Key="a", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=key, Tagging="class=open")
    tags = [{"Key": "team", "Value": "blue"}]
    callers = [stage.role(SHARED, Tags=tags), stage.role(TARGET, Tags=tags), stage.role(TARGET), stage.role(MANAGEMENT),
               stage.user(SHARED), stage.user(TARGET), stage.world.root_user(SHARED), stage.world.root_user(TARGET)]
    boundaries = [stage.client("iam", number).create_policy(PolicyName="boundary", PolicyDocument=document(
        {"Action": "s3:*", "Resource": "*"}))["Policy"]["Arn"] for number in (SHARED, TARGET, MANAGEMENT)]
    organizations = stage.client("organizations", MANAGEMENT)
    controls = {}
    for kind in (SCP, RCP):
        neutral = NEUTRAL | ({"Principal": "*"} if kind == RCP else {})
        for target in (SHARED, TARGET):
            made = organizations.create_policy(Name=fresh("control"), Description="", Type=kind,
                                               Content=document(neutral))["Policy"]["PolicySummary"]["Id"]
            organizations.attach_policy(PolicyId=made, TargetId=target)
            controls[kind, target] = made
    return Setting(stage, callers, bucket, key, keeper, boundaries, controls)


def test_the_door_answers_as_the_engine_decides_over_what_the_services_tell(setting: Setting) -> None:
    chance, seen = random.Random(20261124), Counter[str]()  # noqa: S311  the same worlds at every run
    controls: Controls = {}
    for number in range(SAMPLES):
        caller = _arranged(setting, chance)
        if number % 4 == 0:  # Organizations is slow to tell
            _control(setting, chance)
            controls = {(kind, account): _levels(setting, account, kind) for kind in (SCP, RCP)
                        for account in (SHARED, TARGET, MANAGEMENT)}
        expected = _decided(setting, caller, controls)
        answer = _answered(setting, caller)
        assert answer == expected, f"sample {number}: {caller.arn}"
        seen[answer] += 1
    assert seen["allowed"] > SAMPLES // 10
    assert seen["s3:GetObject"] > SAMPLES // 10
    assert seen["kms:Decrypt"] > SAMPLES // 20


# -- a random world


def _arranged(setting: Setting, chance: random.Random) -> Caller:
    """New documents everywhere, written through the APIs, and who is going to call."""
    stage, caller = setting.stage, chance.choice(setting.callers)
    identity = document(*[_statement(chance, setting, caller) for _ in range(chance.randint(1, 3))])
    iam_client, name = stage.client("iam", caller.account), caller.principal_arn.rpartition("/")[2]
    if caller.kind is Kind.ROLE:
        iam_client.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=identity)
        if chance.random() < 0.2:
            boundary = next(arn for arn in setting.boundaries if f"::{caller.account}:" in arn)
            iam_client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        else:
            iam_client.delete_role_permissions_boundary(RoleName=name)
        if chance.random() < 0.2:
            session = document({"Action": chance.choice(("s3:*", "*", "kms:*")), "Resource": "*"})
            caller = replace(caller, session_policies=(session,))
    elif caller.kind is Kind.USER:
        iam_client.put_user_policy(UserName=caller.user_name, PolicyName="own", PolicyDocument=identity)
    s3 = stage.client("s3", SHARED)
    if chance.random() < 0.15:
        s3.delete_bucket_policy(Bucket=setting.bucket)
    else:
        s3.put_bucket_policy(Bucket=setting.bucket, Policy=document(
            *[_shared(chance, setting, "s3:GetObject", f"arn:aws:s3:::{setting.bucket}/*") for _ in range(2)]))
    keeps = {"Action": "kms:*KeyPolicy", "Resource": "*", "Principal": {"AWS": setting.keeper.principal_arn}}
    stage.client("kms", setting.keeper).put_key_policy(KeyId=setting.key, PolicyName="default", Policy=document(
        keeps, *[_shared(chance, setting, "kms:Decrypt", "*") for _ in range(2)]))
    return caller


def _control(setting: Setting, chance: random.Random) -> None:
    for (kind, _), policy in setting.controls.items():
        control = NEUTRAL if chance.random() < 0.7 else {
            "Effect": "Deny", "Action": chance.choice(("s3:GetObject", "kms:Decrypt")), "Resource": "*"} \
            | _condition(chance, setting)
        setting.stage.client("organizations", MANAGEMENT).update_policy(
            PolicyId=policy, Content=document(control | ({"Principal": "*"} if kind == RCP else {})))


def _statement(chance: random.Random, setting: Setting, caller: Caller) -> Statement:
    actions = chance.choice((["s3:GetObject", "kms:Decrypt"], "*", "s3:*", "kms:*", ["s3:Get*", "kms:*"], "iam:*"))
    resource = chance.choice(("*", "*", [f"arn:aws:s3:::{setting.bucket}/*", setting.key], "arn:aws:s3:::other/*",
                              f"arn:aws:s3:::{setting.bucket}/${{aws:PrincipalTag/team, 'a'}}"))
    effect = "Deny" if chance.random() < 0.1 else "Allow"
    return {"Effect": effect, "Action": actions, "Resource": resource} | _condition(chance, setting)


def _shared(chance: random.Random, setting: Setting, action: str, resource: str) -> Statement:
    """A statement of a resource's policy."""
    who = chance.choice(setting.callers)
    principal = chance.choice(("*", {"AWS": account(SHARED)}, {"AWS": [account(TARGET), account(SHARED)]},
                               {"AWS": [account(n) for n in (SHARED, TARGET, MANAGEMENT)]},
                               {"AWS": who.principal_arn}, {"AWS": who.arn}))
    effect = "Deny" if chance.random() < 0.1 else "Allow"
    return {"Effect": effect, "Action": action, "Resource": resource, "Principal": principal} \
        | _condition(chance, setting)


def _condition(chance: random.Random, setting: Setting) -> Statement:
    if chance.random() < 0.65:
        return {}
    who = chance.choice(setting.callers)
    operator, key, value = chance.choice((
        ("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"), ("StringNotEquals", "aws:PrincipalOrgID", "o-other"),
        ("ArnLike", "aws:PrincipalArn", who.principal_arn), ("ArnNotEquals", "aws:PrincipalArn", who.principal_arn),
        ("StringEquals", "aws:PrincipalTag/team", "blue"), ("StringEquals", "aws:ResourceAccount", SHARED),
        ("StringEqualsIfExists", "kms:ViaService", f"s3.{REGION}.amazonaws.com"),
        ("StringEqualsIfExists", "s3:ExistingObjectTag/class", "open"), ("Bool", "aws:SecureTransport", "true"),
        ("Null", "aws:username", "true"), ("StringEquals", "aws:PrincipalAccount", who.account),
    ))
    return {"Condition": {operator: {key: value}}}


# -- what the door says, and what the engine does


def _answered(setting: Setting, caller: Caller) -> str:
    """`allowed`, or the action that was denied."""
    try:
        setting.stage.client("s3", caller).get_object(Bucket=setting.bucket, Key="a")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return "kms:Decrypt" if "kms:Decrypt on resource" in str(error) else "s3:GetObject"
    return "allowed"


def _decided(setting: Setting, caller: Caller, controls: Controls) -> str:
    s3 = setting.stage.client("s3", SHARED)
    try:
        bucket = s3.get_bucket_policy(Bucket=setting.bucket)["Policy"]
    except s3.exceptions.ClientError:
        bucket = ""
    key = setting.stage.client("kms", setting.keeper).get_key_policy(KeyId=setting.key, PolicyName="default")["Policy"]
    identity, boundary, tags = _own(setting, caller)
    common = Policies(
        identity=identity, boundary=boundary,
        session=tuple(iam.parse(text, PolicyKind.SESSION) for text in caller.session_policies) or None,
        scps=controls[SCP, caller.account], rcps=controls[RCP, SHARED])
    on_object = replace(common, resource=iam.parse(bucket, PolicyKind.RESOURCE) if bucket else None)
    on_key = replace(common, resource=iam.parse(key, PolicyKind.KEY))
    if not _decide(caller, "s3:GetObject", f"arn:aws:s3:::{setting.bucket}/a", on_object,
                   tags | {"s3:ExistingObjectTag/class": "open"}).allowed:
        return "s3:GetObject"
    via = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    return "allowed" if _decide(caller, "kms:Decrypt", setting.key, on_key, tags | via).allowed else "kms:Decrypt"


def _decide(
    caller: Caller, action: str, resource: str, policies: Policies, context: Mapping[str, str]
) -> Decision:
    known = {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalArn": caller.principal_arn,
             "aws:SecureTransport": "true", "aws:PrincipalAccount": caller.account, "aws:ResourceAccount": SHARED,
             "aws:userid": caller.user_id, **context}
    if caller.kind is Kind.USER:
        known["aws:username"] = caller.user_name
    types = {Kind.ROOT: "root", Kind.USER: "user", Kind.ROLE: "assumed-role"}
    request = Request(principal=caller.arn, principal_type=types[caller.kind], principal_account=caller.account,
                      action=action, resource=resource, resource_account=SHARED, context=known)
    return iam.decide(request, policies)


def _own(setting: Setting, caller: Caller) -> tuple[tuple[Policy, ...], Policy | None, dict[str, str]]:
    """Identity policies, boundary and tags (as keys of the context) of a caller, as IAM tells them."""
    client, name = setting.stage.client("iam", caller.account), caller.principal_arn.rpartition("/")[2]
    boundary = None
    match caller.kind:
        case Kind.USER:
            given = client.get_user_policy(UserName=caller.user_name, PolicyName="own")["PolicyDocument"]
            tags: list[dict[str, str]] = []
        case Kind.ROLE:
            given = client.get_role_policy(RoleName=name, PolicyName="own")["PolicyDocument"]
            role = client.get_role(RoleName=name)["Role"]
            tags = role.get("Tags", [])
            if arn := role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"):
                version = client.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
                boundary = iam.parse(_text(version["Document"]), PolicyKind.BOUNDARY)
        case _:
            return (), None, {}
    return (iam.parse(_text(given), PolicyKind.IDENTITY),), boundary, {
        f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in tags}


def _levels(setting: Setting, number: str, kind: str) -> tuple[tuple[Policy, ...], ...]:
    """The control policies on the way from the root to an account, as Organizations tells them."""
    if number == MANAGEMENT:
        return ()
    organizations = setting.stage.client("organizations", MANAGEMENT)
    way = [number]
    while not way[-1].startswith("r-"):
        way.append(organizations.list_parents(ChildId=way[-1])["Parents"][0]["Id"])
    as_kind = PolicyKind.SCP if kind == SCP else PolicyKind.RCP
    return tuple(
        tuple(iam.parse(organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"], as_kind)
              for policy in organizations.list_policies_for_target(TargetId=at, Filter=kind)["Policies"])
        for at in reversed(way))


def _text(given: Any) -> str:
    return json.dumps(given) if isinstance(given, dict) else unquote(given)
