"""Load runs into Snowflake: `COPY INTO` the files that a manifest names, then `MERGE`, and count.

A table changes by one statement (with history: one transaction) that a repetition leaves as it is; the ledger of
loads is written after it: a load that died anywhere is repeated whole, one in the ledger is not. What was copied
is counted against the manifest before the table is touched, and against the table afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

from idh.manifest import Manifest, digest
from idh.warehouse.star import BY_NAME, Table


class Cursor(Protocol):
    """What is used of a DB-API cursor."""

    def execute(self, statement: str, /) -> Any: ...
    def fetchall(self) -> Sequence[Any]: ...


class Connection(Protocol):
    """What is used of `snowflake.connector`'s connection."""

    def cursor(self) -> Any: ...


class Unreconciled(ValueError):
    """Counts disagree: the load is not in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One run in one table. `new` rows were not there before; `again` means that the ledger had it."""

    table: str
    run: str
    rows: int
    new: int
    again: bool = False


def _ask(connection: Connection, statement: str) -> Sequence[Any]:
    cursor: Cursor = connection.cursor()
    cursor.execute(statement)
    return cursor.fetchall()


def _number(connection: Connection, statement: str) -> int:
    return int(_ask(connection, statement)[0][0])


def migrate(connection: Connection) -> list[str]:
    """Apply the migrations in `ddl/` that the warehouse does not have yet, in order; return their names."""
    _ask(connection, "CREATE TABLE IF NOT EXISTS schema_migration (name VARCHAR)")
    done = {row[0] for row in _ask(connection, "SELECT name FROM schema_migration")}
    applied = []
    for script in sorted(files("idh.warehouse").joinpath("ddl").iterdir(), key=lambda entry: entry.name):
        if script.name.endswith(".sql") and script.name not in done:
            lines = [line for line in script.read_text().splitlines() if not line.startswith("--")]
            for statement in "\n".join(lines).split(";"):
                if statement.strip():
                    _ask(connection, statement)
            _ask(connection, f"INSERT INTO schema_migration VALUES ('{script.name}')")
            applied.append(script.name)
    return applied


def stage(connection: Connection, url: str, integration: str = "") -> None:
    """Make the stage `landing` over the zone: an S3 URL with its storage integration, or a folder's `file://` URL."""
    more = f" STORAGE_INTEGRATION = {integration}" if integration else ""
    _ask(connection, f"CREATE OR REPLACE STAGE landing URL = '{url.rstrip('/')}/'{more}")


def load(connection: Connection, manifest: Manifest, crash: Callable[[str], None] = lambda _step: None) -> Loaded:
    """Load one table's run. Raises Unreconciled. `crash` is called between the steps, for tests of a death there."""
    table = BY_NAME[manifest.prefix.split("/")[1]]
    run = manifest.prefix
    before = _ask(
        connection, f"SELECT rows_loaded, rows_new FROM load_ledger WHERE run = '{run}' AND table_name = '{table.name}'"
    )
    if before:
        return Loaded(table=table.name, run=run, rows=int(before[0][0]), new=int(before[0][1]), again=True)
    # Of this run alone, so that loads of two runs cannot meet; not temporary, since a session may be lost.
    staged = f"staged_{table.name}_{digest(run.encode())[:12]}"
    _ask(connection, f"CREATE OR REPLACE TRANSIENT TABLE {staged} LIKE {table.name}")
    names = ", ".join(f"'{file.key}'" for file in manifest.files)
    _ask(
        connection,
        f"COPY INTO {staged} FROM @landing FILES = ({names}) FILE_FORMAT = (TYPE = PARQUET) "
        "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
    )
    crash("copied")
    rows = _number(connection, f"SELECT count(*) FROM {staged}")
    expected = sum(file.rows for file in manifest.files)
    if rows != expected:
        raise Unreconciled(f"{table.name}: {rows} rows of {expected} arrived")
    there = _number(connection, f"SELECT count(*) FROM {table.name}")
    if table.history:
        _renew(connection, table, staged)
    else:
        _ask(connection, _merge(table, staged))
    crash("merged")
    new = _number(connection, f"SELECT count(*) FROM {table.name}") - there
    matched = _number(connection, f"SELECT count(*) FROM {table.name} t JOIN {staged} s ON {_same(table)}")
    if matched != rows:
        raise Unreconciled(f"{table.name}: {matched} of {rows} rows are in the table")
    _ask(connection, f"INSERT INTO load_ledger VALUES ('{run}', '{table.name}', {rows}, {new})")
    _ask(connection, f"DROP TABLE {staged}")
    return Loaded(table=table.name, run=run, rows=rows, new=new)


def _same(table: Table) -> str:
    current = " AND t.valid_to IS NULL" if table.history else ""
    return " AND ".join(f"t.{column} = s.{column}" for column in table.key) + current


def _merge(table: Table, staged: str) -> str:
    others = [column for column in table.columns if column not in table.key]
    update = f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{c} = s.{c}' for c in others)} " if others else ""
    return (
        f"MERGE INTO {table.name} t USING {staged} s ON {_same(table)} {update}"
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(table.columns)}) "
        f"VALUES ({', '.join('s.' + c for c in table.columns)})"
    )


def _renew(connection: Connection, table: Table, staged: str) -> None:
    """Slowly changing dimension, type 2, in one transaction: a current version that the run contradicts ends as the new
    one begins; what no current version has is added."""
    _ask(connection, "BEGIN")
    try:
        _ask(
            connection,
            f"UPDATE {table.name} SET valid_to = s.valid_from FROM {staged} s "
            f"WHERE {table.name}.physician_id = s.physician_id "
            f"AND {table.name}.valid_to IS NULL AND {table.name}.version_key <> s.version_key",
        )
        _ask(
            connection,
            f"INSERT INTO {table.name} ({', '.join(table.columns)}) "
            f"SELECT {', '.join('s.' + c for c in table.columns)} "
            f"FROM {staged} s LEFT JOIN {table.name} t ON {_same(table)} WHERE t.version_key IS NULL",
        )
        _ask(connection, "COMMIT")
    except BaseException:
        _ask(connection, "ROLLBACK")
        raise
