"""`crossdock init` gives examples/hello, under the name of the folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crossdock import compose
from crossdock.errors import UsageError
from crossdock.library.starter import FILE, init, pack, starter

REPOSITORY = Path(__file__).parents[3]
HELLO = REPOSITORY / "examples" / "hello"


def test_the_starter_is_the_example():
    packed = (REPOSITORY / "src/crossdock/library" / FILE).read_text(encoding="utf-8")
    assert packed == pack(HELLO), "renew it: python -m crossdock.library.starter examples/hello"


def test_what_is_made_can_be_composed_and_has_the_name_of_its_folder(tmp_path):
    made = init(tmp_path / "my-platform")
    platform = compose.read(tmp_path / "my-platform")
    assert {path.as_posix() for path in made} == set(starter())
    assert platform.name == "my-platform"
    assert compose.compose(platform).deliveries


def test_a_folder_whose_name_can_be_no_platforms_keeps_the_examples(tmp_path):
    init(tmp_path / "My Platform")
    assert compose.read(tmp_path / "My Platform").name == "hello"


def test_an_empty_folder_will_do_and_another_is_left_alone(tmp_path):
    init(tmp_path)
    with pytest.raises(UsageError):
        init(tmp_path)


def test_the_greeter_passes_its_own_tests_where_its_dependency_is_there(tmp_path):
    pytest.importorskip("humanize")
    greeter = HELLO / "services" / "greeter"
    done = subprocess.run(
        [sys.executable, "-B", "-m", "unittest", "discover", "-s", "tests", "-t", "."],
        cwd=greeter, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
