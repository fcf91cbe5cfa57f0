"""The Rules section; examples after the User Guide's "Rules section"."""

import pytest

from crossdock.errors import TemplateError
from crossdock.template import rules
from crossdock.template.parse import load
from crossdock.template.resolve import Pseudo

PSEUDO = Pseudo("111122223333", "us-east-1")
BODY = load("""
Parameters:
  Environment: {Type: String}
  InstanceType: {Type: String}
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
Rules:
  testInstanceType:
    RuleCondition: !Equals [!Ref Environment, test]
    Assertions:
      - Assert: {"Fn::Contains": [[a1.medium], !Ref InstanceType]}
        AssertDescription: For a test environment, the instance type must be a1.medium
  subnets:
    Assertions:
      - Assert: !Not [{"Fn::EachMemberEquals": [{"Fn::RefAll": "List<AWS::EC2::Subnet::Id>"}, bad]}]
      - Assert: {"Fn::EachMemberIn": [!Ref Subnets, [s1, s2, bad]]}
""").body


def check(**values):
    rules.check(BODY, {"Environment": "test", "InstanceType": "a1.medium", "Subnets": ["s1"]} | values, PSEUDO)


def test_values_that_fit_the_rules_pass():
    check()
    check(Environment="prod", InstanceType="m1.large", Subnets=["s1", "s2"])


def test_a_failing_assertion_is_told_by_its_description():
    with pytest.raises(TemplateError) as caught:
        check(InstanceType="m1.large", Subnets=["s3"])
    assert [p.what for p in caught.value.problems] == [
        "For a test environment, the instance type must be a1.medium",
        "an assertion of rule subnets does not hold",
    ]


def test_attributes_that_only_ec2_knows_are_refused_by_name():
    body = {"Rules": {"R": {"Assertions": [{"Assert": {"Fn::Equals": [{"Fn::ValueOf": ["S", "VpcId"]}, "v"]}}]}}}
    with pytest.raises(TemplateError) as caught:
        rules.check(body, {}, PSEUDO)
    assert "Fn::ValueOf" in caught.value.problems[0].what
