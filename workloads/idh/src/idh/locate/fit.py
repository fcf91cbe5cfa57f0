"""`python -m idh.locate.fit`: fit the weights of the score over synthetic worlds, each with a noise of its own.

The more worlds, the less the weights know of any. The dataset that is scored later takes no part in it.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from idh import columns
from idh.locate import classify, features
from idh.locate.score import Array, probabilities
from idh.resolve.job import resolve
from idh.synthetic import drawn, generate

RIDGE = 2e-4


def worlds(count: int, physicians: int, seed: int) -> Iterator[tuple[Array, NDArray[np.int64], NDArray[np.bool_]]]:
    """(features, group, right) of the candidates of `count` worlds."""
    for number in range(count):
        rng = random.Random(f"{seed}-{number}")
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as db:
            root = Path(folder)
            generate(root, int(physicians * rng.uniform(0.5, 1.5)), drawn(rng), rng.randrange(10**6))
            columns.open_sources(db, root)
            resolve(db)
            classify.classify(db)
            features.collect(db)
            table = db.execute(f"""
                SELECT c.anchor, {", ".join("c." + name for name in features.FEATURES)}, p.email = c.email AS ok
                FROM candidate c JOIN record r ON r.rid = c.anchor
                JOIN read_parquet('{root}/truth/records.parquet') t USING (record_id)
                JOIN read_parquet('{root}/truth/people.parquet') p USING (person_id) ORDER BY c.anchor,
                    c.email""").fetchnumpy()
            print(
                f"world {number + 1} of {count}: {len(table['ok'])} candidates, {np.mean(table['ok']):.3f} right",
                flush=True,
            )
            yield (
                np.column_stack([np.asarray(table[name], float) for name in features.FEATURES]),
                np.asarray(table["anchor"], np.int64),
                np.asarray(table["ok"], bool),
            )


def fit(matrix: Array, groups: NDArray[np.int64], right: NDArray[np.bool_], rounds: int = 4000) -> Array:
    """Weights of greatest likelihood with a small ridge, by Adam's method."""
    vector, first, second = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
    rate = 0.05
    for step in range(1, rounds + 1):
        slope = matrix.T @ (right - probabilities(matrix, groups, vector)) / len(right) - RIDGE * vector
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        vector = vector + rate * (1 - step / (rounds + 1)) * (first / (1 - 0.9**step)) / (
            np.sqrt(second / (1 - 0.999**step)) + 1e-9
        )
    return vector


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m idh.locate.fit", description=__doc__)
    parser.add_argument("--worlds", type=int, default=30)
    parser.add_argument("--physicians", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    parts, offset = [], 0
    for matrix, groups, right in worlds(arguments.worlds, arguments.physicians, arguments.seed):
        parts.append((matrix, groups + offset, right))
        offset += int(groups.max()) + 1
    matrix, groups, right = (np.concatenate(column) for column in zip(*parts, strict=True))
    vector = fit(matrix, groups, right)
    fitted = {name: round(float(weight), 4) for name, weight in zip(features.FEATURES, vector, strict=True)}
    Path(__file__).with_name("weights.json").write_text(
        json.dumps(
            {
                "fitted": {
                    "worlds": arguments.worlds,
                    "physicians": arguments.physicians,
                    "seed": arguments.seed,
                    "candidates": len(right),
                },
                "weights": fitted,
            },
            indent=1,
        )
        + "\n"
    )
    print(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    main()
