"""Values for parameters that have no default: by type, by the rules that the template gives, by name."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from casework import neighbours
from casework.stage import DEVELOPMENT, PRODUCTION, REGION, TOOLS, Stage

BUCKET = "cases-given-bucket"
ROLE = "given-role"


FUNCTION = f"arn:aws:lambda:{REGION}:{TOOLS}:function:given-function"
_ANSWERS = """
import json, urllib.request
def handler(event, context):
    if "ResponseURL" not in event:
        return {}
    body = json.dumps({"Status": "SUCCESS", "PhysicalResourceId": event.get("PhysicalResourceId", "given"),
                       "StackId": event["StackId"], "RequestId": event["RequestId"],
                       "LogicalResourceId": event["LogicalResourceId"], "Data": {}}).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], data=body, method="PUT"))
"""
"""A function that says yes to every custom resource."""


class NoValue(Exception):
    """Nothing that comes to mind satisfies what the template demands of a parameter."""


def settle(stage: Stage) -> None:
    """What values may name: a bucket, a role, a topic, a key."""
    stage.client("s3").create_bucket(Bucket=BUCKET)
    stage.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    services = ",".join(f'"{name}.amazonaws.com"' for name in (
        "lambda", "codepipeline", "codebuild", "cloudformation", "events", "states", "ecs-tasks", "ec2"))
    trust = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
             f'"Principal":{{"Service":[{services}],"AWS":"arn:aws:iam::{TOOLS}:root"}}}}]}}')
    for account in (TOOLS, DEVELOPMENT, PRODUCTION):
        iam = stage.client("iam", account)
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    stage.client("sns").create_topic(Name="given-topic")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("index.py", _ANSWERS)
    stage.client("lambda").create_function(
        FunctionName="given-function", Runtime="python3.11", Handler="index.handler", Timeout=20,
        Role=f"arn:aws:iam::{TOOLS}:role/{ROLE}", Code={"ZipFile": archive.getvalue()})


def prepare(stage: Stage, template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
    """What other stacks would have made before: exports that the template imports, parameters that it reads."""
    declared = template.get("Parameters") or {}
    values = known(template, parameters)
    for name, one in declared.items():
        if str(one.get("Type", "")).startswith("AWS::SSM::Parameter::Value<") and values[name]:
            _parameter(stage, values[name], str(one["Type"]))
    _roles(stage, json.dumps(template, default=str))
    exports: dict[str, str] = {}
    for member, found in _imports(template):
        name = resolved(found, values)
        if name and exports.get(name, _ANY[0]) == _ANY[0]:
            told = _plausible(stage, re.split(r"[-:/.]", name)[-1])
            exports[name] = told if told not in _ANY else _plausible(stage, member)
    cfn = stage.client("cloudformation")
    held = {one["Name"] for page in cfn.get_paginator("list_exports").paginate() for one in page["Exports"]}
    exports = {name: value for name, value in exports.items() if name not in held}
    if exports:
        number = len(cfn.describe_stacks()["Stacks"])
        outputs = {f"E{index}": {"Value": value, "Export": {"Name": name}}
                   for index, (name, value) in enumerate(sorted(exports.items()))}
        made = {"Resources": {"Wait": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}, "Outputs": outputs}
        cfn.create_stack(StackName=f"given-exports-{number}", TemplateBody=json.dumps(made))
        cfn.get_waiter("stack_create_complete").wait(
            StackName=f"given-exports-{number}", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100})


def known(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The value of each parameter, given or by default."""
    declared = template.get("Parameters") or {}
    return {name: str(one.get("Default", "")) for name, one in declared.items()} | dict(given)


