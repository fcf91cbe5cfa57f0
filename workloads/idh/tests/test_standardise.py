from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from idh import columns
from idh.resolve.standardise import standardise
from people import page, registered, survey


@pytest.mark.parametrize(
    ("written", "first", "middle", "last", "suffix"),
    [
        ("Dr. Ann B. Lee, M.D., FACP", "ann", "b", "lee", None),
        ("Lee, Ann B", "ann", "b", "lee", None),
        ("JOHN Q PUBLIC JR., MD", "john", "q", "public", "jr"),
        ("José Núñez", "jose", None, "nunez", None),
        ("Maria de la Cruz, DO", "maria", None, "delacruz", None),
        ("Prof. Dr. Ada Okafor-Hill PhD", "ada", None, "okaforhill", None),
        ("Sam O'Brien III", "sam", None, "obrien", "iii"),
        ("Madonna", None, None, "madonna", None),
    ],
)
def test_a_name_as_written_is_taken_apart(
    sources: Callable[..., Path], written: str, first: str | None, middle: str | None, last: str, suffix: str | None
) -> None:
    folder = sources(nppes=[registered(1, "Zoe", "Zett")], web=[page("W1", written)])
    with duckdb.connect() as db:
        columns.open_sources(db, folder)
        standardise(db)
        found = db.execute('SELECT "first", middle, "last", suffix FROM record WHERE record_id = \'W1\'').fetchall()
    assert found == [(first, middle, last, suffix)]


def test_what_cannot_be_a_number_or_an_address_is_unknown(sources: Callable[..., Path]) -> None:
    folder = sources(
        nppes=[registered(1, "Zoe", "Zett")],
        survey=[
            survey(
                "S1", "Zoe", "Zett", npi="1234567890", phone="555", zip="1", email="not an address", state="Delaware"
            ),
            survey(
                "S2",
                "Zoe",
                "Zett",
                npi="1234567893",
                phone="+1 (302) 555-0100",
                zip="199011234",
                email=" A.B@Mail.Example ",
            ),
        ],
    )
    with duckdb.connect() as db:
        columns.open_sources(db, folder)
        standardise(db)
        found = db.execute(
            "SELECT npi, npi_raw, phone, zip, email FROM record WHERE source = 'survey' ORDER BY record_id"
        ).fetchall()
    assert found == [
        (None, "1234567890", None, None, None),
        ("1234567893", "1234567893", "3025550100", "19901", "a.b@mail.example"),
    ]


def test_a_source_without_record_ids_is_refused_by_name(sources: Callable[..., Path]) -> None:
    row = registered(1, "Zoe", "Zett")
    del row["record_id"]
    with duckdb.connect() as db, pytest.raises(columns.MissingColumn, match="nppes"):
        columns.open_sources(db, sources(nppes=[row]))
