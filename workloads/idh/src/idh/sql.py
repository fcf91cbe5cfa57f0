"""Small helpers around a DuckDB connection. A result is always read to its end: DuckDB refuses new work before."""

from collections.abc import Sequence
from typing import Any

import duckdb


def row(db: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] | None = None) -> tuple[Any, ...]:
    """The only row of a query's result."""
    found = db.execute(query, parameters).fetchall()
    if len(found) != 1:
        raise ValueError(f"one row expected, got {len(found)}")
    return tuple(found[0])


def value(db: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] | None = None) -> Any:
    """The only value of a query's result."""
    return row(db, query, parameters)[0]


def count(db: duckdb.DuckDBPyConnection, table: str) -> int:
    """How many rows a table has."""
    return int(value(db, f"SELECT count(*) FROM {table}"))
