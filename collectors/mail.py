"""E-mail: letters to the brand's mailboxes by IMAP, answers by SMTP.

A folder is read on from the last UID it gave (RFC 3501, 2.3.1.1); a letter is itself by its
Message-ID, so that a mailbox that was rebuilt or moved doubles nothing. imap-tools is imported when
a mailbox is asked, as every command reads the list of sources.
"""

import imaplib
import json
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa

from collectors.base import (
    Answer,
    CollectorError,
    Cursor,
    Receipt,
    ReplyLimits,
    SourceKind,
    SourceUnavailable,
    covered,
)
from collectors.mail_letters import machine_reason, mention_of, sender_of
from collectors.rows.mentions import mentions_of
from warehouse.landing import Batch

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True)
class EmailSettings:
    """The section `[email]` of madang.toml."""

    host: str = field(
        default="",
        metadata={"help": "The IMAP server of the mailbox, as in imap.naver.com.", "ask": True},
    )
    port: int = field(default=993, metadata={"help": "The port of the IMAP server."})
    security: Security = field(
        default="tls", metadata={"help": "How both connections are kept private."}
    )
    authority: str = field(
        default="",
        metadata={
            "help": "A file with the certificates that vouch for both servers, where they are the "
            "company's own; empty for those that this system trusts."
        },
    )
    user: str = field(default="", metadata={"help": "The account at the mailbox.", "ask": True})
    password: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The password of that account, or one made for this program.",
            "secret": True,
            "where": "the mailbox's security settings, as a password for mail programs",
            "ask": True,
        },
    )
    folders: tuple[str, ...] = field(
        default=("INBOX",), metadata={"help": "Folders to read, by their names."}
    )
    first_days: int = field(default=30, metadata={"help": "How many days the first run goes back."})
    max_bytes: int = field(
        default=1_000_000, metadata={"help": "How much of a letter is read; its text comes first."}
    )
    keep_automatic: bool = field(
        default=False,
        metadata={"help": "Whether automatic replies, reports and bulk mail are kept, marked."},
    )
    own: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Addresses or domains whose letters are the company's own words."},
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that all letters here are about."}
    )
    smtp_host: str = field(
        default="",
        metadata={"help": "The server that answers leave by; empty for none.", "ask": True},
    )
    smtp_port: int = field(default=465, metadata={"help": "The port of that server."})
    smtp_user: str = field(
        default="", metadata={"help": "The account there; empty for that of the mailbox."}
    )
    smtp_password: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The password there; empty for that of the mailbox.",
            "secret": True,
            "where": "the security settings of the sending account",
        },
    )
    sender: str = field(
        default="",
        metadata={
            "help": 'Whom answers are from, as in "해담 <voc@haedam.kr>"; empty for `user`.',
            "ask": True,
        },
    )
    signature: str = field(default="", metadata={"help": "What stands below each answer."})
    sent: str = field(
        default="",
        metadata={"help": "The folder of what was sent; empty for the one the server marks so."},
    )
    timeout_seconds: float = field(
        default=60.0, metadata={"help": "How long the server may take to answer, in seconds."}
    )


LIMITS: Final = ReplyLimits(characters=50_000)
_AT_ONCE: Final = 50  # letters a batch


def open_email(settings: EmailSettings) -> "Email":
    """Raises SourceUnavailable, naming the setting that is missing."""
    for name in ("host", "user", "password"):
        if not getattr(settings, name):
            raise SourceUnavailable(
                f"E-mail needs {name} in the section [email], or MADANG__EMAIL__{name.upper()} in "
                "the environment. A password for programs is had in the mailbox's own settings."
            )
    if settings.authority:
        try:
            trusted(settings)
        except OSError as error:
            raise SourceUnavailable(
                f"email.authority is {settings.authority}, which holds no certificates that can be "
                f"read: {_said(error)}. Name a PEM file, or leave it empty."
            ) from error
    return Email(settings)


KIND: Final = SourceKind(
    name="email",
    summary="Letters to the brand's mailboxes, by IMAP; answers by SMTP.",
    settings=EmailSettings,
    open=open_email,
    verified="local server",
    replies=LIMITS,
)


