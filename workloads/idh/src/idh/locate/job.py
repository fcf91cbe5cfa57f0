"""The locator: the resolver's tables, `suppression` and `campaign_events` in, `physician_email` out."""

from dataclasses import dataclass

import duckdb

from idh.locate import classify, features, score, suppress
from idh.sql import count, value

WANTED_PRECISION = 0.958  # of what is named, on average
LEAST = 0.6  # nothing less likely is named, whatever the average allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was found. `threshold` is the probability below which no address is named."""

    addresses: int
    candidates: int
    named: int
    abstained: int
    without: int
    suppressed: int
    sendable: int
    threshold: float


def locate(db: duckdb.DuckDBPyConnection) -> Counts:
    """Run the locator after `resolve`. Makes `physician_email`
    (physician_id, email or NULL, confidence, reason, sendable), one row per physician.

    Who is in no registry is not written to: a record that found no physician may be one's who opted out.
    """
    classify.classify(db)
    features.collect(db)
    score.score(db)
    suppress.close(db)
    threshold = _threshold(db)
    db.execute(
        f"""
        CREATE OR REPLACE TABLE physician_email AS
        WITH best AS (
            SELECT anchor, max_by((email, probability), (probability, email)) AS top, count(*) AS candidates FROM
                scored GROUP BY anchor
        ), others AS (
            SELECT a.anchor, string_agg(DISTINCT d.kind, ', ' ORDER BY d.kind) AS kinds FROM assignment a JOIN record
                r USING (rid)
            JOIN address d USING (email) WHERE d.kind NOT IN ('personal', 'own') GROUP BY a.anchor
        )
        SELECT p.physician_id, p.anchor, CASE WHEN top[2] >= {threshold} THEN top[1] END AS email,
            CASE WHEN top[2] >= {threshold} THEN top[2] ELSE 0 END AS confidence,
            CASE WHEN top[2] >= {threshold} THEN 'observed' WHEN top IS NOT NULL AND f.other_name THEN
                'the only address names somebody else'
                 WHEN top IS NOT NULL AND f.bounced > 0 THEN 'the best address bounces'
                 WHEN top IS NOT NULL AND b.candidates > 1 THEN 'several addresses, none likely enough'
                 WHEN top IS NOT NULL THEN 'one address, not likely enough'
                 WHEN o.kinds IS NOT NULL THEN 'only ' || o.kinds || ' addresses' ELSE 'no address observed' END
            || coalesce('; not to be written to: ' || s.reason, '; not to be written to: ' || t.reason,
                CASE WHEN n.source <> 'nppes' THEN
                    '; not to be written to: in no registry, may be somebody who opted out' END,
                '') AS reason,
            coalesce(top[2] >= {threshold}, false) AND s.anchor IS NULL AND t.email IS NULL
                AND coalesce(f.bounced, 0) = 0 AND n.source = 'nppes' AS sendable
        FROM physician_id p JOIN record n ON n.rid = p.anchor LEFT JOIN best b USING (anchor) LEFT JOIN others o
            USING (anchor) LEFT JOIN suppressed s
            USING (anchor)
        LEFT JOIN fact f ON f.anchor = p.anchor AND f.email = top[1]
        LEFT JOIN (SELECT email, min(reason) AS reason FROM suppressed_address GROUP BY email) t ON t.email = top[1]
        ORDER BY p.physician_id""".replace("top[", "b.top[").replace("top IS", "b.top IS")
    )

    def number(condition: str) -> int:
        return int(value(db, f"SELECT count(*) FROM physician_email WHERE {condition}"))

    return Counts(
        addresses=count(db, "address"),
        candidates=count(db, "candidate"),
        named=number("email IS NOT NULL"),
        abstained=number("email IS NULL AND anchor IN (SELECT anchor FROM scored)"),
        without=number("anchor NOT IN (SELECT anchor FROM scored)"),
        suppressed=count(db, "suppressed"),
        sendable=number("sendable"),
        threshold=threshold,
    )


def _threshold(db: duckdb.DuckDBPyConnection) -> float:
    """The lowest probability at which what is named is still right often enough on average, by the score's own word."""
    found = value(
        db,
        f"""
        WITH best AS (SELECT max(probability) AS p FROM scored GROUP BY anchor),
        running AS (SELECT p, avg(p) OVER (ORDER BY p DESC ROWS UNBOUNDED PRECEDING) AS mean FROM best)
        SELECT min(p) FROM running WHERE mean >= {WANTED_PRECISION}""",
    )
    return max(float(found), LEAST) if found is not None else LEAST
