"""The policies that will be in force: those of an assembly's templates and of the services that it delivers.

Attachment follows the resource types of the CloudFormation Template Reference: what a type's policy is attached to, and
which kind of policy that makes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crossdock.iam import PolicyKind
from crossdock.prove import managed
from crossdock.prove.held import Held, given, held, merged
from crossdock.prove.resources import Resource, of_type


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role and everything that limits its sessions."""

    resource: Resource
    trust: Held
    identity: tuple[Held, ...]
    boundary: Held | None = None

    @property
    def arn(self) -> str:
        return self.resource.arn

    @property
    def account(self) -> str:
        return self.resource.home.account

    @property
    def name(self) -> str:
        return self.resource.names.name


@dataclass(frozen=True, kw_only=True)
class InForce:
    """roles by ARN; `on` by the ARN of the resource (buckets, keys, functions ...) whose policy it is."""

    resources: tuple[Resource, ...]
    roles: Mapping[str, Role]
    on: Mapping[str, Held]
    held: Mapping[str, Held] = field(repr=False)

    @cached_property
    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """Key ARN -> its aliases."""
        found: dict[str, tuple[str, ...]] = {}
        for alias in of_type(self.resources, "AWS::KMS::Alias"):
            key, home = str(alias.properties["TargetKeyId"]), alias.home
            arn = key if key.startswith("arn:") else f"arn:{home.partition}:kms:{home.region}:{home.account}:key/{key}"
            found[arn] = (*found.get(arn, ()), alias.names.name)
        return found

    def policy_on(self, arn: str) -> Held | None:
        """The policy of a resource: of an object its bucket's, of a role its trust policy."""
        if arn in self.roles:
            return self.roles[arn].trust
        return self.on.get(arn.partition("/")[0] if ":s3:::" in arn else arn)


def collect(resources: Iterable[Resource]) -> InForce:
    """The policies in force when all these resources exist. Raises TemplateError for one that AWS would refuse,
    PolicyError where several resources make up one."""
    listed = tuple(resources)
    attached: dict[str, list[Held]] = defaultdict(list)
    managed_here: dict[str, Held] = {}
    for resource in of_type(listed, "AWS::IAM::ManagedPolicy"):
        policy = held(resource, ("PolicyDocument",), PolicyKind.IDENTITY, f"managed policy {resource.names.name}")
        managed_here[resource.arn] = policy
        for name in resource.properties.get("Roles") or ():
            attached[_role_arn(resource, name)].append(policy)
    for resource in of_type(listed, "AWS::IAM::Policy", "AWS::IAM::RolePolicy"):
        names = resource.properties.get("Roles") or [resource.properties.get("RoleName")]
        for name in filter(None, names):
            arn, title = _role_arn(resource, name), f"{resource.properties['PolicyName']} of role {name}"
            attached[arn].append(held(resource, ("PolicyDocument",), PolicyKind.IDENTITY, title, holder=arn))
    roles = {r.arn: _role(r, attached[r.arn], managed_here) for r in of_type(listed, "AWS::IAM::Role")}
    on = {policy.holder: policy for policy in _on_resources(listed)}
    everything = [*on.values(), *managed_here.values()]
    for role in roles.values():
        everything += [role.trust, *role.identity, *([role.boundary] if role.boundary else [])]
    return InForce(resources=listed, roles=roles, on=on, held={one.policy.name: one for one in everything})


def _role_arn(near: Resource, name: str) -> str:
    return f"arn:{near.home.partition}:iam::{near.home.account}:role/{name}"


def _role(resource: Resource, attached: list[Held], managed_here: Mapping[str, Held]) -> Role:
    name = resource.names.name
    identity = [
        held(resource, ("Policies", i, "PolicyDocument"), PolicyKind.IDENTITY, f"{policy['PolicyName']} of role {name}")
        for i, policy in enumerate(resource.properties.get("Policies") or ())
    ]

    def known(arn: str, kind: PolicyKind) -> Held:
        return managed_here.get(arn) or given(managed.document(arn), kind, arn, resource.arn)

    identity += [known(arn, PolicyKind.IDENTITY) for arn in resource.properties.get("ManagedPolicyArns") or ()]
    boundary = resource.properties.get("PermissionsBoundary")
    return Role(
        resource=resource,
        trust=held(resource, ("AssumeRolePolicyDocument",), PolicyKind.TRUST, f"trust policy of role {name}"),
        identity=tuple({one.policy.name: one for one in (*identity, *attached)}.values()),
        boundary=known(boundary, PolicyKind.BOUNDARY) if boundary else None,
    )


