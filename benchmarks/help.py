"""`crossdock --help` as a person starts it, against starting the same interpreter for nothing.

Goal: a median below 0.25 s.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from measuring import Ratio, Result, alternately, main

RUNS = 20
GOAL = 0.25
"""Seconds."""


def measure() -> Result:
    programs = Path(sys.executable).parent

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    nothing, helped = alternately(RUNS, {
        "python -c pass": lambda: run(sys.executable, "-c", "pass"),
        "crossdock --help": lambda: run(str(programs / "crossdock"), "--help"),
    })
    return Result(benchmark="help", series=[nothing, helped], ratios=[
        Ratio("crossdock --help / python -c pass", helped.median / nothing.median),
        Ratio("crossdock --help, seconds", helped.median, GOAL),
    ])


if __name__ == "__main__":
    main(measure, __doc__ or "")
