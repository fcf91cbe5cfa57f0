"""Every policy document of a template, whatever holds it, and the mistakes in it: also those that AWS would store.

Which properties hold policies, and of which kind: CloudFormation Template Reference. An action that is newer than our
list of actions is named by the Metadata `Crossdock: {Known: [SERVICE:ACTION]}` of the resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crossdock.errors import Problem
from crossdock.iam import PolicyKind, review
from crossdock.prove.held import problem
from crossdock.prove.resources import Resource

Path = tuple[str | int, ...]
_HOLDERS: Mapping[str, tuple[tuple[str, PolicyKind], ...]] = {
    "AWS::IAM::Role": (("AssumeRolePolicyDocument", PolicyKind.TRUST), ("Policies", PolicyKind.IDENTITY)),
    "AWS::IAM::User": (("Policies", PolicyKind.IDENTITY),),
    "AWS::IAM::Group": (("Policies", PolicyKind.IDENTITY),),
    **{f"AWS::IAM::{name}": (("PolicyDocument", PolicyKind.IDENTITY),)
       for name in ("Policy", "ManagedPolicy", "RolePolicy", "UserPolicy", "GroupPolicy")},
    "AWS::S3::BucketPolicy": (("PolicyDocument", PolicyKind.RESOURCE),),
    "AWS::KMS::Key": (("KeyPolicy", PolicyKind.KEY),),
    "AWS::KMS::ReplicaKey": (("KeyPolicy", PolicyKind.KEY),),
    "AWS::ECR::Repository": (("RepositoryPolicyText", PolicyKind.REPOSITORY),),
    "AWS::SQS::QueuePolicy": (("PolicyDocument", PolicyKind.RESOURCE),),
    "AWS::SQS::QueueInlinePolicy": (("PolicyDocument", PolicyKind.RESOURCE),),
    "AWS::SNS::TopicPolicy": (("PolicyDocument", PolicyKind.RESOURCE),),
    "AWS::SNS::TopicInlinePolicy": (("PolicyDocument", PolicyKind.RESOURCE),),
    "AWS::SecretsManager::ResourcePolicy": (("ResourcePolicy", PolicyKind.RESOURCE),),
}  # fmt: skip


def documents(resource: Resource) -> Iterator[tuple[Path, PolicyKind]]:
    """The paths of the policy documents in a resource's properties."""
    for name, kind in _HOLDERS.get(resource.type, ()):
        value: Any = resource.properties.get(name)
        if name == "Policies":
            yield from (((name, index, "PolicyDocument"), kind) for index in range(len(value or ())))
        elif value is not None:
            yield (name,), kind


def mistakes(resources: Iterable[Resource]) -> tuple[Problem, ...]:
    """Every mistake in the policy documents of templates, each once however often its template is deployed."""
    return tuple(dict.fromkeys(_mistakes(resources)))


def _mistakes(resources: Iterable[Resource]) -> Iterator[Problem]:
    for resource in resources:
        known = {str(one).lower() for one in (resource.metadata.get("Crossdock") or {}).get("Known") or ()}
        for path, kind in documents(resource):
            document: Any = resource.properties
            for step in path:
                document = document[step]
            for mistake in review(document, kind):
                if not (mistake.stored and _value(document, mistake.path).lower() in known):
                    yield problem(resource, path, mistake)


def _value(document: Any, path: Path) -> str:
    for step in path:
        document = document[step]
    return str(document)
