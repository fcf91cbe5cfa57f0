"""Decide a file of requests with expected results, and count agreement.

    python scripts/vectors.py FILE        one JSON object a line; `-` for standard input

Fields beside those of `crossdock access decide`: `expected` (`allowed`, `explicit_deny`, `implicit_deny`), `attested`
(`allow-or-not`: the source tells no more than that; else `exact`), `confidence` (`medium` is no gate). Exit code 1 when
a record that is a gate disagrees.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from crossdock.errors import PolicyError
from crossdock.iam.vectors import decide_line


def agrees(record: Mapping[str, Any]) -> tuple[bool, bool, str]:
    """Whether allowed-or-not agrees, whether the exact result does, and what was decided."""
    try:
        found = str(decide_line(record)["decision"])
    except PolicyError as error:
        return False, False, str(error)
    expected = record["expected"]
    coarse = (found == "allowed") == (expected == "allowed")
    return coarse, coarse if record.get("attested") == "allow-or-not" else found == expected, found


def main(lines: Iterable[str]) -> int:
    """Print what disagrees, then the counts."""
    total = coarse = exact = gates = 0
    for line in filter(str.strip, lines):
        record = json.loads(line)
        same, whole, found = agrees(record)
        total, coarse, exact = total + 1, coarse + same, exact + whole
        if not whole:
            gate = record.get("confidence") != "medium"
            gates += gate
            kind = "disagrees" if gate else "differs (no gate)"
            sys.stdout.write(f"{record['id']} {kind}: {found}, expected {record['expected']}\n")
    sys.stdout.write(f"{exact} of {total} agree, {coarse} on allowed or not\n")
    return 1 if gates else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: vectors.py FILE")
    if sys.argv[1] == "-":
        sys.exit(main(sys.stdin))
    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        sys.exit(main(file))
