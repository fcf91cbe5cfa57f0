"""`python -m idh.resolve.fit`: make `prior.json`, what the model believes before it sees a run.

The mean of models trained on synthetic worlds with different noises. A run with enough records trains from there;
one with too
few is scored by it as it is.
"""

import argparse
import json
import random
import tempfile
from collections import defaultdict
from pathlib import Path

import duckdb

from idh import columns
from idh.resolve import specialty
from idh.resolve.model import PRIOR, Model
from idh.resolve.standardise import standardise
from idh.synthetic import drawn, generate

Likelihoods = dict[str, dict[str, list[tuple[float, float]]]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m idh.resolve.fit", description=__doc__)
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--physicians", type=int, default=5000)
    arguments = parser.parse_args()
    seen: Likelihoods = defaultdict(lambda: defaultdict(list))
    for number in range(arguments.worlds):
        rng = random.Random(number)
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as db:
            generate(Path(folder), arguments.physicians, drawn(rng), number)
            columns.open_sources(db, Path(folder))
            standardise(db)
            specialty.learn(db)
            model = Model(db)
            model.train()
            for comparison in model.settings["comparisons"]:
                for level in comparison["comparison_levels"]:
                    if not level.get("is_null_level"):
                        seen[comparison["output_column_name"]][level["label_for_charts"]].append(
                            (level["m_probability"], level["u_probability"])
                        )
    prior = {
        name: {
            label: [round(sum(column) / len(column), 7) for column in zip(*found, strict=True)]
            for label, found in levels.items()
        }
        for name, levels in seen.items()
    }
    PRIOR.write_text(json.dumps(prior, indent=1) + "\n")


if __name__ == "__main__":
    main()
