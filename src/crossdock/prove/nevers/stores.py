"""Nobody reads, writes or manages what is another's: objects, buckets, logs, keys.

Sources: S3 User Guide, security best practices; KMS Developer Guide, key policies and conditions-kms.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Given
from crossdock.prove.claims import Claim, Probe, either, sides
from crossdock.prove.parts import Part, Thing
from crossdock.prove.resources import of_type, partition

_WRITES = ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl")


def claims(probe: Probe, part: Part, objects: tuple[Thing, ...]) -> Iterator[Claim]:
    """What one role must not do to stores."""
    yield from _objects(probe, part, objects)
    yield from _stores(probe, part, objects)
    yield from _topics(probe, part)
    yield from _keys(probe, part)


def _objects(probe: Probe, part: Part, objects: tuple[Thing, ...]) -> Iterator[Claim]:
    for thing in objects:
        owner = probe.scene.owner(thing.bucket)
        root = f"arn:{partition(probe.region)}:s3:::{thing.bucket}/"
        for action in ("s3:GetObject", "s3:GetObjectVersion", *_WRITES):
            # Rights go by folder: what a role may do to one object of a folder it may do to the others.
            if not probe.allowed.below(part.who, action, root + thing.folder):
                what = _reach(part, thing, owner, writes=action in _WRITES)
                given = sides(part, owner)
                if action == "s3:GetObject" and _its_own_configuration(part, thing):
                    given = tuple(side for side in given if side is not Given.CALLER)
                yield from probe.tries(part, action, root + thing.key, what, owner=owner, given=given)


def _its_own_configuration(part: Part, thing: Thing) -> bool:
    """The bucket lets any role of a service read the service's configuration (docs/services.md, At run time)."""
    same = (part.environment, part.service) == (thing.environment, thing.service)
    return same and not part.ours and thing.folder.startswith("configuration/")


def _reach(part: Part, thing: Thing, owner: str, *, writes: bool) -> str:
    if writes and part.account != owner:
        return "no target account changes anything in the artifact bucket"
    if part.environment != thing.environment:
        return f"{part.home} touches nothing of {thing.environment}"
    if part.service and part.service != thing.service:
        return "no service touches what is another's"
    return "no role reads or changes what its part does not ask for"


def _stores(probe: Probe, part: Part, objects: tuple[Thing, ...]) -> Iterator[Claim]:
    """Logs stay as they were written, buckets as they were made, and nobody comes without TLS."""
    buckets = tuple(of_type(probe.scene.platform, "AWS::S3::Bucket"))
    logs = {(b.properties.get("LoggingConfiguration") or {}).get("DestinationBucketName") for b in buckets}
    for bucket in buckets:
        owner = bucket.home.account
        for action in ("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutEncryptionConfiguration"):
            yield from probe.tries(part, action, bucket.arn, "no role changes a bucket", owner=owner,
                                   given=sides(part, owner))
        if bucket.names.name not in {thing.bucket for thing in objects}:
            what = "no role tampers with a log" if bucket.names.name in logs else "no role touches data unasked"
            own = bucket.names.name not in logs and bucket.home.environment == part.environment
            for action in ("s3:GetObject", *_WRITES):
                if not (own and probe.declared.below(part.who, action, bucket.arn)):
                    yield from probe.tries(part, action, f"{bucket.arn}/*", what, owner=owner,
                                           given=sides(part, owner))
        for action in ("s3:GetObject", "s3:PutObject"):
            yield from probe.tries(part, action, f"{bucket.arn}/without-tls", "nobody comes to a bucket without TLS",
                                   owner=owner, context={"aws:SecureTransport": "false"}, given=(Given.CALLER,))
        # Stores of environments refuse another key than their own; an artifact store is written by services of AWS.
        if bucket.home.environment and probe.scene.key_of(bucket.names.name):
            other = f"arn:{bucket.home.partition}:kms:{probe.region}:{owner}:key/another"
            yield from probe.tries(part, "s3:PutObject", f"{bucket.arn}/another-key", "no data lies under another key",
                                   owner=owner, given=(Given.CALLER,),
                                   context={"s3:x-amz-server-side-encryption-aws-kms-key-id": other})


def _topics(probe: Probe, part: Part) -> Iterator[Claim]:
    """Nobody of another account tells people anything, and nobody without TLS."""
    for topic in of_type(probe.scene.platform, "AWS::SNS::Topic"):
        owner = topic.home.account
        if part.account != owner:
            yield from probe.tries(part, "sns:Publish", topic.arn, "no account tells the people of another",
                                   given=sides(part, owner))
        yield from probe.tries(part, "sns:Publish", topic.arn, "nobody tells people anything without TLS",
                               context={"aws:SecureTransport": "false"}, given=(Given.CALLER,))


def _keys(probe: Probe, part: Part) -> Iterator[Claim]:
    """Keys are used through S3 alone, encrypt for nobody outside their account, and are managed by no role."""
    for key in of_type(probe.scene.platform, "AWS::KMS::Key"):
        owner = key.home.account
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            yield from probe.tries(part, action, key.arn, "nobody uses a key but through S3", owner=owner,
                                   given=either(part))
        through = sides(part, owner) if part.account != owner or not part.ours else (Given.NOTHING, Given.RESOURCE)
        # Who reads across accounts is told by the buckets' policies; the key knows an environment's roles as a whole.
        for action in ("kms:GenerateDataKey", "kms:Decrypt") if part.account == owner else ("kms:GenerateDataKey",):
            yield from probe.tries(part, action, key.arn, "no role uses the key that does not hand on artifacts",
                                   owner=owner, via=("s3.amazonaws.com",), given=through)
        for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:CreateGrant"):
            yield from probe.tries(part, action, key.arn, "no role manages a key", owner=owner,
                                   given=sides(part, owner))
