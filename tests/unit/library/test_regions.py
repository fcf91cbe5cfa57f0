"""Every template holds in regions of every partition."""

from __future__ import annotations

from pathlib import Path

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from crossdock import library

ROOT = Path(library.__file__).parent
REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"]


@pytest.mark.parametrize("name", library.names())
def test_the_linter_finds_nothing_in_any_partition(name):
    found = lint_file(ROOT / f"{name}.yaml", config=ManualArgs(include_checks=["I"], regions=REGIONS))
    assert [f"{match.linenumber}: {match.rule.id} {match.message}" for match in found] == []
