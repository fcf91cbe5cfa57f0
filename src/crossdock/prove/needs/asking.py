"""Needs of one actor at one step, said once for all the actions that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crossdock.iam.calls import asks
from crossdock.model.proof import Need, Step
from crossdock.prove.judge import AWS_MANAGED_KEY, account_of
from crossdock.prove.resources import partition
from crossdock.prove.scene import Scene

S3 = "s3.amazonaws.com"
_ON_KEY: Mapping[str, tuple[str, ...]] = {
    "s3:GetObject": ("kms:Decrypt",), "s3:GetObjectVersion": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey", "kms:Decrypt"),
}
"""S3 User Guide, SSE-KMS permissions; large objects are written in parts, which also decrypts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, at which step. `via`: through which services (forward access)."""

    scene: Scene
    who: str
    step: Step
    region: str
    session: str = "session"
    via: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        return account_of(self.who)

    def through(self, service: str) -> Actor:
        return replace(self, via=(*self.via, service))

    def does(
        self, action: str, resource: str, why: str, owner: str = "", **context: str | tuple[str, ...]
    ) -> Need:
        """One action. Context keys are written with `__` for `:`, e.g. `aws__SourceArn`."""
        keys = {key.replace("__", ":"): value for key, value in context.items()}
        return Need(who=self.who, action=action, resource=resource, owner=owner or account_of(resource) or self.account,
                    step=self.step, why=why, session=self.session, context=keys, via=self.via)

    def calls(self, service: str, operation: str, params: Mapping[str, Any], why: str) -> Iterator[Need]:
        """Everything that one API call asks of IAM (iam/calls)."""
        found = asks(service, operation, params, account=self.account, region=self.region,
                     partition=partition(self.region))
        for ask in found:
            yield Need(who=self.who, action=ask.action, resource=ask.resource, owner=ask.account or self.account,
                       step=self.step, why=why, session=self.session, context=dict(ask.context), via=self.via)

    def finds(self, bucket: str, why: str, *actions: str) -> Iterator[Need]:
        """Looks at a bucket itself."""
        for action in actions:
            yield self.does(action, self._bucket(bucket), why, self.scene.owner(bucket))

    def reads(self, bucket: str, path: str, key: str, why: str, *, versions: bool = True) -> Iterator[Need]:
        """Reads objects, by version too, and through S3 the key that encrypts them (S3 User Guide, SSE-KMS)."""
        for action in ("s3:GetObject", "s3:GetObjectVersion") if versions else ("s3:GetObject",):
            yield self.does(action, f"{self._bucket(bucket)}/{path}", why, self.scene.owner(bucket))
        yield self._uses_key("kms:Decrypt", bucket, key, why)

    def writes(self, bucket: str, path: str, key: str, why: str) -> Iterator[Need]:
        """Writes objects, in parts too where they are large: that also decrypts (S3 User Guide, multipart upload)."""
        yield self.does("s3:PutObject", f"{self._bucket(bucket)}/{path}", why, self.scene.owner(bucket))
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            yield self._uses_key(action, bucket, key, why)

    def uses_key_of(self, bucket: str, action: str, why: str) -> Iterator[Need]:
        """What S3 asks of the key that a bucket of ours encrypts with by default, when an object is read or written."""
        key = self.scene.key_of(bucket)
        for right in _ON_KEY.get(action, ()) if key else ():
            yield self._uses_key(right, bucket, key, why)

    def _uses_key(self, action: str, bucket: str, key: str, why: str) -> Need:
        owner = self.scene.owner(bucket)
        arn = key or f"arn:{partition(self.region)}:kms:{self.region}:{owner}:key/{AWS_MANAGED_KEY}"
        return self.through(S3).does(action, arn, why, kms__EncryptionContextKeys=("aws:s3:arn",), **{
            "kms:EncryptionContext:aws:s3:arn": self._bucket(bucket)})

    def _bucket(self, name: str) -> str:
        return f"arn:{partition(self.region)}:s3:::{name}"


def assumed_by(service: str, role: str, step: Step, why: str, source: str) -> Need:
    """A service assumes a role for a resource (IAM User Guide, the confused deputy problem)."""
    context = {"aws:SourceArn": source, "aws:SourceAccount": account_of(role), "sts:RoleSessionName": "session"}
    return Need(who=service, action="sts:AssumeRole", resource=role, owner=account_of(role), step=step, why=why,
                context=context)
