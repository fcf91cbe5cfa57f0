"""The mail itself, and the addresses it may go to."""

import hashlib
import hmac
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr

SAFE_DOMAINS = ("test", "example")  # RFC 2606: nobody can ever own a name below them


class Unsafe(PermissionError):
    """Outside production nothing leaves for a domain that somebody may own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What is sent. `postal_address` stands in every mail (15 USC 7704(a)(5)); `unsubscribe_url` is https."""

    id: str
    subject: str
    text: str
    sender: str
    sender_name: str
    postal_address: str
    unsubscribe_url: str
    unsubscribe_mailbox: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is written to, as selected; whether they still may be is asked when it is sent."""

    physician_id: str
    email: str


def check_domain(email: str, production: bool) -> None:
    """Raises Unsafe for any address outside `.test` and `.example` unless this is production."""
    ending = email.rpartition("@")[2].rstrip(".").rpartition(".")[2].lower()
    if not production and ending not in SAFE_DOMAINS:
        raise Unsafe(f"{ending or 'no domain'}: outside production mail goes to .test and .example only")


def token(secret: bytes, campaign: str, physician: str) -> str:
    """What the unsubscribe link proves itself with: it names the physician and cannot be made without the secret."""
    return physician + "." + hmac.new(secret, f"{campaign}\x1f{physician}".encode(), hashlib.sha256).hexdigest()[:32]


def physician_of(secret: bytes, campaign: str, presented: str) -> str | None:
    """The physician whom a presented token names; None when it is not ours."""
    physician = presented.rpartition(".")[0]
    return physician if hmac.compare_digest(token(secret, campaign, physician), presented) else None


def message_id(campaign: Campaign, recipient: Recipient) -> str:
    """The same mail has the same id, so that a transport can say whether it took it."""
    named = hashlib.sha256(f"{campaign.id}\x1f{recipient.physician_id}".encode()).hexdigest()[:40]
    return f"<{named}@{campaign.sender.rpartition('@')[2]}>"


def compose(campaign: Campaign, recipient: Recipient, secret: bytes) -> EmailMessage:
    """The mail, with one-click unsubscription as RFC 8058 has it: an https URI, a POST body of
    `List-Unsubscribe=One-Click`.

    Signing it (DKIM, which must cover both headers) is the transport's: SES does.
    """
    if not campaign.unsubscribe_url.startswith("https://"):
        raise ValueError("unsubscribe_url: RFC 8058 wants https")
    link = f"{campaign.unsubscribe_url}?c={campaign.id}&t={token(secret, campaign.id, recipient.physician_id)}"
    mail = EmailMessage()
    mail["From"] = formataddr((campaign.sender_name, campaign.sender))
    mail["To"] = recipient.email
    mail["Subject"] = campaign.subject
    mail["Message-ID"] = message_id(campaign, recipient)
    mail["List-Unsubscribe"] = f"<{link}>, <mailto:{campaign.unsubscribe_mailbox}?subject=unsubscribe>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Id"] = f"<{campaign.id}.{campaign.sender.rpartition('@')[2]}>"
    mail.set_content(
        f"{campaign.text}\n\n-- \n{campaign.sender_name}, {campaign.postal_address}\nNo more mail like this: {link}\n"
    )
    return mail
