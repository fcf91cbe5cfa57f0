import json
import unittest

from survey import app, record

SURVEY = {"survey_id": "s-1", "submitted_at": "2026-01-31T12:00:00+00:00", "npi": "1234567893", "answers": {"q1": "a"}}


class TestApp(unittest.TestCase):
    def ask(self, body: object) -> tuple[int, dict[str, object], dict[str, str]]:
        kept: dict[str, str] = {}
        event = {"path": "/surveys", "body": body if isinstance(body, str) else json.dumps(body)}
        answer = app.respond(event, kept.__setitem__)
        return answer["statusCode"], json.loads(answer["body"]), kept

    def test_it_says_that_it_runs(self) -> None:
        assert app.respond({"path": "/health"}, lambda *_: self.fail())["statusCode"] == 200

    def test_a_survey_is_kept_under_its_day_and_digest(self) -> None:
        status, said, kept = self.ask(SURVEY)
        assert status == 202
        assert list(kept) == [said["kept"]]
        assert str(said["kept"]).startswith("surveys/2026/01/31/")

    def test_the_same_survey_has_the_same_key_whatever_the_order_of_its_members(self) -> None:
        assert record.key(SURVEY) == record.key(dict(reversed(SURVEY.items())))

    def test_what_is_wrong_is_told_and_nothing_is_kept(self) -> None:
        for body, why in (("{", "not JSON"), ([], "an object"), ({"npi": "1"}, "lacks survey_id"),
                          (SURVEY | {"npi": "1234567890"}, "is no NPI"),
                          (SURVEY | {"submitted_at": "2026-01-31T12:00:00"}, "no offset")):
            status, said, kept = self.ask(body)
            assert (status, kept) == (400, {})
            assert why in str(said["error"])


if __name__ == "__main__":
    unittest.main()
