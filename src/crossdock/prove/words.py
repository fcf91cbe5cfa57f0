"""A proof in words: by environment, service and step; what fails is told in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from crossdock.model.assembly import Grant
from crossdock.model.proof import Finding, Given, Missing, Never, Proof, Unused
from crossdock.prove.advice import name_of
from crossdock.prove.judge import ANONYMOUS, account_of
from crossdock.prove.observed import Observed

_REASONS = 4
_BREACHES = 5
_EVERYWHERE = "the platform"


def table(proof: Proof, *, whole: bool = False) -> list[str]:
    """The proof for a person. `whole`: every need with the statements that allow it."""
    lines: list[str] = []
    for title, findings in _by(proof.needs, _place):
        lines += [title, *_steps(findings, whole=whole), ""]
    lines += [*(_never(never) for never in proof.nevers), *_breached(proof.breached), ""]
    if proof.notes:
        lines += [*(f"  note: {note}" for note in proof.notes), ""]
    if proof.unread:
        lines += [*(f"  not read: {problem}" for problem in proof.unread), ""]
    if proof.mistakes:
        lines += [*(f"  mistake: {mistake}" for mistake in proof.mistakes), ""]
    if proof.unused:
        lines += [*_unused(proof.unused), ""]
    return [*lines, summary(proof)]


def summary(proof: Proof) -> str:
    """The proof in one line."""
    asked = sum(never.asked for never in proof.nevers)
    needs, nevers = len(proof.needs), len(proof.nevers)
    failing, breached = len(proof.failing), len(proof.breached)
    held = f"{needs - failing} of {needs} needs are met" if failing else f"all {needs} needs are met"
    kept = f"{nevers - breached} of {nevers} nevers are kept" if breached else f"all {nevers} nevers are kept"
    mistakes = _many(proof.unread, "in services' templates") + _many(proof.mistakes, "in policies")
    return f"{proof.platform}: {held}, {kept} ({asked} requests asked){mistakes}"


def _many(mistakes: tuple[str, ...], where: str) -> str:
    """`, 2 mistakes in policies`; empty for none."""
    return f", {len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''} {where}" if mistakes else ""


def failures(proof: Proof) -> list[str]:
    """What fails, a few lines each: who cannot do what, the missing side, where it belongs, what to write."""
    return [*(line for finding in proof.failing for line in _failing(finding)), *_breached(proof.breached)]


def _place(finding: Finding) -> str:
    step = finding.need.step
    return f"{step.service} to {step.environment}" if step.service else step.environment or _EVERYWHERE


def _by(findings: Iterable[Finding], key: Callable[[Finding], str]) -> Iterator[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(key(finding), []).append(finding)
    yield from groups.items()


def _steps(findings: list[Finding], *, whole: bool) -> Iterator[str]:
    for action, here in _by(findings, lambda finding: finding.need.step.action):
        failing = [finding for finding in here if not finding.allowed]
        count = f"{len(here) - len(failing)} of {len(here)}"
        yield f"  {'no' if failing else 'yes':<4}{action:<16}{count:>12}   {_whys(here)}"
        for finding in here if whole else ():
            if finding.allowed:
                yield f"        {asks(finding)}"
                yield from (f"          by {place}" for place in finding.because)
        for finding in failing:
            yield from (f"        {line}" for line in _failing(finding))


def _whys(findings: list[Finding]) -> str:
    whys = list(dict.fromkeys(finding.need.why for finding in findings))
    rest = len(whys) - _REASONS
    return "; ".join(whys[:_REASONS]) + (f"; and {rest} more" if rest > 0 else "")


def asks(finding: Finding) -> str:
    """Who asks for what: `psl-development-survey-build s3:GetObject on arn:...`."""
    need = finding.need
    who = "an anonymous caller" if need.who == ANONYMOUS else name_of(need.who)
    where = f" of account {account_of(need.who)}" if account_of(need.who) else ""
    via = f" through {need.via[-1]}" if need.via else ""
    return f"{who}{where}: {need.action} on {need.resource}{via}"


def _failing(finding: Finding) -> Iterator[str]:
    need = finding.need
    step = " ".join(part for part in (need.step.service, need.step.environment, need.step.action) if part)
    yield f"{asks(finding)} is not allowed, but {need.why} ({step})"
    if finding.verdict == "unknown":
        yield "  it cannot be decided: it hangs on something that is known only when the call is made"
    for lack in finding.missing:
        yield f"  {lack.leg}{at(lack)}"
        if lack.add:
            yield f"  add {lack.add}"


def at(lack: Missing) -> str:
    """Where what is missing belongs: ` (templates/foundation-artifacts.yaml:64)`."""
    place = lack.place
    return f" ({place.file}:{place.line})" if place and place.line else ""


def _never(never: Never) -> str:
    kept = "no" if never.breaches else "yes"
    return f"  {kept:<4}{never.what} ({never.asked} asked)"


_OTHERS = {
    Given.CALLER: "the caller's account allows", Given.RESOURCE: "the resource's account allows",
    Given.BOUNDARY: "all other policies allow",
}  # fmt: skip


def _breached(nevers: Iterable[Never]) -> Iterator[str]:
    for never in nevers:
        yield f"this must hold and does not: {never.what}"
        for finding in never.breaches[:_BREACHES]:
            yield f"  {asks(finding)} is {'allowed' if finding.allowed else 'not certain to be refused'}"
            if finding.need.given is not Given.NOTHING:
                yield f"    whatever {_OTHERS[finding.need.given]}, this alone lets it through:"
            yield from (f"    {place}" for place in finding.because)
        if len(never.breaches) > _BREACHES:
            yield f"  and {len(never.breaches) - _BREACHES} more"


def _unused(unused: Iterable[Unused]) -> Iterator[str]:
    """Each grant of a template once, however many stacks are made of it."""
    by: dict[tuple[str, str, int, str, str], list[Unused]] = {}
    for one in unused:
        place = one.place
        by.setdefault((one.action, place.file, place.line, place.statement, one.reason), []).append(one)
    for alike in by.values():
        first, more = alike[0], len(alike) - 1
        why = f": {first.reason}" if first.reason else ""
        yield f"  unused: {first.action} in {first.place}{f' and {more} more policies' if more else ''}{why}"


def observed_lines(found: Observed) -> list[str]:
    """What was observed, for a person."""
    lines = [f"not foretold: {c.who} {c.action} on {c.resource} ({c.decision})" for c in found.unforetold]
    lines += [f"refused: {c.who} {c.action} on {c.resource}" for c in found.denied]
    lines += [f"looked for what was not there: {c.who} in {c.resource} (S3 answers that with 403, not 404, to who may"
              " not list the bucket: no need, unless the code tells the two apart)" for c in found.absent]
    idle = f"{len(found.idle)} needs were not borne out by a call"
    count = f"{len(found.unforetold) or 'none'} of them not foretold"
    return [*lines, f"{found.calls} calls by the platform's roles, {count}; {idle}"]


def proposal_lines(proposed: Mapping[str, Sequence[Grant]], *, written: bool) -> list[str]:
    """Needs that services may declare, as crossdock.yaml has them."""
    lines: list[str] = []
    for service, needs in proposed.items():
        done = "written to crossdock.yaml" if written else "not declared yet"
        lines.append(f"needs of {service}, {done}:")
        for need in needs:
            lines += [f"  - actions: [{', '.join(need.actions)}]", "    resources:"]
            lines += [f'      - "{resource}"' for resource in need.resources]
    return lines
