"""Order of resources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import TemplateError
from crossdock.template.graph import active, check_outputs, dependencies, waves


def resource(condition=None, depends_on=None, **properties):
    extra = {"Condition": condition} if condition else {}
    return {"Type": "T", "Properties": properties, **extra, **({"DependsOn": depends_on} if depends_on else {})}


def test_ref_getatt_sub_and_dependson_make_an_order():
    body = {
        "Resources": {
            "D": resource(a={"Ref": "A"}, b={"Fn::Sub": ["${B.Arn}${x}", {"x": {"Ref": "C"}}]}, p={"Ref": "Parameter"}),
            "C": resource(depends_on="B"),
            "B": resource(depends_on=["A"]),
            "A": resource(r={"Ref": "AWS::Region"}),
        }
    }
    found = dependencies(body, {})
    assert found == {"D": {"A", "B", "C"}, "C": {"B"}, "B": {"A"}, "A": set()}
    assert waves(found) == [["A"], ["B"], ["C"], ["D"]]


def test_only_what_exists_under_the_conditions_counts():
    body = {
        "Resources": {
            "A": resource(x={"Fn::If": ["No", {"Ref": "B"}, {"Ref": "C"}]}, depends_on="B"),
            "B": resource(condition="No"),
            "C": resource(condition="Yes"),
        }
    }
    assert active(body, {"No": False, "Yes": True}) == ["A", "C"]
    assert dependencies(body, {"No": False, "Yes": True}) == {"A": {"C"}, "C": set()}


def test_a_reference_to_a_resource_whose_condition_does_not_hold_is_refused():
    body = {"Resources": {"A": resource(x={"Ref": "B"}), "B": resource(condition="No")}}
    with pytest.raises(TemplateError) as caught:
        dependencies(body, {"No": False})
    assert "Unresolved resource dependencies [B] in the Resources block of the template" in caught.value.details[0]


def test_an_output_that_exists_may_not_refer_to_a_resource_that_does_not():
    body = {"Resources": {"A": {"Type": "T", "Condition": "No"}, "B": {"Type": "T"}},
            "Outputs": {"Left": {"Condition": "No", "Value": {"Ref": "A"}},
                        "Chosen": {"Value": {"Fn::If": ["No", {"Ref": "A"}, {"Ref": "B"}]}}}}
    check_outputs(body, {"No": False})
    body["Outputs"]["Bad"] = {"Value": {"Fn::Sub": "${A}"}}
    with pytest.raises(TemplateError) as found:
        check_outputs(body, {"No": False})
    assert "Unresolved resource dependencies [A] in the Outputs block" in found.value.problems[0].what


def test_a_circle_names_its_resources_and_not_those_that_wait_for_it():
    with pytest.raises(TemplateError) as caught:
        waves({"A": frozenset({"B"}), "B": frozenset({"A"}), "Waits": frozenset({"A"}), "Free": frozenset()})
    assert caught.value.problems[0].what == "Circular dependency between resources: [A, B]"


@given(st.dictionaries(st.integers(0, 12), st.frozensets(st.integers(0, 12), max_size=4), max_size=12))
def test_every_resource_comes_after_what_it_needs(raw):
    needs = {f"R{k}": frozenset(f"R{v}" for v in vs if v < k and v in raw) for k, vs in raw.items()}
    order = [name for wave in waves(needs) for name in wave]
    assert sorted(order) == sorted(needs)
    assert all(order.index(other) < order.index(name) for name in needs for other in needs[name])
