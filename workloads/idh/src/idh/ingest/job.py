"""Ingest one raw file.

Its run is named by the digest of its content, so a file that is delivered twice, or whose ingestion died half-way,
meets its own
run again: finished, nothing is done; unfinished, the same files are written once more and the manifest ends it. A
record that
another file brought already (same source, key and payload) is counted as a duplicate and not written again.
"""

import io
import json
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from idh import manifest
from idh.contracts import CONTRACTS, Contract, refusal_sql
from idh.ingest.lines import Refused, packed, shown, split, unpack
from idh.manifest import Manifest
from idh.storage import NotStored, Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a file's lines: read = accepted + duplicates + refused. `again` when the run existed already."""

    prefix: str
    read: int
    accepted: int
    duplicates: int
    refused: int
    again: bool = False


class UnknownContract(ValueError):
    """No contract has this source and version."""


def parts_of(key: str) -> tuple[Contract, date]:
    """The contract and day that a raw key `raw/{source}/v={version}/dt={day}/...` names. Raises UnknownContract."""
    pieces = key.split("/")
    try:
        _, source, version, day = pieces[:4]
        return CONTRACTS[source, int(version.removeprefix("v="))], date.fromisoformat(day.removeprefix("dt="))
    except (ValueError, KeyError):
        raise UnknownContract(key) from None


def ingest(storage: Storage, key: str) -> Result:
    """Bring the raw file `key` into the ingestion zone; what breaks its contract goes to quarantine beside it.

    Raises NotStored without the file and UnknownContract for a key of no contract; a damaged file is quarantined whole.
    """
    contract, day = parts_of(key)
    raw = storage.read(key)
    name = manifest.digest(raw)
    prefix = f"ingestion/{contract.source}/dt={day}/run={name[:32]}/"
    try:
        counts = manifest.load(storage, prefix + manifest.NAME).counts
        return Result(
            prefix=prefix,
            read=counts["read"],
            accepted=counts["accepted"],
            duplicates=counts["duplicates"],
            refused=counts["refused"],
            again=True,
        )
    except NotStored:
        pass
    try:
        lines = split(unpack(raw))
    except ValueError as error:
        return _finish(storage, prefix, key, name, None, [Refused(0, str(error), shown(raw))], 0)
    with duckdb.connect() as db:
        db.register(
            "arrived",
            pa.table({"number": pa.array(lines.numbers, pa.int64()), "line": pa.array(lines.texts, pa.string())}),
        )
        known = pa.chunked_array([pa.array([], pa.binary(32)), *_known(storage, contract.source, prefix)])
        db.register("known", pa.table({"idempotency_key": known}))
        refused = [*lines.refused, *_judge(db, contract)]
        accepted = db.sql("""SELECT j.* EXCLUDE (line, fault, copy) FROM judged j ANTI JOIN known USING
            (idempotency_key)
            WHERE fault IS NULL AND copy = 1 ORDER BY number""").to_arrow_table()
    duplicates = len(lines.texts) - (len(refused) - len(lines.refused)) - accepted.num_rows
    return _finish(storage, prefix, key, name, accepted, refused, duplicates)


def _judge(db: duckdb.DuckDBPyConnection, contract: Contract) -> list[Refused]:
    """Make `judged`: a row per readable line: fields, fault or NULL, key, and which copy in the file it is."""
    fields = ", ".join(f"coalesce(line ->> '$.{name}', '') AS \"{name}\"" for name in contract.names)
    natural = " || chr(31) || ".join(f'"{name}"' for name in contract.key)
    payload = " || chr(31) || ".join(f'"{name}"' for name in contract.names)
    db.execute(f"""
        CREATE TABLE judged AS
        WITH parsed AS (SELECT number, line, {fields} FROM arrived WHERE json_valid(line)),
        told AS (SELECT *, {refusal_sql(contract)} AS fault,
            unhex(sha256('{contract.source}' || chr(30) || {natural} || chr(30) || {payload})) AS idempotency_key
                FROM parsed)
        SELECT *, row_number() OVER (PARTITION BY idempotency_key, fault IS NULL ORDER BY number) AS copy FROM told""")
    faults = db.execute("""SELECT number, 'not JSON' AS fault, line FROM arrived WHERE NOT json_valid(line)
        UNION ALL SELECT number, fault, line FROM judged WHERE fault IS NOT NULL ORDER BY 1""").fetchall()
    return [Refused(number, fault, shown(line.encode())) for number, fault, line in faults]


def _known(storage: Storage, source: str, own: str) -> list[pa.Array]:
    """Keys of all records that finished runs of this source hold."""
    found: list[pa.Array] = []
    for run in manifest.runs(storage, f"ingestion/{source}/"):
        for file in run.files:
            if run.prefix != own and file.key.endswith(".parquet"):
                column = pq.read_table(io.BytesIO(manifest.content(storage, file)), columns=["idempotency_key"])[
                    "idempotency_key"
                ]
                found.extend(chunk.cast(pa.binary(32)) for chunk in column.chunks)
    return found


def _finish(
    storage: Storage,
    prefix: str,
    key: str,
    digest: str,
    accepted: pa.Table | None,
    refused: list[Refused],
    duplicates: int,
) -> Result:
    files = []
    if refused:
        rows = "".join(
            json.dumps({"input": key, "line": r.line, "reason": r.reason, "shown": r.shown}) + "\n" for r in refused
        )
        where = prefix.replace("ingestion/", "quarantine/", 1) + "part-0.jsonl.gz"
        files.append(manifest.put(storage, where, packed(rows), len(refused)))
    if accepted is not None and accepted.num_rows:
        buffer = io.BytesIO()
        pq.write_table(accepted, buffer, compression="zstd")
        files.append(manifest.put(storage, prefix + "part-0.parquet", buffer.getvalue(), accepted.num_rows))
    taken = accepted.num_rows if accepted is not None else 0
    counts = {
        "read": taken + duplicates + len(refused),
        "accepted": taken,
        "duplicates": duplicates,
        "refused": len(refused),
    }
    manifest.commit(storage, Manifest(prefix=prefix, files=tuple(files), inputs={key: digest}, counts=counts))
    return Result(prefix=prefix, read=counts["read"], accepted=taken, duplicates=duplicates, refused=len(refused))
