"""A letter as it came (RFC 5322, MIME) into a mention: decoded, threaded, its own words alone."""

import base64
import codecs
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final

from collectors.mail_text import own_words, own_words_of_html

_IDS: Final = re.compile(r"<([^<>\s]+)>")
_SPACES: Final = re.compile(r"\s+")
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/=]")
# What is called EUC-KR is what Windows writes: its superset.
_CODECS: Final = {
    "euc-kr": "cp949", "euc_kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949",
    "ks_c_5601": "cp949", "windows-949": "cp949", "uhc": "cp949", "us-ascii": "utf-8",
}  # fmt: skip
_MACHINES: Final = re.compile(
    r"^(?:mailer-daemon|postmaster|bounces?\b|no-?reply\b)", re.IGNORECASE
)
_LONGEST: Final = 20_000  # characters of a text that are kept
_ATTACHMENTS: Final = 20  # named


def mention_of(letter: Message, received: datetime | None) -> dict[str, Any]:
    """The row of a mention; `received` stands in where the letter's own date is none.

    `extra` holds the sender's address as `email`, which is never landed: `collectors.rows.contacts`
    makes a keyed hash of it.
    """
    name, address = sender_of(letter)
    native_id = identity_of(letter)
    references = references_of(letter)
    html, text = _bodies(letter)
    said = own_words(text) if text.strip() else own_words_of_html(html)
    subject = header_of(letter, "Subject")
    extra: dict[str, Any] = {"email": address} if address else {}
    if names := attachments_of(letter):
        extra["attachments"] = names
    return {
        "native_id": native_id,
        "kind": "email",
        "thread_id": references[0] if references else native_id,
        "parent_id": references[-1] if references else None,
        "author_handle": _veiled(address),
        "author_name": name or None,
        "title": subject or None,
        "text": (said or subject)[:_LONGEST],
        "created_at": date_of(letter, received),
        "extra": extra,
    }


def identity_of(letter: Message) -> str:
    """Its Message-ID without the brackets, or a digest of what makes it this letter."""
    if found := _IDS.search(header_of(letter, "Message-ID")):
        return found[1]
    told = "\x1f".join(header_of(letter, name) for name in ("Date", "From", "To", "Subject"))
    body = letter.as_bytes() if not told.strip("\x1f") else b""
    return "sha256-" + hashlib.sha256(told.encode() + body).hexdigest()[:40]


def references_of(letter: Message) -> list[str]:
    """The letters before it, the first of the thread first (RFC 5322, section 3.6.4)."""
    found = _IDS.findall(header_of(letter, "References"))
    answered = _IDS.findall(header_of(letter, "In-Reply-To"))[:1]
    return list(dict.fromkeys([*(each for each in found if each not in answered), *answered]))


def sender_of(letter: Message) -> tuple[str, str]:
    """The name and the address that wrote it; each may be empty."""
    return _first_address(letter, "From")


def answer_to(letter: Message) -> str:
    """The address that an answer goes to; empty where there is none."""
    return _first_address(letter, "Reply-To")[1] or sender_of(letter)[1]


def machine_reason(letter: Message) -> str | None:
    """Why a letter was written by a machine and not by a customer; None where one wrote it.

    After RFC 3834 (Auto-Submitted), RFC 3464 (delivery reports), RFC 2369 (lists) and habit.
    """
    submitted = header_of(letter, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return "automatic reply"
    if letter.get_content_type() == "multipart/report":
        return "delivery report"
    if _MACHINES.match(sender_of(letter)[1]) or header_of(letter, "Return-Path") == "<>":
        return "sent by a machine"
    if header_of(letter, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return "bulk mail"
    if any(letter.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From")):
        return "automatic reply"
    if letter.get("List-Unsubscribe") or letter.get("List-Id"):
        return "mailing list"
    return None


def date_of(letter: Message, received: datetime | None) -> datetime | None:
    """When it was written; when it arrived where it does not say, or says a time to come."""
    try:
        written = parsedate_to_datetime(header_of(letter, "Date"))
    except (ValueError, IndexError, TypeError):
        return received
    if written.tzinfo is None:
        written = written.replace(tzinfo=UTC)
    late = received is not None and written > received
    return received if late or written.year < 1990 else written


def attachments_of(letter: Message) -> list[str]:
    """The names of what hangs on it; the files themselves are not read."""
    names = []
    for part in letter.walk():
        name = part.get_filename()
        if name:
            names.append(_SPACES.sub(" ", _decoded(name)).strip()[:200])
    return names[:_ATTACHMENTS]


def header_of(letter: Message, name: str) -> str:
    """A header decoded, in one line; also one that was written raw in a Korean charset."""
    return _SPACES.sub(" ", _decoded(next(_raw(letter, name), ""))).strip()


def _raw(letter: Message, name: str) -> Iterator[str]:
    """The headers of a name as they were sent; bytes that are not ASCII are surrogates."""
    for key, value in letter.raw_items():
        if key.lower() == name.lower():
            yield str(value)


def _decoded(value: str) -> str:
    """A header's encoded words (RFC 2047) and raw bytes as text."""
    parts = []
    for said, charset in decode_header(value):
        raw = said if isinstance(said, bytes) else said.encode("utf-8", "surrogateescape")
        parts.append(_text(raw, charset))
    return "".join(parts)


def _text(said: bytes, charset: str | None) -> str:
    """Text in the charset it names, or in the one of Korean mail that fits."""
    named = _CODECS.get((charset or "utf-8").lower(), charset or "utf-8")
    for codec in (named, "utf-8", "cp949"):
        try:
            # A letter that was cut may end within a character.
            return codecs.getincrementaldecoder(codec)().decode(said)
        except (UnicodeDecodeError, LookupError):
            continue
    return said.decode("utf-8", "replace")


def _bodies(letter: Message) -> tuple[str, str]:
    """(HTML, plain text) of what is to be read, without attachments and letters inside it."""
    html: list[str] = []
    text: list[str] = []
    for part in _parts(letter):
        if part.get_content_type() not in ("text/plain", "text/html"):
            continue
        said = _text(_payload(part), part.get_content_charset()).replace("\x00", "")
        (html if part.get_content_type() == "text/html" else text).append(said)
    return "\n".join(html), "\n".join(text)


def _payload(part: Message) -> bytes:
    """What a part holds; base64 that was cut is read as far as it goes."""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        written = _NOT_BASE64.sub("", str(part.get_payload()))
        return base64.b64decode(written[: len(written) // 4 * 4])
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _parts(letter: Message) -> Iterator[Message]:
    if letter.get_content_type() == "message/rfc822" or letter.get_filename():
        return
    if letter.is_multipart():
        for part in letter.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)
    elif letter.get_content_disposition() != "attachment":
        yield letter


def _first_address(letter: Message, name: str) -> tuple[str, str]:
    for raw, address in getaddresses(list(_raw(letter, name))):
        if "@" in address:
            return _SPACES.sub(" ", _decoded(raw)).strip(), address.strip()
    return "", ""


def _veiled(address: str) -> str | None:
    """What staff may see of an address: ki***@example.kr."""
    name, _, host = address.partition("@")
    return f"{name[:2]}***@{host}" if host else None
