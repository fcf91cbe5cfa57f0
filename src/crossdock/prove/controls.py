"""What the organization imposes, as the proof takes it: policies parsed, each with the file that tells them.

Control policies take away and never give. So needs are decided with them, and nevers without: what must never be holds
by the platform's own policies, whatever else an organization forbids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crossdock.errors import PolicyError, Position, Problem, TemplateError, UsageError
from crossdock.iam import Policy, PolicyKind, parse, review
from crossdock.model.assembly import Assembly
from crossdock.model.organization import RCP, SCP, ControlPolicy, Organization, Target
from crossdock.prove.held import Held

if TYPE_CHECKING:
    from crossdock.prove.scene import Scene

_KINDS = {SCP: PolicyKind.SCP, RCP: PolicyKind.RCP}
Levels = tuple[tuple[Policy, ...], ...]


@dataclass(frozen=True, slots=True)
class Controls:
    """The policies of an organization. `held`: each by its name in explanations."""

    organization: Organization
    held: Mapping[str, Held] = field(repr=False)

    def levels(self, account: str, type_: str) -> Levels:
        """The policies of a type that bind an account, from the root down; none for accounts of others."""
        found = self.organization.levels(account, type_) if account else ()
        return tuple(tuple(self.held[named(one)].policy for one in level) for level in found)

    def org_path(self, account: str) -> str:
        """`o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/` (IAM User Guide, aws:PrincipalOrgPaths); empty for others."""
        way = [target.id for target in self.organization.path(account)[:-1]] if account else []
        return "/".join((self.organization.id, *way, "")) if way else ""

    def target(self, account: str, level: int) -> Target:
        """What stands at a level of an account's path; 0 is the root."""
        return self.organization.path(account)[level]


def controls(organization: Organization, assembly: Assembly, file: str) -> Controls:
    """The controls that an organization imposes on the accounts of an assembly. `file` is where they were read from.

    Raises UsageError where it is another organization, or tells nothing of one of the accounts; TemplateError for a
    policy that AWS would refuse.
    """
    if assembly.organization and organization.id != assembly.organization:
        raise UsageError(message=f"{file} tells of the organization {organization.id}, crossdock.yaml of"
                                 f" {assembly.organization}", hint="correct organization in crossdock.yaml")
    for name, account in assembly.accounts.items():
        if not organization.path(account):
            raise UsageError(message=f"{file} does not tell where in the organization {name} ({account}) is",
                             hint="export it anew: crossdock access organization")
    return Controls(organization, {named(one): _held(one, file) for one in organization.policies})


def controlled(scene: Scene, organization: Organization, file: str) -> Scene:
    """A scene with what an organization imposes. Raises as `controls` does."""
    return replace(scene, controls=controls(organization, scene.assembly, file))


def named(policy: ControlPolicy) -> str:
    """What a control policy is called in explanations."""
    return f"{_KINDS[policy.type].words} {policy.name}"


def _held(policy: ControlPolicy, file: str) -> Held:
    kind, at = _KINDS[policy.type], Position(file)
    try:
        read = parse(policy.content, kind, name=named(policy), position=at)
    except PolicyError:
        problems = [Problem(at, f"{named(policy)}: {one.what}", one.hint) for one in review(policy.content, kind)]
        raise TemplateError(problems, file) from None
    return Held(policy=read, holder=policy.id, at=at, document=policy.content, ours=False)
