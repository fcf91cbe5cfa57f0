"""Rules 1 to 9 and 26 to 30: what a policy document is, and what AWS refuses to store."""

import datetime
import json

import pytest

from crossdock.errors import PolicyError
from crossdock.iam import PolicyKind, parse, validate

ONE = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
ON_RESOURCE = ONE | {"Principal": {"AWS": "111111111111"}}
TRUST = {"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "sts:AssumeRole"}


def problems(statement: object, kind: PolicyKind = PolicyKind.IDENTITY, **top: object) -> list[str]:
    return validate({"Version": "2012-10-17", "Statement": statement, **top}, kind)


def test_nothing_is_granted_by_default(ask):
    """Rule 1."""
    assert ask() == "implicit_deny"


def test_one_deny_beats_every_allow(ask):
    """Rule 1."""
    assert ask(identity=[ask.allow(), ask.allow("s3:*"), ask.deny("s3:GetObject")]) == "explicit_deny"


def test_an_explicit_deny_is_told_from_a_missing_allow_and_survives_any_grant(ask):
    """Rule 2."""
    assert ask(identity=[ask.deny()]) == "explicit_deny"
    assert ask(identity=[ask.deny()], on=[ask.allow(Principal="*")]) == "explicit_deny"


def test_without_a_version_variables_are_plain_text(ask):
    """Rule 3."""
    statement = [ask.allow("s3:GetObject", "arn:aws:s3:::data/${aws:username}")]
    assert ask(resource="arn:aws:s3:::data/ana", context={"aws:username": "ana"}, identity=statement) == "allowed"
    old = {"version": "2008-10-17", "identity": statement, "context": {"aws:username": "ana"}}
    assert ask(resource="arn:aws:s3:::data/ana", **old) == "implicit_deny"
    assert ask(resource="arn:aws:s3:::data/${aws:username}", **old) == "allowed"
    assert parse({"Statement": ONE}, PolicyKind.IDENTITY).version == "2008-10-17"


def test_a_single_object_or_string_stands_for_a_list():
    """Rule 4."""
    one = parse({"Statement": ONE}, PolicyKind.IDENTITY)
    many = parse({"Statement": [ONE | {"Action": ["s3:GetObject"], "Resource": ["*"]}]}, PolicyKind.IDENTITY)
    assert one == many


def test_effect_is_case_sensitive():
    """Rule 4."""
    assert problems(ONE | {"Effect": "allow"}) == ["statement 1: Effect must be Allow or Deny, found 'allow'"]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"NotAction": "s3:*"}, PolicyKind.IDENTITY),
        ({"NotResource": "*"}, PolicyKind.IDENTITY),
        ({"Effect": "Deny", "Principal": "*", "NotPrincipal": {"AWS": "111111111111"}}, PolicyKind.RESOURCE),
    ],
)
def test_each_pair_of_elements_excludes_the_other(more, kind):
    """Rule 5."""
    assert any("exclude each other" in p for p in problems(ONE | more, kind))


@pytest.mark.parametrize(
    "kind", [PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.SCP]
)
def test_policies_of_a_principal_name_no_principal(kind):
    """Rule 6."""
    assert problems(ONE, kind) == []
    assert problems(ON_RESOURCE, kind) == [f"statement 1: a policy of kind {kind} must not specify a Principal"]


@pytest.mark.parametrize("kind", [PolicyKind.RESOURCE, PolicyKind.KEY])
def test_policies_of_a_resource_name_one(kind):
    """Rule 6."""
    assert problems(ON_RESOURCE, kind) == []
    assert problems(ONE, kind) == ["statement 1: missing required element Principal"]


