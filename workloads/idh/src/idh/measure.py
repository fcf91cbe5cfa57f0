"""`python -m idh.measure`: how good the resolver and the locator are, on synthetic worlds whose truth is known.

Precision and recall of identity count pairs of records; coverage of e-mail counts physicians whose personal address
some source
shows; the expected calibration error has ten bins of equal mass.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from idh.sql import row, value
from idh.synthetic import PROFILES, generate


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Measured against the truth. `violations`: physicians who said no and would be written to."""

    pair_precision: float
    pair_recall: float
    pair_f1: float
    email_precision: float
    email_coverage: float
    calibration_error: float
    violations: int
    opted_out: int


_TABLES = """
CREATE TABLE linked AS SELECT p.physician_id AS c, t.person_id AS p, record_id FROM '{out}/physicians.parquet' p JOIN
    '{truth}/records.parquet' t USING (record_id);
-- a physician is the person whom most of their records are about
CREATE TABLE owner AS SELECT c, arg_max(p, n) AS p, max(n) AS n FROM (SELECT c, p, count(*) AS n FROM linked GROUP BY
    ALL) GROUP BY c;
CREATE TABLE pick AS SELECT e.*, o.p, t.email AS right_email, t.findable, t.opted_out, coalesce(e.email = t.email,
    false) AS ok
FROM '{out}/emails.parquet' e JOIN owner o ON o.c = e.physician_id JOIN '{truth}/people.parquet' t ON t.person_id = o.p;
"""


def quality(source: Path, out: Path) -> Quality:
    """Compare the results in `out` with the truth in `source/truth`."""
    with duckdb.connect() as db:
        db.execute(_TABLES.format(out=out, truth=source / "truth"))
        together, same_group, same_person = row(
            db,
            """
            SELECT (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM linked GROUP BY c, p)),
                (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM linked GROUP BY c)),
                (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM linked GROUP BY p))""",
        )
        precision, recall = together / same_group, together / same_person
        named, right = row(db, "SELECT count(*), count(*) FILTER (ok) FROM pick WHERE email IS NOT NULL")
        found, findable = row(
            db,
            """SELECT (SELECT count(DISTINCT p) FROM pick WHERE ok),
            (SELECT count(*) FROM '{}/people.parquet' WHERE findable)""".format(source / "truth"),
        )
        error = value(
            db,
            """WITH bins AS (SELECT ntile(10) OVER (ORDER BY confidence, physician_id) AS bin, confidence, ok FROM
                pick WHERE email IS NOT NULL)
            SELECT sum(n * abs(c - a)) / sum(n) FROM (SELECT count(*) AS n, avg(confidence) AS c, avg(ok::INT) AS a
                FROM bins GROUP BY bin)""",
        )
        violations, opted = row(
            db, "SELECT count(*) FILTER (sendable AND opted_out), count(*) FILTER (opted_out) FROM pick"
        )
    return Quality(
        pair_precision=precision,
        pair_recall=recall,
        pair_f1=2 * precision * recall / (precision + recall),
        email_precision=right / max(named, 1),
        email_coverage=found / max(findable, 1),
        calibration_error=error or 0.0,
        violations=violations,
        opted_out=opted,
    )


def measure(physicians: int, profile: str, seed: int, folder: Path) -> tuple[Quality, dict[str, Any]]:
    """Make a world, run the evaluation as a process of its own (so that its memory is its own), compare."""
    source, out = folder / "in", folder / "out"
    generate(source, physicians, PROFILES[profile], seed)
    subprocess.run(
        [sys.executable, "-m", "idh.evaluate", str(source), "--out", str(out)], check=True, stdout=subprocess.DEVNULL
    )
    return quality(source, out), json.loads((out / "report.json").read_text())


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m idh.measure", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--physicians", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=[*sorted(PROFILES), "all"], default="all")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = []
    for profile in sorted(PROFILES, reverse=True) if arguments.profile == "all" else [arguments.profile]:
        with tempfile.TemporaryDirectory() as folder:
            found, report = measure(arguments.physicians, profile, arguments.seed, Path(folder))
        rows.append(
            {
                "profile": profile,
                "records": report["resolve"]["records"],
                **asdict(found),
                "seconds": report["seconds"]["total"],
                "cpu_seconds": report["seconds"]["cpu"],
                "peak_mb": report["peak_memory_mb"],
            }
        )
    if arguments.json:
        print(json.dumps(rows, indent=1))
        return
    for name in rows[0]:
        print(
            f"{name.replace('_', ' '):<18}"
            + "".join(
                f"{entry[name]:>12.4f}" if isinstance(entry[name], float) else f"{entry[name]!s:>12}" for entry in rows
            )
        )


if __name__ == "__main__":
    main()
