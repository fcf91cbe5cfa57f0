"""What holds for every request and every policy."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.iam.asking import Ask

from crossdock.iam import PolicyKind

ask = Ask()
ACTIONS = ["*", "s3:*", "s3:Get*", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole"]
RESOURCES = ["*", ask.item, "arn:aws:s3:::data/*", ask.key, "arn:aws:s3:::data/${aws:username}"]
KEYS = ["aws:username", "aws:PrincipalTag/team", "aws:SourceIp"]
CONDITIONS = [
    {},
    {"StringEquals": {KEYS[0]: "ana"}},
    {"StringNotLike": {KEYS[1]: "r*"}},
    {"StringEqualsIfExists": {KEYS[1]: ["red", "${aws:username}"]}},
    {"Null": {KEYS[0]: "true"}},
    {"IpAddress": {KEYS[2]: "10.0.0.0/8"}},
    {"NotIpAddress": {KEYS[2]: "10.0.0.0/8"}},
    {"ForAllValues:StringEquals": {KEYS[1]: ["red"]}},
]
PRINCIPALS = ["*", {"AWS": ask.own}, {"AWS": ask.user}, {"AWS": ask.role}, {"AWS": ask.session}, {"AWS": ask.stranger},
              {"AWS": ask.other}, {"Service": "s3.amazonaws.com"}]  # fmt: skip
CALLERS = [
    {},
    {"by": ask.session, "as_": "assumed-role"},
    {"by": ask.role, "as_": "role"},
    {"by": ask.root, "as_": "root"},
    {"by": ask.stranger, "account": ask.other},
    {"by": "s3.amazonaws.com", "as_": "service", "account": None},
    {"by": None, "as_": "anonymous", "account": None},
    {"by": ask.federated, "as_": "federated-user"},
]
CALLS = [("s3:GetObject", ask.item), ("s3:PutObject", "arn:aws:s3:::data/ana"), ("kms:Decrypt", ask.key),
         ("sts:AssumeRole", ask.role)]  # fmt: skip


def statements(effects=("Allow", "Deny"), principals=False):
    parts = {
        "Effect": st.sampled_from(effects),
        "Action": st.sampled_from(ACTIONS),
        "Resource": st.sampled_from(RESOURCES),
        "Condition": st.sampled_from(CONDITIONS),
    }
    if principals:
        parts["Principal"] = st.sampled_from(PRINCIPALS)
    return st.fixed_dictionaries(parts)


def some(**more):
    return st.lists(statements(**more), max_size=3)


SITUATIONS = st.fixed_dictionaries(
    {
        "call": st.sampled_from(CALLS),
        "who": st.sampled_from(CALLERS),
        "identity": some(),
        "on": st.none() | some(principals=True),
        "boundary": st.none() | some(),
        "session": st.none() | some(),
        "scps": st.lists(st.lists(some(), max_size=2), max_size=2),
        "context": st.fixed_dictionaries(
            {},
            optional={
                KEYS[0]: st.sampled_from(["ana", "bob"]),
                KEYS[1]: st.sampled_from(["red", "blue", "ana"]),
                KEYS[2]: st.sampled_from(["10.1.1.1", "11.1.1.1", "no address"]),
            },
        ),
    }
)


def outcome(situation, **changed):
    given_ = situation | changed
    action, resource = given_["call"]
    return ask(action, resource, **given_["who"], **{k: v for k, v in given_.items() if k not in ("call", "who")})


@settings(max_examples=150, deadline=None)
@given(SITUATIONS, statements(effects=["Deny"]), statements(effects=["Deny"], principals=True))
def test_a_deny_added_anywhere_never_allows_more(situation, deny, resource_deny):
    if outcome(situation) == "allowed":
        return
    for place in ("identity", "boundary", "session", "on"):
        more = resource_deny if place == "on" else deny
        if situation[place] is not None:
            assert outcome(situation, **{place: [*situation[place], more]}) != "allowed"
    assert outcome(situation, scps=[*situation["scps"], [[deny]]]) != "allowed"


@settings(max_examples=150, deadline=None)
@given(SITUATIONS, some(effects=["Allow"]))
def test_an_allow_added_to_an_identity_policy_never_turns_an_explicit_deny(situation, allows):
    before = outcome(situation)
    after = outcome(situation, identity=[*situation["identity"], *allows])
    if before == "explicit_deny":
        assert after == "explicit_deny"
    if before == "allowed":
        assert after == "allowed"


@settings(max_examples=150, deadline=None)
@given(SITUATIONS)
def test_the_order_of_statements_and_policies_never_matters(situation):
    turned = {
        place: situation[place][::-1] for place in ("identity", "on", "boundary", "session") if situation[place]
    } | {"scps": [[policy[::-1] for policy in level[::-1]] for level in situation["scps"]]}
    assert outcome(situation, **turned) == outcome(situation)


@settings(max_examples=150, deadline=None)
@given(SITUATIONS, st.sets(st.sampled_from(KEYS), min_size=1))
def test_unknown_keys_never_allow_what_some_value_would_not(situation, unknown):
    known = {key: value for key, value in situation["context"].items() if key not in unknown}
    asked = outcome(situation, context=known, unknown=list(unknown))
    actual = outcome(situation)
    if asked == "allowed":
        assert actual == "allowed"
    elif asked == "explicit_deny":
        assert actual == "explicit_deny"
    elif asked == "implicit_deny":
        assert actual in ("implicit_deny", "explicit_deny", "unknown")


@settings(max_examples=50, deadline=None)
@given(SITUATIONS)
def test_what_keys_and_trust_do_not_allow_no_identity_policy_does(situation):
    for call, kind in ((CALLS[2], PolicyKind.KEY), (CALLS[3], PolicyKind.RESOURCE)):
        assert outcome(situation, call=call, on=None, kind=kind) != "allowed"
