"""What CloudFormation refuses before anything happens, in its words."""

from __future__ import annotations

from witnessing.asking import Facts, Side, question, refusal
from witnessing.stacks import Stacks, given

ONE = "Resources: {One: {Type: AWS::SQS::Queue}}"


@question
def templates(side: Side) -> Facts:
    """Templates that are none, by what is wrong with them."""
    stacks = Stacks(side)
    return {what: stacks.refused(template, f"refused-{number}")
            for number, (what, template) in enumerate(TEMPLATES.items())}


TEMPLATES = {
    "not YAML": "Resources: [",
    "a list": "- Resources",
    "no resources": "Description: none",
    "empty resources": "Resources: {}",
    "unknown section": "Resource: {One: {Type: AWS::SQS::Queue}}",
    "version": "AWSTemplateFormatVersion: '2011-01-01'\n" + ONE,
    "no type": "Resources: {One: {Properties: {}}}",
    "unknown type": "Resources: {One: {Type: AWS::SQS::Nothing}}",
    "unknown property": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {Colour: blue}}}",
    "required property": "Resources: {One: {Type: AWS::SSM::Parameter, Properties: {Type: String}}}",
    "unknown attribute of a resource": "Resources: {One: {Type: AWS::SQS::Queue, Propertys: {}}}",
    "ref to nothing": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nothing}}}",
    "sub of nothing": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub 'a-${Nothing}'}}}",
    "attribute of nothing": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Nothing.Arn}}}",
    "unknown GetAtt": "Resources: {One: {Type: AWS::SQS::Queue}}\nOutputs: {O: {Value: !GetAtt One.Colour}}",
    "output ref to nothing": ONE + "\nOutputs: {O: {Value: !Ref Nothing}}",
    "DependsOn nothing": "Resources: {One: {Type: AWS::SQS::Queue, DependsOn: Nothing}}",
    "on itself": "Resources: {One: {Type: AWS::SQS::Queue, DependsOn: One}}",
    "circle": "Resources: {One: {Type: AWS::SQS::Queue, DependsOn: Two}, Two: {Type: AWS::SQS::Queue, DependsOn: One}}",
    "unknown condition": "Resources: {One: {Type: AWS::SQS::Queue, Condition: Never}}",
    "condition of nothing": "Conditions: {Is: !Equals [!Ref Nothing, a]}\n" + ONE,
    "unknown map": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: !FindInMap [M, a, b]}}}",
    "unknown map key": "Mappings: {M: {a: {c: d}}}\n"
                       "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: !FindInMap [M, a, b]}}}",
    "select out of range": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: !Select [3, [a, b]]}}}",
    "logical id": "Resources: {one-two: {Type: AWS::SQS::Queue}}",
    "parameter type": "Parameters: {P: {Type: Colour}}\n" + ONE,
    "parameter without type": "Parameters: {P: {Default: a}}\n" + ONE,
    "default that is not allowed": "Parameters: {P: {Type: String, Default: a, AllowedValues: [b]}}\n" + ONE,
    "output without value": ONE + "\nOutputs: {O: {Description: none}}",
    "a null": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: }}}",
    "unknown function": "Resources: {One: {Type: AWS::SQS::Queue, Properties: {QueueName: {'Fn::Nothing': [a]}}}}",
    "deletion policy": "Resources: {One: {Type: AWS::SQS::Queue, DeletionPolicy: Maybe}}",
    "snapshot of a queue": "Resources: {One: {Type: AWS::SQS::Queue, DeletionPolicy: Snapshot}}",
    "import of nothing": "Resources: {One: {Type: AWS::SQS::Queue, "
                         "Properties: {QueueName: !ImportValue nothing-here}}}",
}


@question
def parameters(side: Side) -> Facts:
    """Values that a parameter does not take, by which constraint."""
    stacks = Stacks(side)
    told = {}
    for what, (declared, value) in PARAMETERS.items():
        template = f"Parameters: {{P: {declared}}}\n{ONE}"
        told[what] = stacks.refused(template, Parameters=[] if value is None else given(P=value))
    template = f"Parameters: {{P: {{Type: String}}, Q: {{Type: String}}}}\n{ONE}"
    return told | {"two missing": stacks.refused(template), "unknown": stacks.refused(ONE, Parameters=given(X="1")),
                   "two unknown": stacks.refused(ONE, Parameters=given(X="1", Y="2"))}


PARAMETERS: dict[str, tuple[str, str | None]] = {
    "missing": ("{Type: String}", None),
    "not allowed": ("{Type: String, AllowedValues: [a, b]}", "c"),
    "pattern": ("{Type: String, AllowedPattern: '[a-z]+'}", "A1"),
    "pattern is the whole": ("{Type: String, AllowedPattern: '[a-z]+'}", "abc1"),
    "pattern with description": ("{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: letters only}", "A1"),
    "allowed with description": ("{Type: String, AllowedValues: [a], ConstraintDescription: only a}", "c"),
    "too short": ("{Type: String, MinLength: 3}", "ab"),
    "too long": ("{Type: String, MaxLength: 3}", "abcd"),
    "too small": ("{Type: Number, MinValue: 3}", "2"),
    "too great": ("{Type: Number, MaxValue: 3}", "4"),
    "no number": ("{Type: Number}", "four"),
    "a fraction": ("{Type: Number}", "1.5"),
    "empty": ("{Type: String}", ""),
    "empty number": ("{Type: Number}", ""),
    "no number in a list": ("{Type: List<Number>}", "1,b"),
    "unknown SSM parameter": ("{Type: 'AWS::SSM::Parameter::Value<String>'}", "/nothing/here"),
}


