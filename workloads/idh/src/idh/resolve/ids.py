"""Names for physicians that stay the same from run to run.

A group of records keeps the id that most of its records had; of two groups that claim one id, the one with more of
its records
gets it. Nobody's id is ever given to somebody else's group without one of its records. New groups are named after
the anchor:
by the NPI, which the registry never reuses, else by the record.
"""

import duckdb

_NAME = """
CREATE TABLE IF NOT EXISTS former_id (record_id VARCHAR, physician_id VARCHAR);
CREATE OR REPLACE TABLE physician_id AS
WITH claim AS (
    SELECT a.anchor, f.physician_id, count(*) AS records, bool_or(a.rid = a.anchor) AS with_anchor
    FROM assignment a JOIN record r USING (rid) JOIN former_id f USING (record_id) GROUP BY ALL
), best AS (      -- the anchor's own record decides, then the number of records
    SELECT *, row_number() OVER (PARTITION BY anchor ORDER BY with_anchor DESC, records DESC, physician_id) AS
        place_of_group,
        row_number() OVER (PARTITION BY physician_id ORDER BY with_anchor DESC, records DESC, anchor) AS place_of_id
            FROM claim
), kept AS (SELECT anchor, physician_id FROM best WHERE place_of_group = 1 AND place_of_id = 1)
SELECT DISTINCT a.anchor, coalesce(k.physician_id, 'ph-' || sha256(coalesce('npi:' || n.npi, 'record:' ||
    n.record_id))[:20]) AS physician_id
FROM assignment a JOIN record n ON n.rid = a.anchor LEFT JOIN kept k ON k.anchor = a.anchor;
-- A new group whose natural name is held by an older group takes its record's name.
UPDATE physician_id SET physician_id = 'ph-' || sha256('record:' || n.record_id)[:20]
FROM record n WHERE n.rid = anchor AND physician_id IN (SELECT physician_id FROM physician_id GROUP BY 1 HAVING
    count(*) > 1)
    AND anchor NOT IN (SELECT max(a.anchor) FROM assignment a JOIN record r USING (rid) JOIN former_id f USING
        (record_id) WHERE a.rid = a.anchor GROUP BY f.physician_id);
CREATE OR REPLACE TABLE physician_record AS
SELECT r.record_id, p.physician_id, a.* FROM assignment a JOIN record r USING (rid) JOIN physician_id p USING (anchor);
"""


def name(db: duckdb.DuckDBPyConnection) -> None:
    """Make `physician_id` (anchor, physician_id) and `physician_record` from `assignment` and `former_id`."""
    db.execute(_NAME)
