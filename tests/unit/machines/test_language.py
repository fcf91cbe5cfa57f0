"""The Amazon States Language: paths, intrinsic functions, choices, errors, flows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.machines import choices, definition, paths
from crossdock.local.machines.errors import StateFailed, matches
from crossdock.local.machines.running import Run

SCOPE = {"$": {"a": {"b": [1, 2, 3]}, "name": "it", "text": "a,b"}, "$$": {"Execution": {"Name": "x"}},
         "kept": {"n": 7}}


@pytest.mark.parametrize(("path", "value"), [
    ("$.a.b[1]", 2), ("$.a.b[*]", [1, 2, 3]), ("$", SCOPE["$"]), ("$$.Execution.Name", "x"), ("$kept.n", 7),
    ("States.Format('{} is {}', $.name, $kept.n)", "it is 7"),
    ("States.Array($.name, 1, true, null)", ["it", 1, True, None]),
    ("States.ArrayPartition($.a.b, 2)", [[1, 2], [3]]), ("States.ArrayContains($.a.b, 3)", True),
    ("States.ArrayRange(1, 9, 4)", [1, 5, 9]), ("States.ArrayGetItem($.a.b, 0)", 1), ("States.ArrayLength($.a.b)", 3),
    ("States.ArrayUnique(States.Array(1, 1, 2))", [1, 2]), ("States.Base64Encode($.name)", "aXQ="),
    ("States.StringToJson('{\"x\": 1}')", {"x": 1}), ("States.JsonToString($.a)", '{"b":[1,2,3]}'),
    ("States.MathAdd(1, -3)", -2), ("States.StringSplit($.text, ',')", ["a", "b"]),
    ("States.Hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("States.JsonMerge($.a, States.StringToJson('{\"c\": 1}'), false)", {"b": [1, 2, 3], "c": 1}),
])  # fmt: skip
def test_a_path_or_function_comes_to(path: str, value: Any) -> None:
    assert paths.value(path, SCOPE) == value


@pytest.mark.parametrize("path", [
    "$.nothing", "$unknown", "States.Nothing()", "States.Format('{}')", "States.MathAdd('x', 1)"])
def test_what_is_not_there_fails_the_state(path: str) -> None:
    with pytest.raises(StateFailed):
        paths.value(path, SCOPE)


@pytest.mark.parametrize(("path", "made"), [
    ("$.new.deep", {"x": 1, "new": {"deep": "r"}}), ("$", "r"), (None, {"x": 1}), ("$.x", {"x": "r"})])
def test_a_result_is_put_where_it_belongs(path: str | None, made: Any) -> None:
    assert paths.put({"x": 1}, path, "r") == made


@pytest.mark.parametrize(("rule", "holds"), [
    ({"Variable": "$.name", "StringEquals": "it"}, True), ({"Variable": "$.name", "NumericEquals": 1}, False),
    ({"Variable": "$.a.b[0]", "NumericLessThanEquals": 1}, True), ({"Variable": "$.nothing", "IsPresent": False}, True),
    ({"Variable": "$.name", "StringMatches": "i*"}, True), ({"Variable": "$.name", "StringMatches": "*x"}, False),
    ({"Variable": "$.name", "StringEqualsPath": "$.text"}, False),
    ({"Not": {"Variable": "$.name", "IsNull": True}}, True),
    ({"And": [{"Variable": "$.name", "IsString": True}, {"Variable": "$.a.b[0]", "IsNumeric": True}]}, True),
    ({"Or": [{"Variable": "$.name", "StringEquals": "x"}, {"Variable": "$.name", "StringGreaterThan": "a"}]}, True),
])
def test_a_choice_rule_holds(rule: dict[str, Any], holds: bool) -> None:
    assert choices.holds(rule, SCOPE) is holds


def test_time_outs_are_no_failed_tasks_and_runtime_errors_are_caught_by_name_alone() -> None:
    assert matches("States.Timeout", ["States.Timeout"])
    assert matches("States.HeartbeatTimeout", ["States.Timeout"])
    assert not matches("States.Timeout", ["States.TaskFailed"])
    assert matches("MyError", ["States.TaskFailed"])
    assert not matches("States.Runtime", ["States.ALL"])


def run(flow: dict[str, Any], given: Any, act: Callable[..., Any] = lambda *_: {}) -> Any:
    made = Run(language="JSONPath", context={"Execution": {"Id": "x"}}, note=lambda *_, **__: None, act=act,
               ended=threading.Event())
    return made.flow(json.loads(json.dumps(flow)), given)


def one(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"StartAt": "S", "States": {"S": state, **others}}


END = {"Type": "Pass", "End": True}


def test_a_pass_state_shapes_its_input() -> None:
    state = {"Type": "Pass", "InputPath": "$.in", "Parameters": {"got.$": "$.x", "is": 1}, "ResultPath": "$.out",
             "OutputPath": "$.out", "End": True}
    assert run(one(state), {"in": {"x": 5}}) == {"got": 5, "is": 1}


def test_variables_outlive_their_state() -> None:
    flow = {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"n.$": "$.n"}, "OutputPath": None, "Next": "B"},
        "B": {"Type": "Pass", "Parameters": {"n.$": "$n"}, "End": True}}}
    assert run(flow, {"n": 3}) == {"n": 3}


def test_a_choice_takes_the_first_rule_or_its_default() -> None:
    flow = one({"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Big"}],
                "Default": "Small"}, Big={"Type": "Pass", "Result": "big", "End": True},
               Small={"Type": "Pass", "Result": "small", "End": True})
    assert [run(flow, {"n": n}) for n in (1, 2)] == ["small", "big"]


def test_a_fail_state_ends_with_its_error() -> None:
    with pytest.raises(StateFailed) as failed:
        run(one({"Type": "Fail", "Error": "Mine", "CausePath": "$.why"}), {"why": "so"})
    assert (failed.value.error, failed.value.cause) == ("Mine", "so")


def test_a_task_is_tried_again_and_then_caught() -> None:
    tries: list[int] = []

    def act(*_: Any) -> Any:
        tries.append(1)
        raise StateFailed("Broken", "why")

    state = {"Type": "Task", "Resource": "x", "Next": "E", "Retry": [
        {"ErrorEquals": ["Broken"], "IntervalSeconds": 0, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "E"}]}
    assert run(one(state, E=END), {"x": 1}, act) == {"x": 1, "error": {"Error": "Broken", "Cause": "why"}}
    assert len(tries) == 3


def test_branches_and_items_give_lists_in_order() -> None:
    branch = {"StartAt": "B", "States": {"B": {"Type": "Pass", "OutputPath": "$.n", "End": True}}}
    assert run(one({"Type": "Parallel", "Branches": [branch, branch], "End": True}), {"n": 4}) == [4, 4]
    state = {"Type": "Map", "ItemsPath": "$.items", "ItemSelector": {"n.$": "$$.Map.Item.Value", "k.$": "$.k"},
             "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}, "End": True}
    assert run(one(state), {"items": [1, 2], "k": "z"}) == [{"n": 1, "k": "z"}, {"n": 2, "k": "z"}]
    batched = {"Type": "Map", "ItemBatcher": {"MaxItemsPerBatch": 2}, "ItemProcessor": state["ItemProcessor"],
               "End": True}
    assert run(one(batched), [1, 2, 3]) == [{"Items": [1, 2]}, {"Items": [3]}]


def test_one_failed_item_fails_a_map_unless_it_is_tolerated() -> None:
    inner = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "x", "End": True}}}

    def act(_run: Run, _state: Any, given: Any, _deadline: Any) -> Any:
        if given == 2:
            raise StateFailed("Bad")
        return given

    state = {"Type": "Map", "ItemProcessor": inner, "End": True}
    with pytest.raises(StateFailed, match="Bad"):
        run(one(state), [1, 2, 3], act)
    assert run(one({**state, "ToleratedFailureCount": 1}), [1, 2, 3], act) == [1, 3]


def test_jsonata_is_refused_by_name() -> None:
    with pytest.raises(NotEmulated, match="JSONata in state machines"):
        run(one({"Type": "Pass", "QueryLanguage": "JSONata", "End": True}), {})


@pytest.mark.parametrize(("text", "said"), [
    ("{", "INVALID_JSON_DESCRIPTION"), ('{"States": {}}', "There are no States"),
    (json.dumps(one({"Type": "Pass"})), "One of 'Next' and 'End' is required"),
    (json.dumps(one({"Type": "Pass", "Next": "Nowhere"})), "MISSING_TRANSITION_TARGET"),
    (json.dumps(one({"Type": "Nothing", "End": True})), "Value is not valid at /States/S/Type"),
    (json.dumps({"StartAt": "X", "States": {"S": END}}), "Missing 'StartAt' target"),
])
def test_what_is_no_state_machine_is_refused(text: str, said: str) -> None:
    with pytest.raises(AwsError, match="Invalid State Machine Definition") as refused:
        definition.read(text)
    assert said in refused.value.message
