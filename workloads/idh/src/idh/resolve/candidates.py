"""Which pairs are worth comparing: records that share a key, as long as few registry rows share it.

A key that is too common ("John Smith", nationwide) is skipped: a finer key of the list (with state, middle initial,
specialty,
place) finds the same pair. The cost is therefore linear in the records, whatever the names' distribution.
"""

import duckdb

from idh.sql import count

MOST_PER_KEY = 25  # rows that may share a key before it is too common to be one
CLEAR = 4  # a record that shares so many keys with one row is not compared with rows that share only one
_STRONG = {"npi", "e-mail"}

_NAMES = """
CREATE OR REPLACE TEMP TABLE last_name AS
SELECT rid, "last" AS name FROM record WHERE "last" IS NOT NULL
UNION SELECT rid, other_last FROM record WHERE other_last IS NOT NULL
UNION SELECT rid, unnest(parts) FROM record WHERE parts IS NOT NULL;
CREATE OR REPLACE TEMP TABLE first_name AS
SELECT rid, unnest(forms) AS form FROM record WHERE "first" IS NOT NULL
UNION SELECT rid, middle FROM record WHERE length(middle) > 2
UNION SELECT rid, other_first FROM record WHERE other_first IS NOT NULL;
CREATE OR REPLACE TEMP TABLE place AS
SELECT rid, state, city, zip, zip[1:3] AS zip3 FROM record
UNION SELECT rid, state2, city2, zip2, zip2[1:3] FROM record WHERE source = 'nppes';
"""

# One select per kind of key: (rid, key). `hash` keeps the table narrow.
_KEYS = {
    "npi": "SELECT rid, npi_raw AS k FROM record WHERE npi_raw IS NOT NULL",
    "name": "SELECT rid, name || form AS k FROM last_name JOIN first_name USING (rid)",
    "name and middle": "SELECT rid, name || form || middle[1] "
    "FROM last_name JOIN first_name USING (rid) JOIN record USING (rid)",
    "name and specialty": "SELECT rid, name || form || unnest(specs) "
    "FROM last_name JOIN first_name USING (rid) JOIN record USING (rid)",
    "name and state": "SELECT rid, name || form || p.state "
    "FROM last_name JOIN first_name USING (rid) JOIN place p USING (rid)",
    "name and area": "SELECT rid, name || form || p.zip3 "
    "FROM last_name JOIN first_name USING (rid) JOIN place p USING (rid)",
    "last name and state": 'SELECT rid, name || "first"[1] || p.state '
    "FROM last_name JOIN record USING (rid) JOIN place p USING (rid)",
    "last name and area": "SELECT rid, name || p.zip3 FROM last_name JOIN place p USING (rid)",
    "last name, specialty": 'SELECT rid, name || unnest(specs) || "first"[1] FROM last_name JOIN record USING (rid)',
    "start of names": 'SELECT rid, "last"[1:4] || "first"[1:3] || p.state FROM record JOIN place p USING (rid)',
    "end of names": 'SELECT rid, "last"[-4:] || "first"[-3:] || p.state FROM record JOIN place p USING (rid)',
    "first name and zip": "SELECT rid, form || p.zip FROM first_name JOIN place p USING (rid)",
    "first name, specialty, area": "SELECT rid, form || unnest(specs) || p.zip3 "
    "FROM first_name JOIN record USING (rid) JOIN place p USING (rid)",
    "phone": "SELECT rid, phone FROM record WHERE phone IS NOT NULL",
    "street": "SELECT rid, street || coalesce(p.zip3, p.state) FROM record JOIN place p USING (rid)",
}
# Between records, where addresses and domains are known as well.
_KEYS_OF_RECORDS = {
    "e-mail": "SELECT rid, email FROM record WHERE email IS NOT NULL",
    "first name and domain": "SELECT rid, form || domain FROM first_name JOIN record USING (rid)",
}


def prepare(db: duckdb.DuckDBPyConnection) -> None:
    """The tables that keys are made of."""
    db.execute(_NAMES)


def pairs(db: duckdb.DuckDBPyConnection, name: str, left: str, right: str, *, of_records: bool = False) -> int:
    """Make the table `name` (left_rid, right_rid) of candidate pairs of two tables of `rid`; return their number."""
    db.execute(f"CREATE OR REPLACE TEMP TABLE {name}_all (left_rid INTEGER, right_rid INTEGER, strong BOOLEAN)")
    kinds = {**_KEYS, **_KEYS_OF_RECORDS} if of_records else _KEYS
    for kind, select in kinds.items():
        db.execute(f"""
            INSERT INTO {name}_all
            WITH keyed AS (SELECT DISTINCT hash(k) AS k, rid FROM ({select}) AS t(rid, k) WHERE k IS NOT NULL),
            few AS (SELECT k, list(rid) AS rids FROM keyed SEMI JOIN {left} USING (rid) GROUP BY k HAVING count(*) <=
                {MOST_PER_KEY})
            SELECT unnest(few.rids), o.rid, {kind in _STRONG}
            FROM keyed o SEMI JOIN {right} USING (rid) JOIN few USING (k)""")
    db.execute(f"""
        CREATE OR REPLACE TABLE {name} AS
        WITH shared AS (
            SELECT left_rid, right_rid, count(*) AS keys, bool_or(strong) AS strong FROM {name}_all
            WHERE left_rid <> right_rid GROUP BY ALL
        ), judged AS (SELECT *, max(keys) OVER (PARTITION BY right_rid) AS best FROM shared)
        SELECT left_rid, right_rid FROM judged WHERE keys > 1 OR strong OR best < {CLEAR};
        DROP TABLE {name}_all""")
    return count(db, name)
