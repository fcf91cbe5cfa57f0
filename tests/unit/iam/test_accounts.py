"""Rules 54 to 64 and 72 to 76: one account and two."""

import pytest


def test_in_one_account_either_side_suffices(ask):
    """Rule 54."""
    assert ask(identity=[ask.allow("s3:GetObject")]) == "allowed"
    assert ask(on=[ask.allow(Principal={"AWS": ask.user})]) == "allowed"


def test_role_trust_and_keys_must_themselves_allow(ask):
    """Rule 55."""
    full = [ask.allow()]
    assert ask("sts:AssumeRole", ask.role, identity=full) == "implicit_deny"
    assert ask("kms:Decrypt", ask.key, identity=full) == "implicit_deny"


@pytest.mark.parametrize("limit", ["boundary", "session"])
@pytest.mark.parametrize(
    ("principal", "who"),
    [
        ("user", {}),
        ("session", {"by": "session", "as_": "assumed-role"}),
        ("federated", {"by": "federated", "as_": "federated-user"}),
        ("*", {"by": "session", "as_": "assumed-role"}),
    ],
)
def test_a_grant_to_the_principal_itself_is_not_limited_by_missing_allows(ask, limit, principal, who):
    """Rules 56, 58 and 59."""
    names = {"*": "*"}
    on = [ask.allow(Principal={"AWS": names.get(principal) or getattr(ask, principal)})]
    who = {k: getattr(ask, v) if k == "by" else v for k, v in who.items()}
    assert ask(**who, on=on, **{limit: [ask.allow("ec2:*")]}) == "allowed"
    assert ask(**who, on=on, **{limit: [ask.allow(), ask.deny("s3:*")]}) == "explicit_deny"


@pytest.mark.parametrize("limit", ["boundary", "session"])
def test_a_grant_to_the_role_is_limited_by_boundary_and_session_but_not_by_identity(ask, limit):
    """Rule 57."""
    on = [ask.allow(Principal={"AWS": ask.role})]
    assert ask.as_session(on=on) == "allowed"
    assert ask.as_session(on=on, **{limit: [ask.allow("ec2:*")]}) == "implicit_deny"
    assert ask.as_session(on=on, **{limit: [ask.allow("s3:*")]}) == "allowed"


def test_everyone_with_the_roles_arn_as_condition_is_not_limited(ask):
    """Rule 58."""
    on = [ask.allow(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ask.role}})]
    context = {"aws:PrincipalArn": ask.role}
    assert ask.as_session(on=on, context=context, boundary=[ask.allow("ec2:*")]) == "allowed"
    assert ask.as_session(on=on, context=context, identity=[ask.deny()]) == "explicit_deny"


def test_a_grant_to_the_federating_user_is_limited_by_the_session_policy(ask):
    """Rule 59."""
    who = {"by": ask.federated, "as_": "federated-user", "on": [ask.allow(Principal={"AWS": ask.user})]}
    assert ask(**who, session=[ask.allow("ec2:*")]) == "implicit_deny"
    assert ask(**who, session=[ask.allow("s3:*")]) == "allowed"
    assert ask(**who, session=[ask.allow("s3:*")], boundary=[ask.allow("ec2:*")]) == "implicit_deny"


def test_a_federated_session_without_session_policy_has_nothing_a_role_session_has_its_role(ask):
    """Rule 60."""
    assert ask(by=ask.federated, as_="federated-user", identity=[ask.allow()]) == "implicit_deny"
    assert ask(by=ask.federated, as_="federated-user", identity=[ask.allow()], session=[ask.allow()]) == "allowed"
    assert ask.as_session(identity=[ask.allow()]) == "allowed"


def test_a_session_policy_never_adds(ask):
    """Rule 61."""
    assert ask.as_session(session=[ask.allow()]) == "implicit_deny"
    assert ask.as_session(session=[ask.allow("s3:*")], identity=[ask.allow("ec2:*")]) == "implicit_deny"


def test_a_boundary_never_grants(ask):
    """Rule 62."""
    assert ask(boundary=[ask.allow()]) == "implicit_deny"
    assert ask(boundary=[ask.allow("ec2:*")], identity=[ask.allow()]) == "implicit_deny"


