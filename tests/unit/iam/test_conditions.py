"""Rules 32 to 52: conditions and variables."""

import pytest


def held(ask, operator, values, context):
    """Does an Allow under this condition apply?"""
    allow = ask.allow(Condition={operator: {"aws:PrincipalTag/x": values}})
    return ask(identity=[allow], context=context) == "allowed"


def x(value):
    return {"aws:PrincipalTag/x": value}


def test_operators_and_keys_are_anded_and_values_ored(ask):
    """Rule 32."""
    condition = {"StringEquals": {"a:b": ["1", "2"], "a:c": "3"}, "StringLike": {"a:d": "4*"}}
    full = {"a:b": "2", "a:c": "3", "a:d": "44"}
    assert ask(identity=[ask.allow(Condition=condition)], context=full) == "allowed"
    for key in full:
        assert ask(identity=[ask.allow(Condition=condition)], context=full | {key: "9"}) == "implicit_deny"


def test_values_of_a_negated_operator_are_nored(ask):
    """Rule 32."""
    assert held(ask, "StringNotEquals", ["a", "b"], x("c"))
    assert not held(ask, "StringNotEquals", ["a", "b"], x("a"))


def test_key_names_ignore_case_and_values_do_not(ask):
    """Rule 33."""
    assert held(ask, "StringEquals", "v", {"AWS:principaltag/X": "v"})
    assert not held(ask, "StringEquals", "V", x("v"))


@pytest.mark.parametrize(
    "operator",
    ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "NumericEquals", "NumericLessThan", "DateEquals",
     "DateGreaterThan", "Bool", "BinaryEquals", "IpAddress", "ArnEquals", "ArnLike"],
)  # fmt: skip
def test_a_missing_key_fails_a_positive_operator_unless_if_exists(ask, operator):
    """Rules 34 and 35."""
    value = "10.0.0.0" if operator == "IpAddress" else "2020"
    assert not held(ask, operator, value, {})
    assert held(ask, operator + "IfExists", value, {})


@pytest.mark.parametrize(
    "operator",
    ["StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase", "NumericNotEquals", "DateNotEquals",
     "NotIpAddress", "ArnNotEquals", "ArnNotLike"],
)  # fmt: skip
def test_a_missing_key_passes_a_negated_operator(ask, operator):
    """Rule 34."""
    value = "10.0.0.0" if operator == "NotIpAddress" else "2020"
    assert held(ask, operator, value, {})
    assert held(ask, operator + "IfExists", value, {})


def test_if_exists_changes_nothing_when_the_key_is_there(ask):
    """Rule 35."""
    assert not held(ask, "StringEqualsIfExists", "a", x("b"))
    assert not held(ask, "StringNotEqualsIfExists", "a", x("a"))


def test_null_asks_whether_the_key_is_there(ask):
    """Rule 36: a null value is absence."""
    for context, absent in (({}, True), (x(None), True), (x([]), True), (x(""), False), (x("v"), False)):
        assert held(ask, "Null", "true", context) is absent
        assert held(ask, "Null", "false", context) is not absent


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "z"], False),
        ("ForAllValues:StringEquals", None, True),
        ("ForAllValues:StringEquals", [], True),
        ("ForAllValues:StringEquals", "a", True),
        ("ForAnyValue:StringEquals", ["z", "a"], True),
        ("ForAnyValue:StringEquals", ["z"], False),
        ("ForAnyValue:StringEquals", None, False),
        ("ForAnyValue:StringEqualsIfExists", None, True),
        ("ForAllValues:StringNotEquals", ["y", "z"], True),
        ("ForAllValues:StringNotEquals", ["a", "z"], False),
        ("ForAnyValue:StringNotEquals", ["a", "z"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", None, False),
    ],
)
def test_set_operators(ask, operator, given, expected):
    """Rules 37, 38 and 39."""
    assert held(ask, operator, ["a", "b"], {} if given is None else x(given)) is expected


def test_for_all_values_on_an_allow_wants_null_beside_it(ask):
    """Rule 37."""
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}, "Null": {"aws:TagKeys": "false"}}
    assert ask(identity=[ask.allow(Condition=condition)]) == "implicit_deny"
    assert ask(identity=[ask.allow(Condition=condition)], context={"aws:TagKeys": ["a"]}) == "allowed"