def _roles(stage: Stage, text: str) -> None:
    """Roles that a template names in full and that something else makes."""
    iam = stage.client("iam")
    held = {role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}
    trust = json.dumps(iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"])
    for name in sorted(set(re.findall(r"\$\{AWS::AccountId\}:role/([\w+=,.@-]+)", text)) - held):
        if f'"RoleName": "{name}"' not in text:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
            iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def _parameter(stage: Stage, name: str, kind: str) -> None:
    inner = kind.partition("<")[2].removesuffix(">")
    value = _by_type(stage, inner) if inner.startswith(("AWS::", "List<AWS::")) else _plausible(stage, name)
    if not name.startswith("/aws/"):
        stage.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def _imports(value: Any, member: str = "") -> Iterator[tuple[str, Any]]:
    """The member that an imported value is for, and the export's name as it is written."""
    if isinstance(value, dict):
        if "Fn::ImportValue" in value:
            yield member, value["Fn::ImportValue"]
        for key, item in value.items():
            yield from _imports(item, member if key.startswith("Fn::") else key)
    elif isinstance(value, list):
        for item in value:
            yield from _imports(item, member)


def resolved(value: Any, values: Mapping[str, str]) -> str:
    """A name made of parameters and text, as CloudFormation would make it; empty for what isn't that simple."""
    known = {**values, "AWS::Region": REGION, "AWS::AccountId": TOOLS, "AWS::StackName": "case"}
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return known.get(name, "")
        case {"Fn::Sub": [str(text), dict(own)]}:
            own = {name: resolved(one, values) for name, one in own.items()}
            return re.sub(r"\$\{([^}!]+)\}", lambda m: str({**known, **own}.get(m[1], "")), text)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}!]+)\}", lambda m: known.get(m[1], ""), text)
        case {"Fn::Join": [str(joint), list(parts)]}:
            return joint.join(resolved(part, values) for part in parts)
        case _:
            return ""


def _plausible(stage: Stage, name: str) -> str:
    return next(_candidates(stage, name, ""))


def given(
    stage: Stage, template: Mapping[str, Any], *, told: Mapping[str, str] | None = None, fill: bool = False
) -> dict[str, str]:
    """A value for each parameter without a default, and for those in `told`. Raises NoValue.

    An ARN whose default is empty is to be filled in, too, unless a condition asks whether it is, or a nested stack that
    may ask; with `fill`, so is every parameter. What looks something up in a mapping gets a key of it, what names a
    bucket of the template's own a name that none has.
    """
    told, declared = told or {}, template.get("Parameters") or {}
    handed = [one.get("Properties") for one in (template.get("Resources") or {}).values()
              if isinstance(one, dict) and one.get("Type") == "AWS::CloudFormation::Stack"]
    asked = json.dumps([template.get("Conditions"), template.get("Rules"), handed], default=str)
    keys = dict(_looked_up(template.get("Resources"), template.get("Mappings") or {}))
    keys |= {name: f"cases-own-{number}" for number, name in enumerate(_own_buckets(template))}
    found: dict[str, str] = {}
    for name, one in declared.items():
        if name in told:
            found[name] = told[name]
        elif "Default" not in one or (
                one["Default"] == "" and (fill or name.lower().endswith("rolearn")) and f'"{name}"' not in asked):
            found[name] = keys[name] if name in keys and not one.get("AllowedValues") else _value(stage, name, one)
    return found


def _own_buckets(template: Mapping[str, Any]) -> Iterator[str]:
    """Parameters that name buckets which the template itself makes."""
    for one in (template.get("Resources") or {}).values():
        if isinstance(one, dict) and one.get("Type") == "AWS::S3::Bucket":
            match (one.get("Properties") or {}).get("BucketName"):
                case {"Ref": str(name)}:
                    yield name


