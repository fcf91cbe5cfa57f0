"""A recording is kept as it was, and refused or found stale when it is not true."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from recording import capture, truth
from recording.cast import Cast, Output, dumps, loads

ROOT = Path(__file__).resolve().parents[3]
NOW = {"example": "e" * 40, "crossdock": "1.2.3"}
ARRIVED = "greeter to development (account 222222222222): Succeeded at commit 0123456789ab in 9 s\r\n"
CAST = Cast(width=40, height=5, title="crossdock rehearse", environment={"TERM": "xterm-256color"},
            outputs=(Output(0.0, "$ crossdock rehearse\r\n"), Output(1.5, "\x1b[32m✓\x1b[0m built\r\n"),
                     Output(2.25, ARRIVED)),
            origin={"status": 0, **NOW})


def test_a_recording_comes_back_from_its_file_as_it_was() -> None:
    assert loads(dumps(CAST)) == CAST


def test_another_version_of_the_format_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2"):
        loads('{"version": 1, "width": 1, "height": 1}\n')


def test_the_text_of_a_recording_has_no_control_sequences() -> None:
    assert CAST.text.splitlines()[1] == "✓ built"


def test_a_command_is_recorded_as_on_a_terminal_of_the_size_asked_for(tmp_path: Path) -> None:
    program = "import os, sys; print(sys.stdout.isatty(), *os.get_terminal_size(), os.environ['TERM'], 'é'); exit(3)"
    status, outputs = capture.capture(
        [sys.executable, "-c", program], width=100, height=30, cwd=tmp_path,
        env=capture.environment(os.environ, tmp_path),
    )
    assert status == 3
    assert "".join(output.text for output in outputs) == "True 100 30 xterm-256color é\r\n"


def test_a_recorded_command_finds_the_projects_programs_first_and_no_wish_for_plain_output(tmp_path: Path) -> None:
    made = capture.environment({"PATH": "/usr/bin", "NO_COLOR": "1", "CI": "true", "HOME": "/h"}, tmp_path)
    assert made == {"PATH": f"{tmp_path}:/usr/bin", "HOME": "/h", "TERM": "xterm-256color"}


def test_a_path_of_the_machine_is_found_even_where_the_terminal_broke_the_line() -> None:
    home = Path("/home/ada")
    assert truth.revealed(CAST, {"the home folder": home}) == []
    broken = replace(CAST, outputs=(*CAST.outputs, Output(3.0, "in /home/\r\nada/x\r\n")))
    assert truth.revealed(broken, {"the home folder": home, "the checkout": Path("/srv/x")}) == [
        "the path of the home folder"
    ]


def test_a_home_that_is_the_root_folder_tells_nothing() -> None:
    assert truth.revealed(replace(CAST, outputs=(Output(0, "GET /health"),)), {"the home folder": Path("/")}) == []


def test_a_recording_of_the_committed_example_that_succeeded_has_no_fault() -> None:
    assert truth.faults(CAST, NOW) == []


def test_a_recording_that_does_not_end_in_a_delivery_is_no_good() -> None:
    cut = replace(CAST, outputs=CAST.outputs[:-1])
    assert truth.faults(cut, NOW) == ["it does not end with the line that tells of a delivery that succeeded"]


def test_a_delivery_far_before_the_end_is_not_the_end() -> None:
    longer = replace(CAST, outputs=(*CAST.outputs, Output(3.0, "and then\r\n" * 50)))
    assert truth.faults(longer, NOW)


def test_a_recording_of_an_older_example_or_version_is_stale() -> None:
    found = truth.faults(CAST, {"example": "f" * 40, "crossdock": "1.2.4"})
    assert len(found) == 2
    assert "examples/hello" in found[0]
    assert "1.2.4" in found[1]


def test_a_recording_of_a_failure_is_no_good() -> None:
    assert "did not succeed" in truth.faults(replace(CAST, origin={**CAST.origin, "status": 5}), NOW)[0]


def test_the_success_line_is_the_one_that_a_rehearsal_prints() -> None:
    from crossdock.model.events import Run
    from crossdock.views.summary import summary

    delivery = {"service": "greeter", "environment": "development", "account": "2" * 12, "commit": "0a" * 20,
                "status": "Succeeded", "seconds": 9.0, "endpoint": "", "checks": []}
    said = summary(Run(id="1", deliveries=(delivery,)))
    assert truth.SUCCESS.search("\n".join(said))


def test_the_version_is_that_of_the_package() -> None:
    import crossdock

    assert truth.version(ROOT) == crossdock.__version__
