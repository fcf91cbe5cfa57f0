import unittest

from app import listed


class Listed(unittest.TestCase):
    def test_what_is_out_comes_last(self) -> None:
        items = [{"name": "atlas", "out": True}, {"name": "globe", "out": False}, {"name": "bell", "out": False}]
        assert [item["name"] for item in listed(items)["items"]] == ["bell", "globe", "atlas"]
