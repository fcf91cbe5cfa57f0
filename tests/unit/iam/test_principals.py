"""Rules 21 to 31: who a statement means."""

import pytest


def test_everyone_is_everyone_however_it_is_written(ask):
    """Rule 21."""
    for principal in ("*", {"AWS": "*"}, {"AWS": ["*", "111111111111"]}):
        on = [ask.allow(Principal=principal)]
        assert ask(on=on) == "allowed"
        assert ask(by=None, as_="anonymous", account=None, on=on) == "allowed"


def test_a_root_arn_and_the_account_number_delegate_to_the_account(ask):
    """Rule 22."""
    for principal in (ask.root, ask.own):
        on = [ask.allow(Principal={"AWS": principal})]
        assert ask(on=on) == "implicit_deny"
        assert ask(on=on, identity=[ask.allow("s3:GetObject")]) == "allowed"


def test_in_a_condition_the_root_arn_means_the_root_user_only(ask):
    """Rule 23."""
    on = [ask.deny(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ask.root}})]
    grant = [ask.allow()]
    assert ask(on=on, identity=grant, context={"aws:PrincipalArn": ask.user}) == "allowed"
    assert ask(by=ask.root, as_="root", on=on, context={"aws:PrincipalArn": ask.root}) == "explicit_deny"


def test_a_role_arn_means_all_its_sessions_and_a_session_arn_only_that_one(ask):
    """Rule 24."""
    role, one = ([ask.allow(Principal={"AWS": arn})] for arn in (ask.role, ask.session))
    other = ask.session.replace("/s1", "/s2")
    assert ask.as_session(on=role) == ask.as_session(on=role, by=other) == "allowed"
    assert ask.as_session(on=one) == "allowed"
    assert ask.as_session(on=one, by=other) == "implicit_deny"
    assert ask(by=ask.role, as_="role", on=role) == "allowed"
    assert ask(by=ask.role, as_="role", on=one) == "implicit_deny"
    assert ask(by=ask.role, as_="role", session_arn=ask.session, on=one) == "allowed"


def test_a_session_finds_its_role_with_the_path_that_its_arn_drops(ask):
    """Rule 24."""
    role = "arn:aws:iam::111111111111:role/team/app"
    on = [ask.allow(Principal={"AWS": role})]
    assert ask.as_session(on=on) == "implicit_deny"
    assert ask.as_session(on=on, context={"aws:PrincipalArn": role}) == "allowed"
    assert ask.as_session(on=on, issuer=role) == "allowed"


def test_user_names_are_case_sensitive(ask):
    """Rule 25."""
    assert ask(on=[ask.allow(Principal={"AWS": ask.user.replace("ana", "Ana")})]) == "implicit_deny"


def test_a_service_is_matched_by_its_name_or_by_everyone(ask):
    """Rule 26."""
    service = {"by": "events.amazonaws.com", "as_": "service", "account": None}
    names = ["a.amazonaws.com", "events.amazonaws.com"]
    assert ask(**service, on=[ask.allow(Principal={"Service": names})]) == "allowed"
    assert ask(**service, on=[ask.allow(Principal={"Service": "events.eu-west-1.amazonaws.com"})]) == "implicit_deny"
    assert ask(**service, on=[ask.allow(Principal={"AWS": ask.own})]) == "implicit_deny"
    assert ask(**service, on=[ask.allow(Principal={"AWS": "*"})]) == "allowed"
    assert ask(**service, identity=[ask.allow()]) == "implicit_deny"


def test_a_policy_that_keeps_a_deleted_role_does_not_mean_its_successor(ask):
    """Rule 27: what stays is the unique id."""
    on = [ask.allow(Principal={"AWS": "AROAEXAMPLEOLDID1234"})]
    assert ask.as_session(on=on, context={"aws:userid": "AROAEXAMPLENEWID1234:s1"}) == "implicit_deny"
    assert ask.as_session(on=on, context={"aws:userid": "AROAEXAMPLEOLDID1234:s1"}) == "allowed"
    by_name = [ask.allow(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ask.role}})]
    assert ask.as_session(on=by_name, context={"aws:PrincipalArn": ask.role}) == "allowed"


@pytest.mark.parametrize(
    ("listed", "verdict"),
    [
        (["root", "role", "session"], "allowed"),
        (["role", "session"], "explicit_deny"),
        (["root", "role"], "explicit_deny"),
        (["root"], "explicit_deny"),
    ],
)
def test_a_session_is_exempt_only_with_its_account_and_role(ask, listed, verdict):
    """Rule 28."""
    on = [ask.deny(NotPrincipal={"AWS": [getattr(ask, name) for name in listed]})]
    assert ask.as_session(on=on, identity=[ask.allow()]) == verdict


def test_listing_the_account_exempts_its_root_but_not_its_users(ask):
    """Rule 28."""
    on = [ask.deny(NotPrincipal={"AWS": ask.root})]
    assert ask(on=on, identity=[ask.allow()]) == "explicit_deny"
    assert ask(by=ask.root, as_="root", on=on) == "allowed"
    assert ask(on=[ask.deny(NotPrincipal={"AWS": [ask.root, ask.user]})], identity=[ask.allow()]) == "allowed"


def test_not_principal_exempts_a_listed_service(ask):
    """Rule 28."""
    on = [ask.allow(Principal="*"), ask.deny(NotPrincipal={"Service": "events.amazonaws.com"})]
    assert ask(by="events.amazonaws.com", as_="service", account=None, on=on) == "allowed"
    assert ask(by="s3.amazonaws.com", as_="service", account=None, on=on) == "explicit_deny"


def test_not_principal_denies_whoever_has_a_boundary(ask):
    """Rule 29."""
    on = [ask.deny(NotPrincipal={"AWS": [ask.root, ask.user]})]
    assert ask(on=on, identity=[ask.allow()], boundary=[ask.allow()]) == "explicit_deny"


def test_a_deny_on_the_account_or_the_role_hits_everyone_in_it(ask):
    """Rule 31."""
    account = [ask.deny(Principal={"AWS": ask.root})]
    assert ask(on=account, identity=[ask.allow()]) == "explicit_deny"
    assert ask.as_session(on=account, identity=[ask.allow()]) == "explicit_deny"
    assert ask.as_session(on=[ask.deny(Principal={"AWS": ask.role})], identity=[ask.allow()]) == "explicit_deny"


def test_a_canonical_user_is_matched_when_the_caller_has_one(ask):
    on = [ask.allow(Principal={"CanonicalUser": "abc"})]
    assert ask(on=on, canonical_id="abc") == "allowed"
    assert ask(on=on) == "implicit_deny"
