"""Follow one record through the zones, by what the manifests and the warehouse say."""

import io
from dataclasses import dataclass

import pyarrow.compute as pc
import pyarrow.parquet as pq

from idh import manifest
from idh.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One place where the record was found. `inputs` are the keys that the run which wrote it had read."""

    zone: str
    key: str
    rows: int
    inputs: tuple[str, ...]


def trace(storage: Storage, source: str, record_id: str) -> tuple[Step, ...]:
    """Every file of finished runs that holds the record, from ingestion on; empty when there is none."""
    found = []
    for prefix in (f"ingestion/{source}/", "dw/"):
        for run in manifest.runs(storage, prefix):
            for file in run.files:
                if not file.key.endswith(".parquet"):
                    continue
                content = io.BytesIO(manifest.content(storage, file))
                if "record_id" not in pq.read_schema(content).names:
                    continue
                column = pq.read_table(content, columns=["record_id"])["record_id"]
                if rows := pc.sum(pc.equal(column, record_id)).as_py():
                    found.append(
                        Step(zone=prefix.split("/")[0], key=file.key, rows=rows, inputs=tuple(sorted(run.inputs)))
                    )
    return tuple(found)
