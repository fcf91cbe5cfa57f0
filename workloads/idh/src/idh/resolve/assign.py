"""Give each record to one physician.

Every registry row is a physician (an anchor), and a record belongs to one at most. So its candidates compete: the
probability
of one is its odds over the sum of all candidates' odds and of the odds that the person is in no registry. Connected
components
would chain families and namesakes instead. Three rounds:

1. records against registry rows;
2. what stays unsure, against the records that were surely assigned (they know former names, former places, e-mail
addresses);
3. what is left, among itself: people who are in no registry.

A pairing that a reviewer refused is no candidate; one that a reviewer confirmed is certain.
"""

from dataclasses import dataclass

import duckdb

from idh.resolve import candidates
from idh.resolve.model import Model
from idh.sql import count, value

SURE = 0.95  # enough to lend a record's own fields as evidence
ACCEPT = 0.5  # below, a wrong pair costs more than a missed one
LEAST_WEIGHT = -12  # bits; what is less likely competes with nobody
POSSIBLE = 0.01  # enough for an opt-out to count for this physician, too
REVIEW = (0.3, 0.9)  # a person should look


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many records each round settled."""

    records: int
    registered: int
    pairs: int
    first_round: int
    second_round: int
    third_round: int
    alone: int
    review: int


def assign(db: duckdb.DuckDBPyConnection, model: Model) -> Counts:
    """Make three tables.

    `assignment` (rid, anchor, probability, weight, via, round), `possible` (rid, anchor, probability: every anchor
    that the record
    may belong to) and `review` (rid, anchor, probability, second_anchor, second_probability).
    """
    db.execute("""
        CREATE TABLE IF NOT EXISTS verdict (record_a VARCHAR, record_b VARCHAR, same BOOLEAN);
        CREATE OR REPLACE TABLE ruled AS
        SELECT a.rid AS rid_a, b.rid AS rid_b, v.same FROM verdict v
        JOIN record a ON a.record_id = v.record_a JOIN record b ON b.record_id = v.record_b
        UNION SELECT b.rid, a.rid, v.same FROM verdict v
        JOIN record a ON a.record_id = v.record_a JOIN record b ON b.record_id = v.record_b;
        CREATE OR REPLACE VIEW registry_rids AS SELECT rid FROM record WHERE source = 'nppes';
        CREATE OR REPLACE VIEW observed_rids AS SELECT rid FROM record WHERE source <> 'nppes'""")
    candidates.prepare(db)
    found = candidates.pairs(db, "pair", "registry_rids", "observed_rids")
    absent = _odds_of_absence(db)
    with model.scored("pair") as table:
        db.execute(f"""
            CREATE OR REPLACE TABLE edge AS
            SELECT rid_r AS rid, rid_l AS anchor, rid_l AS via, match_weight AS weight FROM {table} WHERE
                match_weight > {LEAST_WEIGHT}""")
    _compete(db, absent)
    db.execute(f"""
        CREATE OR REPLACE TABLE sure AS SELECT rid, anchor FROM choice WHERE probability >= {SURE};
        CREATE OR REPLACE VIEW sure_rids AS SELECT rid FROM sure;
        CREATE OR REPLACE TABLE unsure_rids AS SELECT rid FROM observed_rids ANTI JOIN sure USING (rid)""")
    found += candidates.pairs(db, "pair", "sure_rids", "unsure_rids", of_records=True)
    with model.scored("pair") as table:
        db.execute(f"""
            INSERT INTO edge
            SELECT p.rid_r, s.anchor, p.rid_l, p.match_weight FROM {table} p JOIN sure s ON s.rid = p.rid_l
            WHERE p.match_weight > {LEAST_WEIGHT}""")
    _compete(db, absent)
    db.execute(f"""
        CREATE OR REPLACE TABLE assignment AS
        SELECT rid, anchor, probability, weight, via, CASE WHEN via = anchor THEN 1 ELSE 2 END AS round FROM choice
            WHERE probability >= {ACCEPT}
        UNION ALL SELECT rid, rid, 1, NULL, rid, 0 FROM registry_rids;
        CREATE OR REPLACE TABLE left_rids AS SELECT rid FROM record ANTI JOIN assignment USING (rid)""")
    db.execute(f"""
        CREATE OR REPLACE TABLE possible AS
        SELECT rid, anchor, max(pow(2, least(weight, 100)) / whole) AS probability FROM (SELECT e.rid, e.anchor,
            e.weight, c.whole FROM edge e JOIN choice c USING (rid))
        GROUP BY rid, anchor HAVING max(pow(2, least(weight, 100)) / whole) >= {POSSIBLE};
        DROP TABLE edge""")
    found += _leftovers(db, model)
    db.execute(f"""
        CREATE OR REPLACE TABLE review AS
        SELECT rid, anchor, probability, second_anchor, second_probability FROM choice
        WHERE probability BETWEEN {REVIEW[0]} AND {REVIEW[1]} ORDER BY abs(probability - 0.5), rid""")

    def settled(number: int) -> int:
        return int(value(db, f"SELECT count(*) FROM assignment WHERE round = {number}"))

    return Counts(
        records=count(db, "record"),
        registered=settled(0),
        pairs=found,
        first_round=settled(1),
        second_round=settled(2),
        third_round=settled(3),
        alone=settled(4),
        review=count(db, "review"),
    )


def _odds_of_absence(db: duckdb.DuckDBPyConnection) -> float:
    """The odds that a record's person is in no registry, from the records that state a valid NPI."""
    stated, unknown = db.execute("""
        SELECT count(*), count(*) FILTER (WHERE n.npi IS NULL) FROM record o
        LEFT JOIN (SELECT DISTINCT npi FROM record WHERE source = 'nppes') n USING (npi)
        WHERE o.source <> 'nppes' AND o.npi IS NOT NULL""").fetchall()[0]
    share = (unknown + 1) / (stated + 50)
    return float(min(max(share, 0.002), 0.5))


