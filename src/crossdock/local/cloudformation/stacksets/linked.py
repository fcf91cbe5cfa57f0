"""The roles that StackSets makes for itself with service-managed permissions, and how it gets from one to the other.

Its service-linked role in the management account becomes the execution role of each target account, which its
service-linked role there has made (User Guide, "Service-managed permissions"; "AWS CloudFormation StackSets and AWS
Organizations", service-linked roles). On AWS both appear when trusted access is activated, and when an account joins;
here, when they are needed first.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.handler import Failed, is_missing
from crossdock.local.cloudformation.stacksets.organization import PRINCIPAL
from crossdock.local.identity import Caller, Kind

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

ADMINISTRATOR = "stacksets.cloudformation.amazonaws.com"
_SIDES = {ADMINISTRATOR: "OrgAdmin", PRINCIPAL: "OrgMember"}
"""What names and policies of the two service-linked roles end in."""


def session(engine: Core, account: str, *, region: str, name: str) -> Caller:
    """A session of the execution role of an account. Raises Failed where it can't be had."""
    world = engine.world
    administrator = _linked(engine, world.management_account, ADMINISTRATOR, region)
    member = _linked(engine, account, PRINCIPAL, region)
    execution = execution_role(world.organization)
    try:
        maker = world.client("iam", world.assume(member, service=PRINCIPAL, session=name), region)
        _made(maker, execution, administrator, path="/", policy="AdministratorAccess")
        acting = world.assume(administrator, service=ADMINISTRATOR, session=name)
        arn = f"arn:{world.partition}:iam::{account}:role/{execution}"
        answer = world.client("sts", acting, region).assume_role(RoleArn=arn, RoleSessionName=name)
    except ClientError as error:
        raise Failed(str(error.response["Error"].get("Message", ""))) from error
    return world.session(answer["Credentials"]["AccessKeyId"])


def execution_role(organization: str) -> str:
    """Its name, the same in all accounts of an organization."""
    return f"stacksets-exec-{hashlib.md5(organization.encode(), usedforsecurity=False).hexdigest()}"


def _linked(engine: Core, account: str, service: str, region: str) -> str:
    """The ARN of a service-linked role, made where it is missing: by the service itself, so by nobody's policies."""
    world = engine.world
    name = f"AWSServiceRoleForCloudFormationStackSets{_SIDES[service]}"
    policy = f"aws-service-role/CloudFormationStackSets{_SIDES[service]}ServiceRolePolicy"
    path = f"/aws-service-role/{service}/"
    arn = f"arn:{world.partition}:iam::{account}:root"
    root = Caller(kind=Kind.ROOT, arn=arn, principal_arn=arn, account=account, user_id=account)
    try:
        _made(world.client("iam", root, region), name, service, path=path, policy=policy)
    except ClientError as error:
        raise Failed(str(error.response["Error"].get("Message", ""))) from error
    return f"arn:{world.partition}:iam::{account}:role{path}{name}"


def _made(iam: Any, name: str, trusted: str, *, path: str, policy: str) -> None:
    if _is_there(iam, name):
        return
    kind = "AWS" if trusted.startswith("arn:") else "Service"
    partition = trusted.split(":")[1] if kind == "AWS" else "aws"
    statement = {"Effect": "Allow", "Principal": {kind: trusted}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:{partition}:iam::aws:policy/{policy}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":  # another region's operation was first
            raise


def _is_there(iam: Any, role: str) -> bool:
    try:
        iam.get_role(RoleName=role)
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return True
