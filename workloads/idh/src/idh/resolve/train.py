"""Train the model's probabilities without labels.

Splink computes the comparisons; the estimation is ours, since Splink's own (5.0) stops with an error when a level
that no pair
of the run reaches has its probability shrink to zero. Here each level begins with a few pairs' worth of the prior,
so nothing
becomes impossible, and a run that says little about a level leaves it as it was.

u (agreement by chance) comes from random pairs. m (agreement of one person's records) comes from expectation
maximisation over
two sets of pairs that hold both people's pairs and others: those that state one NPI, for all comparisons but the
NPI, and those
of one name in one state, for the NPI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from idh import sql

if TYPE_CHECKING:
    from idh.resolve.model import Model

RANDOM_PAIRS = 400_000
TRAINING_PAIRS = 200_000
STRENGTH = 30.0  # how many pairs the prior is worth
ROUNDS = 25

_RANDOM = f"""CREATE OR REPLACE TABLE drawn AS
    WITH numbered AS MATERIALIZED (SELECT rid, row_number() OVER (ORDER BY hash(rid)) AS n, count(*) OVER () AS whole
        FROM record),
    aimed AS MATERIALIZED (
        SELECT rid, (n + shift * 7919) % whole + 1 AS target FROM numbered,
            range(1, 2 + ({RANDOM_PAIRS} // (SELECT count(*) FROM record))) AS shifts(shift)
        LIMIT {RANDOM_PAIRS}
    )
    SELECT DISTINCT least(a.rid, b.rid) AS left_rid, greatest(a.rid, b.rid) AS right_rid
    FROM aimed a JOIN numbered b ON b.n = a.target WHERE a.rid <> b.rid"""
_SAME_NPI = f"""CREATE OR REPLACE TABLE drawn AS
    SELECT a.rid AS left_rid, b.rid AS right_rid FROM record a JOIN record b ON a.npi = b.npi AND a.rid < b.rid
    ORDER BY hash(a.rid, b.rid) LIMIT {TRAINING_PAIRS}"""
_SAME_NAME = f"""CREATE OR REPLACE TABLE drawn AS
    SELECT a.rid AS left_rid, b.rid AS right_rid FROM record a JOIN record b
    ON a."last" = b."last" AND a."first" = b."first" AND a.state = b.state AND a.rid < b.rid AND a.npi_raw IS NOT
        NULL AND b.npi_raw IS NOT NULL
    ORDER BY hash(a.rid, b.rid) LIMIT {TRAINING_PAIRS}"""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct outcomes of all comparisons: `levels[i, j]` is pattern i's level (-1: unknown) in comparison j."""

    levels: NDArray[np.int64]
    pairs: NDArray[np.float64]


def train(model: Model) -> None:
    """Replace the probabilities in `model.settings` by trained ones."""
    comparisons: list[dict[str, Any]] = model.settings["comparisons"]
    known = [[level for level in c["comparison_levels"] if not level.get("is_null_level")] for c in comparisons]
    names = [c["output_column_name"] for c in comparisons]
    _chance(known, _patterns(model, names, _RANDOM))
    stated = [index for index, name in enumerate(names) if name != "npi"]
    _maximise(known, _patterns(model, names, _SAME_NPI), learn=stated, use=stated, share=0.95)
    own = [index for index, name in enumerate(names) if name not in ("last", "first", "place")]
    _maximise(known, _patterns(model, names, _SAME_NAME), learn=[names.index("npi")], use=own, share=0.5)


def _patterns(model: Model, names: list[str], query: str) -> Patterns:
    model.db.execute(query)
    columns = ", ".join(f"gamma_{name}" for name in names)
    with model.scored("drawn", detailed=True) as table:
        rows = model.db.execute(f"SELECT {columns}, count(*) FROM {table} GROUP BY ALL ORDER BY ALL").fetchall()
    found = np.array(rows, float).reshape(-1, len(names) + 1)
    return Patterns(found[:, :-1].astype(np.int64), found[:, -1])


def _counts(patterns: Patterns, comparison: int, size: int, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pairs at each of a comparison's levels, in the settings' order (Splink numbers them from the last)."""
    reached = patterns.levels[:, comparison]
    counted = np.bincount(size - 1 - reached[reached >= 0], weights=weight[reached >= 0], minlength=size)
    return np.asarray(counted, float)


def _chance(known: list[list[dict[str, Any]]], patterns: Patterns) -> None:
    for comparison, levels in enumerate(known):
        counted = _counts(patterns, comparison, len(levels), patterns.pairs)
        for level, number in zip(levels, counted, strict=True):
            if not level.get("fix_u_probability"):
                level["u_probability"] = float(
                    (number + STRENGTH * level["u_probability"]) / (counted.sum() + STRENGTH)
                )


def _maximise(
    known: list[list[dict[str, Any]]], patterns: Patterns, *, learn: list[int], use: list[int], share: float
) -> None:
    if not len(patterns.pairs):
        return
    prior = {c: np.array([level["m_probability"] for level in known[c]]) for c in use}
    chance = {c: np.array([level["u_probability"] for level in known[c]]) for c in use}
    m = dict(prior)
    for _ in range(ROUNDS):
        odds = np.full(len(patterns.pairs), np.log(share / (1 - share)))
        for c in use:
            reached = patterns.levels[:, c]
            ratio = np.log(m[c] / chance[c])[::-1]
            odds += np.where(reached >= 0, ratio[np.maximum(reached, 0)], 0.0)
        match = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = float(np.clip((match * patterns.pairs).sum() / patterns.pairs.sum(), 1e-4, 1 - 1e-4))
        for c in learn:
            counted = _counts(patterns, c, len(known[c]), match * patterns.pairs)
            m[c] = (counted + STRENGTH * prior[c]) / (counted.sum() + STRENGTH)
    for c in learn:
        for level, probability in zip(known[c], m[c], strict=True):
            level["m_probability"] = float(probability)


def enough(model: Model, records: int, pairs: int) -> bool:
    """Whether the run has `records` records and `pairs` that state an NPI of the registry: fewer teach nothing."""
    counted, stated = sql.row(
        model.db,
        """SELECT count(*), count(*) FILTER (source <> 'nppes'
        AND npi IN (SELECT npi FROM record WHERE source = 'nppes')) FROM record""",
    )
    return bool(counted >= records and stated >= pairs)
