"""Rules 77 to 83: roles, trust, and passing roles on."""

from crossdock.iam import PolicyKind

TRUST = {"kind": PolicyKind.TRUST}


def trusts(ask, principal, action="sts:AssumeRole", **more):
    return {"on": [ask.allow(action, None, Principal=principal, **more)], **TRUST}


def test_in_one_account_trust_that_names_the_caller_suffices(ask):
    """Rule 77."""
    assert ask("sts:AssumeRole", ask.role, **trusts(ask, {"AWS": ask.user})) == "allowed"
    other = "arn:aws:iam::111111111111:role/other"
    assert ask.as_session("sts:AssumeRole", other, **trusts(ask, {"AWS": ask.role})) == "allowed"
    assert ask.as_session("sts:AssumeRole", other, **trusts(ask, {"AWS": ask.session})) == "allowed"


def test_trust_that_names_the_account_needs_identity_permission_too(ask):
    """Rule 77."""
    trust = trusts(ask, {"AWS": ask.own})
    assert ask("sts:AssumeRole", ask.role, **trust) == "implicit_deny"
    assert ask("sts:AssumeRole", ask.role, **trust, identity=[ask.allow("sts:AssumeRole", ask.role)]) == "allowed"


def test_identity_permission_without_trust_is_nothing(ask):
    """Rule 77."""
    trust = trusts(ask, {"Service": "lambda.amazonaws.com"})
    assert ask("sts:AssumeRole", ask.role, **trust, identity=[ask.allow()]) == "implicit_deny"


def test_across_accounts_trust_and_identity_must_both_allow(ask):
    """Rule 77."""
    for principal in (ask.other, ask.stranger):
        trust = trusts(ask, {"AWS": principal})
        assert ask.across("sts:AssumeRole", ask.role, **trust, identity=[ask.allow("sts:*")]) == "allowed"
        assert ask.across("sts:AssumeRole", ask.role, **trust) == "implicit_deny"


def test_the_root_user_assumes_no_roles(ask):
    """STS API, AssumeRole."""
    assert ask("sts:AssumeRole", ask.role, by=ask.root, as_="root", **trusts(ask, {"AWS": ask.own})) == "implicit_deny"


def test_a_role_does_not_trust_itself_implicitly(ask):
    """Rule 78."""
    identity = {"identity": [ask.allow()]}
    assert ask.as_session("sts:AssumeRole", ask.role, **trusts(ask, {"AWS": ask.other}), **identity) == "implicit_deny"
    assert ask.as_session("sts:AssumeRole", ask.role, **trusts(ask, {"AWS": ask.role})) == "allowed"


def test_an_external_id_counts_only_when_it_is_passed(ask):
    """Rule 79."""
    trust = trusts(ask, {"AWS": ask.other}, Condition={"StringEquals": {"sts:ExternalId": "42"}})
    asked = {"identity": [ask.allow()], **trust}
    assert ask.across("sts:AssumeRole", ask.role, **asked, context={"sts:ExternalId": "42"}) == "allowed"
    assert ask.across("sts:AssumeRole", ask.role, **asked) == "implicit_deny"


def test_a_service_assumes_a_role_for_the_resource_that_it_acts_for(ask):
    """Rule 79."""
    trust = trusts(ask, {"Service": "codebuild.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "1"}})
    service = {"by": "codebuild.amazonaws.com", "as_": "service", "account": None}
    assert ask("sts:AssumeRole", ask.role, **service, **trust, context={"aws:SourceAccount": "1"}) == "allowed"
    assert ask("sts:AssumeRole", ask.role, **service, **trust, context={"aws:SourceAccount": "2"}) == "implicit_deny"


def test_tags_and_source_identity_are_permissions_of_their_own(ask):
    """Rule 80."""
    for action in ("sts:TagSession", "sts:SetSourceIdentity"):
        plain, both = trusts(ask, {"AWS": ask.other}), trusts(ask, {"AWS": ask.other}, ["sts:AssumeRole", action])
        assert ask.across(action, ask.role, **plain, identity=[ask.allow("sts:*")]) == "implicit_deny"
        assert ask.across(action, ask.role, **both, identity=[ask.allow("sts:AssumeRole")]) == "implicit_deny"
        assert ask.across(action, ask.role, **both, identity=[ask.allow("sts:*")]) == "allowed"


def test_passing_a_role_asks_the_callers_policies_and_not_the_trust(ask):
    """Rule 81."""
    to = {"StringEquals": {"iam:PassedToService": "codebuild.amazonaws.com"}}
    grant = [ask.allow("iam:PassRole", ask.role, Condition=to)]
    context = {"iam:PassedToService": "codebuild.amazonaws.com"}
    nobody = {"on": [ask.deny("sts:*", None, Principal="*")], **TRUST}
    assert ask("iam:PassRole", ask.role, identity=grant, context=context, **nobody) == "allowed"
    assert ask("iam:PassRole", ask.role, identity=grant, context={"iam:PassedToService": "x"}) == "implicit_deny"
    assert ask.across("iam:PassRole", ask.role, identity=[ask.allow()], **trusts(ask, "*")) == "implicit_deny"


def test_a_session_is_known_by_its_role_in_conditions(ask):
    """Rule 82."""
    on = [ask.allow(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ask.role}})]
    assert ask.as_session(on=on, context={"aws:PrincipalArn": ask.role}) == "allowed"
    assert ask.as_session(on=on, context={"aws:PrincipalArn": ask.session}) == "implicit_deny"


def test_a_service_linked_role_is_known_by_its_path(ask):
    """Rule 83."""
    linked = "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/L"
    denied = {"identity": [ask.allow()], "scps": [[[ask.deny()]]]}
    assert ask.as_session(context={"aws:PrincipalArn": linked}, **denied) == "allowed"
    reserved = linked.replace("aws-service-role", "aws-reserved")
    assert ask.as_session(context={"aws:PrincipalArn": reserved}, **denied) == "explicit_deny"


def test_a_token_of_an_identity_provider_asks_the_trust_policy_alone(ask):
    provider = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    trust = trusts(ask, {"Federated": provider}, "sts:AssumeRoleWithWebIdentity")
    asked = {"as_": "web-identity", "account": None, **trust}
    assert ask("sts:AssumeRoleWithWebIdentity", ask.role, by=provider, **asked) == "allowed"
    assert ask("sts:AssumeRoleWithWebIdentity", ask.role, by="accounts.google.com", **asked) == "implicit_deny"
