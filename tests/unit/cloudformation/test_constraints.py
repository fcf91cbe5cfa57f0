"""Requests that no SDK would send, and enumerations that an SDK lets through."""

from __future__ import annotations

import json

import pytest
from tests.unit.cloudformation.conftest import CALLER

from crossdock.local.cloudformation import properties
from crossdock.local.engine import AwsError, Call

BODY = '{"Resources": {"H": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}'
NAMES = "[CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]"


@pytest.mark.parametrize(("operation", "params", "said"), [
    ("CreateStack", {"TemplateBody": BODY},
     "1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null"),
    ("CreateStack", {"StackName": "one", "TemplateBody": BODY, "Parameters": [{"ParameterValue": "x"}]},
     "Value null at 'parameters.1.member.parameterKey' failed to satisfy constraint: Member must not be null"),
    ("CreateStack", {"StackName": "one", "TemplateBody": BODY, "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_ALL"]},
     "Value 'CAPABILITY_ALL' at 'capabilities.2.member' failed to satisfy constraint: Member must satisfy enum value "
     f"set: {NAMES}"),
    ("CreateStack", {"StackName": "one", "TemplateBody": BODY, "OnFailure": "PANIC", "TimeoutInMinutes": 0},
     "2 validation errors detected: Value '0' at 'timeoutInMinutes' failed to satisfy constraint: Member must have "
     "value greater than or equal to 1; Value 'PANIC' at 'onFailure' failed to satisfy constraint: Member must satisfy "
     "enum value set: [DO_NOTHING, ROLLBACK, DELETE]"),
    ("SetStackPolicy", {"StackName": "one", "StackPolicyBody": "x" * 16_385},
     "Member must have length less than or equal to 16384"),
])  # fmt: skip
def test_what_the_model_forbids_is_refused_in_its_words(alone, operation, params, said):
    with pytest.raises(AwsError) as refused:
        alone.handle(Call(service="cloudformation", operation=operation, params=params, caller=CALLER,
                          account="111111111111", region="us-east-1", request_id="r"))
    assert refused.value.code == "ValidationError"
    assert said in refused.value.message
    assert not alone.state.stacks


@pytest.mark.parametrize(("more", "said"), [
    ({"Rules": {"R": {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "H"}, "x"]}}]}}},
     "Template format error: Unresolved dependencies [H]. Cannot reference resources in the Rules block"),
    ({"Resources": {"X": {"Type": 1}}}, "[/Resources/X/Type] Value of Type must be a string"),
    ({"Resources": {"X": {"Fn::If": [1]}}}, "[/Resources/X] Every Resources object must contain a Type member."),
    ({"Resources": {"X": {"Type": "AWS::SNS::Topic", "DeletionPolicy": {"Ref": "P"}}}},
     "Every DeletionPolicy member must be a string."),
    ({"Outputs": {"Fn::Nope": []}}, "[/Outputs] Encountered unsupported function: Fn::Nope"),
])  # fmt: skip
def test_a_template_of_the_wrong_shape_is_told_so(ask, more, said):
    body = json.dumps({"Parameters": {"P": {"Type": "String", "Default": "Retain"}}, **json.loads(BODY), **more})
    with pytest.raises(AwsError) as refused:
        ask("CreateStack", TemplateBody=body)
    assert said in refused.value.message


@pytest.mark.parametrize(("given", "said"), [
    ({"VisibilityTimeout": "soon"}, ["#/VisibilityTimeout: expected type: Integer, found: String"]),
    ({"VisibilityTimeout": "30", "FifoQueue": "true", "Tags": [{"Key": "k", "Value": 1}]}, []),
    ({"Tags": {"k": "v"}}, ["#/Tags: expected type: JSONArray, found: JSONObject"]),
    ({"Tags": [{"Key": "k", "Valeu": "v"}]},
     ["#/Tags/0: extraneous key [Valeu] is not permitted", "#/Tags/0: required key [Value] not found"]),
])  # fmt: skip
def test_properties_are_checked_as_a_provider_checks_them(given, said):
    assert properties.problems("AWS::SQS::Queue", given) == said
