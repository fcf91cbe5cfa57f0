"""The columns that the hub reads of each source; a file may have more, and may lack some (they are read as empty)."""

from pathlib import Path

import duckdb

NPPES = {
    "record_id": "record_id",
    "npi": "NPI",
    "entity": "Entity Type Code",
    "first": "Provider First Name",
    "middle": "Provider Middle Name",
    "last": "Provider Last Name (Legal Name)",
    "suffix": "Provider Name Suffix Text",
    "other_first": "Provider Other First Name",
    "other_last": "Provider Other Last Name",
    "code": "Healthcare Provider Taxonomy Code_1",
    "street": "Provider First Line Business Practice Location Address",
    "city": "Provider Business Practice Location Address City Name",
    "state": "Provider Business Practice Location Address State Name",
    "zip": "Provider Business Practice Location Address Postal Code",
    "phone": "Provider Business Practice Location Address Telephone Number",
    "street2": "Provider First Line Business Mailing Address",
    "city2": "Provider Business Mailing Address City Name",
    "state2": "Provider Business Mailing Address State Name",
    "zip2": "Provider Business Mailing Address Postal Code",
    "phone2": "Provider Business Mailing Address Telephone Number",
    "at": "Last Update Date",
}
SURVEY = {
    name: name
    for name in (
        "record_id",
        "survey_id",
        "submitted_at",
        "npi",
        "first_name",
        "middle_name",
        "last_name",
        "specialty_text",
        "street",
        "city",
        "state",
        "zip",
        "phone",
        "email",
        "consent",
        "skills",
    )
}
WEB = {
    name: name
    for name in (
        "record_id",
        "source_kind",
        "source_url",
        "collected_at",
        "full_name_raw",
        "first_name",
        "middle_name",
        "last_name",
        "npi",
        "specialty_text",
        "org_domain",
        "street",
        "city",
        "state",
        "zip",
        "phone",
        "email",
    )
}
SUPPRESSION = {name: name for name in ("scope", "npi", "email_sha256", "reason", "at")}
EVENTS = {name: name for name in ("email", "at", "event")}


class MissingColumn(ValueError):
    """A source lacks the column that names its rows."""


def view(db: duckdb.DuckDBPyConnection, name: str, relation: str, wanted: dict[str, str]) -> None:
    """Make the view `name` over `relation` (`read_parquet(...)` or a table): all `wanted`, trimmed, never null."""
    there = {row[0] for row in db.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    if "record_id" in wanted and "record_id" not in there:
        raise MissingColumn(f"{name}: no column record_id")
    chosen = ", ".join(
        f'coalesce(trim("{column}"::VARCHAR), \'\') AS "{alias}"' if column in there else f"'' AS \"{alias}\""
        for alias, column in wanted.items()
    )
    db.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {chosen} FROM {relation}")


def open_sources(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Views over the files of a folder; only the registry must be there, what else is missing is empty.

    Raises FileNotFoundError without `nppes.parquet`.
    """
    for name, wanted in (
        ("nppes", NPPES),
        ("survey", SURVEY),
        ("web", WEB),
        ("suppression", SUPPRESSION),
        ("campaign_events", EVENTS),
    ):
        path = folder / f"{name}.parquet"
        if path.exists():
            quoted = str(path).replace("'", "''")
            view(db, name, f"read_parquet('{quoted}')", wanted)
        elif name == "nppes":
            raise FileNotFoundError(path)
        else:
            empty = ", ".join(f"''::VARCHAR AS \"{column}\"" for column in wanted.values())
            view(db, name, f"(SELECT {empty} LIMIT 0)", wanted)
