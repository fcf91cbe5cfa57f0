"""Asking for decisions in the tests of the IAM engine."""

import pytest
from tests.unit.iam.asking import Ask


@pytest.fixture
def ask() -> Ask:
    return Ask()
