"""`python -m crossdock.iam [FILE]`: one JSON record a line in, one decision a line out (crossdock.iam.vectors)."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path

from crossdock.errors import PolicyError
from crossdock.iam.vectors import decide_line


def main(arguments: list[str]) -> int:
    """Decide every record of a file, or of standard input. 2 when a policy was malformed; its line then says so."""
    malformed = False
    with Path(arguments[0]).open(encoding="utf-8") if arguments else nullcontext(sys.stdin) as lines:
        for line in filter(str.strip, lines):
            record = json.loads(line)
            try:
                answer = decide_line(record)
            except PolicyError as error:
                malformed, answer = True, {"id": record.get("id"), "error": str(error)}
            sys.stdout.write(json.dumps(answer) + "\n")
    return PolicyError.exit_code if malformed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
