"""What a raw record must look like, per source and version. One definition, two readers: `refusal` for a single
record (the API's
side) and `refusal_sql` for many (ingest's side); a test holds them together.
"""

import re
from dataclasses import dataclass
from typing import Any

from idh.npi import valid, valid_sql

LONGEST_ROW = 64 * 1024  # bytes of one JSON line

_DATE_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_EMAIL = r"[^@\s,;]+@[^@\s,;]+[.][^@\s,;.]+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A text field. `pattern` (of the whole value, in RE2) and `npi` are checked where it is not empty."""

    name: str
    required: bool = False
    longest: int = 300
    pattern: str = ""
    npi: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A version of a source's records. `key` names the fields that tell two records of the source apart."""

    source: str
    version: int
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


def _plain(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name=name) for name in names)


SURVEY = Contract(
    source="survey",
    version=1,
    key=("record_id",),
    fields=(
        Field(name="record_id", required=True, longest=64, pattern=r"[A-Za-z0-9._:-]+"),
        Field(name="survey_id", required=True, longest=64),
        Field(name="submitted_at", required=True, pattern=_DATE_TIME),
        Field(name="npi", npi=True),
        *_plain("first_name", "middle_name"),
        Field(name="last_name", required=True),
        *_plain("specialty_text", "city"),
        Field(name="state", pattern="[A-Z]{2}"),
        *_plain("zip", "phone"),
        Field(name="email", longest=254, pattern=_EMAIL),
        Field(name="consent", pattern="opt_in|opt_out"),
        Field(name="consent_text_version", longest=40),
        Field(name="jurisdiction", longest=40),
        Field(name="skills", longest=2000, pattern=r"[a-z0-9-]+([|][a-z0-9-]+)*"),
    ),
)
WEB = Contract(
    source="web",
    version=1,
    key=("record_id",),
    fields=(
        Field(name="record_id", required=True, longest=64, pattern=r"[A-Za-z0-9._:-]+"),
        Field(name="source_kind", required=True, longest=40),
        Field(name="source_url", required=True, longest=2000, pattern=r"https?://\S+"),
        Field(name="collected_at", required=True, pattern=_DATE_TIME),
        Field(name="full_name_raw", required=True),
        *_plain(
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
        ),
        Field(name="email", longest=254),
    ),
)
CONTRACTS = {(contract.source, contract.version): contract for contract in (SURVEY, WEB)}


def refusal(contract: Contract, record: Any) -> str | None:
    """Why a parsed record breaks the contract; None when it does not. Unknown fields are allowed and not kept."""
    if not isinstance(record, dict):
        return "not an object"
    for field in contract.fields:
        value = record.get(field.name)
        if value is None:
            value = ""
        if not isinstance(value, str):
            return f"{field.name}: not a text"
        if field.required and not value.strip(" "):
            return f"{field.name}: missing"
        if len(value) > field.longest:
            return f"{field.name}: longer than {field.longest}"
        if value and field.pattern and not re.fullmatch(field.pattern, value, re.ASCII):
            return f"{field.name}: not as agreed"
        if value and field.npi and not valid(value):
            return f"{field.name}: wrong check digit"
    return None


def refusal_sql(contract: Contract) -> str:
    """`refusal` as a DuckDB expression over `line` (the JSON text) and a column per field, NULL where it is fine."""
    cases = ["WHEN json_type(line) <> 'OBJECT' THEN 'not an object'"]
    for field in contract.fields:
        name = f'"{field.name}"'
        cases.append(
            f"WHEN json_type(line, '$.{field.name}') NOT IN ('VARCHAR', 'NULL') THEN '{field.name}: not a text'"
        )
        if field.required:
            cases.append(f"WHEN trim({name}, ' ') = '' THEN '{field.name}: missing'")
        cases.append(f"WHEN length({name}) > {field.longest} THEN '{field.name}: longer than {field.longest}'")
        if field.pattern:
            cases.append(
                f"WHEN {name} <> '' AND NOT regexp_full_match({name}, '{field.pattern}') "
                f"THEN '{field.name}: not as agreed'"
            )
        if field.npi:
            cases.append(f"WHEN {name} <> '' AND NOT {valid_sql(name)} THEN '{field.name}: wrong check digit'")
    return "CASE " + " ".join(cases) + " END"
