# ruff: noqa: PT009, PT027  unittest, so that a build needs no more than the service does
import json
import unittest

from greeter.app import respond
from greeter.greeting import REVISION, Settings


def ask(path, settings=None, **query):
    found = respond({"path": path, "queryStringParameters": query or None}, lambda: settings or Settings())
    return found["statusCode"], json.loads(found["body"])


class App(unittest.TestCase):
    def test_hello_greets_by_name(self):
        self.assertEqual(ask("/hello", name="Ada"), (200, {"message": "Hello Ada", "revision": REVISION}))

    def test_the_language_comes_from_the_settings(self):
        status, body = ask("/hello", Settings(language="fr"), name="Ada")
        self.assertEqual((status, body["message"]), (200, "Bonjour Ada"))

    def test_a_visit_that_is_no_number_is_the_callers_mistake(self):
        status, _ = ask("/hello", visit="often")
        self.assertEqual(status, 400)

    def test_health_tells_the_language_and_the_revision(self):
        self.assertEqual(ask("/health"), (200, {"status": "ok", "language": "en", "revision": REVISION}))

    def test_settings_that_cannot_be_read_are_no_answer(self):
        def gone():
            raise PermissionError

        with self.assertRaises(PermissionError):
            respond({"path": "/health"}, gone)


if __name__ == "__main__":
    unittest.main()
