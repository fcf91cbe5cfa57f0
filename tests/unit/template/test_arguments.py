"""Functions whose arguments can't be meant are mistakes of the template, whatever its values are."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.template import arguments, calls
from crossdock.template.arguments import malformed


def told(value: Any) -> list[str]:
    return [what for _, what, _ in malformed({"Resources": {"One": {"Properties": {"P": value}}}})]


def of_condition(value: Any) -> list[str]:
    return [what for _, what, _ in malformed({"Conditions": {"C": value}})]


@pytest.mark.parametrize(("value", "said"), [
    ({"Ref": ["A"]}, arguments.REF),
    ({"Fn::GetAtt": ["A"]}, arguments.GET_ATT),
    ({"Fn::GetAtt": ["A", ""]}, arguments.GET_ATT),
    ({"Fn::Join": ["-", "text"]}, calls.JOIN),
    ({"Fn::Join": [["-"], ["a"]]}, calls.JOIN),
    ({"Fn::Join": ["-", ["a", ["b"]]]}, calls.JOIN),
    ({"Fn::Split": ["", "a"]}, calls.SPLIT),
    ({"Fn::Split": ["-", ["a"]]}, calls.SPLIT),
    ({"Fn::Select": ["x", ["a"]]}, calls.SELECT),
    ({"Fn::Select": [-1, ["a"]]}, calls.SELECT),
    ({"Fn::Select": [0, "a"]}, calls.SELECT),
    ({"Fn::Sub": ["${A}", {}, {}]}, arguments.SUB),
    ({"Fn::Sub": {"A": "b"}}, arguments.SUB),
    ({"Fn::If": ["C", "a"]}, arguments.IF),
    ({"Fn::If": [{"Fn::Equals": ["a", "b"]}, "a", "b"]}, arguments.IF),
    ({"Fn::FindInMap": ["M", "a"]}, arguments.FIND_IN_MAP),
    ({"Fn::Base64": ["a"]}, calls.BASE64),
    ({"Fn::Cidr": ["10.0.0.0/16"]}, calls.CIDR),
    ({"Fn::GetAZs": ["us-east-1"]}, arguments.GET_AZS),
    ({"Fn::ImportValue": ["a"]}, arguments.IMPORT_VALUE),
    ({"Fn::Nothing": "a"}, arguments.unsupported("Fn::Nothing")),
    ({"Fn::Sub": "a", "Other": "b"}, arguments.unsupported("Fn::Sub")),
    ({"Fn::Equals": ["a", "b"]}, arguments.unsupported("Fn::Equals")),
    ({"Fn::Contains": [["a"], "b"]}, arguments.unsupported("Fn::Contains")),
    ({"Deep": [{"Fn::If": ["C", {"Fn::Join": ["", "a"]}, "b"]}]}, calls.JOIN),
])  # fmt: skip
def test_an_argument_that_cannot_be_meant_is_told(value: Any, said: str) -> None:
    assert told(value) == [said]


@pytest.mark.parametrize("value", [
    {"Fn::Join": ["", {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
    {"Fn::Join": ["", ["a", 1, True, {"Ref": "A"}]]},
    {"Fn::Select": ["1", {"Fn::Split": ["-", {"Ref": "A"}]}]},
    {"Fn::Select": [{"Ref": "Index"}, ["a", "b"]]},
    {"Fn::Sub": ["${A} ${B}", {"A": {"Fn::GetAtt": ["One", "Arn"]}}]},
    {"Fn::FindInMap": ["M", {"Ref": "A"}, "b", {"DefaultValue": ["a"]}]},
    {"Fn::Cidr": [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, 4, 8]},
    {"Fn::GetAZs": ""},
    {"Fn::Transform": {"Name": "Macro"}, "Beside": "a"},
    {"Fn::Base64": {"Fn::Sub": "a"}},
    {"Condition": {"StringEquals": {"a": "b"}}},
])  # fmt: skip
def test_what_may_be_meant_is_taken(value: Any) -> None:
    assert told(value) == []


@pytest.mark.parametrize(("condition", "said"), [
    ({"Fn::Equals": ["a"]}, "Template error: every Fn::Equals object requires a list of 2 string parameters."),
    ({"Fn::Not": [{"Condition": "A"}, {"Condition": "B"}]},
     "Template error: every Fn::Not object requires one boolean parameter."),
    ({"Fn::And": [{"Condition": "A"}]},
     "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters."),
    ({"Fn::Or": [{"Fn::Equals": ["a", {"Fn::Join": ["", "b"]}]}, {"Condition": "A"}]}, calls.JOIN),
])  # fmt: skip
def test_conditions_take_conditions(condition: Any, said: str) -> None:
    assert of_condition(condition) == [said]
