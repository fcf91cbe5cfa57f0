"""Send a campaign: each recipient at most once, whatever dies when.

A send is claimed in the ledger before the transport sees it and settled after. Who finds a claim without its end
asks the transport
whether it took the mail (its Message-ID is known beforehand): if yes it is settled, if no it is sent, and if the
transport cannot
tell it is held for a person, since a mail too few is better than one twice.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol

from idh.campaign.message import Campaign, Recipient, check_domain, compose, message_id
from idh.storage import NotStored, Storage


class Transport(Protocol):
    """Takes mail. `took` says whether a Message-ID was taken before, None when it cannot tell."""

    def send(self, mail: EmailMessage) -> None: ...
    def took(self, message_id: str) -> bool | None: ...


class Outcome(StrEnum):
    """What became of one recipient."""

    SENT = "sent"
    BEFORE = "sent before"
    SUPPRESSED = "suppressed"
    CAPPED = "written to too lately"
    HELD = "held: unknown whether it was sent"
    DRY = "would be sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How to send. `per_second` paces; `cap` mails in `cap_days` days at most; complaints stop it from `complaints`
    on, of what was
    sent, once `complaints_after` mails are out (a share of 0.1 %, as mailbox providers ask)."""

    production: bool = False
    dry: bool = False
    per_second: float = 10.0
    cap: int = 2
    cap_days: int = 30
    complaints: float = 0.001
    complaints_after: int = 500


@dataclass(slots=True)
class Report:
    """Outcomes by recipient, and why it stopped early, if it did."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    stopped: str = ""

    def count(self, outcome: Outcome) -> int:
        return sum(found is outcome for found in self.outcomes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What sending needs of the world; `suppressed` (reason or None) and `sent_lately` are asked at the moment of
    each send, and
    `complaints` counts those that this campaign drew."""

    ledger: Storage
    transport: Transport
    secret: bytes
    suppressed: Callable[[Recipient], str | None]
    sent_lately: Callable[[str, int], int] = lambda _physician, _days: 0
    complaints: Callable[[], int] = lambda: 0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def send(
    desk: Desk, campaign: Campaign, recipients: Iterable[Recipient], rules: Rules, seeds: Iterable[Recipient] = ()
) -> Report:
    """Send to the seeds first, then to the recipients. Raises Unsafe before anything is claimed."""
    report, sent = Report(), 0
    everyone = list({r.physician_id: r for r in (*seeds, *recipients)}.values())
    for recipient in everyone:
        check_domain(recipient.email, rules.production)
    for recipient in everyone:
        if sent >= rules.complaints_after and desk.complaints() >= rules.complaints * sent:
            report.stopped = f"{desk.complaints()} complaints of {sent} mails"
            break
        begun = desk.clock()
        outcome = _one(desk, campaign, recipient, rules)
        report.outcomes[recipient.physician_id] = outcome
        sent += outcome in (Outcome.SENT, Outcome.BEFORE)
        if outcome is Outcome.SENT and (rest := 1 / rules.per_second - (desk.clock() - begun)) > 0:
            desk.sleep(rest)
    return report


def _one(desk: Desk, campaign: Campaign, recipient: Recipient, rules: Rules) -> Outcome:
    key = f"campaign/{campaign.id}/{recipient.physician_id}.json"
    state = _state(desk.ledger, key)
    identity = message_id(campaign, recipient)
    if state == "sent":
        return Outcome.BEFORE
    if state == "claimed":
        taken = desk.transport.took(identity)
        if taken is None:
            return Outcome.HELD
        if taken:
            _settle(desk.ledger, key, recipient, "sent")
            return Outcome.BEFORE
    if desk.suppressed(recipient) is not None:
        return Outcome.SUPPRESSED
    if desk.sent_lately(recipient.physician_id, rules.cap_days) >= rules.cap:
        return Outcome.CAPPED
    if rules.dry:
        return Outcome.DRY
    mail = compose(campaign, recipient, desk.secret)
    _settle(desk.ledger, key, recipient, "claimed")
    if desk.suppressed(recipient) is not None:  # between selection and claim is long, between claim and send is not
        return Outcome.SUPPRESSED
    desk.transport.send(mail)
    _settle(desk.ledger, key, recipient, "sent")
    return Outcome.SENT


def _state(ledger: Storage, key: str) -> str:
    try:
        return str(json.loads(ledger.read(key))["state"])
    except NotStored:
        return ""


def _settle(ledger: Storage, key: str, recipient: Recipient, state: str) -> None:
    ledger.write(key, json.dumps({"physician_id": recipient.physician_id, "state": state}).encode())
