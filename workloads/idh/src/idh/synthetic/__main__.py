"""`python -m idh.synthetic OUT --physicians N --profile steady --seed 1`."""

import argparse
import json
from pathlib import Path

from idh.synthetic import PROFILES, generate

parser = argparse.ArgumentParser(prog="python -m idh.synthetic", description=__doc__)
parser.add_argument("out", type=Path)
parser.add_argument("--physicians", type=int, default=10_000)
parser.add_argument("--profile", choices=sorted(PROFILES), default="steady")
parser.add_argument("--seed", type=int, default=1)
arguments = parser.parse_args()
print(json.dumps(generate(arguments.out, arguments.physicians, PROFILES[arguments.profile], arguments.seed)))
