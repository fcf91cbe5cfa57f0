"""Tags of what the store keeps, by ARN (aws:ResourceTag).

Buckets have none here: their tags bear on access only where attribute-based access control was enabled for the bucket
(S3 User Guide, buckets-tagging-enable-abac), which is not emulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.backends import get_backend
from moto.core.resource_tagging import TaggableResourcesMixin

_BACKENDS: Mapping[str, str] = {
    "elasticloadbalancing": "elbv2", "elasticfilesystem": "efs", "es": "opensearch",
    "servicediscovery": "servicediscovery",
}
"""Service of an ARN -> moto's name, where they differ."""
_GLOBAL = frozenset({"cloudfront", "route53"})


def tags_of(arn: str, partition: str = "aws") -> Mapping[str, str]:
    """The tags of a resource; none where there is no such resource, or the store can't tell."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or not parts[4].isdigit():
        return {}
    service, region, account, resource = parts[2], parts[3], parts[4], parts[5]
    match service:
        case "iam":
            return _of_identity(get_backend("iam")[account][partition], arn)
        case "kms":
            tags: dict[str, str] = get_backend("kms")[account][region].tagger.get_tag_dict_for_resource(resource[4:])
            return tags
        case "sns":
            topic = get_backend("sns")[account][region].topics.get(arn)
            return dict(topic._tags or {}) if topic is not None else {}
        case "sqs":
            queue = get_backend("sqs")[account][region].queues.get(resource)
            return dict(queue.tags or {}) if queue is not None else {}
        case "logs":
            arn = arn.partition(":log-stream:")[0]
            logs = get_backend("logs")[account][region]
            group = logs.groups.get(resource.removeprefix("log-group:").partition(":")[0])
            held: dict[str, str] = logs.tagger.get_tag_dict_for_resource(group.arn) if group is not None else {}
            return held if group is not None and group.arn == arn else {}
        case "ssm" if resource.startswith("parameter/"):
            return _of_parameter(get_backend("ssm")[account][region], resource.removeprefix("parameter"))
        case "ec2":
            return _plain(get_backend("ec2")[account][region].tags.get(resource.rpartition("/")[2], {}))
        case "ecr":
            repositories: dict[str, str] = get_backend("ecr")[account][region].tagger.get_tag_dict_for_resource(arn)
            return repositories
    try:
        backend = get_backend(_BACKENDS.get(service, service))[account][partition if service in _GLOBAL else region]
    except (ImportError, KeyError):
        return {}
    if not isinstance(backend, TaggableResourcesMixin):
        return {}
    return next((tagged.tags for tagged in backend.iter_tagged_resources() if tagged.arn == arn), {})


def bucket_tags(account: str, bucket: str) -> Mapping[str, str]:
    """The tags of a bucket; none where there is no such bucket."""
    s3 = get_backend("s3")[account]["aws"]
    if bucket not in s3.buckets:
        return {}
    tags: dict[str, str] = s3.tagger.get_tag_dict_for_resource(s3.buckets[bucket].arn)
    return tags


def object_tags(account: str, bucket: str, key: str, version: str | None = None) -> Mapping[str, str]:
    """The tags of an object that exists (s3:ExistingObjectTag)."""
    s3 = get_backend("s3")[account]["aws"]
    found = s3.get_object(bucket, key, version_id=version) if bucket in s3.buckets else None
    if found is None or not hasattr(found, "arn"):
        return {}
    tags: dict[str, str] = s3.tagger.get_tag_dict_for_resource(found.arn)
    return tags


def secret_arn(name: str, account: str, region: str) -> str | None:
    """The ARN, random suffix included, of a secret by its name or ARN; None when there is none."""
    if name.startswith("arn:"):
        return name
    secrets = get_backend("secretsmanager")[account][region].secrets
    return next((str(secret.arn) for secret in secrets.values() if secret.name == name), None)


def _of_parameter(ssm: Any, path: str) -> Mapping[str, str]:
    """`/name`: a parameter of that name, or of the name without the slash."""
    name = next((name for name in (path, path[1:]) if dict.__contains__(ssm._parameters, name)), None)
    return dict(ssm.list_tags_for_resource("Parameter", name) or {}) if name else {}


def _of_identity(iam: Any, arn: str) -> Mapping[str, str]:
    kind, _, path = arn.split(":", 5)[5].partition("/")
    match kind:
        case "role":
            found = next((role.tags for role in list(iam.roles.values()) if role.arn == arn), None)
        case "user":
            user = next((user for user in list(iam.users.values()) if user.arn == arn), None)
            found = user.tags if user is not None else None
        case "policy":
            policy = iam.managed_policies.get(arn)
            found = policy.tags if policy is not None else None
        case "instance-profile":
            name = path.rpartition("/")[2]
            found = next((p.tags for p in iam.instance_profiles.values() if p.name == name), None)
        case _:
            found = None
    return _plain(found or {})


def _plain(tags: Mapping[str, Any] | Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Tags in any of the forms in which moto keeps them."""
    if isinstance(tags, Mapping):
        return {k: (v["Value"] if isinstance(v, Mapping) else str(v)) for k, v in tags.items()}
    return {tag["Key"]: tag["Value"] for tag in tags}
