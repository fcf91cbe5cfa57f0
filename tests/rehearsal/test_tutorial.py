"""The tutorial works: its commands, run in order in one shell, do what the page says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.rehearsal import stage as stages

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_every_command_of_the_tutorial_works_in_order(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the tutorial asks the API with curl")
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    script = tmp_path / "tutorial.sh"
    script.write_text("set -eu\n" + "\n".join(blocks), encoding="utf-8")
    environment = stages.plain_environment()
    environment["PATH"] = f"{stages.BIN}:{environment['PATH']}"
    try:
        done = stages.run("bash", "-x", str(script), cwd=tmp_path, environment=environment, timeout=280)
    finally:
        stages.run(stages.CROSSDOCK, "local", "down", str(tmp_path / "my-platform"))
    assert done.code == 0, done.out[-3000:] + done.err[-3000:]