@question
def stack_names(side: Side) -> Facts:
    """Names that no stack has, and names that none may have."""
    stacks = Stacks(side)
    cfn = stacks.cfn
    stacks.create("taken", ONE)
    return {
        "taken": refusal(cfn.create_stack, StackName="taken", TemplateBody=ONE),
        "digit first": refusal(cfn.create_stack, StackName="1st", TemplateBody=ONE),
        "underscore": refusal(cfn.create_stack, StackName="a_b", TemplateBody=ONE),
        "too long": refusal(cfn.create_stack, StackName="a" * 129, TemplateBody=ONE).replace("a" * 129, "<129>"),
        "describe": refusal(cfn.describe_stacks, StackName="nobody"),
        "update": refusal(cfn.update_stack, StackName="nobody", TemplateBody=ONE),
        "events": refusal(cfn.describe_stack_events, StackName="nobody"),
        "resources": refusal(cfn.describe_stack_resources, StackName="nobody"),
        "list resources": refusal(cfn.list_stack_resources, StackName="nobody"),
        "template": refusal(cfn.get_template, StackName="nobody"),
        "resource": refusal(cfn.describe_stack_resource, StackName="taken", LogicalResourceId="Nothing"),
        "no template": refusal(cfn.create_stack, StackName="bodyless"),
        "protection": refusal(cfn.update_termination_protection, StackName="nobody", EnableTerminationProtection=True),
        "too large": refusal(cfn.create_stack, StackName="large", TemplateBody=ONE + "\n#" + "x" * 51200)[:140],
        "cancel": refusal(cfn.cancel_update_stack, StackName="taken"),
        "continue": refusal(cfn.continue_update_rollback, StackName="taken"),
        "signal": refusal(cfn.signal_resource, StackName="taken", LogicalResourceId="One", UniqueId="1",
                          Status="SUCCESS"),
    }


@question
def rules(side: Side) -> Facts:
    """The Rules section."""
    template = """
Parameters: {Stage: {Type: String}, Size: {Type: String}}
Rules:
  Large:
    RuleCondition: !Equals [!Ref Stage, prod]
    Assertions:
      - Assert: !Contains [[large, huge], !Ref Size]
        AssertDescription: production is large
Resources: {One: {Type: AWS::SQS::Queue}}
"""
    stacks = Stacks(side)
    return {"broken": stacks.refused(template, Parameters=given(Stage="prod", Size="small")),
            "kept": stacks.refused(template, Parameters=given(Stage="prod", Size="huge")),
            "not asked": stacks.refused(template, Parameters=given(Stage="test", Size="small"))}


@question
def about_a_template(side: Side) -> Facts:
    """ValidateTemplate, GetTemplateSummary, GetTemplate."""
    template = """
Description: about
Parameters:
  Name: {Type: String, Default: a, Description: a name, AllowedValues: [a, b]}
  Secret: {Type: String, NoEcho: true}
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: x, AssumeRolePolicyDocument: {}}}
  One: {Type: AWS::SQS::Queue}
"""
    cfn = Stacks(side).cfn
    valid = cfn.validate_template(TemplateBody=template)
    summary = cfn.get_template_summary(TemplateBody=template)
    return {
        "valid": {name: valid.get(name) for name in (
            "Description", "Parameters", "Capabilities", "CapabilitiesReason")},
        "summary": {name: summary.get(name) for name in (
            "Description", "Parameters", "Capabilities", "CapabilitiesReason", "ResourceTypes", "Version")},
        "not valid": refusal(cfn.validate_template, TemplateBody=ONE + "\nOutputs: {O: {Value: !Ref N}}"),
    }


@question
def secrets(side: Side) -> Facts:
    """NoEcho values are never told, and a resolved SSM parameter is told as such."""
    side.client("ssm").put_parameter(Name="/witness/resolved", Value="found", Type="String")
    stacks = Stacks(side)
    stacks.create("secrets", """
Parameters:
  Hidden: {Type: String, NoEcho: true}
  Looked: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /witness/resolved}
Resources:
  One: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '{{resolve:ssm:/witness/resolved}}'}}
Outputs: {Looked: {Value: !Ref Looked}, Dynamic: {Value: !GetAtt One.Value}}
""", Parameters=given(Hidden="word"))
    stack = stacks.now("secrets")
    return {"parameters": sorted(stack["Parameters"], key=lambda each: str(each["ParameterKey"])),
            "outputs": stacks.told("secrets")["outputs"]}