def test_several_values_under_a_plain_operator_never_grant(ask):
    """Rule 40: AWS does not say; an Allow does not apply, and a Deny leaves the answer open."""
    condition = {"StringEquals": {"aws:TagKeys": "a"}}
    context = {"aws:TagKeys": ["a", "b"]}
    assert ask(identity=[ask.allow(Condition=condition)], context=context) == "implicit_deny"
    assert ask(identity=[ask.allow(), ask.deny(Condition=condition)], context=context) == "unknown"
    assert ask(identity=[ask.allow(Condition=condition)], context={"aws:TagKeys": ["a"]}) == "allowed"


@pytest.mark.parametrize(
    ("operator", "value", "given", "expected"),
    [
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a*", "a*", True),
        ("StringLike", "a*", "ab", True),
        ("StringLike", "a?c", "ac", False),
        ("StringLike", "*", "", True),
        ("StringLike", "a[b]", "ab", False),
        ("StringLike", "a*", "A:b\nc", False),
        ("StringLike", "a*", "a:b\nc", True),
        ("StringEqualsIgnoreCase", "AbC", "aBc", True),
        ("StringEqualsIgnoreCase", "a*", "ab", False),
        ("StringNotEqualsIgnoreCase", "AbC", "aBc", False),
        ("StringNotLike", "a*", "ab", False),
    ],
)
def test_string_operators(ask, operator, value, given, expected):
    """Rule 41."""
    assert held(ask, operator, value, x(given)) is expected


@pytest.mark.parametrize("operator", ["ArnEquals", "ArnLike"])
@pytest.mark.parametrize(
    ("value", "given", "expected"),
    [
        ("arn:aws:sns:*:1:t", "arn:aws:sns:eu-west-1:1:t", True),
        ("arn:aws:sns:*:1:T", "arn:aws:sns:eu-west-1:1:t", False),
        ("arn:*:t", "arn:aws:sns:eu-west-1:1:t", False),
        ("*", "arn:aws:sns:eu-west-1:1:t", False),
        ("arn:aws:sns:*:t", "arn:aws:sns:eu-west-1:1:t", False),
        ("arn:aws:cloudformation:*:1:stackset/*", "arn:aws:cloudformation:eu:1:stackset/a:b", True),
        ("arn:aws:iam::1:role/a", "no arn", False),
    ],
)
def test_arn_operators_compare_six_parts(ask, operator, value, given, expected):
    """Rule 42."""
    assert held(ask, operator, value, x(given)) is expected
    assert held(ask, operator.replace("Arn", "ArnNot"), value, x(given)) is not expected


def test_string_like_lets_a_wildcard_cross_colons(ask):
    """Rule 42."""
    assert held(ask, "StringLike", "arn:*:t", x("arn:aws:sns:eu-west-1:1:t"))


@pytest.mark.parametrize(
    ("operator", "value", "given", "expected"),
    [
        ("NumericEquals", "10", "10.0", True),
        ("NumericNotEquals", "10", "10.5", True),
        ("NumericLessThan", "10", "9.99", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "-1", "0", True),
        ("NumericGreaterThanEquals", ["5", "100"], "7", True),
        ("DateEquals", "2020-01-01", "2020-01-01T00:00:00Z", True),
        ("DateEquals", "2020-01-01T01:00:00+01:00", "2020-01-01T00:00:00Z", True),
        ("DateEquals", "1577836800", "2020-01-01T00:00:00Z", True),
        ("DateLessThan", "2020-01", "1577836799", True),
        ("DateLessThan", "2020", "2019-12-31T23:59:59.999Z", True),
        ("DateGreaterThan", "2020-01-01T00:00Z", "2020-01-01T00:00:00.001Z", True),
        ("Bool", "true", "True", True),
        ("Bool", "true", "false", False),
        ("BinaryEquals", "aGk=", "aGk=", True),
        ("BinaryEquals", "aGk=", "aG8=", False),
        ("IpAddress", ["10.0.0.0/8", "fe80::/10"], "10.1.2.3", True),
        ("IpAddress", ["10.0.0.0/8", "fe80::/10"], "fe80::1", True),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7", "203.0.113.8", False),
        ("NotIpAddress", ["10.0.0.0/8", "fe80::/10"], "11.0.0.1", True),
        ("NotIpAddress", ["10.0.0.0/8", "fe80::/10"], "fe80::1", False),
    ],
)
def test_numbers_dates_booleans_and_addresses(ask, operator, value, given, expected):
    """Rules 43, 44 and 45."""
    assert held(ask, operator, value, x(given)) is expected


