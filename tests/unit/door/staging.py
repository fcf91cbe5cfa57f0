"""Accounts, callers and resources, made through the services' own APIs; each test takes names of its own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.identity import Caller
from crossdock.local.server import LocalWorld

MANAGEMENT, SHARED, TARGET, ORGANIZATION = "999999999999", "111111111111", "222222222222", "o-a1b2c3d4e5"
REGION = "us-east-1"

_numbers = itertools.count(1)


def fresh(word: str) -> str:
    """A name that nothing has yet."""
    return f"{word}-{next(_numbers)}"


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]})


def account(number: str) -> str:
    return f"arn:aws:iam::{number}:root"


class Stage:
    """Three accounts of one organization, of which one only manages it."""

    def __init__(self, world: LocalWorld) -> None:
        self.world = world
        self._roots = {number: world.root_user(number) for number in world.accounts}

    def client(self, service: str, whose: str | Caller) -> Any:
        """A client of a caller, or of the root user of an account."""
        return self.world.client(service, self._roots[whose] if isinstance(whose, str) else whose)

    def role(self, number: str, *statements: Mapping[str, Any], trust: Mapping[str, Any] | None = None,
             name: str = "", **more: Any) -> Caller:
        """A session of a new role with these permissions."""
        iam, name = self.client("iam", number), name or fresh("role")
        trusted = trust or {"AWS": account(number)}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(
            {"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], "Principal": trusted}), **more)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return self.world.role_session(f"arn:aws:iam::{number}:role{more.get('Path', '/')}{name}", "session")

    def user(self, number: str, *statements: Mapping[str, Any]) -> Caller:
        iam, name = self.client("iam", number), fresh("user")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
        return self.world.session(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])

    def assume(self, caller: Caller, role: Caller, **more: Any) -> Caller:
        """What AssumeRole gives to a caller."""
        given = self.client("sts", caller).assume_role(RoleArn=role.principal_arn, RoleSessionName="chained", **more)
        return self.world.session(given["Credentials"]["AccessKeyId"])

    def bucket(
        self, number: str = SHARED, *statements: Mapping[str, Any], private: bool = True, **objects: bytes
    ) -> str:
        """A new bucket with a policy (`Resource` may say BUCKET for its name) and objects."""
        s3, name = self.client("s3", number), fresh("bucket")
        s3.create_bucket(Bucket=name)
        if not private:
            s3.delete_public_access_block(Bucket=name)
        if statements:
            s3.put_bucket_policy(Bucket=name, Policy=document(*statements).replace("BUCKET", name))
        for key, body in objects.items():
            s3.put_object(Bucket=name, Key=key, Body=body)
        return name

    def key(self, number: str = SHARED, *statements: Mapping[str, Any], **more: Any) -> str:
        """The ARN of a new key, whose policy is these statements, or the default one."""
        if statements:
            more["Policy"] = document(*statements)
        return str(self.client("kms", number).create_key(**more)["KeyMetadata"]["Arn"])

    def control(self, kind: str, target: str, *statements: Mapping[str, Any]) -> Callable[[], None]:
        """Attach a control policy; returns what takes it away again."""
        organizations = self.client("organizations", MANAGEMENT)
        made = organizations.create_policy(Name=fresh("policy"), Description="", Type=kind,
                                           Content=document(*statements))["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=made, TargetId=target)

        def away() -> None:
            organizations.detach_policy(PolicyId=made, TargetId=target)
            organizations.delete_policy(PolicyId=made)

        return away


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    """The message of an error that must come, after its code."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response["Error"]
    return f"{answer['Code']}: {answer['Message']}"


def denied(call: Callable[..., Any], **arguments: Any) -> str:
    """The message of a denial that must come."""
    said = refused(call, **arguments)
    assert said.partition(":")[0] in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation",
                                      "AuthorizationError"), said
    return said
