"""Unknown context keys: never allowed, unknown only when some value would change the answer."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.iam.asking import Ask

from crossdock.iam import Policies, PolicyKind, Request, decide

KEY = "aws:PrincipalTag/team"


def when(operator, values, key=KEY):
    return {operator: {key: values}}


def test_an_allow_that_hangs_on_an_unknown_key_is_unknown_and_says_so(ask):
    allow = ask.allow(Sid="Mine", Condition=when("StringEquals", "red"))
    decision = ask.decision(identity=[allow], unknown=[KEY.upper()])
    assert decision.verdict == "unknown"
    assert not decision.allowed
    assert [c.statement for c in decision.because] == ["Mine"]


def test_a_deny_that_hangs_on_an_unknown_key_is_unknown(ask):
    assert ask(identity=[ask.allow(), ask.deny(Condition=when("StringEquals", "red"))], unknown=[KEY]) == "unknown"


def test_a_definite_deny_wins(ask):
    statements = [ask.allow(Condition=when("StringEquals", "red")), ask.deny("s3:GetObject")]
    assert ask(identity=statements, unknown=[KEY]) == "explicit_deny"


def test_a_key_that_no_applicable_statement_asks_for_does_not_matter(ask):
    allow = [ask.allow("s3:*"), ask.deny("ec2:*", Condition=when("StringEquals", "red"))]
    assert ask(identity=allow, unknown=[KEY]) == "allowed"
    assert ask("ec2:RunInstances", "*", identity=[ask.allow("s3:*")], unknown=[KEY]) == "implicit_deny"


def test_what_nothing_grants_is_denied_whatever_a_doubtful_deny_does(ask):
    assert ask(identity=[ask.deny(Condition=when("StringEquals", "red"))], unknown=[KEY]) == "implicit_deny"


def test_a_missing_side_is_certain_however_the_other_turns_out(ask):
    allow = ask.allow(Condition=when("StringEquals", "red"))
    decision = ask.decision(identity=[allow], scps=[[[ask.allow("ec2:*")]]], unknown=[KEY])
    assert decision.verdict == "implicit_deny"
    assert [str(leg.kind) for leg in decision.missing] == ["scp"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (when("StringEquals", "red"), when("StringNotEquals", "red")),
        (when("StringLike", "r*"), when("StringNotLike", "r*")),
        (when("NumericLessThan", "5"), when("NumericGreaterThanEqualsIfExists", "5")),
        (when("Null", "true"), when("Null", "false")),
        (when("BoolIfExists", "true"), when("Bool", "false")),
        (when("IpAddress", "10.0.0.0/8"), when("NotIpAddress", "10.0.0.0/8")),
        (when("ArnLike", "arn:aws:iam::*:role/a"), when("ArnNotLike", "arn:aws:iam::*:role/a")),
        (when("ForAnyValue:StringEquals", "red"), when("ForAllValues:StringNotEquals", "red")),
    ],
)
def test_conditions_that_cover_every_value_together_are_certain(ask, one, other):
    assert ask(identity=[ask.allow(Condition=one), ask.allow(Condition=other)], unknown=[KEY]) == "allowed"
    assert ask(identity=[ask.allow(Condition=one)], unknown=[KEY]) == "unknown"
    denies = [ask.allow(), ask.deny(Condition=one), ask.deny(Condition=other)]
    assert ask(identity=denies, unknown=[KEY]) == "explicit_deny"


def test_conditions_that_leave_a_gap_stay_unknown(ask):
    gap = [when("StringLike", "r*"), when("StringNotLike", ["r*", "*d"])]
    assert ask(identity=[ask.allow(Condition=c) for c in gap], unknown=[KEY]) == "unknown"


def test_patterns_that_cannot_both_match_are_told_apart(ask):
    one = {"StringLike": {KEY: "red-*"}, "StringNotLike": {KEY: "*-*"}}
    assert ask(identity=[ask.allow(Condition=one)], unknown=[KEY]) == "implicit_deny"


def test_a_variable_of_unknown_value_matches_only_where_some_value_would(ask):
    allow = [ask.allow("*", "arn:aws:s3:::data/${aws:username}/*")]
    assert ask(resource="arn:aws:s3:::data/ana/f", identity=allow, unknown=["aws:username"]) == "unknown"
    assert ask(resource="arn:aws:s3:::data/ana", identity=allow, unknown=["aws:username"]) == "implicit_deny"
    assert ask(resource="arn:aws:s3:::other/ana/f", identity=allow, unknown=["aws:username"]) == "implicit_deny"


def test_an_unknown_key_counts_as_unknown_even_when_a_value_is_given(ask):
    allow = [ask.allow(Condition=when("StringEquals", "red"))]
    assert ask(identity=allow, context={KEY: "red"}, unknown=[KEY]) == "unknown"


def test_the_caller_stays_who_it_is_when_its_arn_as_a_key_is_unknown(ask):
    absent = {"Null": {"aws:PrincipalArn": "true"}}
    on = [ask.allow(Principal={"AWS": ask.role}), ask.deny(Principal="*", Condition=absent)]
    assert ask.as_session(on=on, unknown=["aws:PrincipalArn"]) == "unknown"
    assert ask.as_session(on=on[:1], unknown=["aws:PrincipalArn"]) == "allowed"


def test_a_key_policy_under_an_unknown_service_is_unknown(ask):
    via = when("StringEquals", "s3.eu-west-1.amazonaws.com", "kms:ViaService")
    on = [ask.allow(Principal={"AWS": ask.root}, Condition=via)]
    asked = {"on": on, "kind": PolicyKind.KEY, "identity": [ask.allow()], "unknown": ["kms:ViaService"]}
    assert ask("kms:Decrypt", ask.key, **asked) == "unknown"
    assert ask("kms:Decrypt", ask.key, **asked | {"identity": []}) == "implicit_deny"


PATTERNS = ["a*", "*b", "a?", "ab", "b", "*", "?*"]
VALUES = {key: [None, "", "a", "abb", "ba", "bab", "zz", *PATTERNS] for key in ("x:k", "x:l")}
VALUES["x:n"] = [None, "0", "1", "1.5", "2", "2.5", "3", "4"]
TEXT = st.tuples(
    st.sampled_from(["StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIfExists"]),
    st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2),
)
NULL = st.tuples(st.just("Null"), st.sampled_from(["true", "false"]))
NUMBER = st.tuples(
    st.sampled_from(["NumericEquals", "NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"]),
    st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=2),
)


ON_TEXT = st.tuples(TEXT | NULL, st.sampled_from(["x:k", "x:l"]))
ON_NUMBER = st.tuples(NUMBER | NULL, st.just("x:n"))


@settings(max_examples=60, deadline=None)
@given(
    statements=st.lists(
        st.tuples(
            st.sampled_from(["Allow", "Deny"]),
            st.lists(ON_TEXT | ON_NUMBER, max_size=2),
        ),
        max_size=4,
    )
)
def test_the_answer_is_the_one_that_trying_values_finds(statements):
    document, asked_for = [], set()
    for effect, conditions in statements:
        found = {}
        for (operator, values), key in conditions:
            found.setdefault(operator, {})[key] = values
            asked_for.add(key)
        document.append({"Effect": effect, "Action": "*", "Resource": "*", "Condition": found})
    policies = Policies(identity=(Ask.policy(document, PolicyKind.IDENTITY),))
    request = Request(
        principal=Ask.user, principal_type="user", principal_account=Ask.own, action="x:Y", resource="*",
        resource_account=Ask.own,
    )  # fmt: skip
    keys = sorted(asked_for)
    outcomes = {
        decide(replace(request, context=dict(zip(keys, values, strict=True))), policies).allowed
        for values in product(*(VALUES[key] for key in keys))
    }
    verdict = decide(request, policies, keys).verdict
    if len(outcomes) == 2:
        assert verdict == "unknown"
    elif outcomes == {True}:
        assert verdict == "allowed"
    else:
        assert verdict in ("implicit_deny", "explicit_deny")
