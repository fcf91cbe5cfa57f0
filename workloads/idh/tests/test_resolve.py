"""Facts about who is one physician. The rows are few, so the model scores by its prior."""

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pytest

from conftest import World
from idh import columns
from idh.resolve.job import resolve
from idh.resolve.survive import survive
from idh.resolve.why import NotAssigned, why
from people import npi, page, registered, survey

Write = Callable[..., Path]


def groups(
    folder: Path, verdicts: Sequence[tuple[str, str, bool]] = (), former: Sequence[tuple[str, str]] = ()
) -> dict[str, str]:
    """record -> physician."""
    with duckdb.connect() as db:
        columns.open_sources(db, folder)
        db.execute("CREATE TABLE verdict (record_a VARCHAR, record_b VARCHAR, same BOOLEAN)")
        db.execute("CREATE TABLE former_id (record_id VARCHAR, physician_id VARCHAR)")
        for verdict in verdicts:
            db.execute("INSERT INTO verdict VALUES (?, ?, ?)", verdict)
        for pair in former:
            db.execute("INSERT INTO former_id VALUES (?, ?)", pair)
        resolve(db)
        return dict(db.execute("SELECT record_id, physician_id FROM physician_record").fetchall())


def test_a_nickname_at_the_same_place_is_the_same_physician(sources: Write) -> None:
    found = groups(
        sources(
            nppes=[registered(1, "William", "Okafor"), registered(2, "Wendy", "Okafor")],
            survey=[survey("S1", "Bill", "Okafor")],
        )
    )
    assert found["S1"] == found["N1"] != found["N2"]


def test_a_couple_at_one_address_stays_two(sources: Write) -> None:
    found = groups(
        sources(
            nppes=[registered(1, "Robert", "Lindqvist"), registered(2, "Anna", "Lindqvist")],
            survey=[
                survey("S1", "Bob", "Lindqvist", email="lindqvists@homenet.test"),
                survey("S2", "Anna", "Lindqvist", email="lindqvists@homenet.test"),
            ],
        )
    )
    assert found["S1"] == found["N1"]
    assert found["S2"] == found["N2"]
    assert found["N1"] != found["N2"]


def test_a_suffix_tells_father_from_son(sources: Write) -> None:
    found = groups(
        sources(
            nppes=[registered(1, "Carl", "Thorndale", suffix="SR."), registered(2, "Carl", "Thorndale", suffix="JR.")],
            web=[page("W1", "Carl Thorndale Jr., MD"), page("W2", "Dr. Carl Thorndale Sr.")],
        )
    )
    assert found["W1"] == found["N2"]
    assert found["W2"] == found["N1"]


def test_a_former_name_with_the_npi_is_the_same_physician(sources: Write) -> None:
    found = groups(
        sources(nppes=[registered(1, "Grace", "Marwell")], survey=[survey("S1", "Grace", "Oldham", npi=npi(1))])
    )
    assert found["S1"] == found["N1"]


def test_a_stranger_joins_nobody(sources: Write) -> None:
    found = groups(
        sources(
            nppes=[registered(1, "Grace", "Marwell")],
            survey=[
                survey("S1", "Peter", "Quill", city="Salem", state="OR", zip="97301"),
                survey("S2", "Peter", "Quill", city="Salem", state="OR", zip="97301"),
            ],
        )
    )
    assert found["S1"] != found["N1"]
    assert found["S1"] == found["S2"]


def test_a_reviewer_can_part_what_was_joined(sources: Write) -> None:
    folder = sources(nppes=[registered(1, "Grace", "Marwell")], survey=[survey("S1", "Grace", "Marwell")])
    joined = groups(folder)
    parted = groups(folder, verdicts=[("N1", "S1", False)], former=list(joined.items()))
    assert joined["S1"] == joined["N1"]
    assert parted["N1"] == joined["N1"]
    assert parted["S1"] != parted["N1"]


def test_a_reviewer_can_join_what_was_apart(sources: Write) -> None:
    folder = sources(
        nppes=[registered(1, "Grace", "Marwell")],
        survey=[survey("S1", "Gracia", "Oldham", city="Salem", state="OR", zip="97301")],
    )
    assert groups(folder)["S1"] != groups(folder)["N1"]
    found = groups(folder, verdicts=[("S1", "N1", True)])
    assert found["S1"] == found["N1"]


def test_ids_stay_over_runs_and_go_with_the_anchor(sources: Write) -> None:
    folder = sources(nppes=[registered(1, "Grace", "Marwell")], survey=[survey("S1", "Grace", "Marwell")])
    first = groups(folder)
    assert groups(folder) == first
    renamed = groups(folder, former=[("N1", "ph-old"), ("S1", "ph-old")])
    assert set(renamed.values()) == {"ph-old"}
    contested = groups(folder, former=[("N1", "ph-a"), ("S1", "ph-b")])
    assert set(contested.values()) == {"ph-a"}


