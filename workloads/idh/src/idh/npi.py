"""The check digit of a National Provider Identifier.

Source: CMS, "Requirements for National Provider Identifier (NPI) and NPI Check Digit": Luhn's formula over the ten
digits
with the constant 24 added, which stands for the prefix 80840.
"""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def check_digit(first_nine: str) -> str:
    """The tenth digit that makes `first_nine` an NPI."""
    total = 24
    for position, digit in enumerate(reversed(first_nine)):
        total += _DOUBLED[int(digit)] if position % 2 == 0 else int(digit)
    return str(-total % 10)


def valid(npi: str) -> bool:
    """Whether `npi` is ten ASCII digits with the right check digit."""
    return len(npi) == 10 and npi.isascii() and npi.isdigit() and check_digit(npi[:9]) == npi[9]


def valid_sql(column: str) -> str:
    """`valid` as a DuckDB expression over `column`."""
    doubled = "[0, 2, 4, 6, 8, 1, 3, 5, 7, 9]"
    terms = [
        f"{doubled}[substr({column}, {i + 1}, 1)::INT + 1]" if i % 2 == 0 else f"substr({column}, {i + 1}, 1)::INT"
        for i in range(9)
    ]
    return (
        f"(CASE WHEN regexp_full_match({column}, '[0-9]{{10}}') "
        f"THEN (24 + {' + '.join(terms)} + substr({column}, 10, 1)::INT) % 10 = 0 ELSE false END)"
    )
