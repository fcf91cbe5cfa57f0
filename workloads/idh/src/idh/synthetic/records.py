"""What the sources write about people: registry rows, surveys and pages, each with its faults."""

import random
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from idh.synthetic import vocabulary as v
from idh.synthetic.noise import Noise
from idh.synthetic.people import Person, Place

NOW = datetime(2025, 6, 30, tzinfo=UTC)
Row = dict[str, str]


def _typo(text: str, rng: random.Random) -> str:
    if len(text) < 3:
        return text
    at = rng.randrange(1, len(text) - 1)
    return rng.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + rng.choice(string.ascii_lowercase) + text[at + 1 :],
            text[:at] + text[at] + text[at:],
        ]
    )


class Scribe:
    """Writes rows about people, with the noise of its world."""

    def __init__(self, noise: Noise, rng: random.Random) -> None:
        self.noise, self.rng, self.count = noise, rng, 0

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def number(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count:08d}"

    def when(self, newest: float = 0.0) -> datetime:
        """A moment in the years that records cover, at least `newest` of the way to now."""
        return NOW - timedelta(days=self.rng.random() * (1 - newest) * self.noise.years * 365)

    def names(self, who: Person) -> tuple[str, str, str]:
        """First, middle and last name as a record has them."""
        rng, noise = self.rng, self.noise
        first, middle, last = who.first, who.middle, who.last
        if who.former_last and self.chance(noise.former_name):
            last = who.former_last
        nicks = NICKNAMES.get(first.lower())
        if nicks and self.chance(noise.nickname):
            first = rng.choice(nicks).title()
        elif self.chance(noise.initial_only):
            first = first[0]
        if self.chance(noise.typo):
            first = _typo(first, rng)
        if self.chance(noise.typo):
            last = _typo(last, rng)
        if "-" in last and self.chance(0.3):
            last = rng.choice(last.split("-"))
        middle = rng.choice([middle, middle[0]]) if middle and self.chance(noise.middle_given) else ""
        return (last, middle, first) if self.chance(noise.swapped) else (first, middle, last)

    def npi(self, who: Person, others: list[Person], given: float) -> str:
        if not self.chance(given):
            return ""
        if self.chance(self.noise.npi_of_another):
            return self.rng.choice(others).npi
        if self.chance(self.noise.npi_typo):
            at = self.rng.randrange(10)
            return who.npi[:at] + self.rng.choice(string.digits) + who.npi[at + 1 :]
        return who.npi

    def specialty(self, who: Person) -> str:
        if not self.chance(self.noise.specialty_given):
            return ""
        code = self.rng.choice(list(v.SPECIALTIES)) if self.chance(self.noise.specialty_wrong) else who.specialty
        return self.rng.choice(v.SPECIALTIES[code][1])

    def place(self, at: Place) -> Row:
        if self.chance(self.noise.place_missing):
            return {"city": "", "state": self.rng.choice(["", at.state]), "zip": "", "phone": ""}
        return {
            "city": at.city.upper() if self.chance(0.2) else at.city,
            "state": at.state,
            "zip": at.zip + (f"{self.rng.randrange(10000):04d}" if self.chance(0.2) else ""),
            "phone": at.phone if self.chance(self.noise.phone_given) else "",
        }

    def personal(self, who: Person, at: datetime) -> str:
        old = (NOW - at).days > 365 * self.noise.years * 0.5
        if who.former_emails and self.chance(0.85 if old else self.noise.former_still_seen):
            return who.former_emails[0]
        return who.email

    def survey(self, who: Person, others: list[Person], spouse: Person | None) -> Row:
        """One answered survey; `others` are people nearby in the world."""
        at, noise = self.when(), self.noise
        first, middle, last = self.names(who)
        luck, email = self.rng.random(), ""
        if luck < noise.survey_personal:
            email = self.personal(who, at)
        elif luck < noise.survey_personal + noise.survey_work:
            email = who.work_email
        elif spouse and luck < noise.survey_personal + noise.survey_work + 5 * noise.survey_spouse:
            email = spouse.email
        if email and self.chance(noise.survey_email_typo):
            email = _typo(email, self.rng)
        practice = who.practices[0] if (NOW - at).days > 900 else who.practices[-1]
        asked = self.rng.random()
        consent = "opt_out" if who.opted_out and asked < 0.6 else "opt_in" if not who.opted_out and asked < 0.5 else ""
        return {
            "record_id": self.number("S"),
            "survey_id": f"survey-{at.year}-{self.rng.randrange(1, 5)}",
            "submitted_at": at.isoformat(timespec="seconds"),
            "npi": self.npi(who, others, noise.npi_given_survey),
            "first_name": first,
            "middle_name": middle,
            "last_name": last,
            "specialty_text": self.specialty(who),
            **self.place(practice if self.chance(0.85) else who.home),
            "email": email,
            "consent": consent,
            "skills": "|".join(s for s in who.skills if self.chance(0.9)),
        }

    def page(self, who: Person, others: list[Person]) -> Row:
        """One page about someone."""
        at, noise, rng = self.when(), self.noise, self.rng
        first, middle, last = self.names(who)
        suffix = f" {who.suffix}." if who.suffix and self.chance(0.6) else ""
        inner = " ".join(part for part in (first, middle + "." if len(middle) == 1 else middle, last) if part)
        full = rng.choice(
            [
                f"Dr. {inner}{suffix}",
                f"{inner}{suffix}, MD",
                f"{inner}{suffix}",
                f"{last}, {first} {middle}".strip(),
                f"{inner}{suffix}, M.D., FACP",
            ]
        )
        parsed = not self.chance(noise.name_unparsed)
        practice = who.practices[0] if (NOW - at).days > 900 else who.practices[-1]
        kind = rng.choice(["hospital", "directory", "publication", "society", "personal"])
        where = practice.domain if kind == "hospital" else f"{kind}.example"
        luck, email = rng.random(), ""
        shares = [
            (noise.web_personal, self.personal(who, at)),
            (noise.web_work, who.work_email),
            (noise.web_role, f"{rng.choice(['info', 'office', 'contact', 'appointments'])}@{practice.domain}"),
            (noise.web_of_another, rng.choice(others).email),
        ]
        for share, candidate in shares:
            if luck < share:
                email = candidate
                break
            luck -= share
        return {
            "record_id": self.number("W"),
            "source_kind": kind,
            "source_url": f"https://{where}/{rng.randrange(10**7)}",
            "collected_at": at.isoformat(timespec="seconds"),
            "full_name_raw": full,
            "first_name": first if parsed else "",
            "middle_name": middle if parsed else "",
            "last_name": last if parsed else "",
            "npi": self.npi(who, others, noise.npi_given_web),
            "specialty_text": self.specialty(who),
            "org_domain": practice.domain if self.chance(0.5) else "",
            "street": practice.street if self.chance(0.6) else "",
            **self.place(practice),
            "email": email,
        }

    def registry(self, who: Person) -> Row:
        """A row of the registry, which knows the former practice of some and the former name of others."""
        at, home = who.practices[0], who.home
        upper = str.upper
        stale = bool(who.former_last) and self.chance(0.5)
        return {
            "record_id": self.number("N"),
            "NPI": who.npi,
            "Entity Type Code": "1",
            "Provider Last Name (Legal Name)": upper(who.former_last if stale else who.last),
            "Provider First Name": upper(who.first),
            "Provider Middle Name": upper(who.middle if self.chance(0.7) else who.middle[:1]),
            "Provider Name Suffix Text": f"{who.suffix.upper()}." if who.suffix and self.chance(0.8) else "",
            "Provider Credential Text": self.rng.choice(["MD", "M.D.", "D.O."]),
            "Provider Other Last Name": upper(who.former_last)
            if who.former_last and not stale and self.chance(0.5)
            else "",
            "Provider Business Practice Location Address City Name": upper(at.city),
            "Provider Business Practice Location Address State Name": at.state,
            "Provider Business Practice Location Address Postal Code": f"{at.zip}{self.rng.randrange(10000):04d}",
            "Provider Business Practice Location Address Telephone Number": at.phone,
            "Provider First Line Business Practice Location Address": upper(at.street),
            "Provider Business Mailing Address City Name": upper(home.city),
            "Provider Business Mailing Address State Name": home.state,
            "Provider Business Mailing Address Postal Code": home.zip,
            "Provider Business Mailing Address Telephone Number": "",
            "Provider First Line Business Mailing Address": upper(home.street),
            "Provider Gender Code": "F" if who.woman else "M",
            "Healthcare Provider Taxonomy Code_1": who.specialty,
            "Last Update Date": self.when().strftime("%m/%d/%Y"),
        }


