import gzip
import io
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idh import manifest
from idh.contracts import LONGEST_ROW, SURVEY, refusal
from idh.ingest.job import Result, UnknownContract, ingest
from idh.storage import Folder, NotStored

KEY = "raw/survey/v=1/dt=2024-05-01/run=01HX/part-0.jsonl.gz"


def answer(number: int, **more: object) -> dict[str, object]:
    return {
        "record_id": f"S{number}",
        "survey_id": "skills-1",
        "submitted_at": "2024-05-01T10:00:00Z",
        "npi": "1234567893",
        "first_name": "Ann",
        "last_name": "Lee",
        "state": "DE",
        "email": "ann@mail.example",
        "consent": "opt_in",
        "skills": "botox|dialysis",
        **more,
    }


def packed(*rows: object) -> bytes:
    return gzip.compress(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows))


def stored(storage: Folder, result: Result) -> list[dict[str, object]]:
    run = manifest.load(storage, result.prefix + manifest.NAME)
    tables = [
        pq.read_table(io.BytesIO(manifest.content(storage, file)))
        for file in run.files
        if file.key.endswith(".parquet")
    ]
    rows: list[dict[str, object]] = pa.concat_tables(tables).to_pylist() if tables else []
    return rows


def quarantined(storage: Folder, result: Result) -> list[dict[str, object]]:
    run = manifest.load(storage, result.prefix + manifest.NAME)
    return [
        json.loads(line)
        for file in run.files
        if file.key.startswith("quarantine/")
        for line in gzip.decompress(manifest.content(storage, file)).splitlines()
    ]


def test_good_rows_arrive_and_bad_rows_wait_with_their_reasons(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    storage.write(
        KEY,
        packed(
            answer(1),
            b"{not json",
            b"[1]",
            answer(2, npi="1234567890"),
            answer(3, consent="maybe"),
            answer(4, last_name=" "),
            answer(5, zip=19901),
            b'{"record_id": "S6", "last_name": "\xe9"}',
            answer(7, first_name="x" * LONGEST_ROW),
            answer(8, first_name="x" * 301),
            b'{"record_id": "S9\x00"}',
            answer(10, unknown="is dropped"),
            answer(11, email=None),
        ),
    )
    result = ingest(storage, KEY)
    assert (result.read, result.accepted, result.duplicates, result.refused) == (13, 3, 0, 10)
    assert [row["record_id"] for row in stored(storage, result)] == ["S1", "S10", "S11"]
    assert {row["line"]: row["reason"] for row in quarantined(storage, result)} == {
        2: "not JSON",
        3: "not an object",
        4: "npi: wrong check digit",
        5: "consent: not as agreed",
        6: "last_name: missing",
        7: "zip: not a text",
        8: "not UTF-8 at byte 34",
        9: f"longer than {LONGEST_ROW} bytes",
        10: "first_name: longer than 300",
        11: "a null byte",
    }


def test_a_file_delivered_twice_is_ingested_once(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    storage.write(KEY, packed(answer(1), answer(2)))
    again = KEY.replace("01HX", "01HY")
    storage.write(again, storage.read(KEY))
    first, second = ingest(storage, KEY), ingest(storage, again)
    assert second.again
    assert first.prefix == second.prefix
    assert len(list(manifest.runs(storage, "ingestion/"))) == 1


def test_a_record_delivered_in_two_files_is_stored_once(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    other = KEY.replace("part-0", "part-1")
    storage.write(KEY, packed(answer(1), answer(2), answer(2)))
    storage.write(other, packed(answer(2), answer(3)))
    first, second = ingest(storage, KEY), ingest(storage, other)
    assert (first.accepted, first.duplicates) == (2, 1)
    assert (second.accepted, second.duplicates) == (1, 1)


def test_a_changed_record_is_another_record(tmp_path: Path) -> None:
    storage = Folder(tmp_path)
    storage.write(KEY, packed(answer(1), answer(1, consent="opt_out")))
    assert ingest(storage, KEY).accepted == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [(packed(answer(1))[:-12], "damaged gzip: it ends too early"), (b"\x1f\x8b\x00nonsense", "damaged gzip")],
)
def test_a_poisoned_file_goes_to_quarantine_whole(tmp_path: Path, content: bytes, reason: str) -> None:
    storage = Folder(tmp_path)
    storage.write(KEY, content)
    result = ingest(storage, KEY)
    assert (result.accepted, result.refused) == (0, 1)
    assert str(quarantined(storage, result)[0]["reason"]).startswith(reason)


def test_a_key_of_no_contract_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownContract):
        ingest(Folder(tmp_path), "raw/survey/v=9/dt=2024-05-01/x")
    with pytest.raises(NotStored):
        ingest(Folder(tmp_path), KEY)


class Killed(BaseException):
    """The process ended here."""


class Mortal(Folder):
    """A folder whose process dies at the n-th write, before or after it took place."""

    def __init__(self, root: Path, death: int, after: bool) -> None:
        super().__init__(root)
        self.death, self.after = death, after

    def write(self, key: str, content: bytes) -> None:
        self.death -= 1
        if self.death == 0 and not self.after:
            raise Killed
        super().write(key, content)
        if self.death == 0:
            raise Killed


def test_killed_anywhere_and_run_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    rng = random.Random(3)
    keys = [KEY.replace("part-0", f"part-{n}") for n in range(4)]
    for attempt in range(12):
        root = tmp_path / str(attempt)
        for n, key in enumerate(keys):
            Folder(root).write(key, packed(*(answer(rng.randrange(12), city=str(n % 2)) for _ in range(6)), b"poison"))
        whole = {
            json.dumps({**json.loads(line), "npi": ""}, sort_keys=True)
            for key in keys
            for line in gzip.decompress(Folder(root).read(key)).splitlines()
            if line != b"poison"
        }
        for _ in range(3):
            try:
                storage = Mortal(root, rng.randrange(1, 9), rng.random() < 0.5)
                for key in keys:
                    ingest(storage, key)
            except Killed:
                pass
        results = [ingest(Folder(root), key) for key in keys]
        assert sum(result.accepted for result in results) == len(whole)
        assert all(result.read == 7 and result.refused == 1 for result in results)


texts = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(["opt_in", "1234567893", "DE", "a@b.example", " ", "2024-05-01", "botox", "é"]),
    st.integers(),
    st.booleans(),
    st.lists(st.integers(), max_size=1),
)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.dictionaries(st.sampled_from(SURVEY.names), texts), min_size=1, max_size=25))
def test_one_record_and_many_are_judged_alike(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    storage = Folder(tmp_path_factory.mktemp("alike"))
    filled = [{**answer(number), **row, "record_id": f"S{number}"} for number, row in enumerate(rows)]
    storage.write(KEY, packed(*filled))
    told = {row["line"]: row["reason"] for row in quarantined(storage, ingest(storage, KEY))}
    for line, row in enumerate(filled, 1):
        expected = "a null byte" if "\\u0000" in json.dumps(row) and line not in told else refusal(SURVEY, row)
        assert told.get(line) == expected, row
