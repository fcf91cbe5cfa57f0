"""What CloudFormation's execution role needs to make, change, read and delete the resources of a template.

Which calls a type makes follows the permissions that its handlers declare (the resource provider schemas of the
CloudFormation registry), less those for properties that the resource lacks; what a call asks for follows iam/calls. A
type that isn't described here is taken to need every right of its service that its handlers declare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crossdock.iam import actions
from crossdock.model.proof import Need, Step
from crossdock.prove.needs.asking import Actor
from crossdock.prove.needs.pipelines import transforms
from crossdock.prove.resources import Resource
from crossdock.prove.scene import Line, Scene, environment
from crossdock.template import schema

LAMBDA = "lambda.amazonaws.com"
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How one type is kept.

    names    the parameters by which calls name the resource
    always   operations that any resource of the type needs during its life
    only     property -> operations that it adds
    creates  parameters of the first operation of `always` beside the names
    """

    service: str
    names: Callable[[Resource], Params]
    always: str
    only: Mapping[str, str]
    creates: Callable[[Resource], Params] = lambda _: {}


def _function(resource: Resource) -> Params:
    return {"FunctionName": str(resource.properties.get("FunctionName", resource.names.name))}


def _lambda_tags(resource: Resource) -> Params:
    return {**_function(resource), "Resource": resource.arn, "Tags": {"platform": "any"}, "TagKeys": ["platform"]}


_TAG_LIST = [{"Key": "platform", "Value": "any"}]


def _role(resource: Resource) -> Params:
    return {"RoleName": resource.names.name, "TagKeys": ["platform"], "Tags": _TAG_LIST}


def _policy(resource: Resource) -> Params:
    return {"PolicyArn": resource.arn, "TagKeys": ["platform"], "Tags": _TAG_LIST}


def _inline(resource: Resource) -> Params:
    """Of the roles that a policy is put into the first: one request for each would say no more here."""
    return {"RoleName": str((resource.properties.get("Roles") or [""])[0])}


def _group(resource: Resource) -> Params:
    return {"logGroupName": resource.names.name, "resourceArn": resource.arn.removesuffix(":*"),
            "tags": {"platform": "any"}, "tagKeys": ["platform"]}


def _api(resource: Resource) -> Params:
    rest = resource.names.ref if resource.type == "AWS::ApiGateway::RestApi" else str(resource.properties["RestApiId"])
    found = {"restApiId": rest, "deploymentId": resource.names.ref, "tagKeys": ["platform"]}
    stage = resource.properties.get("StageName")
    path = f"/restapis/{rest}" + (f"/stages/{stage}" if resource.type == "AWS::ApiGateway::Stage" else "")
    arn = f"arn:{resource.home.partition}:apigateway:{resource.home.region}::{path}"
    return found | {"resourceArn": arn} | ({"stageName": stage} if stage else {})


UPKEEP: Mapping[str, Upkeep] = {
    "AWS::Lambda::Function": Upkeep(
        "lambda", _lambda_tags,
        "CreateFunction GetFunction GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetRuntimeManagementConfig "
        "UpdateFunctionCode UpdateFunctionConfiguration TagResource UntagResource ListTags DeleteFunction",
        {"ReservedConcurrentExecutions": "PutFunctionConcurrency DeleteFunctionConcurrency",
         "CodeSigningConfigArn": "PutFunctionCodeSigningConfig DeleteFunctionCodeSigningConfig"},
        lambda r: {k: r.properties[k] for k in ("Role", "Layers") if k in r.properties},
    ),
    "AWS::Lambda::Version": Upkeep(
        "lambda", _function, "PublishVersion GetFunctionConfiguration ListVersionsByFunction "
        "GetRuntimeManagementConfig DeleteFunction", {},
    ),
    "AWS::Lambda::Alias": Upkeep(
        "lambda", lambda r: {**_function(r), "Name": r.names.name}, "CreateAlias GetAlias UpdateAlias DeleteAlias", {},
    ),
    "AWS::Lambda::Permission": Upkeep(
        "lambda", lambda r: {**_function(r), "StatementId": "any"}, "AddPermission GetPolicy RemovePermission", {},
        lambda r: {"Principal": r.properties["Principal"]},
    ),
    "AWS::IAM::Role": Upkeep(
        "iam", _role,
        "CreateRole GetRole ListAttachedRolePolicies ListRolePolicies ListRoleTags GetRolePolicy UpdateRole "
        "UpdateRoleDescription UpdateAssumeRolePolicy PutRolePolicy DeleteRolePolicy TagRole UntagRole DeleteRole",
        # What has one keeps one, be it another: nothing takes it away.
        {"PermissionsBoundary": "PutRolePermissionsBoundary"},
        lambda r: {k: r.properties[k] for k in ("Path", "PermissionsBoundary") if k in r.properties},
    ),
    "AWS::IAM::ManagedPolicy": Upkeep(
        "iam", _policy,
        "CreatePolicy GetPolicy GetPolicyVersion ListPolicyVersions ListPolicyTags CreatePolicyVersion "
        "DeletePolicyVersion TagPolicy UntagPolicy DeletePolicy", {},
        lambda r: {"PolicyName": r.names.name, "Path": r.properties.get("Path", "/")},
    ),
    "AWS::IAM::Policy": Upkeep("iam", _inline, "PutRolePolicy GetRolePolicy DeleteRolePolicy", {}),
    "AWS::ECS::TaskDefinition": Upkeep(
        "ecs", lambda r: {"family": r.names.name, "taskDefinition": r.names.name, "resourceArn": r.arn,
                          "tagKeys": ["platform"]},
        "RegisterTaskDefinition DescribeTaskDefinition TagResource UntagResource ListTagsForResource "
        "DeregisterTaskDefinition", {},
        lambda r: {name[0].lower() + name[1:]: r.properties[name] for name in ("TaskRoleArn", "ExecutionRoleArn")
                   if name in r.properties},
    ),
    "AWS::Logs::LogGroup": Upkeep(
        "logs", _group, "CreateLogGroup DescribeLogGroups ListTagsForResource TagResource UntagResource DeleteLogGroup",
        {"RetentionInDays": "PutRetentionPolicy DeleteRetentionPolicy",
         "KmsKeyId": "AssociateKmsKey DisassociateKmsKey"},
    ),
    "AWS::ApiGateway::RestApi": Upkeep(
        "apigateway", _api, "CreateRestApi ImportRestApi GetRestApi GetResources PutRestApi UpdateRestApi TagResource "
        "UntagResource DeleteRestApi", {},
    ),
    "AWS::ApiGateway::Deployment": Upkeep(
        "apigateway", _api, "CreateDeployment GetDeployment UpdateDeployment DeleteDeployment", {},
    ),
    "AWS::ApiGateway::Stage": Upkeep(
        "apigateway", _api, "CreateStage GetStage UpdateStage TagResource UntagResource DeleteStage", {},
    ),
}  # fmt: skip


