"""What buckets and keys need: access logs delivered, keys managed by those who deploy the platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from crossdock.model.proof import Given, Need, Step
from crossdock.prove.judge import role_arn
from crossdock.prove.needs.asking import Actor
from crossdock.prove.resources import Resource, of_type
from crossdock.prove.scene import Scene
from crossdock.template import schema

ADMINISTRATOR = "an-administrator"
"""Stands for whoever applies the platform; their own policies are taken to allow everything."""
_NOT_ON_THE_KEY = frozenset({"kms:CreateKey", "kms:ListKeys", "kms:ListAliases"})


def needs(scene: Scene) -> Iterator[Need]:
    """Needs of the platform's own stores."""
    for bucket in of_type(scene.platform, "AWS::S3::Bucket"):
        yield from _access_log(scene, bucket)
    for key in of_type(scene.platform, "AWS::KMS::Key", "AWS::KMS::Alias"):
        yield from _management(scene, key)


def _access_log(scene: Scene, bucket: Resource) -> Iterator[Need]:
    """Server access logging (S3 User Guide, enable-server-access-logging)."""
    logging = bucket.properties.get("LoggingConfiguration")
    if logging:
        target = logging.get("DestinationBucketName", bucket.names.name)
        actor = Actor(scene=scene, who="logging.s3.amazonaws.com", step=Step(action="access log"),
                      region=bucket.home.region)
        path = f"arn:{bucket.home.partition}:s3:::{target}/{logging.get('LogFilePrefix', '')}*"
        yield actor.does("s3:PutObject", path, f"S3 delivers the access log of {bucket.names.name}",
                         scene.owner(target), aws__SourceArn=bucket.arn, aws__SourceAccount=bucket.home.account)


def _management(scene: Scene, resource: Resource) -> Iterator[Need]:
    """Who applies the platform keeps its keys: what the handlers of keys and aliases declare, on the key."""
    home, key = resource.home, resource.arn
    if resource.type == "AWS::KMS::Alias":
        key = str(resource.properties["TargetKeyId"])
        if not key.startswith("arn:"):
            key = f"arn:{home.partition}:kms:{home.region}:{home.account}:key/{key}"
    who = role_arn(home.region, home.account, ADMINISTRATOR)
    actor = Actor(scene=scene, who=who, step=Step(action="apply"), region=home.region)
    for action in schema.permissions(resource.type, "create", "read", "update", "delete"):
        if action.startswith("kms:") and action not in _NOT_ON_THE_KEY:
            need = actor.does(action, key, f"who applies the platform keeps {resource.logical_id}")
            yield replace(need, given=Given.CALLER)