def _looked_up(value: Any, mappings: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Parameters that are the first key of a Fn::FindInMap, and the mapping's first key."""
    if isinstance(value, dict):
        match value.get("Fn::FindInMap"):
            case [str(mapping), {"Ref": str(name)}, *_] if mappings.get(mapping):
                yield name, str(next(iter(mappings[mapping])))
        for item in value.values():
            yield from _looked_up(item, mappings)
    elif isinstance(value, list):
        for item in value:
            yield from _looked_up(item, mappings)


_CONNECTION = re.compile(r"arn:aws:(?:codestar-connections|codeconnections):[\w-]+:(?!" + TOOLS + r")\d{12}:"
                         r"connection/[\w-]+")


def own_account(stage: Stage, template: dict[str, Any]) -> list[str]:
    """What names its author's account names ours, as who uses the template would write it: mappings by account get an
    entry for it, connections are ours. What was changed."""
    text, changed = json.dumps(template, default=str), list[str]()
    if found := set(_CONNECTION.findall(text)):
        template |= json.loads(_CONNECTION.sub(neighbours.connection(stage), text))
        changed += sorted(found)
    for name, entries in (template.get("Mappings") or {}).items():
        by_account = [key for key in entries if re.fullmatch(r"\d{12}", str(key))]
        if by_account and TOOLS not in entries and f'"{name}", {{"Ref": "AWS::AccountId"}}' in text:
            entries[TOOLS] = entries[by_account[0]]
            changed.append(f"mapping {name}")
    return changed


def _value(stage: Stage, name: str, one: Mapping[str, Any]) -> str:
    if one.get("AllowedValues"):
        return str(one["AllowedValues"][0])
    kind = str(one.get("Type", "String"))
    if kind in ("Number", "List<Number>"):
        return str(one.get("MinValue", 1))
    if kind == "AWS::EC2::Subnet::Id":
        return next(_of_networks(stage, "subnet", name))
    if kind.startswith(("AWS::", "List<AWS::")):
        return _by_type(stage, kind)
    pattern = re.sub(r"\\p\{\w+\}", lambda _: r"\x20-\x7e", str(one.get("AllowedPattern", "")))
    least, most = int(one.get("MinLength", 0)), int(one.get("MaxLength", 4096))
    for candidate in _candidates(stage, name, str(one.get("Description", ""))):
        fitting = candidate.ljust(least, "a")[:most]
        if not pattern or re.fullmatch(pattern, fitting):
            return fitting
    made = _of_pattern(pattern, least, most)
    if made is None:
        raise NoValue(f"no value for parameter {name} ({kind}, {pattern})")
    return made


def _of_pattern(pattern: str, least: int, most: int) -> str | None:
    """Any text that a pattern takes."""
    import warnings

    from hypothesis import strategies
    from hypothesis.errors import HypothesisException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text = strategies.from_regex(f"(?a:{pattern})", fullmatch=True).filter(
                lambda found: least <= len(found) <= most and found.isprintable() and found.isascii())
            return str(text.example())
        except (HypothesisException, re.error):
            return None


def _by_type(stage: Stage, kind: str) -> str:
    many = kind.startswith("List<")
    inner = kind[5:-1] if many else kind
    if inner.startswith("AWS::SSM::Parameter::Value<"):
        name = "/given/parameter"
        stage.client("ssm").put_parameter(Name=name, Value="given", Type="String", Overwrite=True)
        return name
    ec2 = stage.client("ec2")
    match inner:
        case "AWS::EC2::VPC::Id":
            return str(ec2.describe_vpcs()["Vpcs"][0]["VpcId"])
        case "AWS::EC2::Subnet::Id":
            found = [str(subnet["SubnetId"]) for subnet in ec2.describe_subnets()["Subnets"]]
        case "AWS::EC2::SecurityGroup::Id":
            found = [str(group["GroupId"]) for group in ec2.describe_security_groups()["SecurityGroups"]]
        case "AWS::EC2::AvailabilityZone::Name":
            found = [f"{REGION}{letter}" for letter in "abc"]
        case "AWS::EC2::Image::Id":
            found = [str(image["ImageId"]) for image in ec2.describe_images(Owners=["amazon"])["Images"][:1]]
        case "AWS::EC2::KeyPair::KeyName":
            if not ec2.describe_key_pairs()["KeyPairs"]:
                ec2.create_key_pair(KeyName="given-key")
            return "given-key"
        case "AWS::Route53::HostedZone::Id":
            return neighbours.hosted_zone(stage)
        case "AWS::SSM::Parameter::Name":
            stage.client("ssm").put_parameter(Name="/given/parameter", Value="given", Type="String", Overwrite=True)
            return "/given/parameter"
        case _:
            raise NoValue(f"no value of type {kind}")
    return ",".join(found[:3]) if many else found[0]


_ANY = ("given", "given-value", "GivenValue1", "given-12345678", "A1b2C3d4e5f6G7", "123456789012", "10.0.0.0/16", "1",
        "https://example.com/", "example.com")


def _candidates(stage: Stage, name: str, description: str) -> Iterator[str]:  # noqa: PLR0912  a list of guesses
    """Plausible values, the most telling first."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    low, role = "".join(words), f"arn:aws:iam::{PRODUCTION if 'prod' in name.lower() else TOOLS}:role/{ROLE}"
    yield from _of_code(low, description, role)
    if "email" in low or ("mail" in description.lower() and "name" not in low):
        yield "someone@example.com"
    if "password" in low:
        yield "GivenPassw0rd1!"
    if "connection" in low:
        yield neighbours.connection(stage)
    if "kms" in low or "cmk" in low or "keyarn" in low:
        yield f"arn:aws:kms:{REGION}:{TOOLS}:key/{neighbours.key(stage)}"
    yield from _of_networks(stage, low, name)
    if low.endswith("name") and "bucket" not in low and "role" not in low and "domain" not in low:
        yield "given-name"
    if "role" in low:
        yield role if "name" not in low else ROLE
    if "topic" in low:
        yield f"arn:aws:sns:{REGION}:{TOOLS}:given-topic"
    if "url" in low or "endpoint" in low:
        yield "https://example.com/"
    if "account" in low:
        yield PRODUCTION if "prod" in low else DEVELOPMENT
    if "bucket" in low:
        yield BUCKET if "new" not in low else "cases-new-bucket"
    if "organi" in low and "id" in low and "unit" not in low:
        yield "o-a1b2c3d4e5"
    if "ou" in words or "ous" in words or "organizationalunit" in low:
        yield "ou-a1b2-c3d4e5f6"
    if "region" in low:
        yield REGION
    if "image" in low or "uri" in low:
        yield neighbours.image()
    if "certificate" in low:
        yield f"arn:aws:acm:{REGION}:{TOOLS}:certificate/12345678-1234-1234-1234-123456789012"
    if "cidr" in low:
        yield "10.0.0.0/16"
    if "domain" in low or "host" in low:
        yield "www.example.com"
    if low.endswith("port"):
        yield "8080"
    if "arn" in low:
        yield role
    if "branch" in low:
        yield "main"
    yield from (*_ANY, role, f"arn:aws:sns:{REGION}:{TOOLS}:given-topic", "")


def _of_code(low: str, description: str, role: str) -> Iterator[str]:
    """What names of functions and of who may call them mean."""
    if "boundary" in low:
        yield "arn:aws:iam::aws:policy/AdministratorAccess"
    if low.endswith("principal"):
        yield role
    if ("lambda" in low or "function" in low) and low.endswith("name"):
        yield FUNCTION.rpartition(":")[2]
    if ("lambda" in low or "function" in low) and ("arn" in low or "function" in description.lower()):
        yield FUNCTION


def _of_networks(stage: Stage, low: str, name: str) -> Iterator[str]:
    """What names of networks, load balancers and clusters mean, the inner before what it is in. What is numbered is
    another for each number."""
    many, number = low.endswith("s"), re.search(r"\d|(?<=[a-z])[A-F](?=[A-Z]|$)", name)
    which = "1ABCDEF".find(number[0]) if number and number[0] in "ABCDEF" else int(number[0]) if number else 1
    if "listener" in low:
        yield neighbours.listener(stage)
    if "securitygroup" in low:
        yield neighbours.security_group(stage)
    if "routetable" in low:
        yield neighbours.route_table(stage, second="private" in low)
    if "subnet" in low:
        found = [str(one["SubnetId"]) for one in stage.client("ec2").describe_subnets()["Subnets"]]
        yield ",".join(found[:3]) if many or "subnets" in low else found[(which - 1) % len(found)]
    if "availabilityzone" in low or low.endswith("azs"):
        yield f"{REGION}a,{REGION}b,{REGION}c" if many else f"{REGION}a"
    if "hostedzonename" in low or low.endswith("zonename"):
        neighbours.hosted_zone(stage)
        yield "example.com"
    if "hostedzoneid" in low or low.endswith("zoneid"):
        yield neighbours.hosted_zone(stage)
    if low.endswith(("cluster", "clustername", "clusterarn")) and "db" not in low:
        yield neighbours.cluster(stage)
    if "loadbalancer" in low and "name" not in low:
        yield neighbours.load_balancer(stage)
    if low.endswith("loggroup"):
        yield neighbours.log_group(stage)
    if low.endswith(("vpc", "vpcid")):
        yield _by_type(stage, "AWS::EC2::VPC::Id")
