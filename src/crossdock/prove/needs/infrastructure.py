"""What an environment's infrastructure needs: machines, logs and stores that act as roles, or use keys.

Sources: VPC User Guide, flow-logs-iam-role; RDS User Guide, USER_Monitoring.OS.Enabling and Overview.Encryption.Keys;
CloudWatch Logs User Guide, encrypt-log-data-kms; EC2 User Guide, iam-roles-for-amazon-ec2 and ebs-encryption;
Systems Manager User Guide, getting-started-create-iam-instance-profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from crossdock.model.platform import ORGANIZATION_ROLE
from crossdock.model.proof import Given, Need, Step
from crossdock.prove.judge import role_arn
from crossdock.prove.needs.asking import Actor, assumed_by
from crossdock.prove.needs.stores import ADMINISTRATOR
from crossdock.prove.resources import Resource, of_type
from crossdock.prove.scene import Scene

_LOGS_ON_KEY = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey",
                "kms:DescribeKey")
_STORES_ON_KEY = (*_LOGS_ON_KEY, "kms:GenerateDataKeyWithoutPlaintext", "kms:CreateGrant")
"""What a service does with a key on behalf of who makes a store; on with it goes by the grant."""
_SESSION_MANAGER = ("ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel")
_MONITORING = ("CreateLogGroup", "PutRetentionPolicy", "CreateLogStream", "PutLogEvents", "DescribeLogStreams",
               "GetLogEvents")
_KEYS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "AWS::RDS::DBCluster": (("rds", ("KmsKeyId",)), ("secretsmanager", ("MasterUserSecret", "KmsKeyId"))),
    "AWS::RDS::DBInstance": (("rds", ("KmsKeyId",)), ("rds", ("PerformanceInsightsKMSKeyId",)),
                             ("secretsmanager", ("MasterUserSecret", "KmsKeyId"))),
    "AWS::ElastiCache::ReplicationGroup": (("elasticache", ("KmsKeyId",)),),
    "AWS::OpenSearchService::Domain": (("es", ("EncryptionAtRestOptions", "KmsKeyId")),),
    "AWS::SecretsManager::Secret": (("secretsmanager", ("KmsKeyId",)),),
}
"""Type -> service that uses a key, and the property that names it."""


def needs(scene: Scene) -> Iterator[Need]:
    """Needs of everything that environments hold beside services."""
    yield from _nested(scene)
    for group in of_type(scene.platform, "AWS::Logs::LogGroup"):
        yield from _encrypted_log(scene, group)
    for log in of_type(scene.platform, "AWS::EC2::FlowLog"):
        yield from _flow_log(scene, log)
    for instance in of_type(scene.platform, "AWS::RDS::DBInstance"):
        yield from _monitoring(scene, instance)
    for machine in of_type(scene.platform, "AWS::EC2::Instance"):
        yield from _machine(scene, machine)
    for domain in of_type(scene.platform, "AWS::OpenSearchService::Domain"):
        yield from _administered(scene, domain)
    for store in of_type(scene.platform, *_KEYS):
        for service, path in _KEYS[store.type]:
            yield from _encrypted(scene, store, service, _at(store.properties, path))


def _step(resource: Resource) -> Step:
    return Step(environment=resource.home.environment, action="infrastructure")


def _nested(scene: Scene) -> Iterator[Need]:
    """CloudFormation reads nested templates as whoever deploys the stack (forward access): in a target account the role
    of its administrators, whose own policies are taken to allow everything."""
    shared = scene.assembly.accounts[scene.assembly.shared]
    for stack in scene.assembly.stacks:
        if stack.account_id == shared or not stack.assets:
            continue
        bucket = f"{scene.assembly.platform}-artifacts-{shared}-{scene.assembly.region}"
        actor = Actor(scene=scene, who=role_arn(stack.region, stack.account_id, ORGANIZATION_ROLE), region=stack.region,
                      step=Step(environment=stack.tags.get("environment", ""), action="infrastructure"))
        for asset in stack.assets:
            found = actor.through("cloudformation.amazonaws.com").finds(
                f"{bucket}/{asset.key}", "CloudFormation reads nested templates as who deploys them", "s3:GetObject")
            yield from (replace(need, owner=shared, given=Given.CALLER) for need in found)


def _at(value: Any, path: tuple[str, ...]) -> str:
    for name in path:
        value = (value or {}).get(name)
    return str(value or "")


def _encrypted_log(scene: Scene, group: Resource) -> Iterator[Need]:
    key = str(group.properties.get("KmsKeyId", ""))
    if not key:
        return
    home = group.home
    suffix = "amazonaws.com.cn" if home.partition == "aws-cn" else "amazonaws.com"
    actor = Actor(scene=scene, who=f"logs.{home.region}.{suffix}", step=_step(group), region=home.region)
    arn = f"arn:{home.partition}:logs:{home.region}:{home.account}:log-group:{group.names.name}"
    context: dict[str, str | tuple[str, ...]] = {
        "kms:EncryptionContext:aws:logs:arn": arn, "kms:EncryptionContextKeys": ("aws:logs:arn",)}
    for action in _LOGS_ON_KEY:
        need = actor.does(action, key, f"CloudWatch Logs encrypts {group.names.name}")
        yield replace(need, context=context)


def _flow_log(scene: Scene, log: Resource) -> Iterator[Need]:
    role, home = str(log.properties.get("DeliverLogsPermissionArn", "")), log.home
    if not role:
        return
    source = f"arn:{home.partition}:ec2:{home.region}:{home.account}:vpc-flow-log/{log.names.ref}"
    yield assumed_by("vpc-flow-logs.amazonaws.com", role, _step(log), "the VPC writes its log as its role", source)
    actor = Actor(scene=scene, who=role, step=_step(log), region=home.region)
    group = str(log.properties["LogGroupName"])
    yield from actor.calls("logs", "DescribeLogGroups", {}, "the VPC finds its log group")
    for operation in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents"):
        yield from actor.calls(
            "logs", operation, {"logGroupName": group, "logStreamName": "*"}, "the VPC writes its log")


def _monitoring(scene: Scene, instance: Resource) -> Iterator[Need]:
    role, home = str(instance.properties.get("MonitoringRoleArn", "")), instance.home
    if not role:
        return
    source = f"arn:{home.partition}:rds:{home.region}:{home.account}:db:*"
    yield assumed_by("monitoring.rds.amazonaws.com", role, _step(instance), "RDS measures its machine as its role",
                     source)
    actor = Actor(scene=scene, who=role, step=_step(instance), region=home.region)
    for operation in _MONITORING:
        yield from actor.calls("logs", operation, {"logGroupName": "RDSOSMetrics", "logStreamName": "*"},
                               "RDS tells how busy the machine is")


def _machine(scene: Scene, machine: Resource) -> Iterator[Need]:
    """Its role and its disks; one without a key pair is entered through Session Manager."""
    profile, home = machine.properties.get("IamInstanceProfile"), machine.home
    names = [str(role) for one in of_type(scene.platform, "AWS::IAM::InstanceProfile")
             if one.names.ref == profile and one.home.account == home.account for role in one.properties["Roles"]]
    for name in names:
        suffix = "amazonaws.com.cn" if home.partition == "aws-cn" else "amazonaws.com"
        role = role_arn(home.region, home.account, name)
        yield replace(assumed_by(f"ec2.{suffix}", role, _step(machine), "the machine acts as its role", ""),
                      context={"sts:RoleSessionName": "session"})
        actor = Actor(scene=scene, who=role, step=_step(machine), region=home.region)
        arn = f"arn:{home.partition}:ec2:{home.region}:{home.account}:instance/{machine.names.ref}"
        for action in () if "KeyName" in machine.properties else _SESSION_MANAGER:
            resource = arn if action.startswith("ssm:") else "*"
            yield actor.does(action, resource, "people enter the machine by Session Manager", home.account)
    for disk in machine.properties.get("BlockDeviceMappings") or ():
        yield from _encrypted(scene, machine, "ec2", _at(disk, ("Ebs", "KmsKeyId")))


def _administered(scene: Scene, domain: Resource) -> Iterator[Need]:
    """Fine-grained access control asks for rights in IAM first (OpenSearch Developer Guide, fgac)."""
    master = _at(domain.properties, ("AdvancedSecurityOptions", "MasterUserOptions", "MasterUserARN"))
    if master:
        actor = Actor(scene=scene, who=master, step=_step(domain), region=domain.home.region)
        for method in ("Delete", "Get", "Head", "Patch", "Post", "Put"):
            yield actor.does(f"es:ESHttp{method}", f"{domain.arn}/*", "the master user administers the domain")


def _encrypted(scene: Scene, store: Resource, service: str, key: str) -> Iterator[Need]:
    """Who applies the platform lets a service use the key; their own policies are taken to allow it."""
    if not key.startswith("arn:"):
        return
    home = store.home
    actor = Actor(scene=scene, who=role_arn(home.region, home.account, ADMINISTRATOR), step=_step(store),
                  region=home.region).through(f"{service}.amazonaws.com")
    for action in _STORES_ON_KEY:
        yield replace(actor.does(action, key, f"what is kept in {store.logical_id} is encrypted"), given=Given.CALLER)
