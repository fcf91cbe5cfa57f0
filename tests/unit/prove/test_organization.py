"""Control policies in the proof: what they forbid fails by their name, and no never leans on them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from proving import NONPROD, SHARED, failing, lacks, steps

from crossdock.errors import TemplateError, UsageError
from crossdock.model.codec import dumps, loads
from crossdock.model.organization import RCP, SCP, ControlPolicy, Organization, Target
from crossdock.prove import of
from crossdock.prove.controls import controlled

ROOT, UNIT = "r-ab12", "ou-ab12-workloads"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FULL = [ControlPolicy(id="p-FullAWSAccess", name="FullAWSAccess", type=SCP,
                      content={"Version": "2012-10-17", "Statement": [EVERYTHING]}),
        ControlPolicy(id="p-RCPFullAWSAccess", name="RCPFullAWSAccess", type=RCP,
                      content={"Version": "2012-10-17", "Statement": [EVERYTHING | {"Principal": "*"}]})]
EVERYWHERE = tuple(policy.id for policy in FULL)


def organization(*more: ControlPolicy, on: str = NONPROD, management: str = "999999999999", **change) -> Organization:
    """Three accounts below one unit; `more` is attached `on` one of them, or on the unit or the root."""
    targets = [("root", ROOT, ""), ("workloads", UNIT, ROOT), ("nonprod", NONPROD, UNIT), ("shared", SHARED, UNIT),
               ("prod", "333333333333", UNIT)]
    return replace(Organization(
        id="o-a1b2c3d4e5", management=management, enabled=(SCP, RCP), policies=(*FULL, *more),
        targets=tuple(Target(id=id_, name=name, parent=parent,
                             policies=(*EVERYWHERE, *(policy.id for policy in more if id_ == on)))
                      for name, id_, parent in targets),
    ), **change)


def deny(action: str, type_: str = SCP, **condition) -> ControlPolicy:
    statement = {"Sid": "Forbidden", "Effect": "Deny", "Action": action, "Resource": "*", **condition}
    if type_ == RCP:
        statement["Principal"] = "*"
    return ControlPolicy(id="p-guard", name="Guardrail", type=type_,
                         content={"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def under(small):
    def prove(imposed: Organization):
        return of(controlled(small.scene(), imposed, "organization.json"))

    return prove


def test_an_organization_that_forbids_nothing_changes_nothing(small, under):
    proof = under(organization())
    assert proof.ok
    assert proof.needs == small.proof.needs
    assert proof.unused == small.proof.unused


@pytest.mark.parametrize("on", [NONPROD, UNIT, ROOT])
def test_a_denial_at_any_level_fails_what_it_forbids_and_is_named(under, on):
    proof = under(organization(deny("kms:Decrypt"), on=on))
    found = failing(proof, "kms:Decrypt")
    assert {"Deploy/Prepare", "run"} <= steps(found)
    assert lacks(found) == {"denied by Forbidden of service control policy Guardrail"}
    assert {f.verdict for f in found} == {"explicit_deny"}
    assert {lack.place.file for f in found for lack in f.missing} == {"organization.json"}


def test_a_denial_binds_the_accounts_below_it_alone(under):
    builds = {f.need.step.action for f in failing(under(organization(deny("kms:Decrypt"), on=NONPROD)), "kms:Decrypt")}
    assert "Build/Build" not in builds
    assert "Build/Build" in steps(failing(under(organization(deny("kms:Decrypt"), on=SHARED)), "kms:Decrypt"))


def test_the_management_account_is_bound_by_none(under):
    assert under(organization(deny("kms:Decrypt"), on=SHARED, management=SHARED)).ok


def test_a_level_that_allows_too_little_is_named_as_the_missing_leg(small):
    imposed = organization()
    narrow = ControlPolicy(id="p-narrow", name="OnlyS3", type=SCP, content={
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    targets = tuple(replace(t, policies=(narrow.id, "p-RCPFullAWSAccess")) if t.id == UNIT else t
                    for t in imposed.targets)
    imposed = replace(imposed, targets=targets, policies=(*imposed.policies, narrow))
    found = failing(of(controlled(small.scene(), imposed, "organization.json")), "kms:Decrypt")
    legs = {f"no service control policy attached to workloads ({UNIT}) allows it to account {account}"
            for account in (SHARED, NONPROD)}
    assert lacks(found) == legs


def test_a_resource_control_policy_binds_whoever_comes_to_the_account_s_resources(under):
    outside = {"Condition": {"StringNotEqualsIfExists": {"aws:PrincipalAccount": SHARED}}}
    found = failing(under(organization(deny("kms:*", RCP, **outside), on=SHARED)), "kms:Decrypt")
    assert "Deploy/Prepare" in steps(found)
    assert "Build/Build" not in steps(found)
    assert lacks(found) == {"denied by Forbidden of resource control policy Guardrail"}


def test_paths_in_the_organization_are_known_where_the_organization_is(under):
    elsewhere = {"Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": f"o-a1b2c3d4e5/{ROOT}/*"}}}
    assert under(organization(deny("kms:Decrypt", **elsewhere))).ok
    here = {"Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"o-a1b2c3d4e5/{ROOT}/{UNIT}/*"}}}
    assert not under(organization(deny("kms:Decrypt", **here))).ok


def test_a_policy_type_that_is_not_enabled_binds_nobody(under):
    assert under(organization(deny("kms:Decrypt"), enabled=(RCP,))).ok


def test_no_never_is_kept_by_a_control_policy_alone(small, broken):
    """What an organization forbids may be allowed tomorrow: nevers are judged without it."""
    text = small.texts["templates/delivery-build.yaml"].replace("/${PackagePrefix}/*", "/packages/*")
    ground = replace(small, texts={**small.texts, "templates/delivery-build.yaml": text})
    forbidding = deny("s3:PutObject", Condition={"StringLike": {"aws:PrincipalArn": "*-build"}})
    proof = of(controlled(ground.scene(), organization(forbidding, on=SHARED), "organization.json"))
    assert "no service touches what is another's" in {never.what for never in proof.breached}


def test_an_organization_that_is_another_or_lacks_an_account_is_refused(small):
    scene = small.scene()
    with pytest.raises(UsageError, match="tells of the organization o-other00000"):
        controlled(scene, organization(id="o-other00000"), "organization.json")
    targets = tuple(t for t in organization().targets if t.id != NONPROD)
    with pytest.raises(UsageError, match=f"does not tell where in the organization nonprod .{NONPROD}. is"):
        controlled(scene, organization(targets=targets), "organization.json")


def test_a_control_policy_that_aws_would_refuse_is_told(small):
    with pytest.raises(TemplateError) as raised:
        controlled(small.scene(), organization(deny("kms:Decrypt", NotPrincipal="*")), "organization.json")
    assert "service control policy Guardrail" in raised.value.problems[0].what


def test_an_organization_round_trips():
    assert loads(Organization, dumps(organization(deny("s3:*")))) == organization(deny("s3:*"))
