"""The worker answers by e-mail and is killed at it: never two letters, and every doubt is told."""

import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from time import sleep

import pytest

from tests.fakes.imap import LocalImap
from tests.fakes.postman import Postman, both_servers
from tests.working import OPEN_STORE, hurry, in_store, play, until, worker

ROUNDS = [pytest.param(3, id="3"), pytest.param(200, id="200", marks=pytest.mark.soak)]

SCRIPT = (
    OPEN_STORE
    + """
from community.actions import Actor, create_staff
from community.inbox.actions import open_conversation, retry_reply, send_reply
from community.inbox.models import CaseMention, Reply
from community.members.models import Member
"""
)

# Letters open a conversation each, and a colleague answers them.
ANSWER = (
    SCRIPT
    + """
from datetime import UTC, datetime
from community.belts.findings import Finding
mina = create_staff("mina@example.kr", "이미나", "가을 하늘 공활한데 7", "brand_manager")
for number in range(int(sys.argv[1])):
    name = f"{number}@example.kr"
    body = {"source": "email", "native_id": name, "kind": "email", "author_id": name,
            "text": "배송이 늦어요.", "url": "", "written_at": datetime.now(UTC).isoformat(),
            "sentiment": "negative"}
    open_conversation(Finding(name, "open_conversation", f"m{number}", body))
    case = CaseMention.objects.get(native_id=name).conversation_id
    key = f"answer-{number}-0123456789"
    send_reply(case, f"m{number}", "내일 도착해요.", key, 1, Actor(mina.member_id))
"""
)

TRY_AGAIN = (
    SCRIPT
    + """
mina = Member.objects.get(email="mina@example.kr")
for reply in Reply.objects.filter(state="failed"):
    assert retry_reply(reply.conversation_id, reply.pk, Actor(mina.pk))
"""
)


@dataclass(frozen=True)
class Answered:
    """An answer as the inbox shows it."""

    state: str
    receipt: str
    reason: str
    case: str


class House:
    """An instance that answers e-mail, with `count` letters to answer."""

    def __init__(self, home: Path, imap: LocalImap, postman: Postman) -> None:
        self.home = home
        email = both_servers(imap, postman).items()
        named = {f"MADANG__EMAIL__{name.upper()}": str(value) for name, value in email}
        self.environment = {**os.environ, "MADANG_HOME": str(home), **named}

    def run(self, script: str, *words: str) -> None:
        play(self.environment, script, *words)

    def worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return worker(self.environment)

    def answers(self) -> list[Answered]:
        rows = in_store(
            self.home,
            "SELECT r.state, r.receipt, r.reason, c.state FROM inbox_reply r "
            "JOIN inbox_conversation c ON c.id = r.conversation_id ORDER BY r.id",
        )
        return [Answered(*row) for row in rows]

    def settled(self) -> bool:
        return all(each.state != "waiting" for each in self.answers())


@pytest.fixture
def imap() -> Iterator[LocalImap]:
    with LocalImap() as running:
        yield running


@pytest.fixture
def postman() -> Iterator[Postman]:
    with Postman() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, imap: LocalImap, postman: Postman) -> House:
    return House(tmp_path, imap, postman)


def ask(house: House, imap: LocalImap, count: int) -> None:
    """So many letters come in, and each is answered."""
    letters = [EmailMessage() for _ in range(count)]
    for number, letter in enumerate(letters):
        letter["From"], letter["Subject"] = f"hana{number}@example.kr", "배송 문의"
        letter["Message-ID"] = f"<{number}@example.kr>"
        letter.set_content("배송이 늦어요.")
    imap.put(*(letter.as_bytes() for letter in letters))
    house.run(ANSWER, str(count))


def test_told_to_stop_while_it_sends_it_ends_what_it_began(
    house: House, imap: LocalImap, postman: Postman
) -> None:
    ask(house, imap, 2)
    postman.delay = lambda: 1.0
    with house.worker() as process:
        postman.when_taken = lambda letter: process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert len(postman.taken) == len(imap.letters("Sent")) == 1
    postman.when_taken = lambda letter: None
    with house.worker():
        until(house.settled)
    assert [each.state for each in house.answers()] == ["sent", "sent"]
    assert len(postman.taken) == 2


def test_a_lost_receipt_comes_to_the_inbox_and_no_second_letter_to_the_customer(
    house: House, imap: LocalImap, postman: Postman
) -> None:
    ask(house, imap, 1)
    postman.hangs_up = "after the letter"
    for order in ("answer", "try again"):
        with house.worker():
            until(lambda: bool(postman.taken))
            hurry(house.home)
            until(house.settled)
        (answered,) = house.answers()
        assert (answered.state, answered.case, answered.receipt) == ("failed", "open", "")
        why = {"answer": "did not say whether it took it", "try again": "program was stopped"}
        assert why[order] in answered.reason
        if order == "answer":
            house.run(TRY_AGAIN)
    assert len(postman.taken) == 1


@pytest.mark.parametrize("rounds", ROUNDS)
def test_killed_while_it_sends_nobody_gets_two_letters(
    house: House, imap: LocalImap, postman: Postman, rounds: int
) -> None:
    chance = random.Random(20261122)
    count = rounds + rounds // 2 + 2  # more than go out while it is killed
    ask(house, imap, count)
    postman.delay = lambda: chance.random() * 0.05
    for number in range(rounds):
        hurry(house.home)
        goal = len(postman.taken) + 1
        with house.worker() as process:
            if number % 2 == 0:  # right after the server's word, before it can be written down
                postman.when_said = process.kill
                process.wait(timeout=60)
                postman.when_said = lambda: None
            else:
                until(lambda goal=goal: len(postman.taken) >= goal)
                sleep(chance.random() * 0.15)
                process.kill()
    hurry(house.home)
    with house.worker():
        until(house.settled, 60 + 5 * count)
    taken, answers = Counter(postman.ids), house.answers()
    assert set(taken.values()) == {1}, "nobody gets two letters"
    sent = [each for each in answers if each.state == "sent"]
    doubtful = [each for each in answers if each.state == "failed"]
    assert len(sent) + len(doubtful) == count
    assert {f"<{each.receipt}>" for each in sent} <= set(taken), "what counts as sent was sent"
    assert len({each.receipt for each in sent}) == len(sent)
    assert 1 <= len(doubtful) <= rounds, "a person is asked once for each kill at most"
    assert all("The program was stopped" in each.reason for each in doubtful)
    assert {each.case for each in doubtful} == {"open"}
