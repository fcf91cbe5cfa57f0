"""Hand-written rows for tests about one physician or two. The NPIs are valid, in a block that nobody has."""

from idh.npi import check_digit


def npi(number: int) -> str:
    nine = f"3{number:08d}"
    return nine + check_digit(nine)


def registered(number: int, first: str, last: str, **more: str) -> dict[str, str]:
    """A registry row; `more` overrides by the hub's short names."""
    row = {
        "middle": "",
        "suffix": "",
        "city": "DOVER",
        "state": "DE",
        "zip": "19901",
        "street": "12 Oak St",
        "phone": "3025550100",
        "code": "207Q00000X",
        **more,
    }
    place = "Provider Business Practice Location Address"
    return {
        "record_id": f"N{number}",
        "NPI": npi(number),
        "Entity Type Code": "1",
        "Provider First Name": first.upper(),
        "Provider Last Name (Legal Name)": last.upper(),
        "Provider Middle Name": row["middle"],
        "Provider Name Suffix Text": row["suffix"],
        "Provider Other Last Name": row.get("other_last", ""),
        "Healthcare Provider Taxonomy Code_1": row["code"],
        f"{place} City Name": row["city"],
        f"{place} State Name": row["state"],
        f"{place} Postal Code": row["zip"],
        f"{place} Telephone Number": row["phone"],
        "Provider First Line Business Practice Location Address": row["street"],
        "Last Update Date": row.get("at", "01/31/2022"),
    }


def survey(record: str, first: str, last: str, **more: str) -> dict[str, str]:
    return {
        "record_id": record,
        "survey_id": "skills-1",
        "submitted_at": "2024-05-01T10:00:00+00:00",
        "first_name": first,
        "last_name": last,
        "city": "Dover",
        "state": "DE",
        "zip": "19901",
        "email": "",
        "npi": "",
        "consent": "",
        "phone": "",
        "middle_name": "",
        "specialty_text": "",
        "skills": "",
        **more,
    }


def page(record: str, full_name: str, **more: str) -> dict[str, str]:
    return {
        "record_id": record,
        "source_kind": "directory",
        "source_url": "https://directory.example/1",
        "full_name_raw": full_name,
        "collected_at": "2024-06-01T10:00:00+00:00",
        "first_name": "",
        "middle_name": "",
        "last_name": "",
        "npi": "",
        "specialty_text": "",
        "org_domain": "",
        "street": "",
        "city": "Dover",
        "state": "DE",
        "zip": "19901",
        "phone": "",
        "email": "",
        **more,
    }
