"""Rules 84 to 98: KMS keys and grants."""

import pytest

from crossdock.iam import Grant, PolicyKind
from crossdock.iam.grants import from_api


class Key:
    """Asks about one key."""

    def __init__(self, ask):
        self.ask = ask

    def __call__(self, action="kms:Decrypt", *, to=None, actions="kms:*", **more):
        on = [self.ask.allow(actions, Principal={"AWS": to})] if to else [self.ask.allow("kms:List*", Principal="*")]
        return self.ask(action, self.ask.key, **{"on": on, "kind": PolicyKind.KEY, **more})


@pytest.fixture
def key(ask):
    return Key(ask)


def test_nobody_has_access_by_default_not_even_root(ask, key):
    """Rule 84."""
    assert key(identity=[ask.allow()]) == "implicit_deny"
    assert key(by=ask.root, as_="root") == "implicit_deny"


def test_the_root_statement_enables_identity_policies_and_the_root_user(ask, key):
    """Rule 85."""
    assert key(to=ask.root) == "implicit_deny"
    assert key(to=ask.root, identity=[ask.allow("kms:Decrypt", ask.key)]) == "allowed"
    assert key(to=ask.root, by=ask.root, as_="root") == "allowed"


def test_without_the_root_statement_identity_denies_still_count(ask, key):
    """Rule 85."""
    assert key(to=ask.user, identity=[ask.deny("kms:*")]) == "explicit_deny"


def test_the_root_statement_delegates_only_its_own_actions(ask, key):
    """Rule 85."""
    assert key("kms:Encrypt", to=ask.root, actions="kms:Decrypt", identity=[ask.allow()]) == "implicit_deny"


def test_a_key_policy_that_names_the_user_or_role_needs_no_identity_policy(ask, key):
    """Rule 86."""
    assert key(to=ask.user) == "allowed"
    session = {"by": ask.session, "as_": "assumed-role"}
    assert key(to=ask.role, **session) == "allowed"
    assert key(to=ask.role, boundary=[ask.allow("s3:*")], **session) == "implicit_deny"


def test_another_account_needs_key_policy_and_identity_policy(ask, key):
    """Rule 87."""
    abroad = {"by": ask.stranger, "account": ask.other}
    grant = {"identity": [ask.allow("kms:*", ask.key)]}
    for to in (ask.other, ask.stranger):
        assert key(to=to, **abroad, **grant) == "allowed"
        assert key(to=to, **abroad) == "implicit_deny"
    assert key(to=ask.root, **abroad, **grant) == "implicit_deny"
    assert key("kms:Encrypt", to=ask.other, actions="kms:Decrypt", **abroad, **grant) == "implicit_deny"
    assert key(to=f"arn:aws:iam::{ask.other}:user/bob", **abroad, **grant) == "implicit_deny"


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("kms:Decrypt", "allowed"),
        ("kms:ReEncryptTo", "allowed"),
        ("kms:GenerateDataKeyWithoutPlaintext", "allowed"),
        ("kms:DescribeKey", "allowed"),
        ("kms:CreateGrant", "allowed"),
        ("kms:ScheduleKeyDeletion", "implicit_deny"),
        ("kms:PutKeyPolicy", "implicit_deny"),
        ("kms:TagResource", "implicit_deny"),
    ],
)
def test_only_some_operations_work_across_accounts(ask, key, action, verdict):
    """Rule 88."""
    assert key(action, to=ask.other, by=ask.stranger, account=ask.other, identity=[ask.allow()]) == verdict
    assert key(action, to=ask.root, identity=[ask.allow()]) == "allowed"


def test_an_alias_in_resource_authorizes_nothing_on_the_key(ask, key):
    """Rule 89."""
    alias = f"arn:aws:kms:eu-west-1:{ask.own}:alias/app"
    assert key(to=ask.root, identity=[ask.allow("kms:*", alias)]) == "implicit_deny"
    named = ask.allow("kms:*", Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}})
    assert key(to=ask.root, identity=[named], context={"kms:ResourceAliases": ["alias/app"]}) == "allowed"
    assert ask("kms:CreateAlias", alias, identity=[ask.allow("kms:CreateAlias", alias)]) == "allowed"
    assert ask("kms:ListKeys", "*", identity=[ask.allow("kms:ListKeys")]) == "allowed"


def test_a_grant_allows_what_it_lists_to_whom_it_names(ask, key):
    """Rule 90."""
    session = {"by": ask.session, "as_": "assumed-role"}
    grants = [Grant(grantee=ask.role, operations=("Decrypt",))]
    assert key(grants=grants, **session) == "allowed"
    assert key("kms:Encrypt", grants=grants, **session) == "implicit_deny"
    assert key(grants=grants) == "implicit_deny"
    assert key(grants=grants, identity=[ask.deny("kms:*")], **session) == "explicit_deny"
    assert key(grants=grants, session=[ask.allow("s3:*")], **session) == "implicit_deny"


@pytest.mark.parametrize("grantee", ["root", "user", "service"])
def test_a_grantee_may_be_an_account_a_user_or_a_service(ask, key, grantee):
    """Rule 90."""
    name = "rds.amazonaws.com" if grantee == "service" else getattr(ask, grantee)
    who = {"by": name, "as_": "service", "account": None} if grantee == "service" else {}
    assert key(grants=[Grant(grantee=name, operations=("Decrypt",))], **who) == "allowed"


def test_a_grant_to_another_account_leaves_the_callers_side_open(ask, key):
    """Rule 90."""
    grants = [Grant(grantee=ask.stranger, operations=("Decrypt",))]
    abroad = {"by": ask.stranger, "account": ask.other, "grants": grants}
    assert key(**abroad) == "implicit_deny"
    assert key(**abroad, identity=[ask.allow("kms:Decrypt")]) == "allowed"


