"""What nests and what is nested agree: every template is there, every parameter known, every output given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from crossdock import library
from crossdock.template import load

PARENTS = tuple(name for name in library.names() if name.startswith("environment/"))
SAME = {"PublicSubnetIds": "PublicSubnetId", "PrivateSubnetIds": "PrivateSubnetId",
        "PrivateRouteTableIds": "PrivateRouteTableId", "IsolatedSubnetIds": "IsolatedSubnetId",
        "ClientSecurityGroupIds": "ClientSecurityGroupId"}
"""Lists -> one of their items: zones and stores each give one."""
URL = re.compile(r"\$\{TemplatePrefixUrl\}/(.+)\.yaml")

each = pytest.mark.parametrize("name", PARENTS)


def body(name: str) -> Any:
    return load(library.load(name), name).body


def resources(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical, resource in body(name)["Resources"].items():
        yield from resource[2].items() if logical.startswith("Fn::ForEach::") else ((logical, resource),)


def nested(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(logical id, template, parameters) of each stack within a template; of a loop, what it makes."""
    for logical, resource in resources(name):
        if resource["Type"] == "AWS::CloudFormation::Stack":
            found = URL.fullmatch(resource["Properties"]["TemplateURL"]["Fn::Sub"])
            assert found, logical
            yield logical, found[1], resource["Properties"]["Parameters"]


def outputs(value: Any) -> Iterator[tuple[str, str]]:
    """(logical id, output) of every nested stack's output that a value refers to."""
    match value:
        case {"Fn::GetAtt": [str() as logical, str() as attribute]} if attribute.startswith("Outputs."):
            yield logical, attribute.removeprefix("Outputs.")
        case dict():
            for item in value.values():
                yield from outputs(item)
        case list():
            for item in value:
                yield from outputs(item)


@each
def test_every_nested_template_is_given_what_it_declares(name):
    for logical, template, given in nested(name):
        declared = body(template)["Parameters"]
        required = {parameter for parameter, what in declared.items() if "Default" not in what}
        assert required <= given.keys() <= declared.keys(), logical


@each
def test_every_output_that_is_used_is_given(name):
    templates = {logical: template for logical, template, _ in nested(name)}
    used = list(outputs({key: body(name)[key] for key in ("Resources", "Outputs")}))
    assert used or not templates
    for logical, output in used:
        assert output in body(templates[logical])["Outputs"], f"{logical}.{output}"


@each
def test_an_output_and_the_parameter_that_it_feeds_share_a_name(name):
    for logical, _, given in nested(name):
        for parameter, value in given.items():
            if parameter == "RouteTableIds":  # tables of two kinds
                continue
            for _, output in outputs(value):
                assert output in (parameter, SAME.get(parameter)), f"{logical}.{parameter} is fed by {output}"


@each
def test_a_parameter_is_handed_on_under_its_own_name(name):
    for logical, _, given in nested(name):
        for parameter, value in given.items():
            if isinstance(value, dict) and "Ref" in value:
                assert value["Ref"] == parameter, logical


@each
def test_a_parameter_means_the_same_wherever_it_is_declared(name):
    """Types and patterns agree; a part that may be missing has an empty value or one for none besides."""
    mine = body(name)["Parameters"]
    for logical, template, given in nested(name):
        for parameter in mine.keys() & given.keys():
            there = body(template)["Parameters"][parameter]
            assert mine[parameter]["Type"] == there["Type"] or there["Type"].startswith("List<"), (logical, parameter)


@each
def test_every_parameter_is_used(name):
    text = library.load(name).partition("\nResources:")[2]
    conditions = library.load(name).partition("\nConditions:")[2]
    for parameter in body(name)["Parameters"]:
        used = rf"!Ref {parameter}\b|\$\{{{parameter}\}}"
        assert re.search(used, text) or re.search(used, conditions), parameter


def test_every_template_of_network_data_and_compute_stands_in_the_environment():
    reached, waiting = set(), ["environment/root"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += [template for _, template, _ in nested(name)] if name.startswith("environment/") else []
    groups = ("network/", "data/", "compute/", "environment/")
    left = {name for name in library.names() if name.startswith(groups)} - reached
    assert left == {"data/search-service-role"}  # once an account, not once an environment
