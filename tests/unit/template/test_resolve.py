"""Intrinsics; examples from the CloudFormation User Guide where it gives some."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import TemplateError
from crossdock.template.functions import INTRINSICS
from crossdock.template.resolve import Pseudo, Scope, Unresolved, conditions, partial, resolve

REFERENCES = {"Bucket": "my-bucket", "Zones": ["a", "b"]}
ATTRIBUTES = {("Bucket", "Arn"): "arn:aws:s3:::my-bucket", ("Nested", "Outputs.Url"): "https://x"}


def reference(name):
    if name in REFERENCES:
        return REFERENCES[name]
    raise Unresolved(name)


def attribute(name, attr):
    if (name, attr) in ATTRIBUTES:
        return ATTRIBUTES[name, attr]
    raise Unresolved(name, attr)


SCOPE = Scope(
    parameters={"Env": "prod", "Names": ["x", "y"], "Secret": "{{resolve:ssm:/a:1}}"},
    mappings={"RegionMap": {"us-east-1": {"HVM64": "ami-0ff8a91507f77f867", "Zones": ["a", "b"]}}},
    conditions={"IsProd": True, "IsTest": False},
    pseudo=Pseudo("111122223333", "us-east-1", stack_name="s", notification_arns=("arn:n",)),
    reference=reference,
    attribute=attribute,
    import_value=lambda name: f"imported {name}",
    dynamic=lambda service, rest: f"<{service} {rest}>",
    zones=lambda region: [f"{region}a", f"{region}b"],
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Env"}, "prod"),
        ({"Ref": "Names"}, ["x", "y"]),
        ({"Ref": "Bucket"}, "my-bucket"),
        ({"Ref": "AWS::AccountId"}, "111122223333"),
        ({"Ref": "AWS::NotificationARNs"}, ["arn:n"]),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:aws:s3:::my-bucket"),
        ({"Fn::Sub": "${Env}-${AWS::Region}-${!Literal}"}, "prod-us-east-1-${Literal}"),
        ({"Fn::Sub": "${Bucket}-${Bucket.Arn}"}, "my-bucket-arn:aws:s3:::my-bucket"),
        ({"Fn::Sub": "${Nested.Outputs.Url}/${ Env }"}, "https://x/prod"),
        ({"Fn::Sub": ["www.${Domain}", {"Domain": {"Ref": "Env"}}]}, "www.prod"),
        ({"Fn::Sub": ["${N}${B}", {"N": 1, "B": True}]}, "1true"),
        ({"Fn::Join": [":", ["a", "b", "c"]]}, "a:b:c"),
        ({"Fn::Join": [",", {"Ref": "Names"}]}, "x,y"),
        ({"Fn::Join": ["", ["a", {"Ref": "AWS::NoValue"}, 1]]}, "a1"),
        ({"Fn::Split": ["|", "a|b|c"]}, ["a", "b", "c"]),
        ({"Fn::Select": ["1", ["apples", "grapes", "oranges", "mangoes"]]}, "grapes"),
        ({"Fn::Select": [2, {"Fn::Split": [",", "a,b,c"]}]}, "c"),
        ({"Fn::If": ["IsProd", "yes", {"Ref": "Nowhere"}]}, "yes"),
        ({"A": {"Fn::If": ["IsTest", "yes", {"Ref": "AWS::NoValue"}]}, "B": [{"Ref": "AWS::NoValue"}, 1]}, {"B": [1]}),
        ({"Fn::FindInMap": ["RegionMap", {"Ref": "AWS::Region"}, "HVM64"]}, "ami-0ff8a91507f77f867"),
        ({"Fn::FindInMap": ["RegionMap", "eu-west-1", "HVM64", {"DefaultValue": {"Ref": "Env"}}]}, "prod"),
        ({"Fn::Base64": "AWS CloudFormation"}, "QVdTIENsb3VkRm9ybWF0aW9u"),
        ({"Fn::Cidr": ["192.168.0.0/24", 6, 5]}, [f"192.168.0.{n}/27" for n in (0, 32, 64, 96, 128, 160)]),
        ({"Fn::Cidr": ["10.0.0.0/16", "2"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Select": [0, {"Fn::Cidr": ["2001:db8::/56", 1, 64]}]}, "2001:db8::/64"),
        ({"Fn::GetAZs": ""}, ["us-east-1a", "us-east-1b"]),
        ({"Fn::GetAZs": "eu-west-1"}, ["eu-west-1a", "eu-west-1b"]),
        ({"Fn::ImportValue": {"Fn::Sub": "${Env}-vpc"}}, "imported prod-vpc"),
        ({"Fn::Length": {"Ref": "Names"}}, 2),
        ({"Fn::ToJsonString": {"key1": "value1", "key2": {"Ref": "Env"}}}, '{"key1":"value1","key2":"prod"}'),
        ("{{resolve:ssm:/my/param:2}}", "<ssm /my/param:2>"),
        ({"Fn::Sub": "a{{resolve:secretsmanager:${Env}:SecretString:k}}"}, "a<secretsmanager prod:SecretString:k>"),
        ({"Ref": "Secret"}, "<ssm /a:1>"),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
        ({"Condition": "IsProd"}, {"Condition": "IsProd"}),
    ],
)
def test_an_intrinsic_gives_what_the_user_guide_says(value, expected):
    assert resolve(value, SCOPE) == expected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Fn::FindInMap": ["Nope", "a", "b"]}, "Mapping named 'Nope' is not present in the 'Mappings' section"),
        ({"Fn::FindInMap": ["RegionMap", "eu-west-1", "HVM64"]}, "get mapping for RegionMap::eu-west-1::HVM64"),
        ({"Fn::Select": [4, ["a"]]}, "Fn::Select cannot select nonexistent value at index 4"),
        ({"Fn::Join": ["", [["a"]]]}, "every Fn::Join object requires two parameters"),
        ({"Fn::Sub": "${Names}"}, "variable Names in Fn::Sub expression does not resolve to a string"),
        ({"Fn::If": ["Nope", 1, 2]}, "Unresolved condition dependency Nope in the Resources block of the template"),
        ({"Fn::Foo": "x"}, "Encountered unsupported function: Fn::Foo"),
        ({"Fn::Equals": [{"Ref": "Env"}, "prod"]}, "Encountered unsupported function: Fn::Equals"),
        ({"Fn::Sub": ["x"]}, "One or more Fn::Sub intrinsic functions don't specify expected arguments"),
        ({"Fn::Sub": "x", "Other": 1}, "Encountered unsupported function: Fn::Sub"),
        ({"Fn::RefAll": "AWS::EC2::VPC::Id"}, "Encountered unsupported function: Fn::RefAll"),
        ({"Ref": "AWS::Nope"}, "Unresolved resource dependencies [AWS::Nope]"),
        ({"Fn::Cidr": ["10.0.0.0/24", 2, 8]}, "can't make 2 blocks"),
        ({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {}}}, "No transform named AWS::Include found."),
    ],
)
def test_a_mistake_is_told_in_the_words_of_aws(value, words):
    with pytest.raises(TemplateError) as caught:
        resolve(value, SCOPE)
    assert words in caught.value.problems[0].what


def test_what_is_not_known_yet_carries_its_logical_id():
    with pytest.raises(Unresolved) as caught:
        resolve({"A": [{"Fn::Sub": "${Queue.Arn}"}]}, SCOPE)
    assert (caught.value.logical_id, caught.value.attribute) == ("Queue", "Arn")


def test_a_plan_keeps_only_what_is_not_known():
    value = {
        "Sub": {"Fn::Sub": "${Env}/${Queue.Arn}/${!x}"},
        "Subs": {"Fn::Sub": ["${a}${b}${Env}", {"a": {"Ref": "Env"}, "b": {"Ref": "Queue"}}]},
        "Join": {"Fn::Join": ["", [{"Ref": "Env"}, {"Ref": "Queue"}]]},
        "If": {"Fn::If": ["IsProd", {"Ref": "Queue"}, "x"]},
        "Gone": {"Fn::If": ["IsTest", 1, {"Ref": "AWS::NoValue"}]},
    }
    assert partial(value, SCOPE) == {
        "Sub": {"Fn::Sub": "prod/${Queue.Arn}/${!x}"},
        "Subs": {"Fn::Sub": ["prod${b}prod", {"b": {"Ref": "Queue"}}]},
        "Join": {"Fn::Join": ["", ["prod", {"Ref": "Queue"}]]},
        "If": {"Ref": "Queue"},
    }


def test_what_a_transform_makes_stands_beside_the_other_keys():
    scope = dataclasses.replace(SCOPE, transform=lambda name, given: {"Made": {"Ref": "Env"}, "By": name, **given})
    value = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": {"Ref": "Env"}}}, "Key": 1}
    assert resolve(value, scope) == {"Made": "prod", "By": "AWS::Include", "Location": "prod", "Key": 1}


def test_conditions_build_on_each_other_in_any_order():
    body = {
        "Conditions": {
            "Both": {"Fn::And": [{"Condition": "Prod"}, {"Fn::Not": [{"Condition": "East"}]}]},
            "Any": {"Fn::Or": [{"Condition": "Prod"}, {"Condition": "East"}]},
            "Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
            "East": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
            "One": {"Fn::Equals": [{"Fn::If": ["East", 1, 2]}, "1"]},
        }
    }
    assert conditions(body, SCOPE) == {"Both": False, "Any": True, "Prod": True, "East": True, "One": True}


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"A": {"Condition": "A"}}, "Circular dependency between conditions: [A]"),
        ({"A": {"Fn::Not": [{"Condition": "B"}]}}, "Unresolved condition dependency B in the Conditions block"),
        ({"A": {"Fn::Equals": [{"Ref": "Bucket"}, 1]}}, "Unresolved dependencies [Bucket]. Cannot reference resources"),
        ({"A": "yes"}, "a condition is made of"),
    ],
)
def test_a_condition_that_cannot_be_decided_is_refused(declared, words):
    with pytest.raises(TemplateError) as caught:
        conditions({"Conditions": declared}, SCOPE)
    assert words in caught.value.problems[0].what


LEAVES = st.sampled_from(["x", 1, True, {"Ref": "Env"}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": ["Bucket", "Arn"]}])


def wrapped(inner):
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["A", "B", "Ref2"]), inner, max_size=3),
        st.builds(lambda a, b: {"Fn::If": ["IsProd", a, b]}, inner, inner),
        st.builds(lambda a: {"Fn::ToJsonString": {"k": a}}, inner),
        st.builds(lambda a: {"Fn::Select": [0, ["x", a]]}, inner),
    )


def intrinsics(value):
    if isinstance(value, dict):
        return [k for k in value if k in INTRINSICS] + [i for v in value.values() for i in intrinsics(v)]
    return [i for v in value for i in intrinsics(v)] if isinstance(value, list) else []


@given(st.recursive(LEAVES, wrapped, max_leaves=12))
def test_nothing_resolved_holds_an_intrinsic(value):
    assert intrinsics(resolve(value, SCOPE)) == []
    assert partial(value, SCOPE) == resolve(value, SCOPE)
