"""Needs and nevers against the policies in force: the proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources

from crossdock.errors import Problem
from crossdock.iam import Decision, PolicyKind
from crossdock.model.assembly import Assembly
from crossdock.model.proof import Finding, Need, Never, Place, Proof
from crossdock.prove.advice import missing
from crossdock.prove.documents import mistakes
from crossdock.prove.judge import Judge
from crossdock.prove.needs import needs
from crossdock.prove.nevers import claims
from crossdock.prove.notes import notes
from crossdock.prove.scene import Scene, Source, scene
from crossdock.prove.unused import unused, used


def prove(assembly: Assembly, texts: Mapping[str, str], sources: Mapping[str, Source]) -> Proof:
    """What holds when this assembly is deployed and its services are delivered.

    texts    the text of each template, by the path that `Stack.template` names
    sources  service -> its template; a service that is absent is taken to keep the contract and declare nothing else

    Pure. Raises TemplateError and PolicyError for what AWS would refuse, UsageError for what isn't known here.
    """
    return of(stage(assembly, texts, sources))


def stage(assembly: Assembly, texts: Mapping[str, str], sources: Mapping[str, Source]) -> Scene:
    """The assembly deployed on paper."""
    contract = resources.files("crossdock.prove").joinpath("contract.yaml").read_text(encoding="utf-8")
    return scene(assembly, texts, sources, contract)


def judge_of(where: Scene) -> Judge:
    """Who decides by the policies of a scene."""
    assembly = where.assembly
    return Judge(in_force=where.in_force, accounts=frozenset(assembly.accounts.values()),
                 organization=assembly.organization, region=assembly.region, controls=where.controls)


def of(where: Scene) -> Proof:
    """The proof of a scene."""
    judge, listed = judge_of(where), needs(where)
    decided = [(need, judge.decide(need)) for need in listed]
    return Proof(
        platform=where.assembly.platform,
        assembly=where.assembly.digest,
        needs=tuple(finding(judge, need, decision) for need, decision in decided),
        nevers=tuple(_nevers(where, judge, listed)),
        unused=tuple(unused(where.in_force, used(judge, decided))),
        unread=tuple(map(said, unread(where))),
        mistakes=tuple(map(said, mistakes(where.resources))),
        notes=tuple(notes(where)),
    )


def unread(where: Scene) -> tuple[Problem, ...]:
    """What CloudFormation would refuse in services' templates, each once."""
    return tuple(dict.fromkeys(problem for line in where.lines for problem in line.unread))


def said(problem: Problem) -> str:
    """A mistake in one line: place, what, and what may be meant."""
    return f"{problem.position}: {problem.what}" + (f" ({problem.hint})" if problem.hint else "")


def finding(judge: Judge, need: Need, decision: Decision) -> Finding:
    """A decision with the places of the statements that it rests on, and of those that it lacks."""
    lacks = () if decision.allowed else missing(judge, need, decision)
    return Finding(need=need, verdict=decision.verdict.value, because=_places(judge, decision), missing=lacks)


def _places(judge: Judge, decision: Decision) -> tuple[Place, ...]:
    """Where the statements stand that a decision rests on; control policies that let through are not told."""
    known = [(cause, judge.held(cause.policy)) for cause in decision.because]
    return tuple(
        held.place(cause) for cause, held in known
        if held and not (decision.allowed and cause.kind in (PolicyKind.SCP, PolicyKind.RCP)))


def _nevers(where: Scene, judge: Judge, listed: Iterable[Need]) -> list[Never]:
    asked: dict[str, int] = {}
    breaches: dict[str, list[Finding]] = {}
    judge = judge.uncontrolled
    for claim in claims(where, listed):
        asked[claim.what] = asked.get(claim.what, 0) + 1
        found = finding_of_never(judge, claim.need)
        if not found.refused:
            breaches.setdefault(claim.what, []).append(found)
    return [Never(what=what, asked=n, breaches=tuple(breaches.get(what, ()))) for what, n in asked.items()]


def finding_of_never(judge: Judge, need: Need) -> Finding:
    """A never's decision; what it lacks is as it should be, so it isn't told."""
    decision = judge.decide(need)
    return Finding(need=need, verdict=decision.verdict.value, because=_places(judge, decision))
