"""Companions: commands of the user's, started, asked, ended."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.errors import LocalError
from crossdock.local.companions import Companions

SERVES = f"{sys.executable} -m http.server --bind 127.0.0.1 {{port}}"


@pytest.fixture
def companions(tmp_path: Path) -> Iterator[Companions]:
    made = Companions(tmp_path / "logs", tmp_path)
    yield made
    made.stop()


def _reaches(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("ready", ["tcp", "/"])
def test_a_companion_has_a_port_of_its_own_and_answers_there_until_it_is_stopped(
    companions: Companions, ready: str
) -> None:
    found = companions.start({"one": {"command": SERVES, "ready": ready}, "two": {"command": SERVES, "ready": ready}})
    assert found["one"] != found["two"]
    assert all(map(_reaches, found.values()))
    companions.stop()
    assert not any(map(_reaches, found.values()))


def test_one_that_ends_is_told_with_what_it_said(companions: Companions) -> None:
    says = f"{sys.executable} -c \"print('no licence'); raise SystemExit(3)\""
    with pytest.raises(LocalError, match="the companion one ended with status 3") as caught:
        companions.start({"one": {"command": says, "ready": "tcp"}})
    assert caught.value.details == ["no licence"]


def test_a_companion_sees_no_credentials(companions: Companions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    tells = f"{sys.executable} -c \"import os; print('AWS_SECRET_ACCESS_KEY' in os.environ); raise SystemExit(1)\""
    with pytest.raises(LocalError) as caught:
        companions.start({"one": {"command": tells, "ready": "tcp"}})
    assert caught.value.details == ["False"]
