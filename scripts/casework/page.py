"""docs/cases/README.md, from the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from casework.listing import KINDS
from casework.outcome import VERDICTS


def counts(cases: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Kind -> verdict -> how many."""
    found = {kind: Counter(case["verdict"] for case in cases if case["kind"] == kind) for kind in KINDS}
    return {kind: {verdict: count[verdict] for verdict in VERDICTS} for kind, count in found.items() if count}


def refused(cases: list[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """What is refused, and in how many cases, the most frequent first."""
    found = Counter(name for case in cases if case["verdict"] == "refused" for name in set(case["why"]))
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def render(results: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    cases = results["cases"]
    lines = [
        "# Public templates on the local AWS", "",
        f"Made by `scripts/cases.py` on {results['date']} (crossdock {results['version']}, commit "
        f"{results['commit']}). Templates that others wrote, each tried in a local AWS of its own. None of them "
        "is part of this repository; `results.json` names each with its commit.", "",
        "- *works*: a SAM application is packaged, deployed with every resource found through its service's own API, "
        "its functions of Python and Node.js invoked with a matching event, its APIs called, deleted; a pipeline is "
        "created and an execution runs through every action that has its inputs; a buildspec's commands are run up to "
        "its end, or to the first that needs what the case's stage has not, and `exit 1` put into any of its phases "
        "fails the build; the parents of a nested library are created and deleted with nothing left over.",
        "- *refused*: it needs something that isn't emulated, and was told so by name.",
        "- *alike*: AWS refuses it as well, for the reason that `alike.tsv` gives.",
        "- *wrong*: it was said to have worked, and had not.",
        "- *failed*: anything else.", "",
        f"| kind | {' | '.join(VERDICTS)} |", f"| --- |{' --- |' * len(VERDICTS)}",
        *(f"| {kind} | {' | '.join(str(count[verdict]) for verdict in VERDICTS)} |"
          for kind, count in counts(cases).items()), "",
        "Try again: `make cases FOLDER=checkouts LIST=cases.tsv`, where `checkouts` holds the repositories as "
        "`owner/name` and the list has the columns kind, name, repository, commit, path. It runs code that others "
        "wrote: give it a machine, or at least namespaces, where that does no harm.", "",
        "## What is refused most", "", "| what | cases |", "| --- | --- |",
        *(f"| {_cell(name)} | {count} |" for name, count in refused(cases)[:40]), "",
        "## Cases that do not work", "", "| case | verdict | why |", "| --- | --- | --- |",
        *(f"| {case['name']} | {case['verdict']} | {_cell('; '.join(case['why']))[:300]} |"
          for case in cases if case["verdict"] != "works"), "",
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
