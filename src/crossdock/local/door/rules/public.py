"""Is a bucket policy public? (S3 User Guide, access-control-block-public-access, "The meaning of public".)

A policy is public unless every Allow that it makes to everyone is limited, by a fixed value, to somebody in particular:
an account, an organization, a role, a network, a key.
"""

from __future__ import annotations

import ipaddress

from crossdock import iam
from crossdock.iam import Effect, PolicyKind, Statement

_FIXED = frozenset({
    "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:userid",
    "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
})
_POSITIVE = ("stringequals", "stringlike", "arnequals", "arnlike", "ipaddress", "stringequalsignorecase")


def is_public(document: str) -> bool:
    """Whether a bucket policy (JSON) grants something to just anybody. Raises PolicyError."""
    policy = iam.parse(document, PolicyKind.RESOURCE)
    return any(_open(statement) for statement in policy.statements if statement.effect is Effect.ALLOW)


def _open(statement: Statement) -> bool:
    if statement.principal is not None and not statement.principal.everyone:
        return False
    return not any(_limits(c.operator, c.key, c.values) for c in statement.conditions)


def _limits(operator: str, key: str, values: tuple[str, ...]) -> bool:
    """Whether a condition holds only for values that are fixed. With IfExists or ForAllValues it holds without any."""
    name = operator.lower().removeprefix("foranyvalue:")
    if name not in _POSITIVE:
        return False
    if key.lower() == "aws:sourceip":
        return all(_small(value) for value in values)
    return key.lower() in _FIXED and all(_fixed(key.lower(), value) for value in values)


def _fixed(key: str, value: str) -> bool:
    """Without wildcards or variables; of an ARN the account suffices, of a user id what stands before the colon."""
    if "${" in value:
        return False
    if key == "aws:userid":
        value = value.partition(":")[0]
    elif key in ("aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn"):
        parts = value.split(":", 5)
        if len(parts) == 6 and parts[4].isdigit():
            return True
    elif key == "aws:principalorgpaths":
        value = value.partition("/")[0]
    return "*" not in value and "?" not in value


def _small(value: str) -> bool:
    """A range of addresses that is not (nearly) the whole internet: up to /8 in IPv4, /32 in IPv6."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)
