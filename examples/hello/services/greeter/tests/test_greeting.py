# ruff: noqa: PT009, PT027  unittest, so that a build needs no more than the service does
import json
import unittest
from pathlib import Path

from greeter.greeting import GREETING, VISIT, Settings, greet


class Greeting(unittest.TestCase):
    def test_the_first_visit_is_not_counted(self):
        self.assertEqual(greet("Ada", 1, Settings()), "Hello Ada")

    def test_later_visits_are_counted_in_english(self):
        self.assertEqual(greet("Ada", 3, Settings()), "Hello Ada, your 3rd visit")

    def test_later_visits_are_counted_in_french(self):
        self.assertEqual(greet("Ada", 2, Settings(language="fr")), "Bonjour Ada, 2e visite")

    def test_nobody_is_greeted_as_a_stranger(self):
        self.assertEqual(greet("", 1, Settings(language="es")), "Hola stranger")

    def test_one_can_shout(self):
        self.assertEqual(greet("Ada", 1, Settings(shout=True)), "HELLO ADA")

    def test_no_visit_comes_before_the_first(self):
        with self.assertRaises(ValueError):
            greet("Ada", 0, Settings())

    def test_every_language_can_count_visits(self):
        self.assertEqual(set(GREETING), set(VISIT))

    def test_an_unknown_language_is_refused(self):
        with self.assertRaises(ValueError):
            Settings.of({"language": "xx"})

    def test_the_configuration_that_is_delivered_can_be_read(self):
        text = (Path(__file__).parents[1] / "configuration" / "settings.json").read_text(encoding="utf-8")
        self.assertIsInstance(Settings.of(json.loads(text)), Settings)


if __name__ == "__main__":
    unittest.main()
