"""Parameter values and what CloudFormation says when they don't fit."""

import pytest

from crossdock.errors import TemplateError
from crossdock.template.parameters import known_type, masked, resolve


def template(**declarations):
    return {"Parameters": declarations}


def one(declaration, value, **more):
    return resolve(template(P=declaration), {"P": value}, **more)["P"]


def refused(body, given):
    with pytest.raises(TemplateError) as caught:
        resolve(body, given)
    return [p.what for p in caught.value.problems]


def test_given_comes_before_previous_and_previous_before_the_default():
    body = template(A={"Type": "String", "Default": 1}, B={"Type": "String", "Default": True}, C={"Type": "String"})
    assert resolve(body, {"C": "given"}, previous={"B": "old", "C": "old", "Gone": "x"}) == {
        "A": "1", "B": "old", "C": "given",
    }  # fmt: skip


def test_missing_and_unknown_parameters_are_told_together():
    body = template(Name={"Type": "String"}, Other={"Type": "String"})
    assert refused(body, {"Nmae": "x"}) == [
        "Parameters: [Nmae] do not exist in the template",
        "Parameters: [Name, Other] must have values",
    ]


def test_lists_are_split_at_commas_and_trimmed():
    assert one({"Type": "CommaDelimitedList"}, "a, b ,c") == ["a", "b", "c"]
    assert one({"Type": "List<Number>"}, "80,20") == ["80", "20"]
    assert one({"Type": "CommaDelimitedList"}, "") == []
    assert one({"Type": "List<AWS::EC2::Subnet::Id>"}, "subnet-123a351e, subnet-456b351e") == [
        "subnet-123a351e", "subnet-456b351e",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("declaration", "value", "words"),
    [
        ({"Type": "Number"}, "x", "Parameter 'P' must be a number."),
        ({"Type": "List<Number>"}, "1,x", "Parameter 'P' must be a number."),
        ({"Type": "Number", "MinValue": 1150}, "5", "Parameter 'P' must be a number not less than 1150"),
        ({"Type": "Number", "MaxValue": "10"}, "11", "Parameter 'P' must be a number not greater than 10"),
        ({"Type": "String", "MinLength": 3}, "ab", "Parameter 'P' must contain at least 3 characters"),
        ({"Type": "String", "MaxLength": "3"}, "abcd", "Parameter 'P' must contain at most 3 characters"),
        ({"Type": "String", "AllowedPattern": "[A-Za-z0-9]+"}, "a-b", "Parameter 'P' must match pattern [A-Za-z0-9]+"),
        ({"Type": "String", "AllowedPattern": "a"}, "aa", "Parameter 'P' must match pattern a"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "x", "Parameter 'P' must be one of AllowedValues"),
        ({"Type": "String", "AllowedValues": [True, False]}, "yes", "Parameter 'P' must be one of AllowedValues"),
        (
            {"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "must be lower case"}, "A",
            "Parameter P failed to satisfy constraint: must be lower case",
        ),
        (
            {"Type": "AWS::EC2::VPC::Id"}, "vpc-xyz",
            "Parameter validation failed: parameter value vpc-xyz for parameter name P does not exist",
        ),
        ({"Type": "Strin"}, "x", "Template format error: Unrecognized parameter type: Strin"),
    ],
)  # fmt: skip
def test_a_broken_constraint_is_told_in_the_words_of_aws(declaration, value, words):
    assert refused(template(P=declaration), {"P": value}) == [words]


def test_values_that_fit_are_taken():
    assert one({"Type": "String", "AllowedValues": [True, False]}, "true") == "true"
    assert one({"Type": "String", "AllowedPattern": r"[\p{Alnum}-]*"}, "aB-9") == "aB-9"
    assert one({"Type": "Number", "MinValue": 1, "MaxValue": 2}, "1.5") == "1.5"
    assert one({"Type": "AWS::EC2::VPC::Id"}, "vpc-0123456789abcdef0") == "vpc-0123456789abcdef0"
    assert one({"Type": "AWS::EC2::AvailabilityZone::Name"}, "eu-west-1a") == "eu-west-1a"


def test_the_default_must_fit_too():
    assert refused(template(P={"Type": "Number", "Default": "x"}), {}) == ["Parameter 'P' must be a number."]


def test_systems_manager_values_are_looked_up_by_name():
    store = {"/ami": "ami-0123456789abcdef0", "/names": "a,b"}
    ami = {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"}
    assert one(ami, "/ami", ssm=store.__getitem__) == "ami-0123456789abcdef0"
    assert one({"Type": "AWS::SSM::Parameter::Value<List<String>>"}, "/names", ssm=store.__getitem__) == ["a", "b"]
    assert one(ami, "/ami") == "{{resolve:ssm:/ami}}"


def test_noecho_values_are_masked():
    body = template(A={"Type": "String", "NoEcho": True}, B={"Type": "String", "NoEcho": "true"}, C={"Type": "String"})
    assert masked(body, {"A": "1", "B": "2", "C": "3"}) == {"A": "****", "B": "****", "C": "3"}


@pytest.mark.parametrize("name", ["AWS::SSM::Parameter::Name", "List<AWS::EC2::Volume::Id>", "AWS::EC2::VPC::Id"])
def test_the_types_of_the_user_guide_are_known(name):
    assert known_type(name)


@pytest.mark.parametrize("name", ["List<String>", "List<CommaDelimitedList>", "AWS::SSM::Parameter::Value<Number>", ""])
def test_other_types_are_not(name):
    assert not known_type(name)