@dataclass(frozen=True)
class Email:
    """The source `email`. Its cursor: {"folders": {name: {validity, uid, heard}}}."""

    settings: EmailSettings
    name: str = "email"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        states: dict[str, Any] = dict(cursor.get("folders", {}))
        with self.opened() as box:
            for folder in self.settings.folders:
                for table, rejected, state, heard in self._new(box, folder, states.get(folder, {})):
                    states[folder] = state
                    yield Batch(table, {"folders": dict(states)}, rejected, covered=heard)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        """The letters that arrived between the two times and are still in the folders."""
        with self.opened() as box:
            for folder in self.settings.folders:
                self._select(box, folder)
                # A server's days may be those of another zone, and BEFORE leaves its own day out.
                first, last = since - timedelta(days=1), until + timedelta(days=2)
                uids = _searched(box, f"SINCE {_day(first)} BEFORE {_day(last)}")
                for start in range(0, len(uids), _AT_ONCE):
                    rows = self._rows(box, uids[start : start + _AT_ONCE])
                    within = [row for row in rows if since <= row["created_at"] < until]
                    table, rejected = self._mentions(within)
                    yield Batch(table, cursor, rejected)
                table, _ = self._mentions([])
                heard = covered(self.name, "collected", since, until, part=self._part(folder))
                yield Batch(table, cursor, covered=heard)

    def reply(self, answer: Answer) -> Receipt:
        from collectors.mail_reply import send_answer

        return send_answer(self, answer)

    @contextmanager
    def opened(self) -> "Iterator[BaseMailBox]":
        """The mailbox, signed in. Raises CollectorError when it cannot be had."""
        from imap_tools import ImapToolsError

        at = f"{self.settings.host}:{self.settings.port}"
        try:
            box = self._connected()
            try:
                self._sign_in(box, at)
                yield box
            finally:
                _leave(box)
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
            raise CollectorError(
                f"The mailbox at {at} cannot be read: {_said(error)}. "
                f"Look at {_where(error)} in the section [email]."
            ) from error

    def _sign_in(self, box: "BaseMailBox", at: str) -> None:
        from imap_tools import MailboxLoginError

        user, password = self.settings.user, self.settings.password
        try:
            if user.isascii() and password.isascii():
                box.login(user, password, initial_folder=None)
            else:
                box.login_utf8(user, password, initial_folder=None)
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            raise CollectorError(
                f"The mailbox at {at} refuses the account {user}. Look at user and password in the "
                "section [email]; many providers ask for a password made for programs, and for "
                "IMAP to be allowed in the mailbox's settings."
            ) from error

    def _connected(self) -> "BaseMailBox":
        from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

        kinds: dict[str, type[Any]] = {
            "tls": MailBox,
            "starttls": MailBoxStartTls,
            "none": MailBoxUnencrypted,
        }
        settings = self.settings
        private = {} if settings.security == "none" else {"ssl_context": trusted(settings)}
        box: BaseMailBox = kinds[settings.security](
            settings.host, settings.port, timeout=settings.timeout_seconds, **private
        )
        return box

    def _new(
        self, box: "BaseMailBox", folder: str, state: dict[str, Any]
    ) -> Iterator[tuple[pa.Table, pa.Table, dict[str, Any], pa.Table | None]]:
        """What a folder has beyond its state, in parts: rows, refused, the state then, coverage."""
        now = datetime.now(UTC)
        validity = self._select(box, folder)
        heard_to = datetime.fromisoformat(state["heard"]) if "heard" in state else None
        since = heard_to or now - timedelta(days=self.settings.first_days)
        known = int(state.get("uid", 0)) if state.get("validity") == validity else 0
        if known:
            # `n:*` names the last letter too where there is none from n on.
            uids = [uid for uid in _searched(box, f"UID {known + 1}:*") if uid > known]
        else:
            # A folder that was made anew has other numbers: what is known is known by its identity.
            uids = _searched(box, f"SINCE {_day(since - timedelta(days=1))}")
        for start in range(0, len(uids), _AT_ONCE):
            part = uids[start : start + _AT_ONCE]
            table, rejected = self._mentions(self._rows(box, part))
            known = part[-1]
            before = {} if heard_to is None else {"heard": heard_to.isoformat()}
            yield table, rejected, {"validity": validity, "uid": known, **before}, None
        table, rejected = self._mentions([])
        heard = covered(self.name, "collected", since, now, part=self._part(folder))
        after = {"validity": validity, "uid": known, "heard": now.isoformat()}
        yield table, rejected, after, heard

    def _part(self, folder: str) -> str:
        return folder if len(self.settings.folders) > 1 else ""

    def _select(self, box: "BaseMailBox", folder: str) -> int:
        """Open a folder for reading alone; its UIDVALIDITY."""
        from imap_tools import MailboxFolderSelectError

        try:
            box.folder.set(folder, readonly=True)
        except MailboxFolderSelectError as error:
            there = ", ".join(each.name for each in box.folder.list())
            raise CollectorError(
                f"The mailbox has no folder {folder!r}. Put some of these into folders in the "
                f"section [email]: {there}"
            ) from error
        said = box.client.response("UIDVALIDITY")[1]
        return int(said[0]) if said and said[0] else 0

    def _rows(self, box: "BaseMailBox", uids: Sequence[int]) -> list[dict[str, Any]]:
        rows = []
        for letter, received in letters(box, uids, self.settings.max_bytes):
            reason = machine_reason(letter)
            if self._is_own(sender_of(letter)[1]) or (reason and not self.settings.keep_automatic):
                continue
            row = mention_of(letter, received)
            if reason:
                row["extra"]["automatic"] = reason
            rows.append({**row, "product": self.settings.product})
        return rows

    def _mentions(self, rows: Sequence[dict[str, Any]]) -> tuple[pa.Table, pa.Table]:
        said = [{**row, "extra": json.dumps(row["extra"], ensure_ascii=False)} for row in rows]
        return mentions_of(said, source=self.name, now=datetime.now(UTC))

    def _is_own(self, address: str) -> bool:
        settings = self.settings
        mine = (settings.user, parseaddr(settings.sender)[1], *settings.own)
        host = address.rpartition("@")[2].lower()
        return any(each and each.lower().lstrip("@") in (address.lower(), host) for each in mine)


