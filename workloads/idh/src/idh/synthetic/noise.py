"""How wrong the sources are: one number per fault, each a probability unless it says otherwise."""

import random
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The noise of one world. A profile is a point in this space; `drawn` gives a random one."""

    # who there is
    unregistered: float = 0.015  # not in the registry
    couples: float = 0.04  # married to another physician of the same name and home
    juniors: float = 0.01  # has a child of the same name who is a physician
    changed_name: float = 0.18  # of women: the registry knows another last name
    colleagues: float = 0.8  # practice where others do
    moved: float = 0.12  # the registry still has the former practice
    # what records say
    nickname: float = 0.12
    typo: float = 0.025  # per name field
    initial_only: float = 0.04
    middle_given: float = 0.45
    former_name: float = 0.35  # of those who changed it: a record uses the former one
    npi_given_survey: float = 0.55
    npi_given_web: float = 0.12
    npi_typo: float = 0.02
    npi_of_another: float = 0.004
    specialty_given: float = 0.85
    specialty_wrong: float = 0.04
    place_missing: float = 0.06
    phone_given: float = 0.5
    name_unparsed: float = 0.3  # web: only the full name as written
    swapped: float = 0.004  # first and last name exchanged
    # how many records
    surveyed: float = 0.62
    surveys: float = 1.7  # mean of the surveyed
    pages: float = 2.0  # mean of all
    # e-mail
    survey_personal: float = 0.42
    survey_work: float = 0.24
    survey_spouse: float = 0.012
    survey_email_typo: float = 0.015
    web_personal: float = 0.13
    web_work: float = 0.32
    web_role: float = 0.12
    web_of_another: float = 0.035  # a page that names two people carries the other's address
    former_email: float = 0.15  # had another personal address before
    former_still_seen: float = 0.12  # older records carry it
    nameless_address: float = 0.12  # a local part that says nothing about the name
    mailed: float = 0.35  # observed addresses that a past campaign wrote to
    opted_out: float = 0.03
    suppressed: float = 0.01
    years: float = 6.0  # how far back records go (years)


PROFILES = {
    "steady": Noise(),
    "rough": Noise(
        unregistered=0.03,
        couples=0.07,
        juniors=0.02,
        changed_name=0.3,
        moved=0.22,
        nickname=0.22,
        typo=0.05,
        initial_only=0.08,
        middle_given=0.3,
        former_name=0.5,
        npi_given_survey=0.4,
        npi_given_web=0.06,
        npi_typo=0.05,
        npi_of_another=0.01,
        specialty_given=0.7,
        specialty_wrong=0.08,
        place_missing=0.12,
        phone_given=0.35,
        name_unparsed=0.5,
        swapped=0.01,
        survey_personal=0.36,
        survey_spouse=0.03,
        survey_email_typo=0.04,
        web_personal=0.09,
        web_of_another=0.06,
        former_email=0.4,
        former_still_seen=0.5,
        nameless_address=0.25,
        mailed=0.2,
    ),
}


_DOUBTFUL = {
    "former_email",
    "former_still_seen",
    "web_of_another",
    "survey_spouse",
    "survey_email_typo",
    "mailed",
    "nameless_address",
}


def drawn(rng: random.Random) -> Noise:
    """A random world: every rate between a third and twice and a half of the steady one, counts within a third.

    What makes addresses wrong ranges wider, from a tenth to five times: nobody knows how wrong the next world's are.
    """
    chosen = {}
    for field in fields(Noise):
        usual = getattr(PROFILES["steady"], field.name)
        if usual > 1:
            chosen[field.name] = usual * rng.uniform(0.67, 1.33)
        elif field.name in _DOUBTFUL:
            chosen[field.name] = min(usual * 2 ** rng.uniform(-3.3, 2.3), 0.7)
        else:
            chosen[field.name] = min(usual * 2 ** rng.uniform(-1.6, 1.3), 0.4 + usual / 2)
    return Noise(**chosen)