def _nicknames() -> dict[str, list[str]]:
    from nicknames import NickNamer

    namer = NickNamer()
    return {name.lower(): sorted(namer.nicknames_of(name)) for name in [*v.MEN, *v.WOMEN]}


NICKNAMES = _nicknames()


def about(population: list[Person], noise: Noise, rng: random.Random) -> Iterator[tuple[str, str, Row]]:
    """(source, person id, row) for everyone: `nppes`, `survey`, `web`."""
    scribe, by_id = Scribe(noise, rng), {person.id: person for person in population}
    for index, who in enumerate(population):
        others = population[max(0, index - 25) : index + 25]
        if who.registered:
            yield "nppes", who.id, scribe.registry(who)
        if scribe.chance(noise.surveyed):
            for _ in range(1 + _poisson(noise.surveys - 1, rng)):
                yield "survey", who.id, scribe.survey(who, others, by_id.get(who.spouse))
        for _ in range(_poisson(noise.pages, rng)):
            yield "web", who.id, scribe.page(who, others)


def _poisson(mean: float, rng: random.Random) -> int:
    """Knuth's method; fine for small means."""
    count, product, limit = 0, rng.random(), 2.718281828459045 ** -max(mean, 0.0)
    while product > limit:
        count, product = count + 1, product * rng.random()
    return count
