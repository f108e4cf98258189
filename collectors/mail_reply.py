"""Answers by e-mail: sent once at most, in the thread of the letter that they answer.

The Message-ID of an answer comes from its key, and a try that went through is found by it among
what was sent. Where a try was cut short and nothing is found, nobody can know if the letter went:
it is not sent again, and whoever wrote it is told.
"""

import hashlib
import imaplib
import re
import smtplib
import ssl
from contextlib import closing, suppress
from email.message import EmailMessage, Message
from email.utils import format_datetime, formataddr, parseaddr
from typing import TYPE_CHECKING, Any, Final

import structlog

from collectors.base import (
    Answer,
    CollectorError,
    Receipt,
    ReplyLater,
    ReplyRefused,
    ReplyUncertain,
)
from collectors.mail import Email, EmailSettings, letters, trusted
from collectors.mail_letters import answer_to, header_of, references_of

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

_log = structlog.get_logger(__name__)
_HEADERS: Final = 100_000  # bytes of a letter that its headers take at most
_REFERENCES: Final = 20  # the thread's first and last ones, as RFC 5322 lets a long list be cut
_CUT_SHORT: Final = "The program was stopped, or broke, while this letter went out."


class _ReceiptLostError(Exception):
    """The server was given the whole letter, and its word on it did not come."""


def send_answer(source: Email, answer: Answer) -> Receipt:
    """Send `answer` unless it was sent before.

    Raises ReplyRefused, ReplyUncertain where it may have gone, and ReplyLater where it has not.
    """
    settings = source.settings
    if not settings.smtp_host:
        raise ReplyRefused(
            "E-mail has no server to send by. Set smtp_host in the section [email], as in "
            "smtp.naver.com."
        )
    try:
        with source.opened() as box:
            sent = _sent_folder(box, settings)
            own_id = (
                f"madang-{hashlib.sha256(answer.key.encode()).hexdigest()[:32]}@{_host(settings)}"
            )
            if sent and _found(box, sent, own_id):
                return Receipt(own_id)
            if answer.begun:
                raise ReplyUncertain(_CUT_SHORT)
            asked = _asked(source, box, answer)
            reply = _written(settings, asked, answer, own_id)
            try:
                _send(settings, reply)
            except _ReceiptLostError as error:
                if not (sent and _kept_by_the_server(box, sent, own_id)):
                    raise ReplyUncertain(str(error)) from error
            else:
                if sent:
                    _keep(box, sent, reply, own_id)
            return Receipt(own_id)
    except (ReplyRefused, ReplyLater):
        raise
    except CollectorError as error:
        raise ReplyLater(str(error)) from error


def _asked(source: Email, box: "BaseMailBox", answer: Answer) -> Message:
    """The letter that is answered; its headers alone."""
    for folder in source.settings.folders:
        box.folder.set(folder, readonly=True)
        if uids := _numbers(box, answer.native_id):
            for letter, _ in letters(box, uids[:1], _HEADERS):
                return letter
    raise ReplyRefused(
        "The letter is not in the mailbox any more, so that nobody knows whom to answer. "
        "Put it back into one of the folders of the section [email], or write to the customer."
    )


def _found(box: "BaseMailBox", folder: str, message_id: str) -> bool:
    box.folder.set(folder, readonly=True)
    return bool(_numbers(box, message_id))


def _numbers(box: "BaseMailBox", message_id: str) -> list[int]:
    if any(sign in message_id for sign in '"\\\r\n') or not message_id.isascii():
        return []
    found = box.uids(f'HEADER Message-ID "<{message_id}>"', charset=None)
    return [int(uid) for uid in found]