def _compete(db: duckdb.DuckDBPyConnection, absent: float) -> None:
    """Make `choice`: each record's best anchor, its probability among all candidates, and the second best."""
    db.execute(f"""
        CREATE OR REPLACE TABLE choice AS
        WITH best AS (
            SELECT e.rid, e.anchor, max(e.weight) AS weight, arg_max(e.via, e.weight) AS via FROM edge e
            ANTI JOIN (SELECT rid_a, rid_b FROM ruled WHERE NOT same) r ON r.rid_a = e.rid AND (r.rid_b = e.anchor OR
                r.rid_b = e.via)
            GROUP BY e.rid, e.anchor
            UNION ALL
            SELECT rid_a, rid_b, 60, rid_b FROM ruled JOIN registry_rids n ON n.rid = rid_b WHERE same
        ), odds AS (
            SELECT rid, anchor, max(weight) AS weight, arg_max(via, weight) AS via, pow(2, least(max(weight), 100))
                AS odds
            FROM best GROUP BY rid, anchor
        ), ranked AS (
            SELECT rid, max_by((anchor, weight, via, odds), (odds, -anchor), 2) AS top, sum(odds) + {absent} AS whole
                FROM odds GROUP BY rid
        )
        SELECT rid, whole, top[1][1] AS anchor, top[1][2] AS weight, top[1][3] AS via, top[1][4] / whole AS probability,
            top[2][1] AS second_anchor, top[2][4] / whole AS second_probability
        FROM ranked""")


def _leftovers(db: duckdb.DuckDBPyConnection, model: Model) -> int:
    """Round three: groups among the records that no registered physician took; the first of each is its anchor."""
    found = candidates.pairs(db, "pair", "left_rids", "left_rids", of_records=True)
    db.execute("DELETE FROM pair WHERE left_rid > right_rid")
    with model.scored("pair") as table:
        links = db.execute(f"""
            SELECT rid_l, rid_r, match_probability, match_weight FROM {table}
            ANTI JOIN (SELECT rid_a, rid_b FROM ruled WHERE NOT same) r ON r.rid_a = rid_l AND r.rid_b = rid_r
            WHERE match_probability >= {SURE} ORDER BY match_weight DESC, rid_l, rid_r""").fetchall()
    parent: dict[int, int] = {}

    def root(rid: int) -> int:
        while (above := parent.setdefault(rid, rid)) != rid:
            rid = above
        return rid

    joined: dict[int, tuple[float, float, int]] = {}
    for left, right, probability, weight in links:
        one, other = sorted((root(left), root(right)))
        parent[other] = one
        joined.setdefault(right, (probability, weight, left))
        joined.setdefault(left, (probability, weight, right))
    rows = [(rid, root(rid), *evidence) for rid, evidence in joined.items()]
    db.execute(
        "CREATE OR REPLACE TEMP TABLE grouped "
        "(rid INTEGER, anchor INTEGER, probability DOUBLE, weight DOUBLE, via INTEGER)"
    )
    if rows:
        db.execute(
            "INSERT INTO grouped SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)",
            [list(c) for c in zip(*rows, strict=True)],
        )
    db.execute("""
        INSERT INTO assignment SELECT rid, anchor, probability, weight, via, 3 FROM grouped;
        INSERT INTO assignment SELECT rid, rid, 1, NULL, rid, 4 FROM left_rids ANTI JOIN grouped USING (rid)""")
    return found
