"""Write the star's tables to the zone `dw/`: Parquet, a manifest per run."""

import tempfile
from datetime import date
from pathlib import Path

import duckdb

from idh import manifest
from idh.manifest import Manifest
from idh.sql import count
from idh.storage import Storage
from idh.warehouse.star import TABLES


def export(db: duckdb.DuckDBPyConnection, storage: Storage, run: str, day: date) -> tuple[Manifest, ...]:
    """Export what the jobs left in `db` as `dw/{table}/dt={day}/run={run}/`; returns the manifests, one per table.

    Tables whose inputs this run did not make (sends, campaigns) are other jobs'.
    """
    db.execute(f"SET VARIABLE day = '{day}'")
    made = []
    for table in TABLES:
        db.execute(f"CREATE OR REPLACE TEMP TABLE leaving AS {table.query}")
        rows = count(db, "leaving")
        prefix = f"dw/{table.name}/dt={day}/run={run}/"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "part-0.parquet"
            keys = ", ".join(table.key)
            quoted = str(path).replace("'", "''")
            db.execute(
                f"COPY (SELECT {', '.join(table.columns)} FROM leaving ORDER BY {keys}) TO '{quoted}' "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            file = manifest.put(storage, f"{prefix}part-0.parquet", path.read_bytes(), rows)
        found = Manifest(prefix=prefix, files=(file,), inputs={"run": run}, counts={"rows": rows})
        manifest.commit(storage, found)
        made.append(found)
    return tuple(made)
