"""`python -m idh.evaluate IN --out OUT`: the resolver's and the locator's own code over a folder of Parquet files.

Reads `nppes`, `survey`, `web`, `suppression` and `campaign_events` (`idh.columns` names their columns, all strings;
only the
registry must be there). Writes `physicians.parquet` (record_id, physician_id), `emails.parquet` (physician_id, email
or null,
confidence, reason, sendable) and `report.json` (seconds by step, peak memory, counts).
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import duckdb

from idh import columns
from idh.locate.job import locate
from idh.resolve.job import resolve
from idh.sql import count

T = TypeVar("T")


def evaluate(source: Path, out: Path, memory: str = "1GB") -> dict[str, object]:
    """Run both jobs over `source`, write the three files into `out`, return the report.

    `memory` is the limit of DuckDB's buffers; past it, it spills to a temporary folder.
    """
    out.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        result = work()
        seconds[name] = round(time.perf_counter() - begun, 3)
        return result

    with (
        tempfile.TemporaryDirectory() as spill,
        duckdb.connect(
            config={"memory_limit": memory, "temp_directory": spill, "preserve_insertion_order": "false"}
        ) as db,
    ):
        columns.open_sources(db, source)
        rows = {name: count(db, name) for name in ("nppes", "survey", "web", "suppression", "campaign_events")}
        resolved, model = timed("resolve", lambda: resolve(db))
        located = timed("locate", lambda: locate(db))
        timed("write", lambda: _write(db, out))
        (out / "model.json").write_text(json.dumps(model.settings, indent=1))
    report: dict[str, object] = {
        "seconds": {**seconds, "total": round(sum(seconds.values()), 3), "cpu": round(time.process_time(), 3)},
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        // (1024 * 1024 if sys.platform == "darwin" else 1024),
        "rows": rows,
        "resolve": asdict(resolved),
        "locate": asdict(located),
    }
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    return report


def _write(db: duckdb.DuckDBPyConnection, out: Path) -> None:
    for name, query in (
        ("physicians", "SELECT record_id, physician_id FROM physician_record ORDER BY record_id"),
        (
            "emails",
            "SELECT physician_id, email, round(confidence, 4) AS confidence, reason, sendable "
            "FROM physician_email ORDER BY 1",
        ),
    ):
        path = str(out / f"{name}.parquet").replace("'", "''")
        db.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m idh.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, metavar="IN")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--memory", default="1GB", help="limit of the database's buffers (default 1GB)")
    arguments = parser.parse_args()
    report = evaluate(arguments.source, arguments.out, arguments.memory)
    print(json.dumps(report["seconds"]))


if __name__ == "__main__":
    main()