@pytest.mark.parametrize(
    ("operator", "value"),
    [("NumericNotEquals", "1"), ("DateNotEquals", "2020"), ("NotIpAddress", "10.0.0.0/8"), ("NumericLessThan", "1")],
)
def test_an_unreadable_value_never_grants(ask, operator, value):
    """Rule 47."""
    condition = {operator: {"aws:PrincipalTag/x": value}}
    assert ask(identity=[ask.allow(Condition=condition)], context=x("{}")) == "implicit_deny"
    assert ask(identity=[ask.allow(), ask.deny(Condition=condition)], context=x("{}")) == "unknown"


def test_variables_are_replaced_in_resources_and_conditions(ask):
    """Rule 48."""
    condition = {"StringLike": {"a:b": "${aws:username}-*"}}
    allow = ask.allow("*", "arn:aws:s3:::data/${AWS:UserName}/*", Condition=condition)
    context = {"aws:username": "ana", "a:b": "ana-1"}
    assert ask(resource="arn:aws:s3:::data/ana/f", identity=[allow], context=context) == "allowed"
    assert ask(resource="arn:aws:s3:::data/bob/f", identity=[allow], context=context) == "implicit_deny"
    assert ask(resource="arn:aws:s3:::data/ana/f", identity=[allow], context=context | {"a:b": "-"}) == "implicit_deny"
    assert held(ask, "ArnLike", "arn:aws:s3:::b/${aws:username}/*", x("arn:aws:s3:::b/u/k") | {"aws:username": "u"})
    assert held(ask, "Bool", "${a:b}", x("true") | {"a:b": "true"})


def test_variables_count_only_in_the_resource_part_of_an_arn(ask):
    """Rule 48."""
    allow = ask.allow("*", "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q")
    context = {"aws:PrincipalAccount": ask.own}
    assert ask("sqs:X", f"arn:aws:sqs:eu-west-1:{ask.own}:q", identity=[allow], context=context) == "implicit_deny"


def test_a_multivalued_key_is_no_variable(ask):
    """Rule 48."""
    assert not held(ask, "StringEquals", "${aws:TagKeys}", x("a") | {"aws:TagKeys": ["a"]})


def test_a_default_stands_in_for_a_missing_value(ask):
    """Rule 49."""
    allow = [ask.allow("*", "arn:aws:s3:::data/${aws:PrincipalTag/team, 'all'}/*")]
    assert ask(resource="arn:aws:s3:::data/all/f", identity=allow) == "allowed"
    tagged = {"aws:PrincipalTag/team": "red"}
    assert ask(resource="arn:aws:s3:::data/red/f", identity=allow, context=tagged) == "allowed"
    assert ask(resource="arn:aws:s3:::data/all/f", identity=allow, context=tagged) == "implicit_deny"


@pytest.mark.parametrize("operator", ["StringLike", "StringEquals"])
def test_escaped_characters_are_literal(ask, operator):
    """Rule 50."""
    assert held(ask, operator, "a${*}b${?}c${$}", x("a*b?c$"))
    assert not held(ask, operator, "a${*}b", x("axb"))


def test_a_variable_without_a_value_matches_nothing(ask):
    """Rule 51: a positive operator fails, a negated one holds, a resource does not match."""
    assert not held(ask, "StringEquals", "${a:b}", x("v"))
    assert held(ask, "StringNotEquals", "${a:b}", x("v"))
    assert held(ask, "StringEquals", ["${a:b}", "v"], x("v"))
    assert ask(identity=[ask.allow("*", "arn:aws:s3:::data/${a:b}*")]) == "implicit_deny"
    assert ask(identity=[ask.allow(), ask.deny("*", None, NotResource="arn:aws:s3:::data/${a:b}*")]) == "explicit_deny"


def test_a_wildcard_in_a_variables_value_is_data(ask):
    """Rule 52."""
    assert not held(ask, "StringLike", "${a:b}", x("value") | {"a:b": "*"})
    assert held(ask, "StringLike", "${a:b}", x("*") | {"a:b": "*"})