def needs(scene: Scene, line: Line) -> Iterator[Need]:
    """What the execution role of one line needs, for its service and for what its contract promises."""
    for action in line.actions:
        role = action.configuration.get("RoleArn")
        if action.provider != "CloudFormation" or not role or "TemplatePath" not in action.configuration:
            continue
        stack = action.configuration["StackName"]
        executes = [a.title for a in line.actions if a.configuration.get("StackName") == stack][-1]
        step = Step(environment=line.home.environment, service=line.home.service, action=executes)
        actor = Actor(scene=scene, who=role, step=step, region=line.home.region, session="AWSCloudFormation")
        yield from template(actor, line.service)
        promised = Actor(scene=scene, who=role, region=line.home.region, session="AWSCloudFormation",
                         step=Step(environment=line.home.environment, service=line.home.service, action="contract"))
        yield from template(promised, line.contract, promise=True)
        for macro in line.transforms:
            yield transforms(actor, macro, "CloudFormation transforms the template")


def template(actor: Actor, resources: Iterable[Resource], *, promise: bool = False) -> Iterator[Need]:
    """The needs of one template's resources. `promise`: they stand for what any service may declare."""
    for resource in resources:
        whose = f"any {resource.type.rpartition('::')[2]}" if promise else resource.logical_id
        why = f"CloudFormation keeps {whose} ({resource.type})"
        found = UPKEEP.get(resource.type)
        yield from _described(actor, resource, found, why) if found else _declared(actor, resource, why)
        yield from _code(actor, resource, why)
        yield from _attached(actor, resource, why)


def _described(actor: Actor, resource: Resource, upkeep: Upkeep, why: str) -> Iterator[Need]:
    first, *others = upkeep.always.split()
    names = upkeep.names(resource)
    yield from actor.calls(upkeep.service, first, names | upkeep.creates(resource), why)
    for name, more in upkeep.only.items():
        if name in resource.properties:
            others += more.split()
    for operation in others:
        params = {k: v for k, v in names.items() if k != "stageName" or operation != "CreateDeployment"}
        for need in actor.calls(upkeep.service, operation, params, why):
            yield _bounded(resource, need)


def _bounded(resource: Resource, need: Need) -> Need:
    """A call for a role that has a permissions boundary tells which (IAM User Guide, iam:PermissionsBoundary)."""
    boundary = resource.properties.get("PermissionsBoundary") if resource.type == "AWS::IAM::Role" else None
    if not boundary or "iam:PermissionsBoundary" not in actions.condition_keys(need.action):
        return need
    return replace(need, context={**need.context, "iam:PermissionsBoundary": str(boundary)})


def _declared(actor: Actor, resource: Resource, why: str) -> Iterator[Need]:
    """A type that isn't described: what its handlers declare, on the resource as far as its ARN is known."""
    prefix = resource.type.split("::")[1].lower()
    for action in schema.permissions(resource.type, "create", "delete"):
        if action.partition(":")[0] == prefix:
            yield actor.does(action, resource.arn or "*", why, owner=actor.account)


def _code(actor: Actor, resource: Resource, why: str) -> Iterator[Need]:
    """Lambda fetches code from S3 with the rights of the role that creates the function (forward access)."""
    code = resource.properties.get("Code")
    if resource.type != "AWS::Lambda::Function" or not isinstance(code, dict) or "S3Bucket" not in code:
        return
    told = [environment(project) for line in actor.scene.lines for project in line.projects]
    key = next((b["ARTIFACT_KEY_ARN"] for b in told if b.get("ARTIFACT_BUCKET_NAME") == code["S3Bucket"]), "")
    folder = str(code["S3Key"]).rpartition("/")[0]
    yield from actor.through(LAMBDA).reads(code["S3Bucket"], f"{folder}/*", key, f"{why}: Lambda fetches its code")


def _attached(actor: Actor, resource: Resource, why: str) -> Iterator[Need]:
    if resource.type != "AWS::IAM::Role":
        return
    for arn in resource.properties.get("ManagedPolicyArns") or ():
        for operation in ("AttachRolePolicy", "DetachRolePolicy"):
            for need in actor.calls("iam", operation, {"RoleName": resource.names.name, "PolicyArn": arn}, why):
                yield _bounded(resource, need)
