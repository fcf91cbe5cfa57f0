"""The file: what was written whole counts, what was torn does not, what others wrote is refused."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crossdock.errors import LocalError
from crossdock.local.persistence.heading import check
from crossdock.local.persistence.journal import Journal, Record

OWNER = ("engine", "x")


def opened(path: Path, heading: str = "heading") -> tuple[Journal, dict[str, bytes]]:
    journal = Journal(path / "journal", heading, files=path / "objects")
    return journal, {way[0]: record.data or b"" for (_, way), record in journal.open().items()}


def put(journal: Journal, key: str, data: bytes | None, *files: str) -> None:
    for name in files:
        (journal.files / name).write_bytes(b"body")
    journal.write([Record(OWNER, (key,), data, files)])


@contextmanager
def full_disk(path: Path, more: int) -> Iterator[None]:
    """No file may grow further than `path` and `more` bytes."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + more, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_the_last_record_of_a_way_counts_in_the_order_of_the_first(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    for key, data in (("a", b"1"), ("b", b"2"), ("a", b"3"), ("c", b"4"), ("c", None)):
        put(journal, key, data)
    assert list(opened(tmp_path)[1].items()) == [("a", b"3"), ("b", b"2")]
    journal.rewrite()
    put(journal, "d", b"5")
    assert list(opened(tmp_path)[1].items()) == [("a", b"3"), ("b", b"2"), ("d", b"5")]


def test_a_torn_write_is_cut_off_wherever_it_was_torn(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    put(journal, "a", b"1")
    whole = journal.path.stat().st_size
    put(journal, "a", b"2")
    content = journal.path.read_bytes()
    for end in range(whole, len(content)):
        journal.path.write_bytes(content[:end])
        again, found = opened(tmp_path)
        assert found == {"a": b"1"}
        put(again, "b", b"3")
        assert opened(tmp_path)[1] == {"a": b"1", "b": b"3"}


def test_a_byte_that_changed_before_the_end_is_an_error(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    put(journal, "a", b"1" * 100)
    put(journal, "b", b"2")
    content = bytearray(journal.path.read_bytes())
    content[content.index(b"1" * 100) + 5] = 0
    journal.path.write_bytes(content)
    with pytest.raises(LocalError, match="damaged") as caught:
        opened(tmp_path)
    assert "crossdock local reset" in caught.value.advice


def test_state_of_another_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    put(opened(tmp_path, "version 1")[0], "a", b"1")
    with pytest.raises(LocalError, match="written as 'version 1', this is 'version 2'") as caught:
        opened(tmp_path, "version 2")
    assert "crossdock local reset" in caught.value.advice
    assert opened(tmp_path, "version 1")[1] == {"a": b"1"}


def test_a_full_disk_costs_the_call_and_nothing_that_was_written_before(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    put(journal, "a", b"1")
    with full_disk(journal.path, 20), pytest.raises(OSError, match="too large"):
        put(journal, "b", b"2" * 1000)
    put(journal, "c", b"3")
    assert opened(tmp_path)[1] == {"a": b"1", "c": b"3"}


def test_files_live_as_long_as_a_record_names_them(tmp_path: Path) -> None:
    journal, _ = opened(tmp_path)
    put(journal, "a", b"1", "f1")
    put(journal, "b", b"1", "f1", "f2")
    put(journal, "a", None)
    assert sorted(file.name for file in journal.files.iterdir()) == ["f1", "f2"]
    put(journal, "b", b"2", "f2")
    (journal.files / "stray").write_bytes(b"its record was never written")
    opened(tmp_path)
    assert sorted(file.name for file in journal.files.iterdir()) == ["f2"]


def test_what_others_can_write_to_is_not_loaded(tmp_path: Path) -> None:
    opened(tmp_path)
    check(tmp_path, tmp_path / "journal")
    (tmp_path / "journal").chmod(0o620)
    with pytest.raises(LocalError, match="can be changed by others"):
        check(tmp_path, tmp_path / "journal")
    (tmp_path / "journal").chmod(0o600)
    (tmp_path / "link").symlink_to(tmp_path / "journal")
    with pytest.raises(LocalError, match="can be changed by others"):
        check(tmp_path / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else_is_not_loaded(tmp_path: Path) -> None:
    opened(tmp_path)
    os.chown(tmp_path / "journal", 12345, 12345)
    with pytest.raises(LocalError, match="belongs to another user"):
        check(tmp_path / "journal")
