"""Answers by e-mail: sent once, in the thread of the letter that they answer.

The Message-ID of an answer comes from its key. A try that went through is found by it among what
was sent; where a crash fell between sending and keeping, mail systems know the second copy by it.
"""

import hashlib
import imaplib
import smtplib
import ssl
from email.message import EmailMessage, Message
from email.utils import format_datetime, formataddr, parseaddr
from typing import TYPE_CHECKING, Final

import structlog

from collectors.base import Answer, CollectorError, Receipt, ReplyLater, ReplyRefused
from collectors.mail import Email, EmailSettings, letters
from collectors.mail_letters import answer_to, header_of, references_of

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

_log = structlog.get_logger(__name__)
_HEADERS: Final = 100_000  # bytes of a letter that its headers take at most
_REFERENCES: Final = 20  # the thread's first and last ones, as RFC 5322 lets a long list be cut


def send_answer(source: Email, answer: Answer) -> Receipt:
    """Send `answer` unless it was sent before. Raises ReplyRefused and ReplyLater."""
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
            asked = _asked(source, box, answer)
            reply = _written(settings, asked, answer, own_id)
            _send(settings, reply)
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
    at = f"{settings.smtp_host}:{settings.smtp_port}"
    kind = smtplib.SMTP_SSL if settings.security == "tls" else smtplib.SMTP
    try:
        with kind(settings.smtp_host, settings.smtp_port, timeout=settings.timeout_seconds) as smtp:
            if settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if smtp.has_extn("auth"):
                _sign_in(smtp, settings, at)
            smtp.send_message(reply)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _refused(code, said, at)
    except smtplib.SMTPResponseException as error:
        _refused(error.smtp_code, error.smtp_error, at)
    except (OSError, smtplib.SMTPException) as error:
        raise ReplyLater(f"The mail server at {at} cannot be reached: {error}.") from error


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
