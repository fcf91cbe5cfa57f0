from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.deploy.journal import Journal, Teller, newest, read
from crossdock.errors import UsageError
from crossdock.model.events import Kind


def test_a_run_is_read_back_from_its_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "apply")
    tell = Teller(journal)
    with tell.run("apply"), tell.step("compose"):
        pass
    run = newest(tmp_path)
    assert run is not None
    assert (run.what, run.ok, run.steps[0]["step"]) == ("apply", True, "compose")


def test_a_failure_is_told_with_its_details_and_the_run_ends_not_ok(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "apply")
    tell = Teller(journal)
    with pytest.raises(UsageError), tell.run("apply"), tell.step("read"):
        raise UsageError(message="no", details=["why"], hint="do")
    assert journal.run.ok is False
    assert journal.run.failures[0]["details"] == ["why"]
    assert journal.run.steps[0]["ok"] is False


def test_a_line_that_was_cut_off_ends_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "apply")
    Teller(journal)(Kind.RUN_STARTED, "apply")
    with journal.path.open("a") as file:
        file.write('{"at": 1, "kin')
    assert [event.subject for event in read(journal.path)] == ["apply"]
    run = newest(tmp_path)
    assert run is not None
    assert run.ok is None
