import unittest

from app import fee


class Fee(unittest.TestCase):
    def test_free_days_cost_nothing(self) -> None:
        assert fee(1, {"free": 1, "daily": 3}) == 0

    def test_every_further_day_costs_the_same(self) -> None:
        assert fee(4, {"free": 1, "daily": 3}) == 9
