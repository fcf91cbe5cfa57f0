"""The template language: intrinsic functions and conditions by what an output says, one stack for each group."""

from __future__ import annotations

from typing import Any

import yaml
from botocore.exceptions import ClientError

from witnessing.asking import Facts, Side, question, said
from witnessing.stacks import ALL, Stacks, given, outputs

HEAD = """
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'red, green,blue'}
  Stage: {Type: String, Default: test}
  Numbers: {Type: List<Number>, Default: '1,2,3'}
Mappings:
  Sizes: {test: {cpu: small, zones: [a, b]}, prod: {cpu: large, zones: [c]}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Not [!Condition IsProd]
  Either: !Or [!Condition IsProd, !Equals [!Ref Stage, test]]
  Both: !And [!Condition IsProd, !Condition IsTest]
Resources:
  Always: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: always}}
  OnlyProd: {Type: AWS::SSM::Parameter, Condition: IsProd, Properties: {Type: String, Value: prod}}
"""

JOINED = {
    "Join": "!Join ['-', [a, !Ref Stage, c]]",
    "JoinOfList": "!Join ['|', !Ref Names]",
    "JoinOfNumbers": "!Join ['+', !Ref Numbers]",
    "JoinEmpty": "!Join ['', [a, b]]",
    "Select": "!Select [1, !Ref Names]",
    "SelectText": "!Select ['0', [x, y]]",
    "Split": "!Join ['/', !Split [',', 'a,,b,']]",
    "Sub": "!Sub '${Stage}-${AWS::Region}'",
    "SubLiteral": "!Sub 'a ${!Stage} b'",
    "SubMap": "!Sub ['${X}-${Stage}', {X: !Ref Stage}]",
    "SubAttribute": "!Sub '${Always.Value}!'",
    "SubSpaces": "!Sub '$ {Stage} $Stage {Stage}'",
    "SubDollar": "!Sub '$${Stage}'",
    "FindInMap": "!FindInMap [Sizes, !Ref Stage, cpu]",
    "FindInMapList": "!Join [',', !FindInMap [Sizes, !Ref Stage, zones]]",
    "Base64": "!Base64 'a text'",
    "If": "!If [IsProd, yes-prod, no-prod]",
    "IfNested": "!If [IsProd, a, !If [IsTest, b, c]]",
    "Or": "!If [Either, 'yes', 'no']",
    "And": "!If [Both, 'yes', 'no']",
    "Cidr": "!Join [' ', !Cidr [10.0.0.0/16, 3, 8]]",
    "CidrSmall": "!Join [' ', !Cidr [192.168.0.0/24, 2, 5]]",
    "Zones": "!Join [' ', !GetAZs '']",
    "ZonesOfRegion": "!Select [0, !GetAZs us-east-1]",
    "Number": "3",
    "Truth": "true",
    "Date": "2020-01-02",
    "Octal": "0777",
    "Float": "1.50",
    "Long": "'12345678901234567890'",
}


@question
def functions(side: Side) -> Facts:
    """Intrinsic functions, each in an output of its own stack or, where all pass, of one."""
    stacks = Stacks(side)

    def evaluated(stack: str, names: list[str]) -> Facts | None:
        """None when several were asked for and one of them kept the stack from being made."""
        template = HEAD + "Outputs:\n" + "".join(f"  {name}: {{Value: {JOINED[name]}}}\n" for name in names)
        try:
            made = stacks.create(stack, template)
        except ClientError as error:
            return None if len(names) > 1 else {names[0]: said(error)}
        if made["StackStatus"] != "CREATE_COMPLETE":
            return None if len(names) > 1 else {names[0]: made["StackStatus"]}
        return outputs(made)

    together = evaluated("functions", list(JOINED))
    if together is not None:
        return together
    return {name: (evaluated(f"function-{name}", [name]) or {}).get(name, "nothing") for name in JOINED}