def test_the_root_user_may_do_everything_in_its_account_but_for_explicit_denies(ask):
    """Rule 63."""
    root = {"by": ask.root, "as_": "root"}
    assert ask(**root) == "allowed"
    assert ask(**root, boundary=[ask.allow("ec2:*")]) == "allowed"
    assert ask(**root, on=[ask.deny(Principal="*")]) == "explicit_deny"
    assert ask(**root, scps=[[[ask.allow("ec2:*")]]]) == "implicit_deny"
    assert ask(**root, rcps=[[[ask.deny("s3:*", Principal="*")]]]) == "explicit_deny"


@pytest.mark.parametrize("action", ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])
def test_the_owners_root_is_never_locked_out_of_the_bucket_policy(ask, action):
    """Rule 64."""
    locked = {"resource": "arn:aws:s3:::data", "on": [ask.deny(Principal="*")]}
    assert ask(action, by=ask.root, as_="root", **locked) == "allowed"
    assert ask("s3:ListBucket", by=ask.root, as_="root", **locked) == "explicit_deny"
    assert ask(action, identity=[ask.allow()], **locked) == "explicit_deny"
    foreign = {"by": f"arn:aws:iam::{ask.other}:root", "as_": "root", "account": ask.other}
    assert ask(action, **foreign, **locked) == "explicit_deny"


@pytest.mark.parametrize("principal", ["*", {"AWS": "222222222222"}, {"AWS": "arn:aws:iam::222222222222:user/eve"}])
def test_across_accounts_both_sides_must_allow(ask, principal):
    """Rule 72: everyone as principal does not remove the caller's side."""
    on, grant = [ask.allow(Principal=principal)], [ask.allow("s3:GetObject", "arn:aws:s3:::data/*")]
    assert ask.across(on=on, identity=grant) == "allowed"
    assert ask.across(on=on) == "implicit_deny"
    assert ask.across(identity=grant) == "implicit_deny"


@pytest.mark.parametrize(
    "limit", [{"boundary": "ec2:*"}, {"session": "ec2:*"}, {"scps": "ec2:*"}], ids=["boundary", "session", "scp"]
)
def test_the_callers_limits_hold_even_when_the_resource_names_the_caller(ask, limit):
    """Rule 73."""
    on = [ask.allow(Principal={"AWS": ask.stranger})]
    ((name, action),) = limit.items()
    statements = [ask.allow(action)]
    given = {name: [[statements]] if name == "scps" else statements}
    assert ask.across(on=on, identity=[ask.allow()]) == "allowed"
    assert ask.across(on=on, identity=[ask.allow()], **given) == "implicit_deny"


def test_without_a_resource_policy_there_is_no_way_across(ask):
    """Rule 74."""
    pipeline = f"arn:aws:codepipeline:eu-west-1:{ask.own}:p"
    assert ask.across("codepipeline:StartPipelineExecution", pipeline, identity=[ask.allow()]) == "implicit_deny"


def test_a_bucket_that_somebody_else_owns_is_across_accounts(ask):
    """Rule 75: the name tells no owner."""
    grant = [ask.allow(Condition={"StringEquals": {"aws:ResourceAccount": ask.own}})]
    assert ask(identity=grant, context={"aws:ResourceAccount": ask.own}) == "allowed"
    on = [ask.allow(Principal="*")]
    assert ask(identity=grant, context={"aws:ResourceAccount": ask.other}, owner=ask.other, on=on) == "implicit_deny"
    assert ask(identity=[ask.allow()], owner="", on=None) == "implicit_deny"


def test_every_missing_side_is_named(ask):
    """Rule 118: each missing leg is a failure of its own."""
    decision = ask.decision(
        by=ask.stranger, account=ask.other, boundary=[ask.allow("ec2:*")], scps=[[[ask.allow()]], [[]]], rcps=[[[]]]
    )
    assert [(str(leg.kind), leg.account, leg.level) for leg in decision.missing] == [
        ("rcp", ask.own, 0),
        ("scp", ask.other, 1),
        ("identity", ask.other, 0),
        ("boundary", ask.other, 0),
        ("resource", ask.own, 0),
    ]


def test_the_statement_that_decided_is_named(ask):
    decision = ask.decision(identity=[ask.allow(), ask.deny(Sid="NoReading"), ask.deny("s3:*")])
    assert [(c.statement, c.policy, str(c.kind), c.index) for c in decision.because] == [
        ("NoReading", "p", "identity", 1),
        ("statement 3", "p", "identity", 2),
    ]
    allowed = ask.decision(identity=[ask.allow("ec2:*"), ask.allow(Sid="Reads")], boundary=[ask.allow()])
    assert [c.statement for c in allowed.because] == ["Reads", "statement 1"]
