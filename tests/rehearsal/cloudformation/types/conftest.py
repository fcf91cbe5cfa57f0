"""Regions that AWS has: the store knows their zones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.rehearsal.cloudformation.types.lifecycle")

REGIONS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
           "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1",
           "ap-southeast-2", "ca-central-1", "sa-east-1")


@pytest.fixture(scope="module")
def regions(world) -> Iterator[str]:
    """One after the other: each test leaves nothing behind."""
    return iter(REGIONS * 9)
