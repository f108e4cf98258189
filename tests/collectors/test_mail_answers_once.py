"""An answer by e-mail leaves once at most, whatever breaks; where nobody can know, that is said."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from collectors.base import Answer, Receipt, ReplyLater, ReplyRefused, ReplyUncertain
from collectors.mail import EmailSettings, open_email
from tests.fakes.imap import LocalImap
from tests.fakes.postman import Postman, both_servers

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalImap]:
    with LocalImap() as running:
        yield running


@pytest.fixture
def imap(server: LocalImap) -> LocalImap:
    """The server with one letter of a customer."""
    if not server.running:
        server.start()
    server.empty()
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "김하나 <hana@example.kr>", "배송 문의"
    letter["Message-ID"] = "<1@example.kr>"
    letter.set_content("배송이 늦어요. 언제 오나요?")
    server.put(letter.as_bytes())
    return server


@pytest.fixture
def postman() -> Iterator[Postman]:
    with Postman() as running:
        yield running


@pytest.fixture
def settings(imap: LocalImap, postman: Postman) -> EmailSettings:
    return EmailSettings(**both_servers(imap, postman))


def reply(settings: EmailSettings, text: str = "내일 도착해요.", *, begun: bool = False) -> Receipt:
    answer = Answer("key-1", "email", "1@example.kr", "m1", None, text, NOW, begun)
    return open_email(settings).reply(answer)


def test_a_receipt_that_is_lost_is_not_asked_for_again(
    imap: LocalImap, settings: EmailSettings, postman: Postman
) -> None:
    postman.hangs_up = "after the letter"
    with pytest.raises(ReplyUncertain, match="did not say whether it took it"):
        reply(settings)
    assert len(postman.taken) == 1
    assert imap.letters("Sent") == [], "nobody knows that it was sent"


def test_a_letter_that_the_server_itself_kept_was_sent(
    imap: LocalImap, settings: EmailSettings, postman: Postman
) -> None:
    postman.hangs_up = "after the letter"
    postman.when_taken = lambda letter: imap.put(letter, folder="Sent")
    receipt = reply(settings)
    assert postman.ids == [f"<{receipt.native_id}>"]
    assert len(imap.letters("Sent")) == 1


def test_a_mailbox_that_is_gone_as_well_makes_it_no_more_certain(
    imap: LocalImap, settings: EmailSettings, postman: Postman
) -> None:
    postman.hangs_up = "after the letter"
    postman.when_taken = lambda letter: imap.stop()
    with pytest.raises(ReplyUncertain):
        reply(settings)
    assert len(postman.taken) == 1


def test_a_break_before_the_letter_may_mend(settings: EmailSettings, postman: Postman) -> None:
    postman.hangs_up = "before the letter"
    with pytest.raises(ReplyLater):
        reply(settings)
    assert (postman.cut_off, postman.taken) == (1, [])
    postman.hangs_up = ""
    reply(settings)
    assert len(postman.taken) == 1


def test_a_break_in_the_letter_looks_like_one_after_it(
    settings: EmailSettings, postman: Postman
) -> None:
    """What the system's buffers took may have arrived, so that nobody here can tell."""
    postman.hangs_up = "in the letter"
    with pytest.raises(ReplyUncertain):
        reply(settings)
    assert (postman.cut_off, postman.taken) == (1, [])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("451 try later", ReplyLater),
        ("554 no such words here", ReplyRefused),
        ("354 go on", ReplyUncertain),
        ("well, perhaps", ReplyUncertain),
    ],
)
def test_the_word_on_a_whole_letter(
    settings: EmailSettings, postman: Postman, status: str, error: type[Exception]
) -> None:
    postman.status = status
    with pytest.raises(error, match=status[4:]) as raised:
        reply(settings)
    assert type(raised.value) is error


def test_a_server_that_says_goodbye_badly_has_the_letter(
    imap: LocalImap, settings: EmailSettings, postman: Postman
) -> None:
    postman.goodbye = "421 leave me"
    postman.status = "250 taken, and more"
    reply(settings)
    assert (len(postman.taken), len(imap.letters("Sent"))) == (1, 1)


def test_lines_that_begin_with_a_dot_arrive_as_they_were(
    settings: EmailSettings, postman: Postman
) -> None:
    text = ".\n.. 두 점\n끝이에요.\n."
    reply(settings, text)
    (letter,) = postman.taken
    said = message_from_bytes(letter).get_payload(decode=True)
    assert isinstance(said, bytes)
    assert said.decode().split("\r\n")[:4] == text.split("\n")


def test_what_had_begun_is_not_sent_again(settings: EmailSettings, postman: Postman) -> None:
    with pytest.raises(ReplyUncertain, match="program was stopped"):
        reply(settings, begun=True)
    assert postman.taken == []


def test_what_had_begun_and_stands_among_what_was_sent_was_sent(
    settings: EmailSettings, postman: Postman
) -> None:
    first = reply(settings)
    assert reply(settings, begun=True) == first
    assert len(postman.taken) == 1


def test_what_had_begun_waits_for_a_mailbox_that_is_gone(
    imap: LocalImap, settings: EmailSettings, postman: Postman
) -> None:
    imap.stop()
    with pytest.raises(ReplyLater):
        reply(settings, begun=True)
    assert postman.taken == []
