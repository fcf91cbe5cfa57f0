"""Requests that must be refused, each under the claim that it would break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from crossdock.iam.calls import asks
from crossdock.model.proof import Given, Need, Step
from crossdock.prove.judge import account_of
from crossdock.prove.parts import Part
from crossdock.prove.resources import partition
from crossdock.prove.scene import Scene


@dataclass(frozen=True, slots=True)
class Claim:
    """What must never be, in one sentence, and a request that would show it."""

    what: str
    need: Need


class Allowed:
    """What the needs say that somebody may do, directly or through the same service: such a request breaks nothing."""

    def __init__(self, needs: Iterable[Need]) -> None:
        self._by: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
        self._passed: set[tuple[str, str]] = set()
        for need in needs:
            if need.action == "iam:PassRole":
                self._passed.add((need.who, str(need.context["iam:PassedToService"])))
            self._by.setdefault((need.who, need.action.lower(), need.via[-1:]), []).append(need.resource)

    def __contains__(self, need: Need) -> bool:
        known = self._by.get((need.who, need.action.lower(), need.via[-1:]), ())
        return any(need.resource == one or fnmatchcase(need.resource, one) for one in known)

    def passes(self, who: str, service: str) -> bool:
        """Whether somebody needs to hand some role to this service."""
        return (who, service) in self._passed

    def below(self, who: str, action: str, folder: str) -> bool:
        """Whether somebody needs to do this to some object of a folder, through whatever service."""
        return any(
            resource.startswith(f"{folder}/")
            for (one, known, _), listed in self._by.items() if (one, known) == (who, action.lower())
            for resource in listed
        )


@dataclass(frozen=True, slots=True)
class Probe:
    """Makes requests that nothing needs, as the parts of a scene would make them.

    declared  what services say that they need: it counts for the data of their own environment alone
    """

    scene: Scene
    allowed: Allowed
    declared: Allowed
    region: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "region", self.scene.assembly.region)

    def tries(
        self, part: Part, action: str, resource: str, what: str, *, owner: str = "",
        context: Mapping[str, str | tuple[str, ...]] | None = None, via: tuple[str, ...] = (),
        given: tuple[Given, ...] = (Given.NOTHING,),
    ) -> list[Claim]:
        """One request of a role, on each supposition given; nothing when some need asks for it."""
        step = Step(environment=part.environment, service=part.service, action=part.kind.value)
        need = Need(who=part.who, action=action, resource=resource, owner=owner or account_of(resource) or part.account,
                    step=step, why=what, context=context or {}, via=via)
        if need in self.allowed:
            return []
        return [Claim(what, replace(need, given=one)) for one in given]

    def calls(self, part: Part, service: str, operation: str, params: Mapping[str, object], what: str) -> list[Claim]:
        """Everything that one API call asks of IAM, with the policies in force."""
        found = asks(service, operation, params, account=part.account, region=self.region,
                     partition=partition(self.region))
        return [
            claim for ask in found
            for claim in self.tries(part, ask.action, ask.resource, what, owner=ask.account, context=ask.context)
        ]


    @property
    def boundaries(self) -> tuple[str, ...]:
        """ARNs of the policies that roles here carry as permissions boundaries, and none."""
        return ("", *sorted({r.boundary.holder for r in self.scene.in_force.roles.values() if r.boundary}))

    def passes(self, part: Part, role: str, service: str, what: str) -> list[Claim]:
        """iam:PassRole of a role to a service; a need for another service does not count."""
        step = Step(environment=part.environment, service=part.service, action=part.kind.value)
        need = Need(who=part.who, action="iam:PassRole", resource=role, owner=part.account, step=step, why=what,
                    context={"iam:PassedToService": service})
        return [Claim(what, need)]


def sides(part: Part, owner: str) -> tuple[Given, ...]:
    """Across accounts each side must refuse by itself, for neither trusts the other's administrators. A service's own
    policies are the service's affair: there the resource's side counts."""
    if part.account == owner:
        return (Given.NOTHING,)
    return (Given.CALLER, Given.RESOURCE) if part.ours else (Given.CALLER,)


def either(part: Part) -> tuple[Given, ...]:
    """Each side by itself, in one account too: keys and trust policies must agree with the caller's own policies."""
    return (Given.CALLER, Given.RESOURCE) if part.ours else (Given.CALLER,)
