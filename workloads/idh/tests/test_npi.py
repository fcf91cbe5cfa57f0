import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idh.npi import check_digit, valid, valid_sql


def test_the_published_example_is_valid() -> None:
    assert valid("1234567893")  # CMS, "NPI Check Digit": 123456789 has the check digit 3


@pytest.mark.parametrize("wrong", ["1234567890", "123456789", "12345678933", "", "123456789x", "１２３４５６７８９３"])
def test_what_is_no_npi_is_refused(wrong: str) -> None:
    assert not valid(wrong)


@given(st.integers(0, 10**9 - 1), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: int, position: int, shift: int) -> None:
    right = f"{number:09d}" + check_digit(f"{number:09d}")
    wrong = right[:position] + str((int(right[position]) + shift) % 10) + right[position + 1 :]
    assert valid(right)
    assert not valid(wrong)


def test_the_sql_form_agrees_with_the_function() -> None:
    numbers = [f"{n * 7919 % 10**10:010d}" for n in range(2000)] + ["1234567893", "", "12345"]
    with duckdb.connect() as db:
        told = db.execute(f"SELECT n, {valid_sql('n')} FROM (SELECT unnest(?) AS n)", [numbers]).fetchall()
    assert all(valid(number) is found for number, found in told)
    assert sum(found for _, found in told) > 100
