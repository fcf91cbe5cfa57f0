"""One small world, resolved and located once for all tests that only look."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from idh import columns
from idh.locate.job import locate
from idh.resolve.job import resolve
from idh.resolve.model import Model
from idh.resolve.survive import survive
from idh.synthetic import PROFILES, generate


@dataclass(frozen=True, slots=True)
class World:
    """A database after both jobs, the model that was trained, and the folder that it was read from."""

    db: duckdb.DuckDBPyConnection
    model: Model
    folder: Path


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    generate(folder, 1500, PROFILES["steady"], seed=5)
    with duckdb.connect() as db:
        columns.open_sources(db, folder)
        _, model = resolve(db)
        locate(db)
        survive(db)
        yield World(db, model, folder)


Rows = list[dict[str, str]]


@pytest.fixture
def sources(tmp_path: Path) -> Callable[..., Path]:
    """Writes source files from rows given by name: `sources(nppes=[...], survey=[...])`; strings only."""

    def write(**tables: Rows) -> Path:
        for name, rows in tables.items():
            names = sorted({key for row in rows for key in row})
            pq.write_table(
                pa.table({key: pa.array([row.get(key, "") for row in rows], pa.string()) for key in names}),
                tmp_path / f"{name}.parquet",
            )
        return tmp_path

    return write
