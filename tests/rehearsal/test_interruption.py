"""Ctrl-C and kill -9 at any moment: nothing of a rehearsal is left, the next one starts cleanly; two at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import CROSSDOCK, Stage

INTERRUPTED = 130
MOMENTS = {
    "local up": "> local up", "apply": "ArtifactKey CREATE_COMPLETE", "build": "Running command python -m pip",
    "deploy": "GreeterRole CREATE_COMPLETE",
}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A platform that was never rehearsed: each test here begins where the one before was cut off."""
    return stages.make(tmp_path_factory.mktemp("interruption") / "platform")


HEEDING_CTRL_C = (
    sys.executable, "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
)
"""Tests that run in the background of a shell inherit that Ctrl-C is ignored; a person's terminal does not."""


@contextmanager
def rehearsing(stage: Stage, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A rehearsal in a process group of its own, its progress to be read."""
    with subprocess.Popen(
        [*HEEDING_CTRL_C, CROSSDOCK, "rehearse", *options], cwd=stage.root, text=True,
        env=stages.plain_environment(TMPDIR=str(temporary(stage))),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if text in line:
            return
    raise AssertionError(f"it ended before {text!r}:\n{''.join(said)}")


def temporary(stage: Stage) -> Path:
    """Where its builds have their folders: beside the platform, to tell what is left of them from that of others."""
    folder = stage.root.parent / "tmp"
    folder.mkdir(exist_ok=True)
    return folder


def left_of(stage: Stage) -> list[str]:
    return stages.left_of(stage.root.parent)


def nothing_is_left(stage: Stage) -> None:
    stages.eventually(lambda: True if not left_of(stage) else None, seconds=15)


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_leaves_nothing(stage: Stage, moment: str) -> None:
    with rehearsing(stage) as process:
        read_until(process, MOMENTS[moment])
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == INTERRUPTED, said
    assert "Traceback" not in said
    assert "everything that was started has been stopped" in said
    assert left_of(stage) == []


@pytest.mark.parametrize("moment", list(MOMENTS)[1:])
def test_kill_9_leaves_nothing(stage: Stage, moment: str) -> None:
    with rehearsing(stage) as process:
        read_until(process, MOMENTS[moment])
        process.kill()
        process.wait(10)
    nothing_is_left(stage)


def test_the_next_rehearsal_is_green_beside_that_of_another_platform(stage: Stage, tmp_path: Path) -> None:
    other = stages.make(tmp_path / "other")
    with rehearsing(stage) as first, rehearsing(other) as second:
        read_until(first, "> local up")
        twice = stage.crossdock("rehearse")
        assert twice.code == 2
        assert "another rehearsal of" in twice.err
        for process in (first, second):
            said = process.communicate(timeout=120)[1]
            assert process.returncode == 0, said
    assert left_of(stage) + left_of(other) == []
    assert list(temporary(stage).iterdir()) == [], "folders of builds that were cut off are removed by the next start"


def test_kill_9_of_the_local_aws_leaves_nothing_and_is_told(stage: Stage) -> None:
    stage.crossdock("local", "up").well()
    server = int(stage.crossdock("local", "status", "--json").well().json["pid"])
    os.kill(server, signal.SIGKILL)
    nothing_is_left(stage)
    assert stage.crossdock("local", "status").well().out == "the local AWS is not running\n"
    refused = stage.crossdock("apply", "--profile", "rehearsal", "--yes")
    assert refused.code == 6
    assert "crossdock local up" in refused.err


def test_a_local_aws_whose_folder_is_removed_ends(stage: Stage) -> None:
    stage.crossdock("local", "up").well()
    shutil.rmtree(stage.root / ".crossdock")
    nothing_is_left(stage)
