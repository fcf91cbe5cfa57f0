"""Field-level survivorship: which record each field of the one physician comes from, and by which rule.

- Who they are (NPI, legal name, taxonomy) is the registry's; without a registry row, the value that most records state.
- Where they are (street, city, state, zip, telephone) is the newest sure record's, the place as a whole, so that no
town meets
  another's zip; the registry's own date counts as a record's.
- The middle name is the longest that agrees with the registry's initial.
Nothing is averaged and nothing is made up: each value is one record's, and its record is named beside it.
"""

import duckdb

SURE = 0.95

_SURVIVE = f"""
CREATE OR REPLACE TABLE survivor AS
WITH member AS (
    SELECT p.physician_id, r.*, r.rid = p.anchor AS is_anchor, p.probability,
        coalesce(try_cast(r."at" AS TIMESTAMPTZ)::DATE, try_strptime(r."at", '%m/%d/%Y')::DATE) AS day
    FROM physician_record p JOIN record r USING (rid)
), stated AS (
    SELECT physician_id, record_id, source, day, unnest([
        {{'field': 'npi', 'value': npi}}, {{'field': 'first', 'value': "first"}}, {{'field': 'last', 'value': "last"}},
        {{'field': 'suffix', 'value': suffix}}, {{'field': 'taxonomy', 'value': spec}}]) AS f
    FROM member WHERE probability >= {SURE} OR is_anchor
), identity AS (
    SELECT physician_id, f.field, f.value, record_id, source, day,
        count(*) OVER (PARTITION BY physician_id, f.field, f.value) AS votes
    FROM stated WHERE f.value IS NOT NULL
), identity_best AS (
    SELECT *, CASE WHEN source = 'nppes' THEN 'the registry''s' ELSE 'most records'' (' || votes || ')' END AS rule
        FROM identity
    QUALIFY row_number() OVER (PARTITION BY physician_id, field ORDER BY source = 'nppes' DESC, votes DESC, day DESC
        NULLS LAST, record_id) = 1
), middle_best AS (
    SELECT m.physician_id, 'middle' AS field, m.middle AS value, m.record_id, m.source, m.day,
        'the longest that agrees' AS rule
    FROM member m LEFT JOIN (SELECT physician_id, middle[1] AS initial FROM member WHERE is_anchor) a USING
        (physician_id)
    WHERE m.middle IS NOT NULL AND (a.initial IS NULL OR m.middle[1] = a.initial) AND (m.probability >= {SURE} OR
        m.is_anchor)
    QUALIFY row_number() OVER (PARTITION BY m.physician_id ORDER BY length(m.middle) DESC, m.source = 'nppes' DESC,
        m.day DESC NULLS LAST, m.record_id) = 1
), place_best AS (
    SELECT * FROM member WHERE (state IS NOT NULL AND (city IS NOT NULL OR zip IS NOT NULL)) AND (probability >=
        {SURE} OR is_anchor)
    QUALIFY row_number() OVER (PARTITION BY physician_id ORDER BY day DESC NULLS LAST, is_anchor DESC, record_id) = 1
), place_fields AS (
    SELECT physician_id, record_id, source, day, unnest([
        {{'field': 'street', 'value': street}}, {{'field': 'city', 'value': city}}, {{'field': 'state', 'value':
            state}},
        {{'field': 'zip', 'value': zip}}]) AS f FROM place_best
), phone_best AS (
    SELECT physician_id, 'phone' AS field, phone AS value, record_id, source, day, 'the newest' AS rule FROM member
    WHERE phone IS NOT NULL AND (probability >= {SURE} OR is_anchor)
    QUALIFY row_number() OVER (PARTITION BY physician_id ORDER BY day DESC NULLS LAST, is_anchor DESC, record_id) = 1
)
SELECT physician_id, field, value, record_id, source, day, rule FROM identity_best
UNION ALL SELECT * FROM middle_best
UNION ALL SELECT physician_id, f.field, f.value, record_id, source, day, 'the newest place' FROM place_fields WHERE
    f.value IS NOT NULL
UNION ALL SELECT * FROM phone_best;

CREATE OR REPLACE TABLE physician AS PIVOT (SELECT physician_id, field, value FROM survivor)
ON field IN ('npi', 'first', 'middle', 'last', 'suffix', 'taxonomy', 'street', 'city', 'state', 'zip', 'phone') USING
    any_value(value) GROUP BY physician_id;
"""


def survive(db: duckdb.DuckDBPyConnection) -> None:
    """Make `survivor` (physician_id, field, value, record_id, source, day, rule) and `physician`, one row each."""
    db.execute(_SURVIVE)
