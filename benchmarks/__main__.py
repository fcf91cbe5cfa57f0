"""All benchmarks, one after another: `python benchmarks [--json]`. Ends with 1 when a goal was missed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALL = ("help", "decide", "door", "cloudformation", "persistence", "delivery")


def main() -> int:
    here = Path(__file__).resolve().parent
    ended = [subprocess.run([sys.executable, str(here / f"{name}.py"), *sys.argv[1:]], check=False).returncode
             for name in ALL]
    return 1 if any(ended) else 0


if __name__ == "__main__":
    sys.exit(main())
