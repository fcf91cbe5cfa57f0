"""The page about access works: its commands, run in order in one shell, do what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from proving import ROOT


def test_every_command_of_the_page_about_access_works_in_order(tmp_path: Path) -> None:
    root = tmp_path / "access"
    shutil.copytree(ROOT / "examples" / "access", root, ignore=shutil.ignore_patterns(".crossdock"))
    page = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 5
    script = tmp_path / "page.sh"
    script.write_text("set -eu\nset -o pipefail\n" + "\n".join(blocks), encoding="utf-8")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-x", str(script)], cwd=root, env=environment, capture_output=True, text=True,
                          check=False, timeout=280)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
