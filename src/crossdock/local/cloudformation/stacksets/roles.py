"""Who acts in a target account: the administration role, assumed by CloudFormation, assumes the execution role there.

With service-managed permissions StackSets has roles of its own instead (`linked`).
Source: CloudFormation User Guide, "Grant self-managed permissions".
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.handler import Failed
from crossdock.local.cloudformation.stacksets import linked
from crossdock.local.cloudformation.stacksets.state import Operation, StackSet
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

SERVICE = "cloudformation.amazonaws.com"


class Roles:
    """The sessions of one operation: each role is assumed once."""

    def __init__(self, engine: Core, found: StackSet, operation: Operation) -> None:
        self._engine, self._set, self._operation = engine, found, operation
        self._lock = threading.Lock()
        self._administrator: Caller | None = None
        self._made: dict[str, Caller] = {}

    def of(self, account: str) -> Caller:
        """A session of the execution role of an account. Raises Failed with the reason that StackSets gives."""
        with self._lock:
            if account not in self._made:
                self._made[account] = self._session(account)
            return self._made[account]

    def _session(self, account: str) -> Caller:
        if self._set.managed_by_service:
            return linked.session(self._engine, account, region=self._set.region, name=self._operation.id)
        return self._assume(account, self._administration())

    def _administration(self) -> Caller:
        if self._administrator is None:
            role = self._operation.administration_role
            try:
                assumed = self._engine.world.assume(
                    role, service=SERVICE, session=self._operation.id, source_arn=self._set.arn,
                    source_account=self._set.account,
                )  # fmt: skip
            except AwsError as error:
                raise Failed(
                    f"Account {self._set.account} should have '{_name(role)}' role with trust relationship to "
                    "CloudFormation service."
                ) from error
            self._administrator = assumed
        return self._administrator

    def _assume(self, account: str, administrator: Caller) -> Caller:
        operation, world = self._operation, self._engine.world
        arn = f"arn:{world.partition}:iam::{account}:role/{operation.execution_role}"
        try:
            sts = world.client("sts", administrator, self._set.region)
            answer = sts.assume_role(RoleArn=arn, RoleSessionName=operation.id)
        except ClientError as error:
            raise Failed(
                f"Account {account} should have '{operation.execution_role}' role with trust relationship to Role "
                f"'{_name(operation.administration_role)}'."
            ) from error
        return world.session(answer["Credentials"]["AccessKeyId"])


def _name(arn: str) -> str:
    return arn.partition(":role/")[2] or arn
