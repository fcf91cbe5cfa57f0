import contextlib
import io
from pathlib import Path

import pyarrow.parquet as pq

from idh import manifest
from idh.govern.erase import erase, forgotten
from idh.govern.lineage import trace
from idh.ingest.job import ingest
from idh.storage import Folder
from test_ingest import KEY, answer, packed

SECRET = b"a secret of the tests"


def test_a_record_is_traced_to_the_raw_file_it_came_in(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    storage.write(KEY, packed(answer(1), answer(2)))
    ingest(storage, KEY)
    steps = trace(storage, "survey", "S2")
    assert [(step.zone, step.rows, step.inputs) for step in steps] == [("ingestion", 1, (KEY,))]
    assert trace(storage, "survey", "S9") == ()


def test_erasure_removes_the_rows_and_the_tombstone_stays(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    storage.write(KEY, packed(answer(1), answer(2)))
    prefix = ingest(storage, KEY).prefix
    done = erase(storage, SECRET, {"S1"}, {"1234567893"}, {"ann@mail.example"})
    assert (done.rows, done.files) == (1, 1)
    run = manifest.load(storage, prefix + manifest.NAME)
    left = pq.read_table(io.BytesIO(manifest.content(storage, run.files[0])))
    assert left["record_id"].to_pylist() == ["S2"]
    assert run.counts["erased"] == 1
    assert forgotten(storage, SECRET, "email", " Ann@Mail.Example")
    assert forgotten(storage, SECRET, "npi", "1234567893")
    assert not forgotten(storage, SECRET, "email", "bob@mail.example")
    for key in storage.keys("tombstones/"):
        assert b"1234567893" not in storage.read(key)
        assert b"ann@" not in storage.read(key)


def test_erasing_again_changes_nothing_more(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    storage.write(KEY, packed(answer(1), answer(2)))
    ingest(storage, KEY)
    erase(storage, SECRET, {"S1"}, set(), set())
    assert erase(storage, SECRET, {"S1"}, set(), set()).rows == 0


def test_an_erasure_that_died_between_file_and_manifest_is_finished_by_the_next(tmp_path: Path) -> None:
    class Dead(BaseException):
        pass

    class Mortal(Folder):
        def write(self, key: str, content: bytes) -> None:
            if key.endswith(manifest.NAME):
                raise Dead
            super().write(key, content)

    storage = Folder(tmp_path)
    storage.write(KEY, packed(answer(1), answer(2)))
    prefix = ingest(storage, KEY).prefix
    with contextlib.suppress(Dead):
        erase(Mortal(tmp_path), SECRET, {"S1"}, set(), set())
    erase(storage, SECRET, {"S1"}, set(), set())
    run = manifest.load(storage, prefix + manifest.NAME)
    assert pq.read_table(io.BytesIO(manifest.content(storage, run.files[0])))["record_id"].to_pylist() == ["S2"]
