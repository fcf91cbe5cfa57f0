"""What Ref and GetAtt give of a resource that does not exist yet.

Names that a template states are what they will be. Ids that AWS makes up are stable placeholders, the same wherever a
resource is spoken of, so that both sides of a grant agree (CloudFormation Template Reference, return values).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

UNKNOWN_ID = "xxxxxxxxxxxx"


@dataclass(frozen=True, slots=True)
class Naming:
    """A type's names. `{name}` is the physical name, `{id}` a placeholder for an id, `{hex}` one of 17 hex digits.

    property  holds the physical name; without one CloudFormation makes `stack-LogicalId-RANDOM`
    arn, ref  templates of ARN and Ref
    """

    property: str = ""
    arn: str = ""
    ref: str = "{name}"
    more: Mapping[str, str] = field(default_factory=dict)


_HERE = "arn:{partition}:%s:{region}:{account}:%s"
NAMINGS = {
    "AWS::CodeBuild::Project": Naming("Name", _HERE % ("codebuild", "project/{name}")),
    "AWS::CodeCommit::Repository": Naming("RepositoryName", _HERE % ("codecommit", "{name}"), "{id}"),
    "AWS::CodePipeline::Pipeline": Naming("Name", _HERE % ("codepipeline", "{name}")),
    "AWS::DynamoDB::Table": Naming("TableName", _HERE % ("dynamodb", "table/{name}")),
    "AWS::ECR::Repository": Naming("RepositoryName", _HERE % ("ecr", "repository/{name}"), "{name}", {
        "RepositoryUri": "{account}.dkr.ecr.{region}.{suffix}/{name}"}),
    "AWS::ECS::Cluster": Naming("ClusterName", _HERE % ("ecs", "cluster/{name}")),
    "AWS::ECS::TaskDefinition": Naming("Family", _HERE % ("ecs", "task-definition/{name}:1"), "{arn}"),
    "AWS::CloudFormation::StackSet": Naming("StackSetName", _HERE % ("cloudformation", "stackset/{name}:*"),
                                            "{name}:{id}"),
    "AWS::Events::EventBus": Naming("Name", _HERE % ("events", "event-bus/{name}")),
    "AWS::Events::Rule": Naming("Name", _HERE % ("events", "rule/{name}")),
    "AWS::IAM::ManagedPolicy": Naming("ManagedPolicyName", "arn:{partition}:iam::{account}:policy{path}{name}",
                                      "{arn}"),
    "AWS::IAM::Role": Naming("RoleName", "arn:{partition}:iam::{account}:role{path}{name}"),
    "AWS::KMS::Alias": Naming("AliasName", _HERE % ("kms", "{name}")),
    "AWS::KMS::Key": Naming("", _HERE % ("kms", "key/{id}"), "{id}"),
    "AWS::Lambda::Alias": Naming("Name", _HERE % ("lambda", "function:{function}:{name}"), "{arn}"),
    "AWS::Lambda::Function": Naming("FunctionName", _HERE % ("lambda", "function:{name}")),
    "AWS::Lambda::Version": Naming("", _HERE % ("lambda", "function:{function}:1"), "{arn}"),
    "AWS::Logs::LogGroup": Naming("LogGroupName", _HERE % ("logs", "log-group:{name}:*")),
    "AWS::OpenSearchService::Domain": Naming("DomainName", _HERE % ("es", "domain/{name}")),
    "AWS::S3::Bucket": Naming("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SecretsManager::Secret": Naming("Name", _HERE % ("secretsmanager", "secret:{name}-??????"), "{arn}"),
    "AWS::SNS::Topic": Naming("TopicName", _HERE % ("sns", "{name}"), "{arn}"),
    "AWS::SQS::Queue": Naming("QueueName", _HERE % ("sqs", "{name}"), "https://sqs.{region}.amazonaws.com/{account}/{name}"),
    "AWS::SSM::Parameter": Naming("Name", _HERE % ("ssm", "parameter/{name}")),
    "AWS::StepFunctions::StateMachine": Naming("StateMachineName", _HERE % ("states", "stateMachine:{name}"), "{arn}"),
}  # fmt: skip
for _type, _beginning in {
    "EIP": "eipalloc", "FlowLog": "fl", "Instance": "i", "InternetGateway": "igw", "LaunchTemplate": "lt",
    "NatGateway": "nat", "RouteTable": "rtb", "SecurityGroup": "sg", "Subnet": "subnet", "VPC": "vpc",
    "VPCEndpoint": "vpce",
}.items():
    NAMINGS[f"AWS::EC2::{_type}"] = Naming("", "", f"{_beginning}-{{hex}}")
_LOWER = frozenset({"AWS::S3::Bucket", "AWS::ECR::Repository"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """One resource's names; `arn` is empty where its type's ARNs are not known here, and `made` stands for them."""

    name: str
    id: str
    hex: str
    arn: str
    ref: str
    made: str
    more: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, attribute: str) -> str:
        """What GetAtt gives: the ARN, the name, or a placeholder that tells what it stands for."""
        if attribute in self.more:
            return self.more[attribute]
        last = attribute.rpartition(".")[2]
        if last.endswith("Arn"):
            return self.arn or f"{self.made}/{last.lower()}"
        if last.endswith("Id") and self.ref.endswith(self.hex):
            return self.ref
        return self.name if last.endswith("Name") else f"{self.id}-{re.sub('[^a-z0-9]+', '-', attribute.lower())}"


def names(
    type_: str, logical: str, *, stack_id: str, stack: str, account: str, region: str, partition: str,
    given: str = "", path: str = "/", function: str = "",
) -> Names:
    """The names of a resource. `given` is its physical name where the template states one; `function` that of the
    function that a version or an alias belongs to."""
    naming = NAMINGS.get(type_, Naming(ref="{id}"))
    made = f"{stack}-{logical}-{UNKNOWN_ID}"
    name = given or (made.lower() if type_ in _LOWER else made)
    id_ = re.sub("[^a-z0-9]+", "-", f"{stack_id}-{logical}".lower())
    hex_ = sha256(f"{stack_id}/{logical}".encode()).hexdigest()[:17]
    facts = {"name": name.lstrip("/") if type_ == "AWS::SSM::Parameter" else name, "id": id_, "hex": hex_,
             "account": account, "region": region, "partition": partition, "path": path,
             "function": function.rpartition(":")[2],
             "suffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"}
    arn = naming.arn.format(**facts)
    return Names(name=name, id=id_, hex=hex_, arn=arn, ref=naming.ref.format(**facts, arn=arn),
                 made=":".join(("arn", partition, type_.split("::")[1].lower(), region, account, id_)),
                 more={attribute: form.format(**facts, arn=arn) for attribute, form in naming.more.items()})
