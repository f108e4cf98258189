"""Letters and alerts: who gets which, in whose language, once, and in words that cannot do harm."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from community.accounts.wishes import wish
from community.configure import instance
from community.decisions.actions import Actor
from community.discussion.actions import post_official_answer
from community.ideas.actions import change_status, propose_idea, vote_idea
from community.ideas.models import StatusChange, Vote
from community.members.models import Member
from community.outbox.actions import LEASE, Refused, Sender, deliver_due, enqueue
from community.outbox.batches import PORTION
from community.outbox.letters import alert_message, letter
from community.outbox.models import Delivery
from community.outbox.queries import deliveries
from community.outbox.senders import message_id, send_mail, send_text
from community.queries import Staff
from tests.community.conftest import Joiner

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = datetime(2030, 1, 1, tzinfo=UTC)
TEMPLATES = Path(__file__).parents[3] / "community" / "templates" / "mail"
EVERYTHING = {
    "name": "<b>서연</b>", "url": "https://yard.example/x", "sign_in": "https://yard.example/in",
    "sign_up": "https://yard.example/up", "reset": "https://yard.example/new",
    "from_email": "a@example.kr", "to_email": "b@example.kr",
}  # fmt: skip


Counting = Callable[[Callable[[], object]], int]


class Book:
    """A sender that writes down what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, payload: Mapping[str, Any], key: str) -> str:
        self.sent.append((key, dict(payload)))
        return "ok"


def drain(channel: str, book: Sender, now: datetime = LATER) -> None:
    while deliver_due({channel: book}, now).handled:
        pass


def voted(join: Joiner, mina: Staff, voters: int) -> int:
    author = join("이준호")
    idea = propose_idea(author, "조용한 밤 모드", "밤에는 불빛과 소리를 줄여 주세요")
    for number in range(voters):
        vote_idea(join(f"손님 {number}"), idea)
    change_status(idea, "planned", "내년 봄에 만들어요.", Actor(mina.member_id))
    return idea


def test_every_voter_who_wants_mail_is_written_to_once(join: Joiner, mina: Staff) -> None:
    author = join("이준호")
    idea = propose_idea(author, "조용한 밤 모드", "밤에는 불빛과 소리를 줄여 주세요")
    silent, english = join("조용한 손님"), join("Dan", "dan@example.kr")
    english.language = "en"
    english.save()
    for member in (silent, english):
        vote_idea(member, idea)
    wish(silent, idea_mail=False)
    change_status(idea, "planned", "내년 봄에 <만들어요>.", Actor(mina.member_id))
    book = Book()
    drain("mail", book)
    assert sorted(payload["to"] for _, payload in book.sent) == sorted(
        [author.email, "dan@example.kr"]
    )
    to_dan = letter(next(payload for _, payload in book.sent if payload["to"] == "dan@example.kr"))
    assert to_dan.subject == "Planned: 조용한 밤 모드"
    assert f"http://127.0.0.1:8000/ideas/{idea}" in to_dan.text
    assert to_dan.leave and to_dan.leave in to_dan.text
    assert "<만들어요>" in to_dan.text and "&lt;만들어요&gt;" in to_dan.html
    to_author = letter(next(payload for _, payload in book.sent if payload["to"] == author.email))
    assert "이준호님" in to_author.text and "내년 봄에" in to_author.text


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


def test_a_batch_cut_short_goes_on_where_it_was(join: Joiner, mina: Staff) -> None:
    crowd = PORTION + 100
    idea = propose_idea(join("이준호"), "조용한 밤 모드", "밤에는 불빛과 소리를 줄여 주세요")
    voters = Member.objects.bulk_create(
        Member(email=f"voter{number}@example.kr", name="손님") for number in range(crowd)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=voter, email=voter.email, verified=True) for voter in voters
    )
    Vote.objects.bulk_create(Vote(idea_id=idea, member=voter) for voter in voters)
    change_status(idea, "planned", "내년 봄에 만들어요.", Actor(mina.member_id))
    leases: list[str] = []

    def dies_in_second(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "outbox_delivery" in sql:
            leases.extend([sql] if sql.startswith("UPDATE") and 'SET "leased_until"' in sql else [])
            if sql.startswith("INSERT") and len(leases) == 3:  # the job's own, and one a portion
                raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dies_in_second), pytest.raises(Killed):
        deliver_due({"mail": Book()}, LATER)
    made = Delivery.objects.filter(key__startswith="idea_status:").count()
    assert made == PORTION, "the first portion stands, of the second nothing does"
    deliver_due({"mail": Book()}, LATER + LEASE + timedelta(seconds=1), limit=1)
    keys = Delivery.objects.filter(key__startswith="idea_status:").values_list(
        "recipient", flat=True
    )
    assert len(keys) == len(set(keys)) == crowd + 1
    change = StatusChange.objects.get(idea_id=idea)
    job = deliveries([f"idea-status-{change.pk}"])[f"idea-status-{change.pk}"]
    assert job.state == "sent"


