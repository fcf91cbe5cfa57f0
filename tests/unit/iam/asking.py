"""A short way to ask one question: statements in, a verdict out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.iam import Decision, Grant, Policies, Policy, PolicyKind, Request, decide, parse

Statement = dict[str, Any]
OWN, OTHER = "111111111111", "222222222222"


class Ask:
    """Asks for a decision; by default a user reads an object of its own account."""

    own, other = OWN, OTHER
    user = f"arn:aws:iam::{OWN}:user/ana"
    role = f"arn:aws:iam::{OWN}:role/app"
    session = f"arn:aws:sts::{OWN}:assumed-role/app/s1"
    federated = f"arn:aws:sts::{OWN}:federated-user/ana"
    root = f"arn:aws:iam::{OWN}:root"
    stranger = f"arn:aws:iam::{OTHER}:user/eve"
    item = "arn:aws:s3:::data/key"
    key = f"arn:aws:kms:eu-west-1:{OWN}:key/k"

    @staticmethod
    def allow(action: str | list[str] = "*", resource: str | list[str] | None = "*", **more: Any) -> Statement:
        """An Allow statement; `resource=None` leaves the element out, `None` values leave others out."""
        given = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def deny(cls, action: str | list[str] = "*", resource: str | list[str] | None = "*", **more: Any) -> Statement:
        """A Deny statement."""
        return cls.allow(action, resource, **more) | {"Effect": "Deny"}

    @staticmethod
    def policy(statements: Sequence[Statement], kind: PolicyKind, version: str = "2012-10-17") -> Policy:
        return parse({"Version": version, "Statement": list(statements)}, kind, name="p")

    def __call__(self, *arguments: Any, **named: Any) -> str:
        return str(self.decision(*arguments, **named).verdict)

    def decision(
        self,
        action: str = "s3:GetObject",
        resource: str = item,
        *,
        by: str | None = user,
        as_: str = "user",
        account: str | None = OWN,
        owner: str = OWN,
        context: Mapping[str, Any] | None = None,
        identity: Sequence[Statement] = (),
        on: Sequence[Statement] | None = None,
        kind: PolicyKind = PolicyKind.RESOURCE,
        boundary: Sequence[Statement] | None = None,
        session: Sequence[Statement] | None = None,
        scps: Sequence[Sequence[Sequence[Statement]]] = (),
        rcps: Sequence[Sequence[Sequence[Statement]]] = (),
        grants: Sequence[Grant] = (),
        unknown: Sequence[str] = (),
        version: str = "2012-10-17",
        **more: Any,
    ) -> Decision:
        def read(statements: Sequence[Statement], kind: PolicyKind) -> Policy:
            return self.policy(statements, kind, version)

        policies = Policies(
            identity=(read(identity, PolicyKind.IDENTITY),),
            resource=None if on is None else read(on, kind),
            boundary=None if boundary is None else read(boundary, PolicyKind.BOUNDARY),
            session=None if session is None else read(session, PolicyKind.SESSION),
            scps=tuple(tuple(read(p, PolicyKind.SCP) for p in level) for level in scps),
            rcps=tuple(tuple(read(p, PolicyKind.RCP) for p in level) for level in rcps),
            grants=tuple(grants),
        )
        request = Request(
            principal=by, principal_type=as_, principal_account=account, action=action, resource=resource,
            resource_account=owner, context=context or {}, **more,
        )  # fmt: skip
        return decide(request, policies, frozenset(unknown))

    def as_session(self, *arguments: Any, **named: Any) -> str:
        """The same by a session of the role `app`."""
        return self(*arguments, **{"by": self.session, "as_": "assumed-role"} | named)

    def across(self, *arguments: Any, **named: Any) -> str:
        """The same by a user of another account."""
        return self(*arguments, **{"by": self.stranger, "account": OTHER} | named)