def test_a_resource_control_policy_names_everyone():
    """Rule 6, rule 68."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert problems(deny, PolicyKind.RCP) == []
    assert problems(deny | {"Principal": {"AWS": "*"}}, PolicyKind.RCP)
    assert problems(deny | {"Action": "*"}, PolicyKind.RCP)
    assert problems(deny | {"Effect": "Allow"}, PolicyKind.RCP)
    assert problems(deny | {"Effect": "Allow", "Action": "*"}, PolicyKind.RCP) == []


@pytest.mark.parametrize(
    ("kind", "statement"),
    [(PolicyKind.TRUST, TRUST), (PolicyKind.REPOSITORY, TRUST | {"Action": "ecr:BatchGetImage"})],
)
def test_trust_and_repository_policies_carry_no_resource(kind, statement):
    """Rule 7."""
    assert problems(statement, kind) == []
    assert problems(statement | {"Resource": "*"}, kind)


def test_a_key_policy_carries_a_resource():
    """Rule 7."""
    without = {name: value for name, value in ON_RESOURCE.items() if name != "Resource"}
    assert problems(without, PolicyKind.KEY) == ["statement 1: missing required element Resource"]


def test_json_booleans_and_numbers_equal_their_strings(ask):
    """Rule 8."""
    allow = ask.allow(Condition={"Bool": {"aws:SecureTransport": True}, "NumericEquals": {"s3:max-keys": 10}})
    assert ask(identity=[allow], context={"aws:SecureTransport": "true", "s3:max-keys": "10"}) == "allowed"
    allow = ask.allow(Condition={"Bool": {"aws:SecureTransport": "true"}, "NumericEquals": {"s3:max-keys": "10"}})
    assert ask(identity=[allow], context={"aws:SecureTransport": True, "s3:max-keys": 10}) == "allowed"


def test_order_never_matters(ask):
    """Rule 9."""
    statements = [ask.allow(), ask.deny("s3:*"), ask.allow("s3:GetObject")]
    assert {ask(identity=statements), ask(identity=statements[::-1])} == {"explicit_deny"}


@pytest.mark.parametrize(
    "entry",
    ["arn:aws:iam::111111111111:role/a*", "arn:aws:iam::111111111111:group/g", "role/a", "11111", "arn:aws:s3:::b"],
)
def test_a_principal_is_no_wildcard_and_no_group(entry):
    """Rules 24 and 25."""
    found = problems(ONE | {"Principal": {"AWS": entry}}, PolicyKind.RESOURCE)
    assert found == [f"statement 1: invalid principal '{entry}' in Principal AWS"]


def test_not_principal_is_for_deny_and_never_in_trust_or_identity_policies():
    """Rules 28 and 30."""
    element = {"NotPrincipal": {"AWS": "111111111111"}}
    assert problems(ONE | element | {"Effect": "Deny"}, PolicyKind.RESOURCE) == []
    assert problems(ONE | element, PolicyKind.RESOURCE)
    assert problems(ONE | element | {"Effect": "Deny"}, PolicyKind.IDENTITY)
    assert problems({"Effect": "Deny", "Action": "sts:AssumeRole", **element}, PolicyKind.TRUST)


@pytest.mark.parametrize("name", ["StringEqual", "stringequals", "ForAllValues:Nope", "SomeValues:StringLike"])
def test_an_unknown_operator_is_an_error(name):
    """Rule 46, also behind prefixes and IfExists."""
    for spelled in (name, f"{name}IfExists"):
        found = problems(ONE | {"Condition": {spelled: {"aws:username": "ana"}}})
        assert found == [f"statement 1: unknown condition operator {spelled}"]


def test_null_takes_neither_if_exists_nor_a_set_operator():
    """Rules 35 and 36."""
    for name in ("NullIfExists", "ForAnyValue:Null"):
        assert problems(ONE | {"Condition": {name: {"aws:username": "true"}}})


@pytest.mark.parametrize(
    "condition",
    [
        {"NumericEquals": {"s3:max-keys": "ten"}},
        {"DateLessThan": {"aws:CurrentTime": "tomorrow"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/99"}},
        {"BinaryEquals": {"x:y": "no base64!"}},
        {"Null": {"aws:username": "maybe"}},
        {"StringEquals": {"username": "ana"}},
        {"StringEquals": {"aws:username": None}},
        {"NumericEquals": {"s3:max-keys": "${aws:username}"}},
        {"StringEquals": "ana"},
    ],
)
def test_values_of_the_wrong_kind_are_refused(condition):
    """Rules 43 to 45, 36."""
    assert len(problems(ONE | {"Condition": condition})) == 1


@pytest.mark.parametrize("resource", ["bucket", "arn:aws:*:::b", "arn:aws", "arn::s3:::b", "${aws:username}"])
def test_a_resource_is_an_arn_of_a_named_service(resource):
    """Rule 13."""
    assert len(problems(ONE | {"Resource": resource})) == 1


@pytest.mark.parametrize("action", ["GetObject", "s3:", "s3 :GetObject", "s3:Get Object", ""])
def test_an_action_names_its_service(action):
    """Rule 10."""
    assert len(problems(ONE | {"Action": action})) == 1


def test_all_problems_are_listed_at_once_and_carried_by_the_error():
    bad = [ONE | {"Effect": "Maybe", "Colour": "red"}, {"Effect": "Allow"}, "no"]
    found = problems(bad, Extra=1)
    assert found == [
        "unknown element Extra",
        "statement 1: unknown element Colour",
        "statement 1: Effect must be Allow or Deny, found 'Maybe'",
        "statement 2: missing required element Action",
        "statement 2: missing required element Resource",
        "statement 3 is no object",
    ]
    with pytest.raises(PolicyError) as caught:
        parse({"Version": "2012-10-17", "Statement": bad, "Extra": 1}, PolicyKind.IDENTITY, name="mine")
    assert caught.value.details == found
    assert str(caught.value).startswith("malformed policy: mine: unknown element Extra")


@pytest.mark.parametrize("document", ["{", "[]", "{}", '{"Version": "2020-01-01", "Statement": []}'])
def test_what_is_no_policy_document_is_refused(document):
    with pytest.raises(PolicyError):
        parse(document, PolicyKind.IDENTITY)


def test_duplicate_keys_do_not_hide_a_condition():
    with pytest.raises(PolicyError, match="duplicate key Condition"):
        parse('{"Statement": {"Effect": "Deny", "Condition": {}, "Condition": {}}}', PolicyKind.IDENTITY)


def test_sids_are_unique_and_plain_in_identity_policies_only():
    twice = [ONE | {"Sid": "Read"}, ONE | {"Sid": "Read"}, ONE | {"Sid": "May read"}]
    assert problems(twice) == ["Sid 'May read' may hold only letters and digits", "Sid Read is not unique"]
    assert problems([s | {"Principal": "*"} for s in twice], PolicyKind.RESOURCE) == []


def test_a_version_that_yaml_read_as_a_date_is_a_version():
    document = {"Version": datetime.date(2012, 10, 17), "Statement": [ONE]}
    assert parse(document, PolicyKind.IDENTITY).version == "2012-10-17"


def test_json_text_and_its_object_are_the_same_policy():
    document = {"Version": "2012-10-17", "Id": "x", "Statement": [ONE | {"Sid": "Read"}]}
    read = parse(json.dumps(document), PolicyKind.IDENTITY, name="n")
    assert read == parse(document, PolicyKind.IDENTITY, name="n")
    assert [s.label for s in read.statements] == ["Read"]
