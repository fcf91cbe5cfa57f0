"""Resources whose ARN holds more than the parameter that names them: KMS keys, IAM entities, secrets, stacks,
functions, queues. Each kind turns the parameter into the ARN, and says whether that is only the nearest that can be
said (`Ask.unresolved`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from crossdock.iam.calls.ask import ResolveEntity, ResolveKey


@dataclass(frozen=True, slots=True)
class Place:
    """Where the call is made, and who resolves names."""

    account: str
    region: str
    partition: str
    resolve_key: ResolveKey | None = None
    resolve_entity: ResolveEntity | None = None

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        return f"arn:{self.partition}:{service}:{self.region if region else ''}:{self.account}:{resource}"


def _key(value: str, place: Place) -> tuple[str, bool]:
    """Rule: the key's ARN decides, whatever the request names it by (KMS Developer Guide, alias-authorization)."""
    if value == "*":
        return place.arn("kms", "key/*"), True
    if place.resolve_key and (arn := place.resolve_key(value)):
        return arn, False
    if value.startswith("arn:"):
        return value, ":alias/" in value
    if value.startswith("alias/"):
        return place.arn("kms", value), True
    return place.arn("kms", f"key/{value}"), False


def _named(service: str, prefix: str, suffix: str = "", *, region: bool = False) -> Callable[..., tuple[str, bool]]:
    kind = re.split("[:/]", prefix)[0]

    def make(value: str, place: Place) -> tuple[str, bool]:
        if value.startswith("arn:"):
            return value, False
        if place.resolve_entity and (arn := place.resolve_entity(kind, value)):
            return arn, False
        ending = "" if ":" in value else suffix  # `stackset:id` is whole
        return place.arn(service, f"{prefix}{value or '*'}{ending}", region=region), bool(ending) or not value

    return make


_FUNCTION = re.compile(
    r"(?:arn:[\w-]+:lambda:(?P<region>[\w-]+):)?(?:(?P<account>\d{12}):)?(?:function:)?(?P<name>[\w.*-]+)"
    r"(?P<qualifier>:[$\w-]+)?"
)


def _profile_role(value: str, place: Place) -> tuple[str, bool]:
    """The role inside an instance profile, which is what is passed (IAM User Guide, id_roles_use_switch-role-ec2)."""
    if place.resolve_entity and (arn := place.resolve_entity("profile-role", value.rpartition("/")[2])):
        return arn, False
    return place.arn("iam", "role/*", region=False), True


def _boundary(value: str, place: Place) -> tuple[str, bool]:
    """The permissions boundary that a role has now; nothing for one without, or when nobody knows."""
    arn = place.resolve_entity("role-boundary", value) if place.resolve_entity else None
    return arn or "", arn is None


def _function(value: str, place: Place) -> tuple[str, bool]:
    """Name, `name:qualifier`, `account:function:name` or ARN (Lambda API reference, FunctionName)."""
    match = _FUNCTION.fullmatch(value)
    if match is None:
        return place.arn("lambda", f"function:{value}"), False
    region, account = match["region"] or place.region, match["account"] or place.account
    resource = f"function:{match['name']}{match['qualifier'] or ''}"
    return f"arn:{place.partition}:lambda:{region}:{account}:{resource}", False


def _elsewhere(value: str, place: Place, kind: str, service: str, among: str) -> tuple[str, bool]:
    """What is authorised as part of something that its own name doesn't tell; among all of them if nobody knows."""
    if place.resolve_entity and (arn := place.resolve_entity(kind, value)):
        return arn, False
    return place.arn(service, among), True


def _log_group(value: str, place: Place) -> tuple[str, bool]:
    """Authorised as `log-group:NAME:log-stream:`, so that both `NAME:*` and `NAME:log-stream:*` match and a bare `NAME`
    does not (CloudWatch Logs User Guide, iam-access-control-overview-cwl: `:*` in policies for all but tagging)."""
    if value.startswith("arn:"):
        return value.removesuffix(":*") + ":log-stream:", False
    return place.arn("logs", f"log-group:{value}:log-stream:"), False


def _parameter(value: str, place: Place) -> tuple[str, bool]:
    """Without leading slash, version or label (Systems Manager User Guide, sysman-paramstore-access)."""
    if value.startswith("arn:"):
        head, _, name = value.partition(":parameter/")
        return f"{head}:parameter/{name.partition(':')[0]}", False
    return place.arn("ssm", "parameter/" + value.removeprefix("/").partition(":")[0]), False


def _task_definition(value: str, place: Place) -> tuple[str, bool]:
    """`family:revision`, or `family` for its latest."""
    if value.startswith("arn:"):
        return value, False
    if ":" not in value and place.resolve_entity and (arn := place.resolve_entity("task-definition", value)):
        return arn, False
    return place.arn("ecs", "task-definition/" + (value if ":" in value else f"{value}:*")), ":" not in value


def _encoded(value: str, place: Place) -> tuple[str, bool]:  # noqa: ARG001  one signature for all kinds
    """An ARN inside a path of API Gateway."""
    return quote(value, safe=""), False


def _queue(value: str, place: Place) -> tuple[str, bool]:
    """A queue URL ends in `/<account>/<name>`; its host may name the region."""
    if value.startswith("arn:"):
        return value, False
    account, _, name = value.rstrip("/").rpartition("/")
    owner = account.rpartition("/")[2]
    owner = owner if re.fullmatch(r"\d{12}", owner) else place.account
    region = re.search(r"//(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.", value)
    where = (region.group(1) or region.group(2)) if region else place.region
    return f"arn:{place.partition}:sqs:{where}:{owner}:{name}", False


KINDS: Mapping[str, Callable[[str, Place], tuple[str, bool]]] = {
    "key": _key,
    "queue": _queue,
    "encoded": _encoded,
    "function": _function,
    "profile-role": _profile_role,
    "role-boundary": _boundary,
    "log-group": _log_group,
    "parameter": _parameter,
    "task-definition": _task_definition,
    "pull-request": partial(_elsewhere, kind="pull-request", service="codecommit", among="*"),
    "comment": partial(_elsewhere, kind="comment", service="codecommit", among="*"),
    "organizations": partial(_elsewhere, kind="organizations", service="organizations", among="*"),
    "change-set": partial(_elsewhere, kind="change-set", service="cloudformation", among="stack/*/*"),
    "role": _named("iam", "role/"),
    "user": _named("iam", "user/"),
    "group": _named("iam", "group/"),
    "instance-profile": _named("iam", "instance-profile/"),
    "server-certificate": _named("iam", "server-certificate/"),
    "secret": _named("secretsmanager", "secret:", "-??????", region=True),
    "stack": _named("cloudformation", "stack/", "/*", region=True),
    "stackset": _named("cloudformation", "stackset/", ":*", region=True),
}
