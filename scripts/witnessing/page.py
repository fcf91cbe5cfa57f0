"""docs/witness.md, from the recorded answers and the table of differences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from witnessing import compare, questions
from witnessing.asking import QUESTIONS
from witnessing.compare import Difference, Explanation, Verdict
from witnessing.recorded import Recorded

assert questions.MODULES  # importing them registered them
LONGEST = 140

_HEAD = """# What another emulator answers

Made by `python scripts/witness.py --record`; a test compares. On {date} crossdock's local AWS and {witness} (PyPI, IAM
enforced with AUTH=true) were asked the same {questions} questions through stock boto3, and told {facts} facts:
{agreeing} alike, {differing} otherwise. Each difference is explained below. The witness is no authority: it is another
reading of AWS's documentation, and where the two differ, AWS's documentation decides.

`<uuid>`, `<time>`, `<suffix>` and `ENDPOINT` stand for what differs from run to run.

| verdict | facts | meaning |
| --- | --- | --- |
"""
_MEANING = {
    Verdict.DOCUMENTED: "AWS's documentation says what crossdock answers",
    Verdict.UNSAID: "AWS's documentation does not say: mostly the words of a message",
    Verdict.ABSENT: "one of the two does not do what is asked",
    Verdict.FAULT: "AWS does otherwise than crossdock, which is not mended yet",
}


def render(recorded: Recorded, table: Sequence[Explanation]) -> str:
    found = list(compare.differences(recorded.ours, recorded.theirs))
    why = compare.explained(found, table)
    total = sum(len(compare.flat(facts)) for facts in recorded.ours.values())
    differing = sum(difference.ours != compare.NOTHING for difference in found)
    lines = [_HEAD.format(date=recorded.date, witness=recorded.witness, questions=len(recorded.ours), facts=total,
                          agreeing=total - differing, differing=differing).rstrip("\n")]
    counted = Counter(explanation.verdict for explanation in why.values())
    lines += [f"| {verdict} | {counted[verdict]} | {_MEANING[verdict]} |" for verdict in Verdict]
    lines += ["", "## Questions", "", "| question | asks | facts | alike |", "| --- | --- | --- | --- |",
              *_questions(recorded, found), "", "## Differences", ""]
    for explanation in table:
        lines += _explanation(explanation, [each for each in found if why.get(each.name) is explanation], recorded)
    return "\n".join(lines).rstrip("\n") + "\n"


def _questions(recorded: Recorded, found: Sequence[Difference]) -> Iterator[str]:
    for name, facts in recorded.ours.items():
        total = len(compare.flat(facts))
        differing = sum(each.question == name and each.ours != compare.NOTHING for each in found)
        yield f"| {name} | {QUESTIONS[name].asks} | {total} | {total - differing} |"


def _explanation(explanation: Explanation, found: Sequence[Difference], recorded: Recorded) -> Iterator[str]:
    yield f"**{explanation.verdict}**: {explanation.why}"
    if explanation.page:
        yield f"Source: {explanation.page}."
    yield ""
    yield "| fact | crossdock | the witness |"
    yield "| --- | --- | --- |"
    for each in found:
        yield f"| {each.name} | {_shown(each.ours)} | {_shown(each.theirs)} |"
    if not found:
        for pattern in explanation.facts:
            question, _, fact = pattern.partition(":")
            alike = compare.flat(recorded.ours[question]).get(fact)
            yield f"| {pattern} | {_shown(alike)} | the same |"
    yield ""


def _shown(value: Any) -> str:
    """A value in a table's cell."""
    if value == compare.NOTHING:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split()).replace("`", "'")
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return f"`{text}`".replace("|", "\\|") if text else "(empty)"
