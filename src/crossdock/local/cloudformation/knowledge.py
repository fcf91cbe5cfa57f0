"""What a stack's template can be resolved against at a moment: parameters, what exists, exports, dynamic references."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.errors import TemplateError
from crossdock.local.cloudformation.state import Resource, Stack, Target
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.identity import Caller
from crossdock.local.store import zones
from crossdock.template import Pseudo, Scope, Unresolved

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core


def invalid(error: TemplateError) -> AwsError:
    """A mistake in a template as the API reports it: the first one, in AWS's words."""
    return AwsError("ValidationError", error.problems[0].what)


def suffix(partition: str) -> str:
    return "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"


def pseudo(engine: Core, stack: Stack) -> Pseudo:
    partition = engine.world.partition
    return Pseudo(
        account=stack.account, region=stack.region, partition=partition, stack_id=stack.id, stack_name=stack.name,
        url_suffix=suffix(partition), notification_arns=stack.target.notification_arns,
    )  # fmt: skip


def scope(
    engine: Core,
    stack: Stack,
    target: Target,
    caller: Caller,
    *,
    pending: Mapping[str, str | None] | None = None,
    imports: set[str] | None = None,
) -> Scope:
    """The scope of a stack on its way to `target`.

    pending  logical ids whose physical id isn't known yet (they will be made or replaced): for change sets
    imports  collects the names of the exports that were imported
    """

    def resource(name: str) -> Resource:
        found = stack.resources.get(name)
        if found is None or not found.physical_id or (pending is not None and name in pending):
            raise Unresolved(name)
        return found

    def export(name: str) -> str:
        if imports is not None:
            imports.add(name)
        return engine.export(stack.account, stack.region, name)

    return Scope(
        parameters=target.parameters,
        mappings=target.body.get("Mappings") or {},
        conditions=target.conditions,
        pseudo=pseudo(engine, stack),
        reference=lambda name: resource(name).physical_id,
        attribute=lambda name, attribute: _attribute(resource(name), attribute),
        import_value=export,
        dynamic=lambda service, rest: dynamic(engine, stack, caller, service, rest),
        zones=zones.names,
    )


def _attribute(resource: Resource, name: str) -> Any:
    """Fn::GetAtt. An attribute may be nested (`Endpoint.Address`)."""
    if name in resource.attributes:
        return resource.attributes[name]
    found: Any = resource.attributes
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise AwsError(
                "ValidationError",
                f"Template error: resource {resource.logical_id} does not support attribute type {name} in Fn::GetAtt",
            )
        found = found[part]
    return found


def dynamic(engine: Core, stack: Stack, caller: Caller, service: str, rest: str) -> str:
    """`{{resolve:service:rest}}`, read as the stack's caller (CloudFormation User Guide, "Dynamic references")."""
    try:
        if service == "ssm":
            return parameter(engine, stack.region, caller, rest)
        if service == "ssm-secure":
            return _hidden(stack, parameter(engine, stack.region, caller, rest, decrypt=True))
        if service == "secretsmanager":
            return _hidden(stack, _secret(engine, stack.region, caller, rest))
    except ClientError as error:
        raise AwsError("ValidationError", f"Could not resolve {service}:{rest}: {error}") from error
    raise NotEmulated(f"dynamic references to {service}")


def _hidden(stack: Stack, value: str) -> str:
    if value:
        stack.secrets.add(value)
    return value


def parameter_attribute(engine: Core, region: str, caller: Caller, kind: str, id_: str, attribute: str) -> Any:
    """An attribute of a VPC or subnet that a parameter names (User Guide, "Rule-specific intrinsic functions",
    supported attributes), read as the stack's caller."""
    ec2 = engine.world.client("ec2", caller, region)
    try:
        match kind:
            case "AWS::EC2::VPC::Id":
                found = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"][0]
            case "AWS::EC2::Subnet::Id":
                found = ec2.describe_subnets(SubnetIds=[id_])["Subnets"][0]
            case _:
                raise NotEmulated(f"attributes of a parameter of type {kind}")
        if attribute.startswith("Tags."):
            return {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}.get(attribute.removeprefix("Tags."), "")
        match attribute:
            case "DefaultSecurityGroup" | "DefaultNetworkAcl":
                mine = {"Name": "vpc-id", "Values": [id_]}
                if attribute == "DefaultNetworkAcl":
                    only = {"Name": "default", "Values": ["true"]}
                    return ec2.describe_network_acls(Filters=[mine, only])["NetworkAcls"][0]["NetworkAclId"]
                only = {"Name": "group-name", "Values": ["default"]}
                return ec2.describe_security_groups(Filters=[mine, only])["SecurityGroups"][0]["GroupId"]
            case _ if attribute in found:
                return found[attribute]
    except ClientError as error:
        raise AwsError("ValidationError", str(error.response["Error"]["Message"])) from error
    raise AwsError("ValidationError", f"Template error: attribute {attribute} of {kind} is not supported")


def secrets_of(target: Target) -> set[str]:
    """Values of NoEcho parameters."""
    declared = target.body.get("Parameters") or {}
    hidden = (name for name, one in declared.items() if str((one or {}).get("NoEcho", "")).lower() == "true")
    return {value for name in hidden if isinstance(value := target.parameters.get(name), str) and value}


def parameter(engine: Core, region: str, caller: Caller, rest: str, *, decrypt: bool = False) -> str:
    """A Systems Manager parameter's value; `rest` is its name, with `:version` or without."""
    found = engine.world.client("ssm", caller, region).get_parameters(Names=[rest], WithDecryption=decrypt)
    if not found["Parameters"]:
        raise AwsError(
            "ValidationError",
            f"Unable to fetch parameters [{rest}] from parameter store for this account.",
        )
    value = found["Parameters"][0]
    if value.get("Type") == "SecureString" and not decrypt:
        said = f"Parameters [{rest}] referenced by template have types not supported by CloudFormation."
        raise AwsError("ValidationError", said)
    return str(value["Value"])


def _secret(engine: Core, region: str, caller: Caller, rest: str) -> str:
    """`secret-id:SecretString:json-key:version-stage:version-id`, where the id may be an ARN."""
    fields = rest.split(":")
    width = 7 if rest.startswith("arn:") else 1
    secret, more = ":".join(fields[:width]), [*fields[width:], "", "", "", ""]
    given = {"SecretId": secret}
    if more[2]:
        given["VersionStage"] = more[2]
    if more[3]:
        given["VersionId"] = more[3]
    text = str(engine.world.client("secretsmanager", caller, region).get_secret_value(**given)["SecretString"])
    if not more[1]:
        return text
    try:
        return str(json.loads(text)[more[1]])
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("ValidationError", "Could not find a value associated with JSONKey in SecretString") from error
