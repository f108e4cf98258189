"""How each thing leaves: mail by SMTP, texts and alerts by apprise, or files where nothing is set.

Every sender is given the delivery's key. A mail carries it as its Message-ID, so that servers and
mail programs can tell a repeat; a file is named by it, so that a repeat replaces itself.
"""

import hashlib
import os
import re
import smtplib
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from community.configure import CommunitySettings, instance
from community.errors import CommunityError
from community.outbox.actions import Refused, Retry, Sender
from community.outbox.batches import address_name
from community.outbox.letters import Letter, alert_message, letter, text_message

SECONDS: Final = 20  # for which a server may keep us waiting; a lease is longer by far
# For files that people open: letters as they are, in head and body.
_READABLE: Final = policy.SMTPUTF8.clone(linesep="\n", cte_type="8bit", refold_source="all")
PERMANENT: Final = range(500, 600)  # SMTP replies that another try will not change (RFC 5321)


def default_senders() -> dict[str, Sender]:
    """The senders of this house, by route; answers to other sources are handed in beside them."""
    return {"mail": send_mail, "text": send_text, "alert": send_alert}


def send_mail(payload: Mapping[str, Any], key: str) -> str:
    """One mail to one reader; the receipt is its Message-ID, or the file that it was written to."""
    settings = instance()
    name, to = parseaddr(str(payload.get("to", "")))
    if name or not to or to != payload["to"]:
        raise Refused("The address is not one that mail can be sent to.")
    mail = _composed(letter(payload), to, key, settings)
    try:
        content = mail.message().as_bytes()
    except BadHeaderError as error:
        raise Refused(f"The mail's head does not hold together: {error}") from error
    if not settings.mail.host:
        readable = message_from_bytes(content, policy=policy.default)
        return _file(settings, payload, key, "eml", readable.as_bytes(policy=_READABLE))
    _hand_over(mail, settings)
    return str(mail.extra_headers["Message-ID"])


def send_text(payload: Mapping[str, Any], key: str) -> str:
    """One text message to one number."""
    settings, words = instance(), text_message(payload)
    if not settings.texts:
        content = f"{payload['to']}\n\n{words}\n".encode()
        return _file(settings, payload, key, "txt", content)
    number = quote(str(payload["to"]), safe="+")
    address = settings.texts
    address = address.replace("{to}", number) if "{to}" in address else f"{address}/{number}"
    _notify(address, "", words)
    return "handed over"


def send_alert(payload: Mapping[str, Any], key: str) -> str:
    """One alert to one of the addresses in the settings."""
    named = {address_name(address): address for address in instance().alerts}
    address = named.get(str(payload.get("to", "")))
    if address is None:
        raise Refused("The settings do not name this address any more.")
    title, body = alert_message(payload)
    _notify(address, title, body)
    return "handed over"


def message_id(key: str, sender: str) -> str:
    """The same for the same key, in the sender's domain (RFC 5322, section 3.6.4)."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _composed(
    words: Letter, to: str, key: str, settings: CommunitySettings
) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": message_id(key, settings.mail.sender),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no machine need answer
    }
    if words.leave:
        headers["List-Unsubscribe"] = f"<{words.leave}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    mail = EmailMultiAlternatives(
        words.subject, words.text, settings.mail.sender, [to], headers=headers
    )
    mail.attach_alternative(words.html, "text/html")
    return mail


def _hand_over(mail: EmailMultiAlternatives, settings: CommunitySettings) -> None:
    """Give the mail to the server; raises Retry or Refused by what it answers."""
    try:
        with _connection(settings) as server:
            server.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _by_code(int(code), words) from error
    except smtplib.SMTPDataError as error:
        raise _by_code(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        # The server, the account or the way there is at fault, and not this mail.
        raise Retry(f"The mail server {settings.mail.host} did not take it: {error}") from error


def _connection(settings: CommunitySettings) -> BaseEmailBackend:
    server = settings.mail
    return get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.security == "starttls",
        use_ssl=server.security == "tls",
        timeout=SECONDS,
    )


def _by_code(code: int, words: Any) -> Exception:
    said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    reason = f"The mail server answered {code} {said}"
    return Refused(reason) if code in PERMANENT else Retry(reason)


def _notify(address: str, title: str, body: str) -> None:
    """Send by apprise; it says only whether it went."""
    from apprise import Apprise

    sender = Apprise()
    if not sender.add(address):
        raise Refused("Apprise does not know such an address. See alerts.notify and mail.texts.")
    if not sender.notify(body=body, title=title):
        raise Retry("The service behind the address did not take it.")


def _file(
    settings: CommunitySettings, payload: Mapping[str, Any], key: str, ending: str, content: bytes
) -> str:
    """Write `TIME-KEY.ENDING` whole or not at all; the same delivery writes the same file."""
    if settings.outbox is None:
        raise CommunityError("There is neither a server nor a folder for what leaves the house.")
    made_at = datetime.fromisoformat(payload["made_at"]).astimezone(UTC)
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", key)
    name = f"{made_at:%Y%m%dT%H%M%S}-{slug[:80]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    path = settings.outbox / f"{name}.{ending}"
    settings.outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _keep(path.parent)
    return path.name


def _keep(folder: Path) -> None:
    """The names in a folder are on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
