"""The people of a synthetic world: who they really are, before any source writes about them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from nicknames import NickNamer

from idh.npi import check_digit
from idh.synthetic import vocabulary as v
from idh.synthetic.noise import Noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where someone works or lives. `zip` has five digits."""

    street: str
    city: str
    state: str
    zip: str
    phone: str
    organisation: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One physician. `email` is the personal address in use, `former_emails` those that no longer reach them."""

    id: str
    npi: str
    registered: bool
    woman: bool
    first: str
    middle: str
    last: str
    former_last: str
    suffix: str
    born: int
    specialty: str
    home: Place
    practices: tuple[Place, ...]  # the current one last
    email: str
    former_emails: tuple[str, ...]
    work_email: str
    spouse: str = ""  # the id of a spouse who is a physician, too
    opted_out: bool = False
    skills: tuple[str, ...] = field(default=())


class Makers:
    """What people are made with; one per world, so that two worlds of one seed are equal."""

    def __init__(self, rng: random.Random, noise: Noise) -> None:
        self.rng, self.noise = rng, noise
        self.men, self.women, self.lasts = v.Ranked(v.MEN, 8), v.Ranked(v.WOMEN, 8), v.Ranked(v.LASTS, 14)
        self.states = v.Ranked(list(v.STATES), 1)
        self.codes, self.code_weights = list(v.SPECIALTIES), [share for share, _ in v.SPECIALTIES.values()]
        self.taken: set[str] = set()
        self.known: dict[str, list[Place]] = {}
        self.namer = NickNamer()

    def place(self, organisation: bool, near: Place | None = None) -> Place:
        """A practice or a home; `near` keeps the state and mostly the town."""
        rng = self.rng
        state = near.state if near and rng.random() < 0.93 else self.states.draw(rng)
        known = self.known.setdefault(state, [])
        if organisation and known and rng.random() < self.noise.colleagues:
            shared = known[
                min(int(rng.expovariate(1) * len(known) / 3), len(known) - 1)
            ]  # some are much larger than others
            return shared if rng.random() < 0.5 else replace(shared, phone=self.phone())
        prefix = v.STATES[state][0]
        city = near.city if near and near.state == state and rng.random() < 0.7 else rng.choice(v.TOWNS)
        zip_ = prefix + f"{sum(map(ord, city)) % 20 * 5 + rng.randrange(5):02d}"
        name = (
            f"{city} {rng.choice(v.ORGANISATIONS)} {rng.choice(['Hospital', 'Clinic', 'Medical Group'])}"
            if organisation
            else ""
        )
        domain = name.lower().replace(" ", "") + "-" + state.lower() + ".example" if organisation else ""
        made = Place(
            street=f"{rng.randrange(1, 9999)} {rng.choice(v.STREETS)} {rng.choice(['St', 'Ave', 'Rd', 'Dr', 'Blvd'])}",
            city=city,
            state=state,
            zip=zip_,
            organisation=name,
            domain=domain,
            phone=self.phone(),
        )
        if organisation:
            known.append(made)
        return made

    def phone(self) -> str:
        """A telephone number of the fictitious exchange 555."""
        return f"{self.rng.randrange(201, 990)}555{self.rng.randrange(10000):04d}"

    def address(self, first: str, last: str, born: int) -> str:
        """A personal address that nobody else has."""
        rng = self.rng
        nick = rng.choice(sorted(self.namer.nicknames_of(first)) or [first]).lower()
        first, last = first.lower(), last.lower()
        while True:
            if rng.random() < self.noise.nameless_address:
                local = (
                    rng.choice(v.WORDS)
                    + rng.choice(["", "_", "."])
                    + rng.choice([*v.WORDS, str(rng.randrange(10, 9999))])
                )
            else:
                local = rng.choice(
                    [
                        f"{first}.{last}",
                        f"{first}{last}",
                        f"{first[0]}{last}",
                        f"{last}.{first}",
                        f"{first}_{last}",
                        f"{nick}.{last}",
                        f"{nick}{last[0]}",
                        f"dr{last}",
                        f"{last}{first[0]}",
                        f"{first}{last[:3]}md",
                    ]
                )
                local += rng.choice(["", "", str(born % 100), str(rng.randrange(1, 999))])
            domain = (
                f"{last}family.example"
                if rng.random() < 0.03
                else rng.choices(v.PROVIDERS, range(len(v.PROVIDERS), 0, -1))[0]
            )
            address = f"{local}@{domain}"
            if address not in self.taken:
                self.taken.add(address)
                return address
            born = rng.randrange(1000)

    def person(self, number: int, **fixed: object) -> Person:
        """The `number`-th person; `fixed` overrides what is drawn."""
        rng, noise = self.rng, self.noise
        woman = rng.random() < 0.4
        first = (self.women if woman else self.men).draw(rng)
        last = self.lasts.draw(rng)
        if rng.random() < 0.02:
            last = f"{last}-{self.lasts.draw(rng)}"
        born = rng.randrange(1945, 1994)
        practice = self.place(organisation=True)
        moved = rng.random() < noise.moved
        practices = (practice, self.place(True, practice if rng.random() < 0.6 else None)) if moved else (practice,)
        nine = f"3{number:08d}"
        drawn = Person(
            id=f"P{number:07d}",
            npi=nine + check_digit(nine),
            registered=rng.random() >= noise.unregistered,
            woman=woman,
            first=first,
            middle=(self.women if woman else self.men).draw(rng) if rng.random() < 0.8 else "",
            last=last,
            former_last=self.lasts.draw(rng) if woman and rng.random() < noise.changed_name else "",
            suffix="",
            born=born,
            specialty=rng.choices(self.codes, self.code_weights)[0],
            home=self.place(False, practices[-1]),
            practices=practices,
            email="",
            former_emails=(),
            work_email="",
            opted_out=rng.random() < noise.opted_out,
            skills=tuple(sorted(rng.sample(v.SKILLS, rng.randrange(1, 5)))),
        )
        if fixed:
            drawn = replace(drawn, **fixed)  # type: ignore[arg-type]
        had_another = rng.random() < noise.former_email
        return replace(
            drawn,
            email=self.address(drawn.first, drawn.last, drawn.born),
            former_emails=(self.address(drawn.first, drawn.former_last or drawn.last, drawn.born),)
            if had_another
            else (),
            work_email=f"{rng.choice([drawn.first, drawn.first[0]])}.{drawn.last}@{drawn.practices[-1].domain}".lower(),
        )


def people(count: int, noise: Noise, rng: random.Random) -> Iterator[Person]:
    """`count` people, spouses and children next to one another."""
    makers, number = Makers(rng, noise), 0
    while number < count:
        one = makers.person(number)
        number += 1
        luck = rng.random()
        if number < count and luck < noise.couples:
            other = makers.person(number, last=one.last, home=one.home, spouse=one.id)
            number += 1
            yield replace(one, spouse=other.id)
            yield other
        elif number < count and luck < noise.couples + noise.juniors and not one.woman:
            child = makers.person(
                number,
                woman=False,
                first=one.first,
                last=one.last,
                former_last="",
                suffix="Jr",
                born=one.born + 28,
                home=makers.place(False, one.home),
                practices=one.practices if rng.random() < 0.4 else (makers.place(True, one.practices[-1]),),
            )
            number += 1
            yield replace(one, suffix=rng.choice(["Sr", ""]))
            yield child
        else:
            yield one
