"""Nobody comes in from outside, and nothing goes there: other accounts, other organizations, no name, no TLS, services
acting for others (IAM User Guide, the confused deputy problem)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from crossdock.model.proof import Given, Need
from crossdock.prove.claims import Claim, Probe
from crossdock.prove.judge import ANONYMOUS, account_of
from crossdock.prove.nevers.rights import GUARDED, RECEIVERS
from crossdock.prove.scene import Scene

OUTSIDE = "999999999999"
"""An account that belongs to nobody here."""
TEMPLATE = "cloudformation:TemplateUrl"
OTHER_ORGANIZATION = "o-somebodyelse"

_ACCOUNTED = ("vpc-flow-logs.amazonaws.com", "monitoring.rds.amazonaws.com")
"""Services that name the account for whose resource they assume a role, beside those that a role is made for alone."""
_LOGGED = "kms:EncryptionContext:aws:logs:arn"


def claims(probe: Probe, need: Need) -> Iterator[Claim]:
    """What must not follow from one need."""
    yield from _outside(probe.scene, need)
    yield from _elsewhere(probe.scene, probe, need)
    yield from _confused(need)
    yield from _handed_elsewhere(probe, need)


def _outside(scene: Scene, need: Need) -> Iterator[Claim]:
    """Who has the right name in the wrong account or organization, and who has no name at all. The caller's own
    account is not ours, so its policies are taken to allow everything."""
    guarded = scene.in_force.policy_on(need.resource) is not None
    account = account_of(need.who)
    if not account or not guarded or need.action.startswith("iam:"):
        return
    what = "nobody outside of the organization comes in"
    others = {OUTSIDE, *scene.assembly.accounts.values()} - _homes(scene, need.step.environment) - {account}
    for other in sorted(others) if need.given is Given.NOTHING else ():
        who = need.who.replace(f":{account}:", f":{other}:", 1)
        said = what if other == OUTSIDE else "a role's name counts in its own account alone"
        yield Claim(said, replace(need, who=who, given=Given.CALLER))
    demanding = need.action.startswith(("kms:", "sts:"))
    if need.given is Given.NOTHING and (account != need.owner or demanding):
        # Inside one account an administrator's own policies suffice, but for keys and roles.
        who = f"{need.who.rpartition('/')[0]}/somebody-else"
        yield Claim("nobody of a known account comes in under another name", replace(need, who=who, given=Given.CALLER))
    if scene.assembly.organization and account != need.owner:
        context = {**need.context, "aws:PrincipalOrgID": OTHER_ORGANIZATION}
        yield Claim(what, replace(need, context=context, given=Given.CALLER))
    yield Claim("nobody comes in without a name", replace(need, who=ANONYMOUS, via=(), given=Given.NOTHING))


def _homes(scene: Scene, environment: str) -> set[str]:
    """The accounts where an environment has roles: there its names count, for readers are known by how they begin."""
    return {role.account for role in scene.in_force.roles.values() if role.resource.home.environment == environment}


def _elsewhere(scene: Scene, probe: Probe, need: Need) -> Iterator[Claim]:
    """What a role of the platform does at its own, done to another of the kind, or in a bucket of another account
    that has the name of ours. Ids that AWS makes up cannot be told apart beforehand (API Gateway's are such)."""
    role = scene.in_force.roles.get(need.who)
    if role is not None and role.resource.home.ours and need.resource == "*" and TEMPLATE in need.context:
        # Where there is no resource to limit it by, the template's address is the only limit.
        yield Claim("no role makes anything of a template from elsewhere", replace(
            need, context={**need.context, TEMPLATE: "https://somebody-elses.s3.amazonaws.com/any"}))
    if role is None or not role.resource.home.ours or need.resource == "*" or need.action.startswith("apigateway:"):
        return
    other = replace(need, resource=another(need.resource), given=Given.RESOURCE)
    if other.resource != need.resource and other not in probe.allowed:
        yield Claim("no role does to another's what it does to its own", other)
    if need.action.startswith("s3:"):
        yield Claim("nothing goes to or comes from a bucket of another account",
                    replace(need, owner=OUTSIDE, given=Given.RESOURCE))


def another(arn: str) -> str:
    """The ARN of something else of the kind: `...:role/mine` -> `...:role/somebody-elses`. AWS's own stay."""
    head, rest = arn.split(":", 5)[:5], arn.split(":", 5)[5]
    if head[2] in ("s3", "codepipeline"):  # the name comes first
        return ":".join((*head, "somebody-elses" + rest[len(rest.partition("/")[0]):]))
    if head[4] == "aws":
        return arn
    kind = re.match(r"[a-z-]+[:/](?=.)", rest)
    tail = {"cloudformation": "/*", "logs": ":log-stream:"}.get(head[2], "")
    return ":".join((*head, f"{kind.group() if kind else ''}somebody-elses{tail}"))


def _handed_elsewhere(probe: Probe, need: Need) -> Iterator[Claim]:
    """A role that may be handed to one service, handed to another, to which who hands it hands none at all: it could do
    there what it was not made for."""
    role = probe.scene.in_force.roles.get(need.who)
    if need.action != "iam:PassRole" or role is None or not role.resource.home.ours:
        return
    for service in RECEIVERS:
        if not probe.allowed.passes(need.who, service):
            yield Claim("no role is handed to a service for which none is made",
                        replace(need, context={**need.context, "iam:PassedToService": service}))


def _confused(need: Need) -> Iterator[Claim]:
    """A service that is made to act for another's resource (IAM User Guide, the confused deputy problem)."""
    source = str(need.context.get("aws:SourceArn", ""))
    group = str(need.context.get(_LOGGED, ""))
    if group and not account_of(need.who):
        others = {**need.context, _LOGGED: another(group).removesuffix(":log-stream:")}
        yield Claim("no service encrypts another's with a key of ours", replace(need, context=others))
    assumes = need.action == "sts:AssumeRole"
    guarded = need.who in (*GUARDED, *_ACCOUNTED) or ":stackset/" in source
    if account_of(need.who) or not source or (assumes and not guarded):
        return
    here = str(need.context["aws:SourceAccount"])
    foreign = {**need.context, "aws:SourceAccount": OUTSIDE, "aws:SourceArn": source.replace(here, OUTSIDE)}
    yield Claim("no service acts here for another's account", replace(need, context=foreign))
    if assumes and need.who in GUARDED and need.who != "events.amazonaws.com":
        near = {**need.context, "aws:SourceArn": f"{source}-other"}
        yield Claim("no role serves another pipeline or build than its own", replace(need, context=near))
