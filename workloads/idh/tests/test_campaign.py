import contextlib
import random
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from idh.campaign.message import Campaign, Recipient, Unsafe, check_domain, compose, physician_of, token
from idh.campaign.send import Desk, Outcome, Rules, send
from idh.storage import Folder

SECRET = b"a secret of the tests"
CAMPAIGN = Campaign(
    id="skills-2025",
    subject="Your skills",
    text="What do you do best?",
    sender="survey@hub.example",
    sender_name="The Hub",
    postal_address="1 Main St, Dover DE 19901",
    unsubscribe_url="https://preferences.hub.example/unsubscribe",
    unsubscribe_mailbox="unsubscribe@hub.example",
)
EVERYONE = [Recipient(physician_id=f"ph-{n}", email=f"person{n}@mail.example") for n in range(20)]
FAST = Rules(per_second=1e9)


class Sink:
    """A transport that remembers, and that can die."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, mail: EmailMessage) -> None:
        self.mails.append(mail)

    def took(self, message_id: str) -> bool | None:
        return any(mail["Message-ID"] == message_id for mail in self.mails)


def desk(
    root: Path, sink: Sink, suppressed: Callable[[Recipient], str | None] = lambda _: None, **more: object
) -> Desk:
    return Desk(ledger=Folder(root), transport=sink, secret=SECRET, suppressed=suppressed, **more)  # type: ignore[arg-type]


def test_a_mail_offers_one_click_unsubscription_and_a_postal_address() -> None:
    mail = compose(CAMPAIGN, EVERYONE[0], SECRET)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(mail["List-Unsubscribe"]).split(">")[0].removeprefix("<")
    assert link.startswith("https://")
    assert physician_of(SECRET, CAMPAIGN.id, link.rpartition("t=")[2]) == "ph-0"
    assert CAMPAIGN.postal_address in mail.get_content()


def test_a_forged_token_names_nobody() -> None:
    genuine = token(SECRET, CAMPAIGN.id, "ph-1")
    assert physician_of(SECRET, CAMPAIGN.id, genuine.replace("ph-1", "ph-2")) is None
    assert physician_of(SECRET, "another", genuine) is None
    assert physician_of(SECRET, CAMPAIGN.id, "") is None


@pytest.mark.parametrize("email", ["a@gmail.com", "a@example.com", "a@test.org", "a@example.evil", "a", "a@mytest"])
def test_outside_production_only_reserved_domains_are_written_to(email: str, tmp_path: Path) -> None:
    sink = Sink()
    with pytest.raises(Unsafe):
        send(desk(tmp_path, sink), CAMPAIGN, [*EVERYONE, Recipient(physician_id="x", email=email)], FAST)
    assert sink.mails == []
    check_domain(email, production=True)


def test_an_opt_out_between_selection_and_send_prevents_the_mail(tmp_path: Path) -> None:
    sink = Sink()
    out: set[str] = set()

    def suppressed(recipient: Recipient) -> str | None:
        if len(sink.mails) == 5:
            out.add("ph-7")
        return "opted out" if recipient.physician_id in out else None

    report = send(desk(tmp_path, sink, suppressed), CAMPAIGN, EVERYONE, FAST)
    assert report.outcomes["ph-7"] is Outcome.SUPPRESSED
    assert "person7@mail.example" not in {mail["To"] for mail in sink.mails}
    assert len(sink.mails) == 19


def test_a_dry_run_sends_and_claims_nothing(tmp_path: Path) -> None:
    sink = Sink()
    report = send(desk(tmp_path, sink), CAMPAIGN, EVERYONE, Rules(dry=True))
    assert report.count(Outcome.DRY) == 20
    assert sink.mails == []
    assert list(Folder(tmp_path).keys("")) == []


def test_the_seeds_are_written_to_first_and_everyone_once(tmp_path: Path) -> None:
    sink = Sink()
    seed = Recipient(physician_id="seed", email="seed@hub.test")
    for _ in range(2):
        send(desk(tmp_path, sink), CAMPAIGN, [*EVERYONE, EVERYONE[0]], FAST, seeds=[seed])
    assert sink.mails[0]["To"] == "seed@hub.test"
    assert len(sink.mails) == 21


def test_complaints_stop_the_campaign(tmp_path: Path) -> None:
    sink = Sink()
    report = send(
        desk(tmp_path, sink, complaints=lambda: 1 if len(sink.mails) >= 8 else 0),
        CAMPAIGN,
        EVERYONE,
        Rules(per_second=1e9, complaints_after=5),
    )
    assert "1 complaints of 8 mails" in report.stopped
    assert len(sink.mails) == 8


def test_who_was_written_to_often_lately_is_left_alone(tmp_path: Path) -> None:
    sink = Sink()
    report = send(
        desk(tmp_path, sink, sent_lately=lambda physician, _: 2 if physician == "ph-3" else 0), CAMPAIGN, EVERYONE, FAST
    )
    assert report.outcomes["ph-3"] is Outcome.CAPPED


def test_mails_leave_at_the_pace_that_was_asked_for(tmp_path: Path) -> None:
    now, naps = [0.0], []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    send(desk(tmp_path, Sink(), clock=lambda: now[0], sleep=nap), CAMPAIGN, EVERYONE, Rules(per_second=4))
    assert naps == [0.25] * 20


class Killed(BaseException):
    """The process ended here."""


def test_killed_anywhere_and_run_again_everyone_is_written_to_exactly_once(tmp_path: Path) -> None:
    rng = random.Random(4)
    for attempt in range(50):
        sink, steps = Sink(), [rng.randrange(1, 60)]

        class Mortal(Folder):
            def write(self, key: str, content: bytes, steps: list[int] = steps) -> None:
                steps[0] -= 1
                if steps[0] == 0:
                    raise Killed
                super().write(key, content)
                steps[0] -= 1
                if steps[0] == 0:
                    raise Killed

        root = tmp_path / str(attempt)
        with contextlib.suppress(Killed):
            send(
                Desk(ledger=Mortal(root), transport=sink, secret=SECRET, suppressed=lambda _: None),
                CAMPAIGN,
                EVERYONE,
                FAST,
            )
        send(desk(root, sink), CAMPAIGN, EVERYONE, FAST)
        assert sorted(mail["To"] for mail in sink.mails) == sorted(r.email for r in EVERYONE)


def test_what_no_transport_can_tell_is_held_for_a_person(tmp_path: Path) -> None:
    class Forgetful(Sink):
        def took(self, message_id: str) -> bool | None:
            return None

    sink = Forgetful()
    Folder(tmp_path).write("campaign/skills-2025/ph-2.json", b'{"state": "claimed"}')
    report = send(desk(tmp_path, sink), CAMPAIGN, EVERYONE, FAST)
    assert report.outcomes["ph-2"] is Outcome.HELD
    assert len(sink.mails) == 19