def test_questions_do_not_grow_with_the_readers_of_a_portion(
    join: Joiner, mina: Staff, queries: Counting
) -> None:
    voted(join, mina, voters=3)
    few = queries(lambda: deliver_due({"mail": Book()}, LATER, limit=1))
    Delivery.objects.all().delete()
    voted(join, mina, voters=30)
    many = queries(lambda: deliver_due({"mail": Book()}, LATER, limit=1))
    assert few == many


@pytest.fixture
def queries() -> Any:
    def count(act: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as seen:
            act()
        return len(seen)

    return count


def test_who_was_answered_gets_the_answer_by_mail(join: Joiner, mina: Staff) -> None:
    author = join("이준호")
    idea = propose_idea(author, "조용한 밤 모드", "밤에는 불빛과 소리를 줄여 주세요")
    post_official_answer(
        f"idea-{idea}", "좋은 의견 고마워요. 살펴볼게요.", Actor(mina.member_id), "k1"
    )
    book = Book()
    drain("mail", book)
    assert [payload["to"] for _, payload in book.sent] == [author.email]
    written = letter(book.sent[0][1])
    assert "살펴볼게요" in written.text and f"/ideas/{idea}" in written.text


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    "name",
    sorted(
        {path.stem for path in TEMPLATES.glob("*.txt")}
        - {"phone_code", "idea_status", "official_answer"}
    ),
)
def test_every_letter_reads_in_both_languages(name: str, language: str) -> None:
    written = letter(
        {"template": name, "language": language, "to": "a@example.kr", "context": EVERYTHING}
    )
    is_korean = any(
        "가" <= char <= "힣" for char in written.subject.replace("해담", "").replace("마당", "")
    )
    assert is_korean == (language == "ko"), written.subject
    assert "https://yard.example" in written.text or name == "email_changed"
    assert "<b>" not in written.html and "\n" not in written.subject
    assert "{" not in written.text + written.html.split("<body")[1]


def test_one_delivery_is_one_file_however_often(tmp_path: Path) -> None:
    with in_folder(tmp_path):
        payload = {
            "template": "reset_password", "to": "a@example.kr", "language": "ko",
            "context": EVERYTHING, "made_at": NOON.isoformat(),
        }  # fmt: skip
        names = {send_mail(payload, "reset:1") for _ in range(3)}
        assert len(names) == 1 and len(list(tmp_path.iterdir())) == 1
        mail = message_from_bytes((tmp_path / names.pop()).read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert mail["Subject"] == "해담 마당 새 비밀번호"
        assert mail["Message-ID"] == message_id("reset:1", "madang@localhost")
        text = {**payload, "template": "phone_code", "to": "+8210", "context": {"code": "123456"}}
        receipt = send_text(text, "code:1")
        assert "[해담 마당] 인증번호: 123456" in (tmp_path / receipt).read_text()


def in_folder(folder: Path) -> Any:
    """The process with an outbox folder of the test's own."""
    _, role, urls = settings.MADANG
    return override_settings(MADANG=(replace(instance(), outbox=folder), role, urls))


@pytest.mark.parametrize(
    "to", ["", "a@example.kr\nBcc: b@example.kr", "A <a@example.kr>", "a@b.kr, c@d.kr"]
)
def test_mail_goes_to_one_address_and_no_other(tmp_path: Path, to: str) -> None:
    with in_folder(tmp_path), pytest.raises(Refused):
        send_mail({"template": "reset_password", "to": to, "made_at": NOON.isoformat()}, "k")
    assert list(tmp_path.iterdir()) == []


def test_an_alert_goes_to_every_address_and_names_no_secret(tmp_path: Path) -> None:
    _, role, urls = settings.MADANG
    told = replace(instance(), alerts=("json://127.0.0.1:9/secret1", "json://127.0.0.1:9/secret2"))
    alert = {
        "alert_id": "a1", "product": "해담 가습기", "window_start": "2026-11-22T05:00:00+00:00",
        "window_end": "2026-11-22T06:00:00+00:00", "seen": 37, "expected": 8.25,
        "terms": ["배송", "늦다"],
    }  # fmt: skip
    with override_settings(MADANG=(told, role, urls)):
        with transaction.atomic():
            enqueue("alert", "alert:a1", alert)
        book = Book()
        drain("alert", book)
    assert len(book.sent) == 2 and len({payload["to"] for _, payload in book.sent}) == 2
    assert "secret" not in str(book.sent)
    title, body = alert_message(book.sent[0][1])
    assert title == "해담 가습기 불만이 평소보다 많아요"
    assert "부정 언급 37건, 평소라면 8.25건" in body
    assert "2026-11-22 14:00 – 15:00 KST" in body and "배송, 늦다" in body


def test_with_nobody_to_tell_an_alert_is_done() -> None:
    with transaction.atomic():
        enqueue("alert", "alert:a1", {"alert_id": "a1"})
    book = Book()
    drain("alert", book)
    assert book.sent == [] and deliveries(["alert:a1"])["alert:a1"].state == "sent"