def test_a_new_record_does_not_rename_anybody(sources: Write) -> None:
    registry = [registered(1, "Grace", "Marwell"), registered(2, "Peter", "Quill", zip="19902")]
    before = groups(sources(nppes=registry, survey=[survey("S1", "Grace", "Marwell")]))
    after = groups(
        sources(nppes=registry, survey=[survey("S1", "Grace", "Marwell"), survey("S0", "Pete", "Quill", zip="19902")]),
        former=list(before.items()),
    )
    assert {record: after[record] for record in before} == before
    assert after["S0"] == after["N2"]


def test_every_record_belongs_to_exactly_one_physician(world: World) -> None:
    records, assigned, distinct = (
        world.db.execute("""SELECT (SELECT count(*) FROM record), count(*), count(DISTINCT record_id)
        FROM physician_record""").fetchall()[0]
    )
    assert records == assigned == distinct


def test_two_registry_rows_are_never_one_physician(world: World) -> None:
    assert world.db.execute("""SELECT max(n) FROM (SELECT count(*) AS n FROM physician_record JOIN record USING (rid)
        WHERE source = 'nppes' GROUP BY physician_id)""").fetchall() == [(1,)]


def test_the_resolver_is_right_on_a_small_world(world: World) -> None:
    wrong, records = world.db.execute(f"""
        SELECT count(*) FILTER (t.person_id <> n.person_id), count(*) FROM physician_record p
        JOIN read_parquet('{world.folder}/truth/records.parquet') t USING (record_id)
        JOIN record a ON a.rid = p.anchor JOIN read_parquet('{world.folder}/truth/records.parquet') n ON n.record_id
            = a.record_id""").fetchall()[0]
    assert wrong < 0.01 * records


def test_an_assignment_explains_itself_by_weights_that_add_up(world: World) -> None:
    record, weight = world.db.execute("""SELECT record_id, weight FROM physician_record
        WHERE round = 1 AND probability > 0.99 ORDER BY record_id LIMIT 1""").fetchall()[0]
    told = why(world.db, world.model, record)
    assert told.record_id == record
    prior = -10.55  # log2 of one in about 1500 registered people
    assert told.weight + prior == pytest.approx(weight, abs=0.3)
    assert {reason.field for reason in told.reasons} == {
        "npi",
        "last",
        "first",
        "middle",
        "suffix",
        "specialty",
        "place",
        "email",
    }
    assert told.reasons[0].weight == max(abs(reason.weight) for reason in told.reasons)
    assert told.reasons[0].found not in ("", "unknown")


def test_an_unknown_record_has_no_explanation(world: World) -> None:
    with pytest.raises(NotAssigned):
        why(world.db, world.model, "nobody")


def test_what_is_unsure_waits_for_a_reviewer_the_most_doubtful_first(sources: Write) -> None:
    folder = sources(
        nppes=[registered(1, "Carl", "Thorndale"), registered(2, "Carl", "Thorndale")],
        web=[page("W1", "Carl Thorndale")],
    )
    with duckdb.connect() as db:
        columns.open_sources(db, folder)
        resolve(db)
        found = db.execute(
            "SELECT record_id, probability, second_probability FROM review JOIN record USING (rid)"
        ).fetchall()
    assert [record for record, _, _ in found] == ["W1"]
    assert found[0][1] == pytest.approx(found[0][2], abs=0.01)


def test_each_field_survives_from_a_record_that_is_named(sources: Write) -> None:
    folder = sources(
        nppes=[registered(1, "Grace", "Marwell", middle="A", at="01/31/2020")],
        survey=[
            survey(
                "S1",
                "Grace",
                "Marwell",
                npi=npi(1),
                middle_name="Alice",
                city="Milton",
                zip="19968",
                phone="302-555-0199",
            )
        ],
    )
    with duckdb.connect() as db:
        columns.open_sources(db, folder)
        resolve(db)
        survive(db)
        found = {
            field: (value, record)
            for field, value, record in db.execute("SELECT field, value, record_id FROM survivor").fetchall()
        }
    assert found["last"] == ("marwell", "N1")
    assert found["npi"] == (npi(1), "N1")
    assert found["middle"] == ("alice", "S1")
    assert found["city"] == ("milton", "S1")
    assert found["zip"] == ("19968", "S1")
    assert found["phone"] == ("3025550199", "S1")
