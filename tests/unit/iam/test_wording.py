"""Denials in AWS's words, and explanations for people."""

import pytest

from crossdock.iam import Decision, Policies, PolicyKind, Request, Verdict, decide, denial, explain, parse

OWN, OTHER = "111111111111", "222222222222"
CALLER = f"arn:aws:sts::{OWN}:assumed-role/app/s"


def asked(action="s3:GetObject", resource="arn:aws:s3:::data/key", owner=OWN):
    return Request(
        principal=CALLER, principal_type="assumed-role", principal_account=OWN, action=action, resource=resource,
        resource_account=owner,
    )  # fmt: skip


def policy(kind, effect="Allow", action="*", **more):
    statement = {"Effect": effect, "Action": action, "Resource": "*", **more}
    return parse({"Version": "2012-10-17", "Statement": [statement]}, kind, name="mine")


def words(request, same_organization=True, **policies):
    return denial(request, decide(request, Policies(**policies)), same_organization=same_organization)


def test_a_missing_identity_allow_in_awss_words():
    assert words(asked()) == (
        f"User: {CALLER} is not authorized to perform: s3:GetObject on resource: "
        '"arn:aws:s3:::data/key" because no identity-based policy allows the s3:GetObject action'
    )


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        ({"resource": "resource"}, "with an explicit deny in a resource-based policy"),
        ({"identity": "identity"}, "with an explicit deny in an identity-based policy"),
        ({"boundary": "boundary"}, "with an explicit deny in a permissions boundary"),
        ({"session": "session"}, "with an explicit deny in a session policy"),
        ({"scps": "scp"}, "with an explicit deny in a service control policy"),
    ],
)
def test_an_explicit_deny_names_the_type_of_policy(policies, reason):
    ((place, kind),) = policies.items()
    more = {"Principal": "*"} if kind == "resource" else {}
    deny = policy(PolicyKind(kind), "Deny", **more)
    given = {"identity": (deny,), "scps": ((deny,),)}.get(place, deny)
    assert words(asked("kms:ListKeys", "*"), **{place: given}) == (
        f"User: {CALLER} is not authorized to perform: kms:ListKeys on resource: * {reason}"
    )


def test_a_missing_limit_is_named():
    grant = {"identity": (policy(PolicyKind.IDENTITY),)}
    narrow = "ec2:*"
    assert words(asked(), **grant, scps=((policy(PolicyKind.SCP, action=narrow),),)).endswith(
        "because no service control policy allows the s3:GetObject action"
    )
    assert words(asked(), **grant, boundary=policy(PolicyKind.BOUNDARY, action=narrow)).endswith(
        "because no permissions boundary allows the s3:GetObject action"
    )
    assert words(asked(), **grant, session=policy(PolicyKind.SESSION, action=narrow)).endswith(
        "because no session policy allows the s3:GetObject action"
    )


def test_across_accounts_the_missing_side_is_named_inside_an_organization_only():
    grant = {"identity": (policy(PolicyKind.IDENTITY),)}
    told = words(asked(owner=OTHER), **grant)
    assert told.endswith("because no resource-based policy allows the s3:GetObject action")
    assert words(asked(owner=OTHER), same_organization=False, **grant).endswith('on resource: "arn:aws:s3:::data/key"')
    assert "identity-based" in words(asked(), same_organization=False)


def test_what_cannot_be_decided_is_said_to_be_so():
    deny = policy(PolicyKind.IDENTITY, "Deny", Condition={"NumericLessThan": {"s3:max-keys": "1"}})
    request = Request(
        principal=CALLER, principal_type="assumed-role", principal_account=OWN, action="s3:ListBucket",
        resource="arn:aws:s3:::data", resource_account=OWN, context={"s3:max-keys": "many"},
    )  # fmt: skip
    decision = decide(request, Policies(identity=(policy(PolicyKind.IDENTITY), deny)))
    assert decision.verdict == "unknown"
    assert "cannot be told" in denial(request, decision, same_organization=True)
    assert explain(decision) == [
        "cannot be decided: whether statement 1 of the identity-based policy mine applies is not known"
    ]


def test_an_allowed_request_is_no_denial():
    with pytest.raises(ValueError, match="allowed"):
        denial(asked(), Decision(verdict=Verdict.ALLOWED), same_organization=True)


def test_explanations_name_statements_and_sides():
    named = parse(
        {"Statement": {"Sid": "ReadersMayRead", "Effect": "Allow", "Action": "*", "Resource": "*"}},
        PolicyKind.IDENTITY, name="readers",
    )  # fmt: skip
    assert explain(decide(asked(), Policies(identity=(named,)))) == [
        "allowed by statement ReadersMayRead of the identity-based policy readers"
    ]
    assert explain(decide(asked(owner=OTHER), Policies(scps=((),)))) == [
        f"no service control policy at the organization's root allows it to account {OWN}",
        f"no identity-based policy of account {OWN} allows it",
        f"no resource-based policy of account {OTHER} allows it: the resource's side is missing",
    ]
    deny = policy(PolicyKind.RESOURCE, "Deny", Principal="*")
    assert explain(decide(asked(), Policies(resource=deny))) == [
        "denied by statement 1 of the resource-based policy mine"
    ]
