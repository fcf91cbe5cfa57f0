"""What a template asks for and can't be is refused at once; what only time can tell isn't."""

import pytest
from botocore.exceptions import ClientError


@pytest.mark.parametrize(("value", "said"), [
    ({"Fn::Join": ["-", "text"]}, "every Fn::Join object requires two parameters"),
    ({"Fn::Select": [3, ["a"]]}, "Fn::Select cannot select nonexistent value at index 3"),
    ({"Fn::FindInMap": ["M", "a", "x"]}, "Unable to get mapping for M::a::x"),
    ({"Fn::Nothing": "a"}, "Encountered unsupported function: Fn::Nothing"),
    ({"Fn::Cidr": ["10.0.0.0/16", 300, 8]}, "every Fn::Cidr object requires two or three parameters"),
])  # fmt: skip
@pytest.mark.parametrize("section", ["Resources", "Outputs"])
def test_a_function_that_cannot_be_evaluated_is_refused_before_anything_is_made(account, value, said, section):
    body = {"Mappings": {"M": {"a": {"b": "c"}}}, "Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {
        "DisplayName": value if section == "Resources" else "a"}}}}
    if section == "Outputs":
        body["Outputs"] = {"O": {"Value": value}}
    with pytest.raises(ClientError, match=said):
        account.create(body)
    assert account.cloudformation.describe_stacks()["Stacks"] == []


def test_what_is_evaluated_from_a_resource_is_not_judged_by_what_it_was(account):
    """An update's functions see what the resources will be."""
    def of(count):
        zones = ",".join("abc"[:count])
        parts = {"Fn::Split": [",", {"Fn::GetAtt": ["P", "Value"]}]}
        return {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": zones}}},
                "Outputs": {"Last": {"Value": {"Fn::Select": [count - 1, parts]}}}}
    account.create(of(1))
    assert account.update(of(3)) == "UPDATE_COMPLETE"
    assert account.outputs()["Last"] == "c"
