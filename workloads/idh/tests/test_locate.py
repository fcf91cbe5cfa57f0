"""Facts about addresses: how they are classed, chosen, explained, and never written to."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from conftest import World
from idh import columns
from idh.locate.job import locate
from idh.locate.score import probabilities
from idh.locate.why import why
from idh.resolve.job import resolve
from people import npi, page, registered, survey

Write = Callable[..., Path]


def located(folder: Path) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    columns.open_sources(db, folder)
    resolve(db)
    locate(db)
    return db


def found(folder: Path) -> dict[str, tuple[str | None, str, bool]]:
    """registry record -> (email, reason, sendable)."""
    with located(folder) as db:
        rows = db.execute("""SELECT record_id, email, e.reason, sendable FROM physician_email e JOIN physician_record
            p USING (physician_id)
            WHERE record_id LIKE 'N%'""").fetchall()
    return {record: (email, reason, sendable) for record, email, reason, sendable in rows}


@pytest.mark.parametrize(
    ("email", "kind"),
    [
        ("grace.marwell@gmail.com", "personal"),
        ("info@gmail.com", "role"),
        ("grace@mailinator.com", "disposable"),
        ("gmarwell@stateuniversity.edu", "institutional"),
        ("gmarwell@dover-hospital.example", "institutional"),
        ("grace..marwell@gmail.com", "malformed"),
        ("grace@marwell.example", "own"),
        ("appointments2@dover-clinic.example", "role"),
    ],
)
def test_an_address_is_classed(sources: Write, email: str, kind: str) -> None:
    folder = sources(
        nppes=[registered(1, "Grace", "Marwell")], survey=[survey("S1", "Grace", "Marwell", npi=npi(1), email=email)]
    )
    with located(folder) as db:
        assert db.execute("SELECT kind FROM address").fetchall() == [(kind,)]


def test_a_providers_domain_is_known_by_its_users_without_any_list(world: World) -> None:
    kinds = dict(
        world.db.execute(
            "SELECT domain, kind FROM domain_kind WHERE domain IN ('postbox.example', 'mailhaus.test')"
        ).fetchall()
    )
    assert set(kinds.values()) == {"personal"}
    of_organisations = world.db.execute("SELECT DISTINCT kind FROM domain_kind WHERE organisation").fetchall()
    assert of_organisations == [("institutional",)]


def test_only_observed_addresses_are_named(world: World) -> None:
    assert world.db.execute("""SELECT count(*) FROM physician_email e WHERE email IS NOT NULL AND NOT EXISTS (
        FROM physician_record p JOIN record r USING (rid) WHERE p.physician_id = e.physician_id AND r.email =
            e.email)""").fetchall() == [(0,)]


def test_the_institutions_address_is_no_personal_one_and_the_reason_says_so(sources: Write) -> None:
    folder = sources(
        nppes=[registered(1, "Grace", "Marwell"), registered(2, "Peter", "Quill")],
        survey=[survey("S1", "Grace", "Marwell", npi=npi(1), email="gmarwell@dover-hospital.example")],
    )
    told = found(folder)
    assert told["N1"] == (None, "only institutional addresses", False)
    assert told["N2"] == (None, "no address observed", False)


def test_somebody_elses_address_is_not_named(sources: Write) -> None:
    registry = [
        registered(number, first, last)
        for number, (first, last) in enumerate(
            [
                ("Grace", "Marwell"),
                ("Peter", "Quill"),
                ("Peter", "Marlow"),
                ("Peter", "Thorn"),
                ("Ann", "Quill"),
                ("Sam", "Quill"),
            ],
            1,
        )
    ]
    told = found(
        sources(nppes=registry, web=[page("W1", "Grace Marwell, MD", npi=npi(1), email="peter.quill@gmail.com")])
    )
    assert told["N1"][0] is None
    assert told["N1"][1] == "the only address names somebody else"


def hashed(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


ANSWERS = [
    survey("S1", "Grace", "Marwell", npi=npi(1), email="grace.marwell@gmail.com"),
    survey(
        "S2", "Grace", "Marwell", npi=npi(1), email="grace.marwell@gmail.com", submitted_at="2024-09-01T10:00:00+00:00"
    ),
]


def test_who_said_nothing_against_it_may_be_written_to(sources: Write) -> None:
    assert found(sources(nppes=[registered(1, "Grace", "Marwell")], survey=ANSWERS))["N1"] == (
        "grace.marwell@gmail.com",
        "observed",
        True,
    )


@pytest.mark.parametrize(
    "more",
    [
        {"suppression": [{"scope": "person", "npi": npi(1), "email_sha256": "", "reason": "request", "at": ""}]},
        {
            "suppression": [
                {
                    "scope": "email",
                    "npi": "",
                    "email_sha256": hashed("grace.marwell@gmail.com"),
                    "reason": "unsubscribe",
                    "at": "",
                }
            ]
        },
        {
            "suppression": [
                {
                    "scope": "email",
                    "npi": "",
                    "email_sha256": hashed("gm@dover-hospital.example").upper(),
                    "reason": "unsubscribe",
                    "at": "",
                }
            ]
        },
        {
            "survey": [
                *ANSWERS,
                survey("S3", "Grace", "Marwell", npi=npi(1), email="", consent="opt_out", submitted_at="2019-01-01"),
            ]
        },
        {"campaign_events": [{"email": "grace.marwell@gmail.com", "event": "complaint", "at": ""}]},
        {"campaign_events": [{"email": "gm@dover-hospital.example", "event": "unsubscribe", "at": ""}]},
        {"campaign_events": [{"email": "grace.marwell@gmail.com", "event": "hard_bounce", "at": ""}]},
    ],
    ids=["npi", "address", "another address", "an old survey", "complaint", "unsubscribed elsewhere", "bounce"],
)
def test_an_opt_out_counts_for_the_whole_person(sources: Write, more: dict[str, list[dict[str, str]]]) -> None:
    tables = {
        "nppes": [registered(1, "Grace", "Marwell")],
        "survey": ANSWERS,
        "web": [page("W1", "Grace Marwell", npi=npi(1), email="gm@dover-hospital.example")],
        **more,
    }
    assert not found(sources(**tables))["N1"][2]


def test_an_opt_out_that_may_be_one_of_two_namesakes_counts_for_both(sources: Write) -> None:
    folder = sources(
        nppes=[registered(1, "Carl", "Thorndale"), registered(2, "Carl", "Thorndale")],
        survey=[
            survey(f"S{n}{k}", "Carl", "Thorndale", npi=npi(n), email=f"carl.thorndale{n}@gmail.com")
            for n in (1, 2)
            for k in (1, 2)
        ]
        + [survey("S0", "Carl", "Thorndale", consent="opt_out")],
    )
    assert not any(sendable for _, _, sendable in found(folder).values())


def test_who_is_in_no_registry_is_not_written_to_since_they_may_be_somebody_who_opted_out(world: World) -> None:
    assert world.db.execute("""SELECT count(*) FROM physician_email e JOIN record n ON n.rid = e.anchor
        WHERE e.sendable AND n.source <> 'nppes'""").fetchall() == [(0,)]


def test_nobody_who_knowably_opted_out_would_be_written_to(world: World) -> None:
    truth = f"{world.folder}/truth"
    assert (
        world.db.execute(f"""
        SELECT count(*) FROM physician_email e JOIN record n ON n.rid = e.anchor JOIN
            read_parquet('{truth}/records.parquet') t USING (record_id)
        JOIN read_parquet('{truth}/people.parquet') p USING (person_id) WHERE e.sendable AND p.opted_out""").fetchall()
        == [(0,)]
    )


def test_the_probabilities_of_one_physicians_addresses_leave_room_for_none() -> None:
    result = probabilities(np.array([[2.0], [2.0], [-1.0], [0.0]]), np.array([4, 4, 4, 9]), np.array([1.0]))
    assert result[:3].sum() < 1
    assert result[0] == result[1] > result[2]
    assert result[3] == pytest.approx(0.5)


def test_a_choice_explains_itself_with_what_was_seen_where(world: World) -> None:
    physician, email, confidence = world.db.execute(
        "SELECT physician_id, email, confidence FROM physician_email WHERE email IS NOT NULL ORDER BY 1 LIMIT 1"
    ).fetchall()[0]
    told = why(world.db, physician)
    assert (told[0].email, told[0].probability) == (email, confidence)
    assert told[0].reasons
    assert told[0].seen
    records = {
        row[0]
        for row in world.db.execute(
            "SELECT record_id FROM physician_record WHERE physician_id = ?", [physician]
        ).fetchall()
    }
    assert {record for address in told for record, _, _ in address.seen} <= records
