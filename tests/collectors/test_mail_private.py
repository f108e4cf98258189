"""Mailboxes are read, and answers sent, only where the server's certificate is vouched for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from collectors.base import Answer, CollectorError, ReplyLater, SourceUnavailable
from collectors.mail import EmailSettings, open_email
from tests.fakes.imap import LocalImap
from tests.fakes.postman import Postman, both_servers
from tests.fakes.private_door import Papers, PrivateDoor


def put(imap: LocalImap) -> None:
    letter = EmailMessage()
    letter["From"], letter["Message-ID"] = "김하나 <hana@example.kr>", "<1@example.kr>"
    letter.set_content("배송이 늦어요. 언제 오나요?")
    imap.put(letter.as_bytes())


@pytest.fixture(scope="module")
def imap() -> Iterator[LocalImap]:
    with LocalImap() as running:
        put(running)
        yield running


@pytest.fixture
def postman() -> Iterator[Postman]:
    with Postman() as running:
        yield running


@pytest.fixture
def settings(imap: LocalImap, postman: Postman) -> EmailSettings:
    return EmailSettings(**both_servers(imap, postman))


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path)


def letters(settings: EmailSettings) -> int:
    return sum(batch.table.num_rows for batch in open_email(settings).fetch({}))


def reply(settings: EmailSettings) -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    open_email(settings).reply(
        Answer("key-1", "email", "1@example.kr", "m1", None, "내일 도착해요.", now)
    )


def test_a_mailbox_is_read_only_where_its_server_is_vouched_for(
    imap: LocalImap, settings: EmailSettings, papers: Papers
) -> None:
    with PrivateDoor(imap.port, papers) as door:
        private = replace(settings, port=door.port, security="tls")
        with pytest.raises(CollectorError, match=r"certificate.*Look at host.*and authority in"):
            letters(private)
        assert letters(replace(private, authority=str(papers.authority))) == 1


def test_a_certificate_for_another_name_is_not_enough(
    imap: LocalImap, settings: EmailSettings, tmp_path: Path
) -> None:
    papers = Papers(tmp_path, "mail.example.com")
    with PrivateDoor(imap.port, papers) as door:
        private = replace(settings, port=door.port, security="tls", authority=str(papers.authority))
        with pytest.raises(CollectorError, match="certificate"):
            letters(private)


def test_an_answer_leaves_only_by_a_server_that_is_vouched_for(
    imap: LocalImap, settings: EmailSettings, postman: Postman, tmp_path: Path, papers: Papers
) -> None:
    other = Papers(tmp_path)
    with PrivateDoor(imap.port, papers) as reading, PrivateDoor(postman.port, other) as sending:
        both = tmp_path / "both.pem"
        both.write_bytes(papers.authority.read_bytes() + other.authority.read_bytes())
        private = replace(
            settings, port=reading.port, smtp_port=sending.port, security="tls",
            authority=str(papers.authority),
        )  # fmt: skip
        with pytest.raises(ReplyLater, match=r"cannot be trusted: .*authority in the section"):
            reply(private)
        assert postman.taken == []
        reply(replace(private, authority=str(both)))
        assert len(postman.taken) == 1


def test_a_connection_that_turns_private_is_held_to_the_same(papers: Papers) -> None:
    with LocalImap(papers=papers) as imap, Postman(papers=papers) as postman:
        put(imap)
        settings = replace(EmailSettings(**both_servers(imap, postman)), security="starttls")
        with pytest.raises(CollectorError, match="certificate"):
            letters(settings)
        private = replace(settings, authority=str(papers.authority))
        assert letters(private) == 1
        reply(private)
        assert len(postman.taken) == 1


@pytest.mark.parametrize("content", [None, "-----BEGIN CERTIFICATE-----\nabc"])
def test_a_file_without_certificates_is_told_at_once(
    settings: EmailSettings, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SourceUnavailable, match="Name a PEM file"):
        open_email(replace(settings, authority=str(path)))
