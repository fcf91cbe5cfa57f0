"""The tables of the star: what identifies a row of each, and how it is read from the jobs' own tables."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`key` identifies a row; `query` reads the rows from DuckDB after the jobs, empty for tables that other jobs
    write.
    With `history`, a changed row is a new version and the former one ends."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    query: str = ""
    history: bool = False


TABLES = (
    Table(
        name="dim_physician",
        key=("version_key",),
        history=True,
        columns=(
            "physician_id",
            "version_key",
            "npi",
            "first_name",
            "last_name",
            "specialty_code",
            "city",
            "state",
            "email_sha256",
            "email_confidence",
            "sendable",
            "valid_from",
            "valid_to",
        ),
        query="""
        WITH told AS (
            SELECT p.physician_id, p.npi, p."first" AS first_name, p."last" AS last_name, p.taxonomy AS
                specialty_code, p.city, p.state,
                sha256(e.email) AS email_sha256, round(e.confidence, 3) AS email_confidence, e.sendable
            FROM physician p LEFT JOIN physician_email e USING (physician_id)
        )
        SELECT physician_id, sha256(to_json(told)::VARCHAR) AS version_key, npi, first_name, last_name,
            specialty_code, city, state,
            email_sha256, email_confidence, sendable, getvariable('day') AS valid_from, NULL::VARCHAR AS valid_to
                FROM told""",
    ),
    Table(
        name="dim_specialty",
        key=("specialty_code",),
        columns=("specialty_code", "name"),
        query="""
        SELECT r.spec AS specialty_code, coalesce(any_value(m.text ORDER BY m.text), r.spec) AS name FROM (SELECT
            DISTINCT spec FROM record WHERE spec IS NOT NULL) r
        LEFT JOIN specialty_meaning m ON m.code = r.spec GROUP BY r.spec""",
    ),
    Table(
        name="dim_geography",
        key=("geography_key",),
        columns=("geography_key", "city", "state"),
        query="""
        SELECT DISTINCT state || '/' || coalesce(city, '') AS geography_key, coalesce(city, '') AS city, state FROM
            physician WHERE state IS NOT NULL""",
    ),
    Table(
        name="dim_skill",
        key=("skill",),
        columns=("skill",),
        query="""
        SELECT DISTINCT trim(unnest(string_split(skills, '|'))) AS skill FROM survey WHERE skills <> ''""",
    ),
    Table(
        name="dim_date",
        key=("day",),
        columns=("day", "year", "quarter", "month"),
        query="""
        SELECT DISTINCT d::VARCHAR AS day, year(d) AS year, quarter(d) AS quarter, month(d) AS month
        FROM (SELECT try_cast(submitted_at AS TIMESTAMPTZ)::DATE AS d FROM survey) WHERE d IS NOT NULL""",
    ),
    Table(
        name="dim_source",
        key=("source",),
        columns=("source", "name"),
        query="""
        SELECT * FROM (VALUES ('nppes', 'registry'), ('survey', 'surveys'), ('web', 'web collection')) AS t(source,
            name)""",
    ),
    Table(
        name="fact_match",
        key=("record_id",),
        columns=("record_id", "physician_id", "source", "probability", "weight", "round"),
        query="""
        SELECT p.record_id, p.physician_id, r.source, round(p.probability, 4) AS probability, round(p.weight, 2) AS
            weight, p.round
        FROM physician_record p JOIN record r USING (rid)""",
    ),
    Table(
        name="fact_email_candidate",
        key=("physician_id", "email_sha256"),
        columns=("physician_id", "email_sha256", "probability", "chosen"),
        query="""
        SELECT i.physician_id, sha256(s.email) AS email_sha256, round(s.probability, 4) AS probability,
            coalesce(e.email = s.email, false) AS chosen
        FROM scored s JOIN physician_id i USING (anchor) JOIN physician_email e ON e.physician_id = i.physician_id""",
    ),
    Table(
        name="fact_survey_response",
        key=("record_id",),
        columns=("record_id", "physician_id", "survey_id", "day", "consent"),
        query="""
        SELECT v.record_id, p.physician_id, v.survey_id, (try_cast(v.submitted_at AS TIMESTAMPTZ)::DATE)::VARCHAR AS
            day, v.consent
        FROM survey v JOIN physician_record p USING (record_id)""",
    ),
    Table(
        name="fact_physician_skill",
        key=("physician_id", "skill"),
        columns=("physician_id", "skill", "responses"),
        query="""
        SELECT physician_id, skill, count(*) AS responses FROM (
            SELECT p.physician_id, trim(unnest(string_split(v.skills, '|'))) AS skill FROM survey v JOIN
                physician_record p USING (record_id) WHERE v.skills <> '')
        GROUP BY ALL""",
    ),
)
BY_NAME = {table.name: table for table in TABLES}