def _on_resources(resources: tuple[Resource, ...]) -> Iterator[Held]:
    for resource in resources:
        yield from _on_resource(resource)
    statements: dict[str, list[tuple[Resource, Mapping[str, Any]]]] = defaultdict(list)
    for resource in of_type(resources, "AWS::Lambda::Permission"):
        function = function_arn(resource, resource.properties["FunctionName"])
        statements[function].append((resource, _permission(resource, function)))
    for resource in of_type(resources, "AWS::Events::EventBusPolicy"):
        bus = _here(resource, "events", f"event-bus/{resource.properties.get('EventBusName', 'default')}")
        statements[bus].append((resource, _bus_statement(resource, bus)))
    for arn, parts in statements.items():
        yield merged(parts, PolicyKind.RESOURCE, f"policy of {arn.split(':', 5)[5]}", arn)


def _on_resource(resource: Resource) -> Iterator[Held]:
    properties = resource.properties
    match resource.type:
        case "AWS::S3::BucketPolicy":
            bucket = properties["Bucket"]
            yield held(resource, ("PolicyDocument",), PolicyKind.RESOURCE, f"policy of bucket {bucket}",
                       holder=f"arn:{resource.home.partition}:s3:::{bucket}")
        case "AWS::KMS::Key":
            yield held(resource, ("KeyPolicy",), PolicyKind.KEY,
                       f"policy of key {resource.logical_id} of stack {resource.home.name}")
        case "AWS::ECR::Repository" if "RepositoryPolicyText" in properties:
            yield held(resource, ("RepositoryPolicyText",), PolicyKind.REPOSITORY,
                       f"policy of repository {resource.names.name}")
        case "AWS::SQS::QueuePolicy":
            for url in properties["Queues"]:
                name = url.rpartition("/")[2]
                yield held(resource, ("PolicyDocument",), PolicyKind.RESOURCE, f"policy of queue {name}",
                           holder=_here(resource, "sqs", name))
        case "AWS::SNS::TopicPolicy":
            for arn in properties["Topics"]:
                yield held(resource, ("PolicyDocument",), PolicyKind.RESOURCE,
                           f"policy of topic {arn.rpartition(':')[2]}", holder=arn)
        case "AWS::SecretsManager::ResourcePolicy":
            yield held(resource, ("ResourcePolicy",), PolicyKind.RESOURCE,
                       f"policy of secret {resource.properties['SecretId']}", holder=properties["SecretId"])


def _here(resource: Resource, service: str, rest: str) -> str:
    return f"arn:{resource.home.partition}:{service}:{resource.home.region}:{resource.home.account}:{rest}"


def function_arn(near: Resource, name: str) -> str:
    """The ARN of a function, version or alias, from a name or an ARN. Each has a policy of its own (Lambda Developer
    Guide, resource-based policies)."""
    return name if name.startswith("arn:") else _here(near, "lambda", f"function:{name}")


def _permission(resource: Resource, function: str) -> Mapping[str, Any]:
    """The statement that AddPermission makes (Lambda Developer Guide, resource-based policies)."""
    properties = resource.properties
    principal = str(properties["Principal"])
    conditions = {
        "ArnLike": {"aws:SourceArn": properties.get("SourceArn")},
        "StringEquals": {"aws:SourceAccount": properties.get("SourceAccount"),
                         "aws:PrincipalOrgID": properties.get("PrincipalOrgID")},
    }  # fmt: skip
    said = {op: {k: v for k, v in keys.items() if v is not None} for op, keys in conditions.items()}
    return {
        "Sid": resource.logical_id, "Effect": "Allow", "Action": properties["Action"], "Resource": function,
        "Principal": {"Service" if "." in principal else "AWS": principal} if principal != "*" else "*",
        **({"Condition": held_} if (held_ := {op: keys for op, keys in said.items() if keys}) else {}),
    }


def _bus_statement(resource: Resource, bus: str) -> Mapping[str, Any]:
    """A statement given as a whole, or by action and principal (CloudFormation, AWS::Events::EventBusPolicy)."""
    properties = resource.properties
    if "Statement" in properties:
        return {"Resource": bus, **properties["Statement"], "Sid": properties["StatementId"]}
    principal = properties["Principal"]
    condition = properties.get("Condition")
    return {
        "Sid": properties["StatementId"], "Effect": "Allow", "Action": properties["Action"], "Resource": bus,
        "Principal": "*" if principal == "*" else {"AWS": principal},
        **({"Condition": {condition["Type"]: {condition["Key"]: condition["Value"]}}} if condition else {}),
    }
