"""Rules 65 to 71: service and resource control policies."""

import pytest

LINKED = "arn:aws:iam::111111111111:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
LINKED_SESSION = "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForECS/s"


def test_scps_bind_principals_of_member_accounts_root_included(ask):
    """Rule 65."""
    scps = [[[ask.allow(), ask.deny("s3:*")]]]
    assert ask(identity=[ask.allow()], scps=scps) == "explicit_deny"
    assert ask(by=ask.root, as_="root", scps=scps) == "explicit_deny"
    assert ask.across(identity=[ask.allow()], on=[ask.allow(Principal="*")], scps=scps) == "explicit_deny"


def test_scps_bind_no_services_no_anonymous_and_no_service_linked_roles(ask):
    """Rule 65."""
    scps, on = [[[ask.deny()]]], [ask.allow(Principal="*")]
    assert ask(by="s3.amazonaws.com", as_="service", account=None, on=on, scps=scps) == "allowed"
    assert ask(by=None, as_="anonymous", account=None, on=on, scps=scps) == "allowed"
    linked = {"by": LINKED_SESSION, "context": {"aws:PrincipalArn": LINKED}, "identity": [ask.allow()]}
    assert ask.as_session(**linked, scps=scps) == "allowed"


def test_the_management_account_has_no_scps(ask):
    """Rule 65: the caller passes none for it."""
    assert ask(identity=[ask.allow()], scps=[]) == "allowed"


def test_every_level_must_allow_and_one_of_a_level_suffices(ask):
    """Rule 66."""
    full, ec2, s3 = [ask.allow()], [ask.allow("ec2:*")], [ask.allow("s3:*")]
    grant = [ask.allow()]
    assert ask(identity=grant, scps=[[full], [ec2, s3], [full]]) == "allowed"
    assert ask(identity=grant, scps=[[full], [ec2], [full]]) == "implicit_deny"
    assert ask(identity=grant, scps=[[full], [], [full]]) == "implicit_deny"
    assert ask(identity=grant, scps=[[full], [s3, [ask.deny("s3:Get*")]], [full]]) == "explicit_deny"
    assert ask(scps=[[full], [full]]) == "implicit_deny"


def test_scps_take_the_whole_language(ask):
    """Rule 67."""
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    scps = [[[ask.allow(None, NotAction="iam:*", Condition=condition)]]]
    assert ask(identity=[ask.allow()], scps=scps, context={"aws:RequestedRegion": "eu-west-1"}) == "allowed"
    assert ask(identity=[ask.allow()], scps=scps, context={"aws:RequestedRegion": "us-east-1"}) == "implicit_deny"
    scps = [[[ask.allow("s3:*Object", "arn:aws:s3:::data/*")]]]
    assert ask(identity=[ask.allow()], scps=scps) == "allowed"
    assert ask(identity=[ask.allow()], scps=[[[ask.allow("*", None, NotResource=ask.item)]]]) == "implicit_deny"


@pytest.mark.parametrize("who", ["user", "root", "stranger", "anonymous", "service"])
def test_rcps_bind_every_caller(ask, who):
    """Rule 68."""
    full = ask.allow(Principal="*")
    callers = {
        "user": {},
        "root": {"by": ask.root, "as_": "root"},
        "stranger": {"by": ask.stranger, "account": ask.other},
        "anonymous": {"by": None, "as_": "anonymous", "account": None},
        "service": {"by": "s3.amazonaws.com", "as_": "service", "account": None},
    }
    asked = {"identity": [ask.allow()], "on": [full]} | callers[who]
    assert ask(**asked, rcps=[[[full]]]) == "allowed"
    assert ask(**asked, rcps=[[[full]], [[full], [ask.deny("s3:*", Principal="*")]]]) == "explicit_deny"
    assert ask(**asked, rcps=[[]]) == "implicit_deny"


@pytest.mark.parametrize(
    ("action", "resource", "bound"),
    [
        ("ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:111111111111:repository/r", True),
        ("codecommit:GitPull", "arn:aws:codecommit:eu-west-1:111111111111:r", True),
        ("sns:Publish", "arn:aws:sns:eu-west-1:111111111111:t", False),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111111111111:function:f", False),
        ("iam:GetRole", "arn:aws:iam::111111111111:role/app", False),
        ("cloudformation:CreateStack", "arn:aws:cloudformation:eu-west-1:111111111111:stack/s/1", False),
        ("ssm:GetParameter", "arn:aws:ssm:eu-west-1:111111111111:parameter/p", False),
    ],
)
def test_rcps_bind_only_services_that_know_them(ask, action, resource, bound):
    """Rule 68."""
    service = action.partition(":")[0]
    rcps = [[[ask.allow(Principal="*"), ask.deny(f"{service}:*", Principal="*")]]]
    assert ask(action, resource, identity=[ask.allow()], rcps=rcps) == ("explicit_deny" if bound else "allowed")


def test_what_rcps_do_not_touch(ask):
    """Rule 69: management account (no RCPs are passed), service-linked roles, AWS managed keys, kms:RetireGrant."""
    rcps = [[[ask.deny(["s3:*", "kms:*", "sts:*"], Principal="*")]]]
    assert ask(identity=[ask.allow()], rcps=[]) == "allowed"
    linked = {"by": LINKED_SESSION, "context": {"aws:PrincipalArn": LINKED}, "identity": [ask.allow()]}
    assert ask.as_session(**linked, rcps=rcps) == "allowed"
    key = {"resource": ask.key, "identity": [ask.allow()], "on": [ask.allow(Principal={"AWS": ask.root})]}
    assert ask("kms:Decrypt", **key, rcps=rcps) == "explicit_deny"
    assert ask("kms:Decrypt", **key, rcps=rcps, aws_managed_key=True) == "allowed"
    assert ask("kms:RetireGrant", **key, rcps=rcps) == "allowed"
    trust = [ask.allow("sts:AssumeRole", Principal={"Service": "ecs.amazonaws.com"})]
    service = {"by": "ecs.amazonaws.com", "as_": "service", "account": None, "on": trust, "rcps": rcps}
    assert ask("sts:AssumeRole", LINKED, **service) == "allowed"
    assert ask("sts:AssumeRole", ask.role, **service) == "explicit_deny"


def test_get_caller_identity_needs_no_permission_and_cannot_be_taken_away(ask):
    """Rule 70."""
    assert ask("sts:GetCallerIdentity", "*", identity=[ask.deny()], scps=[[]]) == "allowed"
    assert ask("sts:GetCallerIdentity", "*", by=None, as_="anonymous", account=None) == "implicit_deny"


def test_a_caller_outside_the_organization_has_no_organization_id(ask):
    """Rule 71."""
    on = [ask.allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})]
    asked = {"identity": [ask.allow()], "on": on}
    assert ask.across(**asked, context={"aws:PrincipalOrgID": "o-1"}) == "allowed"
    assert ask.across(**asked) == "implicit_deny"
    assert ask(by=None, as_="anonymous", account=None, on=on) == "implicit_deny"