@pytest.mark.parametrize(
    ("constraint", "given", "verdict"),
    [
        ("EncryptionContextSubset", {"App": "a", "Env": "e"}, "allowed"),
        ("EncryptionContextSubset", {"app": "a"}, "allowed"),
        ("EncryptionContextSubset", {"App": "A"}, "implicit_deny"),
        ("EncryptionContextSubset", {}, "implicit_deny"),
        ("EncryptionContextEquals", {"App": "a"}, "allowed"),
        ("EncryptionContextEquals", {"App": "a", "Env": "e"}, "implicit_deny"),
    ],
)
def test_a_grant_may_ask_for_an_encryption_context(ask, key, constraint, given, verdict):
    """Rule 90; in a constraint the names of pairs ignore case (KMS API, GrantConstraints)."""
    entry = {"GranteePrincipal": ask.user, "Operations": ["Decrypt", "DescribeKey"]}
    grants = [from_api(entry | {"Constraints": {constraint: {"App": "a"}}}, "g")]
    context = {f"kms:EncryptionContext:{name}": value for name, value in given.items()}
    assert key(grants=grants, context=context) == verdict
    assert key("kms:DescribeKey", grants=grants) == "allowed"


def test_an_unknown_encryption_context_leaves_a_constrained_grant_open(ask, key):
    grants = [Grant(grantee=ask.user, operations=("Decrypt",), subset={"App": "a"})]
    assert key(grants=grants, unknown=["kms:EncryptionContext:App"]) == "unknown"


def test_a_retiring_principal_may_retire(ask, key):
    grants = [Grant(grantee=ask.role, operations=("Decrypt",), retiring=ask.user)]
    assert key("kms:RetireGrant", grants=grants) == "allowed"
    assert key("kms:Decrypt", grants=grants) == "implicit_deny"


def test_via_service_holds_only_for_calls_of_a_service(ask, key):
    """Rules 91 and 97."""
    via = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    grant = [ask.allow("kms:GenerateDataKey", ask.key, Condition=via)]
    asked = {"to": ask.root, "identity": grant}
    context = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    assert key("kms:GenerateDataKey", **asked, context=context) == "allowed"
    assert key("kms:GenerateDataKey", **asked) == "implicit_deny"
    assert key("kms:Decrypt", **asked, context=context) == "implicit_deny"


def test_an_aws_managed_key_never_works_across_accounts(ask, key):
    """Rule 92."""
    condition = {"StringEquals": {"kms:CallerAccount": ask.own}}
    on = [ask.allow("kms:Decrypt", Principal={"AWS": "*"}, Condition=condition)]
    assert key(on=on, context={"kms:CallerAccount": ask.own}) == "allowed"
    abroad = {"by": ask.stranger, "account": ask.other, "identity": [ask.allow()]}
    assert key(on=on, context={"kms:CallerAccount": ask.other}, **abroad) == "implicit_deny"


def test_a_grant_for_an_aws_resource_is_not_made_by_hand(ask, key):
    """Rule 93."""
    condition = {"Bool": {"kms:GrantIsForAWSResource": True}}
    on = [ask.allow("kms:CreateGrant", Principal={"AWS": ask.user}, Condition=condition)]
    assert key("kms:CreateGrant", on=on, context={"kms:GrantIsForAWSResource": "true"}) == "allowed"
    assert key("kms:CreateGrant", on=on, context={"kms:GrantIsForAWSResource": "false"}) == "implicit_deny"


def test_encryption_context_pairs_compare_with_case(ask, key):
    """Rule 94."""
    on = [ask.allow(Principal={"AWS": ask.user}, Condition={"StringEquals": {"kms:EncryptionContext:App": "a"}})]
    assert key(on=on, context={"kms:EncryptionContext:App": "a"}) == "allowed"
    assert key(on=on, context={"KMS:encryptioncontext:App": "a"}) == "allowed"
    assert key(on=on, context={"kms:EncryptionContext:app": "a"}) == "implicit_deny"
    assert key(on=on, context={"kms:EncryptionContext:App": "A"}) == "implicit_deny"


def test_encryption_context_keys_are_multivalued(ask, key):
    """Rule 94."""
    only = {"ForAnyValue:StringNotEquals": {"kms:EncryptionContextKeys": "App"}}
    on = [ask.allow(Principal={"AWS": ask.user}), ask.deny(Principal="*", Condition=only)]
    assert key(on=on, context={"kms:EncryptionContextKeys": ["App"]}) == "allowed"
    assert key(on=on, context={"kms:EncryptionContextKeys": ["App", "Env"]}) == "explicit_deny"


def test_a_disabled_key_is_no_matter_of_authorization(ask, key):
    """Rule 95: the state of a key is not part of a request."""
    assert key(to=ask.user) == "allowed"


def test_re_encrypting_asks_for_both_sides_separately(ask, key):
    """Rule 96."""
    assert key("kms:ReEncryptFrom", to=ask.user, actions="kms:ReEncryptFrom") == "allowed"
    assert key("kms:ReEncryptTo", to=ask.user, actions="kms:ReEncryptFrom") == "implicit_deny"


def test_a_caller_that_locks_itself_out_can_be_told_beforehand(ask, key):
    """Rule 98: decide kms:PutKeyPolicy under the new policy."""
    assert key("kms:PutKeyPolicy", to=ask.user, actions="kms:Decrypt", identity=[ask.allow()]) == "implicit_deny"
    assert key("kms:PutKeyPolicy", to=ask.root, identity=[ask.allow()]) == "allowed"
