"""Mistakes that CloudFormation refuses at once."""

import pytest

from crossdock.template.parse import Document, load
from crossdock.template.structure import validate

BASE = """\
Parameters:
  Env: {Type: String}
Mappings:
  M: {a: {b: c}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Condition: IsProd
    Properties:
      TopicName: !Sub ${Env}-${AWS::Region}-topic
  Queue:
    Type: AWS::SQS::Queue
    DependsOn: Topic
    Properties:
      QueueName: !If [IsProd, !GetAtt Topic.TopicName, !FindInMap [M, a, b]]
Outputs:
  Arn: {Value: !GetAtt Queue.Arn}
"""


def told(text: str) -> list[str]:
    return [f"{p.position.line} {p.what}" + (f" ({p.hint})" if p.hint else "") for p in validate(load(text, "t"))]


def test_a_sound_template_has_no_problem():
    assert told(BASE) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("!Sub ${Env}-", "!Sub ${Evn}-",
         "12 Template format error: Unresolved resource dependencies [Evn] in the Resources block of the template"
         " (did you mean Env?)"),
        ("!GetAtt Queue.Arn", "!Ref Quueue",
         "19 Template format error: Unresolved resource dependencies [Quueue] in the Outputs block of the template"
         " (did you mean Queue?)"),
        ("!GetAtt Queue.Arn", "!GetAtt Env.Arn",
         "19 Template error: instance of Fn::GetAtt references undefined resource Env"),
        ("!GetAtt Queue.Arn", "!GetAtt Queue.Arm",
         "19 Template error: resource Queue does not support attribute type Arm in Fn::GetAtt (did you mean Arn?)"),
        ("DependsOn: Topic", "DependsOn: Topc",
         "15 Template format error: Unresolved resource dependencies [Topc] in the Resources block of the template"
         " (did you mean Topic?)"),
        ("Condition: IsProd", "Condition: IsPrd",
         "10 Template format error: Unresolved condition dependency IsPrd in the Resources block of the template"
         " (did you mean IsProd?)"),
        ("!If [IsProd", "!If [Nope",
         "17 Template format error: Unresolved condition dependency Nope in the Resources block of the template"),
        ("[!Ref Env, prod]", "[!Ref Topic, prod]",
         "6 Template format error: Unresolved dependencies [Topic]. Cannot reference resources in the Conditions block"
         " of the template"),
        ("!FindInMap [M,", "!FindInMap [N,",
         "17 Template error: Mapping named 'N' is not present in the 'Mappings' section of template."),
        ("Outputs:", "Output:", "18 Invalid template property or properties [Output] (did you mean Outputs?)"),
        ("    DependsOn: Topic", "    DependOn: Topic",
         "15 Invalid template resource property 'DependOn' (did you mean DependsOn?)"),
        ("{Type: String}", "{Default: x}",
         "2 Template format error: [/Parameters/Env] Every Parameters object must contain a Type member."),
        ("{Type: String}", "{Type: Text}", "2 Template format error: Unrecognized parameter type: Text"),
        ("    Type: AWS::SNS::Topic\n", "",
         "8 Template format error: [/Resources/Topic] Every Resources object must contain a Type member."),
        ("{Value: !GetAtt Queue.Arn}", "{Description: x}",
         "19 Template format error: [/Outputs/Arn] Every Outputs object must contain a Value member."),
        ("  Topic:\n", "  My-Topic:\n", "8 Template format error: Resource name My-Topic is non alphanumeric."),
        ("prod]", "prod]\n  B: ~",
         "7 Template format error: [/Conditions/B] 'null' values are not allowed in templates"),
        ("!GetAtt Queue.Arn", "{'Fn::Length': [a]}",
         "19 Template format error: Unrecognized function Fn::Length (declare Transform: AWS::LanguageExtensions)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(old, new, expected):
    assert expected in told(BASE.replace(old, new, 1))


def test_a_template_needs_resources_and_the_one_version():
    assert told("AWSTemplateFormatVersion: 2010-09-10\nResources: {}\n") == [
        "1 Template format error: unsupported value for AWSTemplateFormatVersion. (the only version is 2010-09-09)",
        "2 Template format error: At least one Resources member must be defined.",
    ]


def test_circles_are_told_unless_a_condition_may_break_them():
    circle = "Resources:\n  A: {Type: T, DependsOn: B}\n  B: {Type: T, Properties: {x: !Ref A}}\n"
    assert told(circle) == ["1 Circular dependency between resources: [A, B]"]
    assert told("Conditions: {C: !Equals [1, 2]}\n" + circle.replace("!Ref A", "!If [C, !Ref A, x]")) == []


def test_names_that_a_macro_may_make_are_not_looked_for():
    text = "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: T, Properties: {x: !Ref ServerlessRestApi}}}\n"
    assert told(text) == []


@pytest.mark.parametrize(("section", "most"), [("Resources", 500), ("Parameters", 200), ("Outputs", 200)])
def test_quotas_of_members(section, most):
    body = {"Resources": {"A": {"Type": "T"}}}
    members = {f"X{n}": {"Value": "x"} if section == "Outputs" else {"Type": "String"} for n in range(most + 1)}
    body[section] = members
    (problem,) = validate(Document("t", body))
    assert problem.what == (
        f"Template format error: Number of {section.lower()}, {most + 1}, is greater than maximum allowed, {most}"
    )
    members.pop("X0")
    assert validate(Document("t", body)) == []


def test_quotas_of_size():
    body = {"Resources": {"A": {"Type": "T"}}}
    assert validate(Document("t", body, size=51_201)) == []
    assert "less than or equal to 51200" in validate(Document("t", body, size=51_201), inline=True)[0].what
    assert validate(Document("t", body, size=1_000_001))[0].what == "Template may not exceed 1000000 bytes in size."


@pytest.mark.parametrize("odd", [
    {"Resources": {"A": {"Type": ["x"]}}},
    {"Resources": {"A": {"Type": "T", "DependsOn": [{"Ref": "B"}]}}},
    {"Resources": {"A": {"Type": "T", "Condition": {"Ref": "B"}}}},
    {"Resources": {"A": {"Type": "T", "Properties": []}}},
    {"Resources": {"A": {"Type": "T"}}, "Parameters": {"P": {"Type": {"Ref": "A"}}}},
    {"Resources": {"A": {"Type": "T"}}, "Parameters": {"P": {"Type": "String", "AllowedValues": "a"}}},
    {"Resources": {"A": {"Type": "T"}}, "Outputs": {"O": {"Value": "a", "Export": "b"}}},
    {"Resources": {"A": {"Type": "T"}}, "Mappings": {"M": {"a": "b"}}},
    {"Resources": {"A": {"Type": "T"}}, "Rules": {"R": {"Assertions": {"Assert": True}}}},
    {"Resources": {"A": {"Type": "T"}}, "Transform": {"Parameters": {}}},
])  # fmt: skip
def test_members_of_an_odd_kind_are_told_and_break_nothing(odd):
    found = validate(Document("t", odd))
    assert found
    assert all(problem.what.startswith("Template format error: ") for problem in found)