@question
def conditions(side: Side) -> Facts:
    """Resources, properties and outputs that a condition leaves out, and what an update brings in."""
    template = HEAD + """
  Named:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !If [IsProd, 90, !Ref AWS::NoValue]
      DelaySeconds: !If [IsProd, 5, 2]
Outputs:
  Plain: {Value: !If [IsProd, !Ref OnlyProd, none]}
  Prod: {Condition: IsProd, Value: !GetAtt OnlyProd.Value}
"""
    stacks, sqs = Stacks(side), side.client("sqs")

    def attributes() -> list[str]:
        url = stacks.physical("conditions", "Named")
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return [found["VisibilityTimeout"], found["DelaySeconds"]]

    stacks.create("conditions", template)
    first = stacks.told("conditions") | {"queue": attributes()}
    del first["events"], first["reasons"]  # two independent resources: their order is free
    stacks.update("conditions", template, Parameters=given(Stage="prod"))
    after = stacks.told("conditions")
    return {"test": first, "prod": {"status": after["status"], "resources": sorted(after["resources"]),
                                    "outputs": sorted(after["outputs"]), "queue": attributes()}}


REFUSED = {
    "ref to a resource left out": "{Value: !Ref OnlyProd}",
    "if of an unknown condition": "{Value: !If [Nothing, a, b]}",
    "if of two": "{Value: !If [IsProd, a]}",
    "join of text": "{Value: !Join ['-', abc]}",
    "select of a word": "{Value: !Select [x, [a]]}",
    "select below zero": "{Value: !Select [-1, [a]]}",
    "split of a list": "{Value: !Join ['', !Split [',', [a]]]}",
    "sub of a list": "{Value: !Sub [a]}",
    "an output that is a list": "{Value: !Ref Names}",
    "an output that is a map": "{Value: {a: b}}",
    "map in map": "{Value: !FindInMap [Sizes, !Ref Names, cpu]}",
    "equals in an output": "{Value: !Equals [a, b]}",
    "cidr of too many": "{Value: !Join ['', !Cidr [10.0.0.0/28, 300, 4]]}",
}


@question
def functions_refused(side: Side) -> Facts:
    """Functions that can't be evaluated."""
    stacks = Stacks(side)
    return {what: stacks.refused(HEAD + f"Outputs: {{O: {value}}}", f"refused-{number}")
            for number, (what, value) in enumerate(REFUSED.items())}


EXTENDED = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'Red,Green'}
Mappings:
  Sizes: {test: {cpu: small}}
Resources:
  'Fn::ForEach::Parameters':
    - Name
    - !Ref Names
    - 'Setting${Name}':
        Type: AWS::SSM::Parameter
        Properties: {Type: String, Value: !Sub 'is ${Name}'}
Outputs:
  Length: {Value: {"Fn::Length": [a, b, c]}}
  Json: {Value: {'Fn::ToJsonString': {b: 1, a: [x, !Ref AWS::Region]}}}
  Default: {Value: !FindInMap [Sizes, prod, cpu, {DefaultValue: none}]}
  'Fn::ForEach::Outputs':
    - Name
    - [Red, Green]
    - 'Value${Name}': {Value: !GetAtt 'Setting${Name}.Value'}
"""


@question
def language_extensions(side: Side) -> Facts:
    """Fn::ForEach, Fn::Length, Fn::ToJsonString, Fn::FindInMap with a default; and without the transform."""
    stacks = Stacks(side)
    told: Facts = {}
    told["without AUTO_EXPAND"] = stacks.refused(EXTENDED)
    plain = "Resources: {One: {Type: AWS::SQS::Queue}}\nOutputs: {L: {Value: {'Fn::Length': [a]}}}"
    told["without the transform"] = stacks.refused(plain)
    stack = stacks.create("extended", EXTENDED, Capabilities=ALL)
    processed: Any = stacks.cfn.get_template(StackName="extended", TemplateStage="Processed")["TemplateBody"]
    if isinstance(processed, str):
        processed = yaml.safe_load(processed)
    return told | {"status": stack["StackStatus"], "resources": sorted(stacks.resources("extended")),
                   "outputs": outputs(stack), "processed": sorted(processed["Resources"])}
