"""Ask another emulator what crossdock's local AWS is asked, and compare: `python scripts/witness.py [--record] [--only
PART]`.

The witness is a pinned package from the package index that pip is set up for, in an environment of its own below
`build/witness`, made at the first run. Every difference must be explained in tests/witness/differences.yaml. Exit code
0: all are; 1: some are not, or an explanation has nothing left to explain. With --record the answers are kept in
tests/witness/answers.json, and docs/witness.md is written from them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from witnessing import compare, page, recorded, sides
from witnessing.asking import answers


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="keep the answers, and render docs/witness.md")
    parser.add_argument("--render", action="store_true", help="render docs/witness.md from the answers that are kept")
    parser.add_argument("--only", default="", metavar="PART", help="questions with this in their name")
    given = parser.parse_args(argv)
    table = compare.read(recorded.TABLE)
    if given.render:
        recorded.PAGE.write_text(page.render(recorded.read(), table), encoding="utf-8")
        return 0
    told = ask(given.only)
    found = list(compare.differences(told.ours, told.theirs))
    explained = compare.explained(found, table)
    open_ones = [difference for difference in found if difference.name not in explained]
    for difference in open_ones:
        print(f"{difference.name}\n  crossdock  {json.dumps(difference.ours, ensure_ascii=False)}\n"
              f"  witness    {json.dumps(difference.theirs, ensure_ascii=False)}")
    unused = [] if given.only else compare.unused(found, table, told.ours)
    for pattern in unused:
        print(f"{pattern}: explains nothing")
    print(f"{len(told.ours)} questions, {len(found)} differences, {len(open_ones)} unexplained")
    if given.record and not given.only:
        recorded.write(told)
        recorded.PAGE.write_text(page.render(told, table), encoding="utf-8")
    return 1 if open_ones or unused else 0


def ask(only: str = "") -> recorded.Recorded:
    """Both clouds' answers."""
    if not sides.installed():
        sides.install()
    with sides.ministack() as side:
        witness, theirs = side.name, answers(side, only)
    with sides.crossdock() as side:
        ours = answers(side, only)
    return recorded.Recorded(date=datetime.now(UTC).date().isoformat(), witness=witness, ours=ours, theirs=theirs)


if __name__ == "__main__":
    sys.exit(main())
