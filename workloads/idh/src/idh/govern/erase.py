"""Forget a physician's records, and remember only that they must stay forgotten.

Reaches the ingestion zone and the warehouse's files; the raw zone and the quarantine are not reached yet.

A tombstone holds hashes (of the NPI and of the addresses), never the data. It outlives the data, so that a record
that is collected
again is recognised and dropped, and an address is never written to again (42 CFR and state privacy laws ask for
erasure; 15 USC
7704(a)(4) for the suppression to last).
"""

import hashlib
import hmac
import io
import json
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from idh import manifest
from idh.manifest import File, Manifest
from idh.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How many rows of how many files were removed, and the tombstone's key."""

    rows: int
    files: int
    tombstone: str


def mark(secret: bytes, kind: str, value: str) -> str:
    """What a tombstone holds of an NPI or an address: keyed, since there are few enough NPIs to try them all."""
    return hmac.new(secret, f"{kind}\x1f{value.strip().lower()}".encode(), hashlib.sha256).hexdigest()


def erase(storage: Storage, secret: bytes, record_ids: set[str], npis: set[str], emails: set[str]) -> Erased:
    """Write the tombstone first, then remove the rows from every finished run of `ingestion/` and `dw/`.

    The order makes a death harmless: what is left is erased by the next run, and nothing comes back meanwhile.
    A file is replaced before the manifest that describes it.
    """
    marks = sorted(
        {mark(secret, "npi", n) for n in npis if n}
        | {mark(secret, "email", e) for e in emails if e}
        | {mark(secret, "record", r) for r in record_ids}
    )
    key = f"tombstones/{hashlib.sha256(''.join(marks).encode()).hexdigest()[:32]}.json"
    storage.write(key, json.dumps({"marks": marks}).encode())
    rows = files = 0
    wanted = pa.array(sorted(record_ids), pa.string())
    for prefix in ("ingestion/", "dw/"):
        for run in list(manifest.runs(storage, prefix)):
            kept: list[File] = []
            removed = 0
            for file in run.files:
                renewed, gone = _without(storage, file, wanted)
                kept.append(renewed)
                removed += gone
                files += gone > 0
            if removed:
                manifest.commit(
                    storage,
                    Manifest(
                        prefix=run.prefix,
                        files=tuple(kept),
                        inputs=run.inputs,
                        counts={**run.counts, "erased": run.counts.get("erased", 0) + removed},
                    ),
                )
            rows += removed
    return Erased(rows=rows, files=files, tombstone=key)


def _without(storage: Storage, file: File, wanted: pa.Array) -> tuple[File, int]:
    if not file.key.endswith(".parquet"):
        return file, 0
    content = io.BytesIO(
        storage.read(file.key)
    )  # the digest may be that of a file which an earlier, dead erasure replaced
    if "record_id" not in pq.read_schema(content).names:
        return file, 0
    table = pq.read_table(content)
    kept = table.filter(pc.invert(pc.is_in(table["record_id"], value_set=wanted)))
    if kept.num_rows == table.num_rows and manifest.digest(content.getvalue()) == file.sha256:
        return file, 0
    buffer = io.BytesIO()
    pq.write_table(kept, buffer, compression="zstd")
    return manifest.put(storage, file.key, buffer.getvalue(), kept.num_rows), file.rows - kept.num_rows


def forgotten(storage: Storage, secret: bytes, kind: str, value: str) -> bool:
    """Whether a tombstone names this NPI (`npi`), address (`email`) or record (`record`)."""
    looked_for = mark(secret, kind, value)
    return any(looked_for in json.loads(storage.read(key))["marks"] for key in storage.keys("tombstones/"))
