"""What a service declares that it needs besides (`needs:` of crossdock.yaml): its roles must be allowed it.

The roles are those of the service's own template. Where a service has several, a need is that of the roles whose
policies speak of the action, or of all where none does.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.iam import actions
from crossdock.model.assembly import Delivery
from crossdock.model.proof import DECLARED, Need, Step
from crossdock.prove.collect import Role
from crossdock.prove.judge import role_arn
from crossdock.prove.needs.asking import Actor
from crossdock.prove.patterns import matches
from crossdock.prove.resources import of_type
from crossdock.prove.scene import Line, Scene

_WHY = "the service declares that it needs this"


def needs(scene: Scene, line: Line) -> Iterator[Need]:
    """The declared needs of one line's service; none while its template can't be read, which is told by itself."""
    delivery = _delivery(scene, line)
    step = Step(environment=line.home.environment, service=line.home.service, action=DECLARED)
    if delivery is None or line.unread:
        return
    for grant in delivery.needs:
        for pattern in grant.actions:
            for action in actions.matching(pattern):
                for who in _meant(scene, line, delivery, action):
                    actor = Actor(scene=scene, who=who, step=step, region=line.home.region)
                    for resource in grant.resources if actions.has_resource_level(action) else ("*",):
                        yield from _need(actor, action, resource)


def _delivery(scene: Scene, line: Line) -> Delivery | None:
    at = (line.home.service, line.home.environment)
    return next((d for d in scene.assembly.deliveries if (d.service, d.environment) == at), None)


def _need(actor: Actor, action: str, resource: str) -> Iterator[Need]:
    bucket = bucket_of(resource)
    if not bucket:
        yield actor.does(action, resource, _WHY)
        return
    owner = actor.scene.owner_of(bucket)
    yield actor.does(action, resource, _WHY, owner=owner or actor.account)
    if owner:
        yield from actor.uses_key_of(bucket, action, _WHY)


def bucket_of(resource: str) -> str:
    """The bucket of an S3 ARN; empty for ARNs of other services, and for patterns of bucket names."""
    parts = resource.split(":", 5)
    name = parts[5].partition("/")[0] if len(parts) == 6 and parts[2] == "s3" and not parts[4] else ""
    return "" if "*" in name else name


def _meant(scene: Scene, line: Line, delivery: Delivery, action: str) -> tuple[str, ...]:
    roles = [scene.in_force.roles[one.arn] for one in of_type(line.service, "AWS::IAM::Role")]
    if not roles:
        return (role_arn(line.home.region, delivery.account_id, f"{delivery.stack}-function"),)
    return tuple(role.arn for role in roles if _speaks(role, action)) or tuple(role.arn for role in roles)


def _speaks(role: Role, action: str) -> bool:
    return any(
        matches(pattern, action)
        for held in role.identity for compiled in held.policy.allows for pattern in compiled.statement.actions or ()
    )


def strangers(scene: Scene) -> Iterator[str]:
    """Buckets that declared needs name and that nobody here owns: whose they are is taken for granted."""
    for delivery in scene.assembly.deliveries:
        for bucket in dict.fromkeys(bucket_of(one) for grant in delivery.needs for one in grant.resources):
            if bucket and not scene.owner_of(bucket):
                yield (f"{delivery.service} in {delivery.environment} needs the bucket {bucket}, which no template here"
                       f" makes: it is taken to belong to account {delivery.account_id} and to have no policy")
