"""Why a record was given to a physician: the weight of every comparison, and the rivals."""

from dataclasses import dataclass

import duckdb

from idh.resolve.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One comparison's say. `weight` is in bits: each doubles (or, negative, halves) the odds."""

    field: str
    found: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The pair that decided, and what each field said. `probability` is after the competition with all rivals."""

    record_id: str
    physician_id: str
    compared_with: str
    probability: float
    weight: float
    reasons: tuple[Reason, ...]
    rival: str | None
    rival_probability: float | None


class NotAssigned(LookupError):
    """No record of this name was assigned."""


def why(db: duckdb.DuckDBPyConnection, model: Model, record_id: str) -> Explanation:
    """Explain one assignment with the run's own model . Raises NotAssigned."""
    found = db.execute(
        """
        SELECT p.rid, p.via, p.physician_id, p.probability, v.record_id, second.physician_id, c.second_probability
        FROM physician_record p JOIN record v ON v.rid = p.via LEFT JOIN choice c ON c.rid = p.rid
        LEFT JOIN physician_id second ON second.anchor = c.second_anchor WHERE p.record_id = ?""",
        [record_id],
    ).fetchall()
    if not found:
        raise NotAssigned(record_id)
    rid, via, physician, probability, compared, rival, rival_probability = found[0]
    reasons: tuple[Reason, ...] = ()
    if rid != via:
        reasons = _reasons(db, model, min(rid, via), max(rid, via))
    return Explanation(
        record_id=record_id,
        physician_id=physician,
        compared_with=compared,
        probability=probability,
        weight=sum(reason.weight for reason in reasons),
        reasons=reasons,
        rival=rival,
        rival_probability=rival_probability,
    )


def _reasons(db: duckdb.DuckDBPyConnection, model: Model, left: int, right: int) -> tuple[Reason, ...]:
    db.execute("CREATE OR REPLACE TABLE asked AS SELECT ?::INTEGER AS left_rid, ?::INTEGER AS right_rid", [left, right])
    with model.scored("asked", detailed=True) as table:
        result = db.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in result.description or []]
        values = dict(zip(names, result.fetchall()[0], strict=True))
    reasons = []
    for comparison in model.settings["comparisons"]:
        name = comparison["output_column_name"]
        levels = comparison["comparison_levels"]
        top = sum(not level.get("is_null_level") for level in levels) - 1
        gamma = values[f"gamma_{name}"]
        known = [level for level in levels if not level.get("is_null_level")]
        label = "unknown" if gamma == -1 else str(known[top - gamma]["label_for_charts"])
        weight = float(values[f"mw_{name}"] or 0.0) + float(values.get(f"mw_tf_adj_{name}") or 0.0)
        reasons.append(Reason(field=name, found=label, weight=round(weight, 2)))
    reasons.sort(key=lambda reason: -abs(reason.weight))
    return tuple(reasons)
