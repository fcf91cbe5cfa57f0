"""Once a rehearsal has filled the package cache, the next ones need no network; none needs the superuser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import CROSSDOCK, run

CUT_OFF = ("unshare", "--map-root-user", "--net", "sh", "-c")
LOOPBACK = "ip link set lo up && ! ip route get 192.0.2.1 2>/dev/null"
NOBODY = "unshare --user"
"""A user namespace into which nobody is mapped: without any capability, and with nobody's user id."""


def reason() -> str:
    """Why a process can't be cut off from the network here; empty when it can."""
    if missing := [tool for tool in ("unshare", "ip") if shutil.which(tool) is None]:
        return f"no {' and no '.join(missing)} on this machine"
    return "" if run(*CUT_OFF, f"{LOOPBACK} && {NOBODY} true").code == 0 else "this user may make no namespaces"


def test_a_rehearsal_needs_no_network_after_the_first_and_no_superuser(tmp_path: Path) -> None:
    if why := reason():
        pytest.skip(why)
    stage = stages.make(tmp_path / "platform")
    stage.rehearse()[0].well()
    assert run(*CUT_OFF, f"{NOBODY} id -u").well().out != "0\n"
    done = run(*CUT_OFF, f"{LOOPBACK} && exec {NOBODY} {CROSSDOCK} rehearse --json", cwd=stage.root,
               environment=stages.plain_environment(PIP_CONFIG_FILE="/dev/null")).well()
    assert json.loads(done.out)["ok"] is True
