"""Try public templates on the local AWS: `python scripts/cases.py FOLDER --list LIST.tsv [--kind KIND] [--only NAME]
[--json FILE] [--page FILE]`.

FOLDER holds checkouts as `owner/name`; LIST has the columns kind, name, repository, commit, path (docs/cases/README.md
says what counts as working). Results of cases that aren't tried now stay in the file. Each case gets a process and a
local AWS of its own. It runs code that others wrote: give it a machine, or at least namespaces, where that can do no
harm.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from casework import alike, listing, page
from casework.outcome import Outcome, scrubbed

SECONDS = 420.0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", type=Path, required=True, dest="listing")
    parser.add_argument("--kind", choices=listing.KINDS, action="append")
    parser.add_argument("--only", action="append", help="a case's name, or a part of it")
    parser.add_argument("--json", type=Path, help="write the results there; cases that aren't tried keep theirs")
    parser.add_argument("--page", type=Path, help="render the results as Markdown there")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    cases = listing.read(given.listing, given.folder.resolve())
    if given.one:
        return _one(next(case for case in cases if f"{case.kind}:{case.name}" == given.one))
    chosen = [case for case in cases if (not given.kind or case.kind in given.kind)
              and (not given.only or any(part in case.name for part in given.only))]
    found = list(_all(chosen, given))
    if given.json:
        _write(given.json, found, given.page)
    for kind, count in page.counts(found).items():
        print(kind, count)
    return 0


def _all(chosen: Sequence[listing.Case], given: argparse.Namespace) -> Any:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(given.jobs) as pool:
        for case, (outcome, seconds) in zip(chosen, pool.map(lambda case: _apart(case, given), chosen), strict=True):
            print(f"{case.kind:9} {case.name:60} {outcome.verdict:8} {seconds:5.1f}s {'; '.join(outcome.why)[:160]}",
                  flush=True)
            yield {"kind": case.kind, "name": case.name, "repository": case.repository, "commit": case.commit,
                   "path": case.path, "verdict": outcome.verdict, "why": [scrubbed(said) for said in outcome.why],
                   "notes": [scrubbed(said) for said in outcome.notes]}


def _apart(case: listing.Case, given: argparse.Namespace) -> tuple[Outcome, float]:
    """The case in a process of its own."""
    started = time.monotonic()
    argv = [sys.executable, __file__, str(given.folder), "--list", str(given.listing), "--one",
            f"{case.kind}:{case.name}"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=False)
        told = json.loads(done.stdout.strip().splitlines()[-1])
        outcome = alike.judged(case.kind, case.name, Outcome(**told))
    except subprocess.TimeoutExpired:
        outcome = Outcome("failed", [f"not done after {SECONDS:.0f} s"])
    except (ValueError, IndexError, TypeError):
        outcome = Outcome("failed", [f"the script broke: {done.stderr.strip()[-600:]}"])
    return outcome, time.monotonic() - started


def _one(case: listing.Case) -> int:
    from casework import stage, values

    attempt = importlib.import_module(f"casework.{case.kind}").attempt
    with tempfile.TemporaryDirectory(prefix="case-") as folder, stage.raised(Path(folder) / "local") as raised:
        values.settle(raised)
        outcome = attempt(raised, case, Path(folder))
        print("\n" + json.dumps(asdict(outcome)), flush=True)
    return 0


def _write(file: Path, found: list[dict[str, Any]], rendered: Path | None) -> None:
    from crossdock import __version__

    kept: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["cases"] if file.exists() else []
    tried = {(case["kind"], case["name"]) for case in found}
    cases = sorted([*found, *(case for case in kept if (case["kind"], case["name"]) not in tried)],
                   key=lambda case: (listing.KINDS.index(case["kind"]), case["name"]))
    commit = subprocess.run(["git", "-c", "safe.directory=*", "rev-parse", "--short", "HEAD"], text=True, check=False,
                            cwd=Path(__file__).parent, capture_output=True).stdout.strip() or "unknown"
    results = {"date": datetime.now(UTC).date().isoformat(), "version": __version__, "commit": commit,
               "counts": page.counts(cases), "cases": cases}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if rendered:
        rendered.write_text(page.render(results), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
