import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from idh.evaluate import evaluate
from idh.measure import quality
from idh.synthetic import PROFILES, generate
from people import registered


def test_the_contracts_files_are_written_and_good(tmp_path: Path) -> None:
    generate(tmp_path / "in", 800, PROFILES["steady"], seed=9)
    report = evaluate(tmp_path / "in", tmp_path / "out")
    with duckdb.connect() as db:
        shapes = {
            name: [(c[0], c[1]) for c in db.execute(f"DESCRIBE FROM '{tmp_path}/out/{name}.parquet'").fetchall()]
            for name in ("physicians", "emails")
        }
        records = db.execute(
            f"SELECT count(*), count(DISTINCT record_id) FROM '{tmp_path}/out/physicians.parquet'"
        ).fetchall()[0]
    assert shapes == {
        "physicians": [("record_id", "VARCHAR"), ("physician_id", "VARCHAR")],
        "emails": [
            ("physician_id", "VARCHAR"),
            ("email", "VARCHAR"),
            ("confidence", "DOUBLE"),
            ("reason", "VARCHAR"),
            ("sendable", "BOOLEAN"),
        ],
    }
    assert records[0] == records[1] == report["resolve"]["records"]  # type: ignore[index]
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == json.loads(json.dumps(report))
    found = quality(tmp_path / "in", tmp_path / "out")
    assert found.pair_f1 > 0.97
    assert found.violations == 0


def test_the_registry_alone_is_enough(sources: Callable[..., Path], tmp_path: Path) -> None:
    evaluate(sources(nppes=[registered(1, "Grace", "Marwell"), registered(2, "Peter", "Quill")]), tmp_path / "out")
    with duckdb.connect() as db:
        assert db.execute(f"SELECT count(DISTINCT physician_id) FROM '{tmp_path}/out/emails.parquet'").fetchall() == [
            (2,)
        ]


def test_without_the_registry_there_is_nothing_to_anchor_to(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        evaluate(tmp_path, tmp_path / "out")


def test_one_seed_makes_one_world(tmp_path: Path) -> None:
    for name in ("a", "b"):
        generate(tmp_path / name, 60, PROFILES["rough"], seed=3)
    for file in ("nppes.parquet", "survey.parquet", "web.parquet", "suppression.parquet", "truth/people.parquet"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
