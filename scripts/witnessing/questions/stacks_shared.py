"""Exports and imports, and stacks that act with a role."""

from __future__ import annotations

import json

from witnessing.asking import HOME, Facts, Side, question, refusal
from witnessing.stacks import Stacks

EXPORTING = """
Resources: {{One: {{Type: AWS::SQS::Queue}}}}
Outputs: {{Name: {{Value: {value}, Export: {{Name: {name}}}}}}}
"""
IMPORTING = """
Resources: {One: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !ImportValue shared-name}}}
"""


def exporting(name: str, value: str = "here") -> str:
    return EXPORTING.format(name=name, value=value)


@question
def exports(side: Side) -> Facts:
    """An export in use is protected; two stacks can't export one name."""
    stacks = Stacks(side)
    cfn = stacks.cfn
    stacks.create("exporter", exporting("shared-name"))
    stacks.create("importer", IMPORTING)
    told: Facts = {
        "listed": [{name: each[name] for name in ("Name", "Value", "ExportingStackId")}
                   for each in cfn.list_exports()["Exports"]],
        "importers": cfn.list_imports(ExportName="shared-name")["Imports"],
        "taken": stacks.refused(exporting("shared-name")),
        "imports of none": refusal(cfn.list_imports, ExportName="nothing-here"),
    }
    cfn.create_stack(StackName="unused", TemplateBody=exporting("unused-name"))
    stacks.settled("unused")
    told["imports of unused"] = refusal(cfn.list_imports, ExportName="unused-name")
    count = len(stacks.events("exporter"))
    told["delete"] = refusal(cfn.delete_stack, StackName="exporter")
    stacks.settled("exporter")
    told["after the delete"] = stacks.told("exporter", count)
    count = len(stacks.events("exporter"))
    told["change"] = refusal(cfn.update_stack, StackName="exporter", TemplateBody=exporting("shared-name", "there"))
    stacks.settled("exporter")
    told["after the change"] = stacks.told("exporter", count)
    stacks.delete("importer")
    return told | {"delete without importer": stacks.delete("exporter")["StackStatus"]}


@question
def a_service_role(side: Side) -> Facts:
    """A stack that acts with a role: what the role may not, and a role that does not trust CloudFormation."""
    iam, stacks = side.client("iam"), Stacks(side)

    def role(name: str, service: str, actions: list[str]) -> str:
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
        rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(rights))
        return arn

    weak = role("cfn-weak", "cloudformation.amazonaws.com", ["ssm:*"])
    other = role("cfn-other", "lambda.amazonaws.com", ["*"])
    template = "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: by-role}}}"
    return {
        "lacks a right": stacks.refused(template, "by-weak", RoleARN=weak),
        "not trusted": stacks.refused(template, "by-other", RoleARN=other),
        "no such role": stacks.refused(template, "by-nobody", RoleARN=f"arn:aws:iam::{HOME}:role/nobody"),
    }
