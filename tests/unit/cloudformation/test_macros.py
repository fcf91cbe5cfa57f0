"""Macros: functions that rewrite templates, files put in their place; who says no is named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.cloudformation.conftest import CALLER, Alone

from crossdock.local.cloudformation import CloudFormation
from crossdock.local.engine import AwsError, Call

HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


class Functions(Alone):
    """A world with functions (name -> what it makes of a request) and files (bucket/key -> text)."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.files: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []

    def authorize(self, caller: Any, *, action: str, resource: str, **where: Any) -> None:
        """Whoever asks may have templates transformed."""
        assert action == "cloudformation:CreateChangeSet"
        assert resource.startswith("arn:aws:cloudformation:us-east-1:aws:transform/")

    def client(self, service: str, caller: Any, region: str) -> Functions:
        return self

    def invoke(self, **given: str) -> dict[str, Any]:
        asked = json.loads(given["Payload"])
        self.asked.append(asked)
        made = self.functions[given["FunctionName"]](asked)
        return {"Payload": io.BytesIO(json.dumps(made).encode())}

    def get_object(self, **given: str) -> dict[str, Any]:
        name = f"{given['Bucket']}/{given['Key']}"
        if name not in self.files:
            error = {"Code": "NoSuchKey", "Message": "The specified key does not exist."}
            raise ClientError({"Error": error}, "GetObject")
        return {"Body": io.BytesIO(self.files[name].encode())}


@pytest.fixture
def world() -> Functions:
    return Functions()


@pytest.fixture
def engine(world: Functions) -> Any:
    made = CloudFormation(world)  # type: ignore[arg-type]
    yield made
    made.stop()


def create(engine: CloudFormation, body: dict[str, Any], name: str = "one", **more: Any) -> Any:
    params = {"StackName": name, "TemplateBody": json.dumps(body), "Capabilities": ["CAPABILITY_AUTO_EXPAND"], **more}
    stack_id = engine.handle(Call(
        service="cloudformation", operation="CreateStack", params=params, caller=CALLER, account="111111111111",
        region="us-east-1", request_id="r"))["StackId"]
    engine.wait(stack_id)
    return engine.state.stacks[stack_id]


def success(asked: dict[str, Any], fragment: Any) -> dict[str, Any]:
    return {"requestId": asked["requestId"], "status": "success", "fragment": fragment}


@pytest.fixture
def macro(engine: CloudFormation, world: Functions) -> Any:
    def define(name: str, function: Callable[[dict[str, Any]], Any]) -> None:
        world.functions[name] = function
        properties = {"Name": name, "FunctionName": name}
        body = {"Resources": {"M": {"Type": "AWS::CloudFormation::Macro", "Properties": properties}}}
        assert create(engine, body, f"macro-{name}").status == "CREATE_COMPLETE"

    return define


def test_a_macro_of_the_transform_section_makes_the_whole_template(engine, world, macro):
    macro("Twice", lambda asked: success(asked, {"Resources": {
        f"{name}{side}": one for name, one in asked["fragment"]["Resources"].items() for side in "AB"}}))
    body = {"Transform": {"Name": "Twice", "Parameters": {"how": "often"}}, "Resources": {"H": HANDLE},
            "Parameters": {"P": {"Type": "String", "Default": "v"}}}
    stack = create(engine, body)
    assert list(stack.resources) == ["HA", "HB"]
    assert world.asked[0] | {"requestId": ""} == {
        "region": "us-east-1", "accountId": "111111111111", "transformId": "111111111111::Twice", "requestId": "",
        "fragment": {"Resources": {"H": HANDLE}, "Parameters": body["Parameters"]}, "params": {"how": "often"},
        "templateParameterValues": {"P": "v"}}


def test_the_innermost_macro_is_first_and_sees_what_stands_beside_it(engine, world, macro):
    macro("Meta", lambda asked: success(asked, {**asked["fragment"], "from": asked["params"]["from"]}))
    macro("Type", lambda asked: success(asked, {**asked["fragment"], **HANDLE}))
    call = {"Fn::Transform": {"Name": "Meta", "Parameters": {"from": "inner"}}, "kept": 1}
    stack = create(engine, {"Resources": {"H": {"Metadata": call, "Fn::Transform": {"Name": "Type"}}}})
    assert stack.resources["H"].metadata == {"kept": 1, "from": "inner"}
    assert [asked["transformId"].split("::")[1] for asked in world.asked] == ["Meta", "Type"]


def test_include_puts_a_file_of_s3_in_its_place(engine, world):
    world.files["b/more.yaml"] = "Extra: {Type: 'AWS::CloudFormation::WaitConditionHandle'}"
    include = {"Name": "AWS::Include", "Parameters": {"Location": {"Fn::Sub": "s3://b/${File}"}}}
    body = {"Parameters": {"File": {"Type": "String", "Default": "more.yaml"}},
            "Resources": {"H": HANDLE, "Fn::Transform": include}}
    assert set(create(engine, body).resources) == {"H", "Extra"}
    world.files["b/top.yaml"] = 'Outputs: {Name: {Value: !Ref "AWS::StackName"}}'
    body = {"Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/top.yaml"}},
            "Resources": {"H": HANDLE}}
    assert create(engine, body, "two").outputs["Name"].value == "two"


@pytest.mark.parametrize(("made", "said"), [
    (lambda asked: {"requestId": asked["requestId"], "status": "failure", "errorMessage": "no luck"},
     "Transform 111111111111::M failed with: no luck"),
    (lambda asked: {"requestId": asked["requestId"], "status": "failure"},
     "Transform 111111111111::M failed without an error message."),
    (lambda asked: {"status": "success", "fragment": {}}, "Received malformed response from transform 111111111111::M"),
    (lambda asked: "text", "Received malformed response from transform 111111111111::M"),
    (lambda asked: success(asked, []), "the transform M gives no template"),
    (lambda asked: success(asked, {"Resources": {"X": {"Type": 1}}}), "Template format error"),
])  # fmt: skip
def test_a_macro_that_fails_is_named(engine, macro, made, said):
    macro("M", made)
    with pytest.raises(AwsError, match=said):
        create(engine, {"Transform": "M", "Resources": {"H": HANDLE}})
    assert [stack.name for stack in engine.state.stacks.values()] == ["macro-M"]


def test_macros_must_exist_and_be_acknowledged(engine, world):
    with pytest.raises(AwsError, match="No transform named 111111111111::Nothing found"):
        create(engine, {"Transform": ["Nothing"], "Resources": {"H": HANDLE}})
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/none"}}}
    with pytest.raises(AwsError, match="Requires capabilities : \\[CAPABILITY_AUTO_EXPAND\\]"):
        create(engine, {"Resources": {"H": HANDLE, **include}}, Capabilities=[])
    with pytest.raises(AwsError, match="Transform AWS::Include failed with: S3 error: The specified key"):
        create(engine, {"Resources": {"H": HANDLE, **include}})
