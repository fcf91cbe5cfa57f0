"""How likely each address is the physician's personal one.

A conditional logit: the addresses of one physician compete with each other and with "none of these", as the records'
candidates do in the resolver. The weights in `weights.json` were fitted by `python -m idh.locate.fit` over worlds
with many
different noises, so that no single noise is taken for the truth; at most one address is right, so the probabilities
of a
physician's addresses sum to less than one.
"""

import json
from functools import cache
from importlib.resources import files

import duckdb
import numpy as np
from numpy.typing import NDArray

from idh.locate.features import FEATURES

Array = NDArray[np.float64]


@cache
def weights() -> dict[str, float]:
    """Weight of each feature, in natural logarithms of odds."""
    loaded: dict[str, float] = json.loads(files("idh.locate").joinpath("weights.json").read_text())["weights"]
    if set(loaded) != set(FEATURES):
        raise ValueError(f"weights.json does not fit the features: {sorted(set(loaded) ^ set(FEATURES))}")
    return loaded


def probabilities(matrix: Array, groups: NDArray[np.int64], vector: Array) -> Array:
    """The probability that a row is the right one of its group; `groups` is ascending, "none" has utility 0."""
    utility = np.exp(np.clip(matrix @ vector, -30, 30))
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    whole = 1 + np.add.reduceat(utility, starts)
    result: Array = utility / np.repeat(whole, np.diff(np.append(starts, len(groups))))
    return result


def score(db: duckdb.DuckDBPyConnection) -> None:
    """Make `scored` (anchor, email, probability) from `candidate`."""
    vector = np.array([weights()[name] for name in FEATURES])
    columns = db.execute(f"SELECT anchor, {', '.join(FEATURES)} FROM candidate ORDER BY anchor, email").fetchnumpy()
    db.execute("CREATE OR REPLACE TABLE scored (anchor INTEGER, email VARCHAR, probability DOUBLE)")
    if not len(columns["anchor"]):
        return
    matrix = np.column_stack([np.asarray(columns[name], float) for name in FEATURES])
    found = probabilities(matrix, np.asarray(columns["anchor"], np.int64), vector)
    db.register("found", {"probability": found})
    db.execute("""INSERT INTO scored SELECT c.anchor, c.email, f.probability
        FROM (SELECT anchor, email FROM candidate ORDER BY anchor, email) c POSITIONAL JOIN found f""")
    db.unregister("found")