def _written(settings: EmailSettings, asked: Message, answer: Answer, own_id: str) -> EmailMessage:
    to = answer_to(asked)
    if not to:
        raise ReplyRefused("The letter names no address that an answer could go to.")
    subject = header_of(asked, "Subject")
    reply = EmailMessage()
    reply["From"] = _sender(settings)
    reply["To"] = to
    reply["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}".strip()
    reply["Date"] = format_datetime(answer.made_at)
    reply["Message-ID"] = f"<{own_id}>"
    reply["In-Reply-To"] = f"<{answer.native_id}>"
    thread = [
        *(each for each in references_of(asked) if each != answer.native_id),
        answer.native_id,
    ]
    if len(thread) > _REFERENCES:
        thread = [thread[0], *thread[-_REFERENCES + 1 :]]
    reply["References"] = " ".join(f"<{each}>" for each in thread)
    said = f"{answer.text}\n\n-- \n{settings.signature}" if settings.signature else answer.text
    reply.set_content(said, charset="utf-8")
    return reply


def _sender(settings: EmailSettings) -> str:
    name, address = parseaddr(settings.sender or settings.user)
    return formataddr((name, address), charset="utf-8")


def _host(settings: EmailSettings) -> str:
    address = parseaddr(settings.sender or settings.user)[1]
    return address.rpartition("@")[2] or "madang.invalid"


def _send(settings: EmailSettings, reply: EmailMessage) -> None:
    """Raises ReplyRefused and ReplyLater where the server has not taken the letter, and
    _ReceiptLostError where it may have."""
    at = f"{settings.smtp_host}:{settings.smtp_port}"
    kind: type[smtplib.SMTP] = _Dialogue
    private: dict[str, Any] = {}
    if settings.security == "tls":
        kind, private = _TlsDialogue, {"context": trusted(settings)}
    wait = settings.timeout_seconds
    try:
        with closing(kind(settings.smtp_host, settings.smtp_port, timeout=wait, **private)) as smtp:
            if settings.security == "starttls":
                smtp.starttls(context=trusted(settings))
            smtp.ehlo_or_helo_if_needed()
            if smtp.has_extn("auth"):
                _sign_in(smtp, settings, at)
            smtp.send_message(reply)
            # The letter is the server's by now, whatever becomes of saying goodbye.
            with suppress(OSError):
                smtp.quit()
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _refused(code, said, at)
    except smtplib.SMTPResponseException as error:
        _refused(error.smtp_code, error.smtp_error, at)
    except ssl.SSLCertVerificationError as error:
        raise ReplyLater(
            f"The mail server at {at} cannot be trusted: {error.verify_message}. Look at "
            "smtp_host, which must be the name in its certificate, and authority in the section "
            "[email]."
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ReplyLater(f"The mail server at {at} cannot be reached: {error}.") from error


class _Dialogue(smtplib.SMTP):
    """Tells a letter that the server never had whole from one whose receipt was lost."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """As in smtplib, where a break before the end of the letter and one after it look alike.

        Before its end the server must throw the letter away (RFC 5321, 4.1.1.4); after it any 2xx
        takes it, 4xx and 5xx refuse it (4.2.1), and anything else says nothing.
        """
        code, said = self.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, said)
        stuffed = re.sub(rb"(?m)^\.", b"..", msg)
        self.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        try:
            self.send(b".\r\n")
            code, said = self.getreply()
        except OSError as error:  # which all errors of smtplib are
            raise self._lost(str(error)) from error
        if not (200 <= code < 300 or 400 <= code < 600):
            raise self._lost(said.decode("utf-8", "replace"))
        return (250 if code < 300 else code), said

    def _lost(self, said: str) -> _ReceiptLostError:
        return _ReceiptLostError(
            "The mail server was given all of this letter and did not say whether it took it "
            f"({said})."
        )


class _TlsDialogue(_Dialogue, smtplib.SMTP_SSL):
    """The same, private from the first byte."""


def _sign_in(smtp: smtplib.SMTP, settings: EmailSettings, at: str) -> None:
    user = settings.smtp_user or settings.user
    password = settings.smtp_password or settings.password
    try:
        smtp.login(user, password)
    except (smtplib.SMTPAuthenticationError, UnicodeEncodeError) as error:
        raise ReplyLater(
            f"The mail server at {at} refuses the account. Look at smtp_user and smtp_password in "
            "the section [email]."
        ) from error


def _refused(code: int, said: bytes | str, at: str) -> None:
    """5xx is for good, 4xx for now (RFC 5321, section 4.2.1)."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    reason = f"The mail server at {at} does not take the answer: {code} {words}"
    raise ReplyRefused(reason) if code >= 500 else ReplyLater(reason)


def _sent_folder(box: "BaseMailBox", settings: EmailSettings) -> str | None:
    """The folder of what was sent, by setting, by the server's mark (RFC 6154), or by its name."""
    if settings.sent:
        return settings.sent
    folders = box.folder.list()
    marked = [each.name for each in folders if "\\Sent" in each.flags]
    usual = ("sent", "sent items", "sent messages", "sent mail", "보낸메일함", "보낸 메일함")
    named = [each.name for each in folders if each.name.lower() in usual]
    return next(iter((*marked, *named)), None)


def _kept_by_the_server(box: "BaseMailBox", folder: str, own_id: str) -> bool:
    """Some servers keep what they send; one that cannot be asked has told nothing."""
    from imap_tools import ImapToolsError

    try:
        return _found(box, folder, own_id)
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        _log.warning("nobody looked among what was sent", folder=folder, reason=str(error))
        return False


def _keep(box: "BaseMailBox", folder: str, reply: EmailMessage, own_id: str) -> None:
    """Put what was sent into its folder, unless the server has done so by itself.

    The answer is on its way: what fails here must not have it sent again.
    """
    from imap_tools import ImapToolsError

    try:
        if not _found(box, folder, own_id):
            box.append(reply.as_bytes(), folder, dt=None, flag_set=["\\Seen"])
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        _log.warning("answer not kept among what was sent", folder=folder, reason=str(error))
