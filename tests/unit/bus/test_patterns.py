"""The event pattern language, by the examples of the EventBridge User Guide (comparison operators, arrays, $or)."""

import json
from typing import Any

import pytest

from crossdock.local.bus import PatternError, compile_pattern

EC2 = {
    "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2", "account": "111122223333", "time": "2017-12-22T18:43:48Z", "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
    "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated", "c-count": 5, "d-count": 3,
               "x-limit": 301.8, "source-ip": "10.0.0.33", "empty": "", "nothing": None, "flag": True},
}


def matches(pattern: Any, event: Any = EC2) -> bool:
    return compile_pattern(json.dumps(pattern)).matches(event)


def detail(**fields: Any) -> dict[str, Any]:
    return {"detail": fields}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.ec2"]}, True),
        ({"source": ["aws.s3", "aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}, True),
        ({"source": ["aws.ec2"], "region": ["eu-west-1"]}, False),
        ({"source": ["AWS.EC2"]}, False),
        (detail(state=["terminated"]), True),
        (detail(empty=[""]), True),
        (detail(nothing=[None]), True),
        (detail(empty=[None]), False),
        (detail(flag=[True]), True),
        (detail(flag=[1]), False),
        (detail(**{"c-count": [5]}), True),
        (detail(**{"c-count": ["5"]}), False),
        (detail(**{"c-count": [5.0]}), False),
        ({"time": [{"prefix": "2017-12-22"}]}, True),
        ({"source": [{"prefix": {"equals-ignore-case": "AWS.E"}}]}, True),
        ({"source": [{"suffix": "ec2"}]}, True),
        ({"source": [{"suffix": {"equals-ignore-case": ".EC2"}}]}, True),
        ({"source": [{"suffix": "EC2"}]}, False),
        ({"source": [{"equals-ignore-case": "AWS.ec2"}]}, True),
        (detail(state=[{"anything-but": "initializing"}]), True),
        (detail(state=[{"anything-but": ["stopped", "terminated"]}]), False),
        (detail(**{"x-limit": [{"anything-but": [100, 200, 300]}]}), True),
        (detail(**{"x-limit": [{"anything-but": 301.8}]}), False),
        (detail(state=[{"anything-but": {"prefix": "init"}}]), True),
        (detail(state=[{"anything-but": {"prefix": ["init", "term"]}}]), False),
        (detail(state=[{"anything-but": {"suffix": "ated"}}]), False),
        (detail(state=[{"anything-but": {"equals-ignore-case": ["TERMINATED"]}}]), False),
        (detail(state=[{"anything-but": {"wildcard": "*min*"}}]), False),
        (detail(absent=[{"anything-but": "x"}]), False),
        (detail(**{"c-count": [{"numeric": [">", 0, "<=", 5]}]}), True),
        (detail(**{"d-count": [{"numeric": ["<", 3]}]}), False),
        (detail(**{"x-limit": [{"numeric": ["=", 3.018e2]}]}), True),
        (detail(state=[{"numeric": ["=", 5]}]), False),
        (detail(**{"source-ip": [{"cidr": "10.0.0.0/24"}]}), True),
        (detail(**{"source-ip": [{"cidr": "10.0.1.0/24"}]}), False),
        (detail(state=[{"cidr": "10.0.0.0/24"}]), False),
        (detail(state=[{"exists": True}]), True),
        (detail(absent=[{"exists": False}]), True),
        (detail(state=[{"exists": False}]), False),
        ({"other": {"absent": [{"exists": False}]}}, True),
        ({"detail": [{"exists": True}]}, False),
        (detail(absent=[{"exists": False}, "x"]), True),
        ({"resources": [{"wildcard": "arn:aws:ec2:*:*:instance/*"}]}, True),
        ({"resources": [{"wildcard": "arn:aws:ec2:*:volume/*"}]}, False),
    ],
)
def test_each_operator_decides_as_the_user_guide_says(pattern: Any, expected: bool) -> None:
    assert matches(pattern) is expected


def test_wildcards_can_be_escaped() -> None:
    assert matches({"a": [{"wildcard": "x\\*y\\\\*"}]}, {"a": "x*y\\z"})
    assert not matches({"a": [{"wildcard": "x\\*"}]}, {"a": "xyz"})


def test_an_array_in_the_event_matches_by_one_of_its_elements() -> None:
    event = {"resources": ["arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:ASGTerminate",
                           "arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f"]}
    assert matches({"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-b188560f", "other"]}, event)
    assert not matches({"resources": ["other"]}, event)


def test_one_element_of_an_array_of_objects_must_match_all_fields() -> None:
    event = {"list": [{"name": "a", "size": 1}, {"name": "b", "size": 2}]}
    assert matches({"list": {"name": ["b"], "size": [2]}}, event)
    assert not matches({"list": {"name": ["a"], "size": [2]}}, event)


def test_or_gives_alternatives_beside_what_must_hold_anyway() -> None:
    pattern = {
        "source": ["aws.ec2"],
        "detail": {"$or": [{"c-count": [{"numeric": [">", 10]}]}, {"d-count": [{"numeric": ["<", 4]}]},
                           {"x-limit": [{"numeric": ["=", 1]}]}]},
    }
    assert matches(pattern)
    assert not matches({**pattern, "source": ["aws.s3"]})
    assert not matches({"$or": [{"source": ["a"]}, {"region": ["b"]}]})
    assert matches({"$or": [{"source": ["a"]}, {"detail": {"$or": [{"state": ["terminated"]}, {"state": ["x"]}]}}]})


def test_or_of_plain_values_is_a_field_of_that_name() -> None:
    assert matches({"$or": ["a"]}, {"$or": "a"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not valid JSON"),
        ("[]", "not an object"),
        ("{}", "Empty objects"),
        ('{"source": []}', "Empty arrays"),
        ('{"source": "aws.ec2"}', '"source" must be an object or an array'),
        ('{"source": [{"sounds-like": "x"}]}', "Unrecognized match type sounds-like"),
        ('{"source": [{"prefix": "a", "suffix": "b"}]}', "Only one key"),
        ('{"source": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"source": [{"exists": "yes"}]}', "exists match pattern"),
        ('{"source": [["a"]]}', "must be a string, a number"),
        ('{"n": [{"numeric": [">"]}]}', "numeric takes"),
        ('{"n": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator"),
        ('{"n": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top"),
        ('{"n": [{"numeric": ["=", 6e9]}]}', "-5.0e9"),
        ('{"n": [{"cidr": "10.0.0.0/64"}]}', "Malformed CIDR"),
        ('{"n": [{"wildcard": "a**b"}]}', "Consecutive wildcard"),
        ('{"n": [{"wildcard": "a\\\\b"}]}', "Invalid escape"),
        ('{"n": [{"anything-but": ["a", 1]}]}', "all of one kind"),
        ('{"n": [{"anything-but": {"numeric": ["=", 1]}}]}', "Unsupported anything-but"),
        ('{"n": [{"anything-but": []}]}', "Empty arrays"),
    ],
)
def test_what_is_no_pattern_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(PatternError, match="(?i)" + reason.replace("(", r"\(")):
        compile_pattern(text)