def trusted(settings: EmailSettings) -> ssl.SSLContext:
    """What certificates of servers are held to; imaplib and smtplib would take any.

    Raises OSError when the file of the authority cannot be read.
    """
    return ssl.create_default_context(cafile=settings.authority or None)


def letters(
    box: "BaseMailBox", uids: Sequence[int], max_bytes: int
) -> Iterator[tuple[Message, datetime | None]]:
    """The letters of these numbers, cut after `max_bytes`, and when each arrived; none is marked
    as read."""
    if not uids:
        return
    wanted = f"(UID INTERNALDATE BODY.PEEK[]<0.{max_bytes}>)"
    _, answer = box.client.uid("FETCH", ",".join(map(str, uids)), wanted)
    for item in answer:
        if isinstance(item, tuple):
            yield message_from_bytes(item[1]), _received(item[0])


def _received(told: bytes) -> datetime | None:
    """The INTERNALDATE in what a server says of a letter (aware)."""
    found = imaplib.Internaldate2tuple(told)
    if found is None:
        return None
    return datetime.fromtimestamp(time.mktime(found), UTC)


def _searched(box: "BaseMailBox", criteria: str) -> list[int]:
    return sorted(int(uid) for uid in box.uids(criteria, charset=None))


def _day(moment: datetime) -> str:
    """A day as IMAP writes it, whatever the language of this machine."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{moment.day}-{months[moment.month - 1]}-{moment.year}"


def _leave(box: "BaseMailBox") -> None:
    """Say goodbye; a server that has gone already is no error."""
    from imap_tools import ImapToolsError

    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        box.client.shutdown()


def _where(error: Exception) -> str:
    """The settings that may be wrong."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "host, which must be the name in the server's certificate, and authority"
    return "host, port and security"


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
