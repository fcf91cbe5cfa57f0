"""Learn which taxonomy codes people mean by what they write as their specialty.

Nobody keeps a complete table of "Peds", "IM" and "Heart doctor", so it is read from the run itself: records that name a
registry row by a valid NPI and agree with its last name say which text goes with which code. Adds to `record` the
column
`spec` (for registry rows the code, else the likeliest code) and `specs` (every code that the text plausibly means).
"""

import duckdb

MINIMUM_SUPPORT = 3  # sure pairs before a text means anything
PLAUSIBLE_SHARE = 0.08  # of a text's pairs

_LEARN = """
CREATE OR REPLACE TABLE specialty_meaning AS
WITH sure AS (
    SELECT o.specialty_text AS text, n.code FROM record o JOIN record n ON n.npi = o.npi AND n.source = 'nppes'
    WHERE o.source <> 'nppes' AND o.specialty_text IS NOT NULL AND n.code IS NOT NULL
        AND (o."last" = n."last" OR o."first" = n."first")
), alone AS (       -- a name that stands once in a state names its registry row
    SELECT "last", "first", state, any_value(code) AS code FROM record WHERE source = 'nppes' AND code IS NOT NULL
    GROUP BY ALL HAVING count(*) = 1
), named AS (
    SELECT o.specialty_text AS text, a.code FROM record o JOIN alone a USING ("last", "first", state)
    WHERE o.source <> 'nppes' AND o.npi IS NULL AND o.specialty_text IS NOT NULL
), counted AS (
    SELECT text, code, count(*) AS pairs, sum(count(*)) OVER (PARTITION BY text) AS all_pairs
    FROM (SELECT * FROM sure UNION ALL SELECT * FROM named) GROUP BY text, code
)
SELECT text, arg_max(code, pairs) AS code, list(code ORDER BY code) FILTER (WHERE pairs >= {share} * all_pairs) AS codes
FROM counted WHERE all_pairs >= {support} GROUP BY text;

CREATE OR REPLACE TABLE record AS
SELECT r.*, coalesce(r.code, m.code) AS spec, CASE WHEN r.code IS NOT NULL THEN [r.code] ELSE m.codes END AS specs
FROM record r LEFT JOIN specialty_meaning m ON m.text = r.specialty_text ORDER BY rid;
"""


def learn(db: duckdb.DuckDBPyConnection) -> None:
    """Add `spec` and `specs` to `record`; keep what was learned in `specialty_meaning` (text, code, codes)."""
    db.execute(_LEARN.format(support=MINIMUM_SUPPORT, share=PLAUSIBLE_SHARE))
