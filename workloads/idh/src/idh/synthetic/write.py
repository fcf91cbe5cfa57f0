"""Writes a world: the files of the evaluation's contract, and the truth in a folder of its own."""

import hashlib
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from idh.synthetic.noise import Noise
from idh.synthetic.people import Person, people
from idh.synthetic.records import NOW, Row, about

_WORDS_OF_SUPPRESSION = ("unsubscribe", "complaint", "request")


def digest(email: str) -> str:
    """How a suppression list names an address: SHA-256 of it, lower case."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def generate(folder: Path, physicians: int, noise: Noise, seed: int = 1) -> dict[str, int]:
    """Write `nppes`, `survey`, `web`, `suppression`, `campaign_events` below `folder`, and `truth/{records,people}`
    beside them.

    Returns how many rows each has. The same arguments give the same rows.
    """
    rng = random.Random(seed)
    population = list(people(physicians, noise, rng))
    rows: dict[str, list[Row]] = {"nppes": [], "survey": [], "web": []}
    records: list[Row] = []
    seen: dict[str, set[str]] = {}
    asked_out: set[str] = set()
    for source, person, row in about(population, noise, rng):
        rows[source].append(row)
        records.append({"record_id": row["record_id"], "person_id": person})
        if row.get("email"):
            seen.setdefault(person, set()).add(row["email"])
        if row.get("consent") == "opt_out":
            asked_out.add(person)
    suppression = list(_suppression(population, seen, noise, rng))
    asked_out |= {person for person, _ in suppression}
    events = list(_events(population, seen, noise, rng))
    asked_out |= {person for person, row in events if row["event"] == "complaint"}
    truth = [
        {
            "person_id": p.id,
            "npi": p.npi,
            "email": p.email,
            "findable": p.email in seen.get(p.id, ()),
            "opted_out": p.id in asked_out,
        }
        for p in population
    ]
    tables = {**rows, "suppression": [row for _, row in suppression], "campaign_events": [row for _, row in events]}
    for name, content in tables.items():
        _write(folder / f"{name}.parquet", content)
    _write(folder / "truth" / "records.parquet", records)
    _write(folder / "truth" / "people.parquet", truth)
    return {name: len(content) for name, content in tables.items()}


def _suppression(
    population: list[Person], seen: dict[str, set[str]], noise: Noise, rng: random.Random
) -> list[tuple[str, Row]]:
    found: list[tuple[str, Row]] = []
    for who in population:
        if rng.random() >= noise.suppressed:
            continue
        base = {"reason": rng.choice(_WORDS_OF_SUPPRESSION), "at": NOW.isoformat(timespec="seconds")}
        addresses = sorted(seen.get(who.id, set()) & {who.email, *who.former_emails, who.work_email})
        if addresses and rng.random() < 0.7:
            found.append((who.id, {"scope": "email", "npi": "", "email_sha256": digest(rng.choice(addresses)), **base}))
        elif who.registered:
            found.append((who.id, {"scope": "person", "npi": who.npi, "email_sha256": "", **base}))
    return found


def _events(
    population: list[Person], seen: dict[str, set[str]], noise: Noise, rng: random.Random
) -> list[tuple[str, Row]]:
    """A former campaign: what reaches its owner is delivered and sometimes opened, what no longer does bounces."""
    found: list[tuple[str, Row]] = []
    at = {"at": NOW.isoformat(timespec="seconds")}
    for who in population:
        for email in sorted(seen.get(who.id, ())):
            if rng.random() >= noise.mailed:
                continue
            alive = email in (who.email, who.work_email) or (email not in who.former_emails and rng.random() < 0.8)
            if not alive and rng.random() < 0.7:
                found.append((who.id, {"email": email, "event": "hard_bounce", **at}))
                continue
            found.append((who.id, {"email": email, "event": "delivered", **at}))
            mine = email in (who.email, who.work_email)
            if rng.random() < (0.35 if mine else 0.1):
                found.append((who.id, {"email": email, "event": "open", **at}))
                if rng.random() < 0.3:
                    found.append((who.id, {"email": email, "event": "click", **at}))
            if mine and rng.random() < 0.003:
                found.append((who.id, {"email": email, "event": "complaint", **at}))
    return found


def _write(path: Path, rows: list[Row] | list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows) if rows else pa.table({"record_id": pa.array([], pa.string())})
    pq.write_table(table, path, compression="zstd")
