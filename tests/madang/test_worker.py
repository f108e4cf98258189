"""The worker as a process: what it is handed leaves, however often it is killed on the way."""

import asyncio
import os
import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests import working
from tests.instance import free_port
from tests.working import OPEN_STORE, hurry, in_store, play, until

MAILS = 24
ROUNDS = 4

HAND_OVER = (
    OPEN_STORE
    + """
from django.db import transaction
from community.outbox.actions import enqueue
for number in range(int(sys.argv[1])):
    with transaction.atomic():
        enqueue("mail", f"reset:{number}", {
            "template": "reset_password", "to": f"reader{number}@example.kr", "language": "ko",
            "context": {"name": "박서연", "url": f"https://yard.example/{number}"},
        })
    print(f"reset:{number}", flush=True)
"""
)


class Mailbox:
    """A mail server that keeps what it takes; told to, it hangs up on some."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: list[str] = []
        self.delay = 0.0

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        await asyncio.sleep(self.delay)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def environment(home: Path, smtp: int | None) -> dict[str, str]:
    server = {
        "MADANG__MAIL__HOST": "127.0.0.1",
        "MADANG__MAIL__PORT": str(smtp),
        "MADANG__MAIL__SECURITY": "none",
        "MADANG__MAIL__SENDER": "haedam@example.kr",
    }
    return {**os.environ, "MADANG_HOME": str(home), **(server if smtp else {})}


def worker(home: Path, smtp: int | None = None) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return working.worker(environment(home, smtp))


def run(script: str, home: Path, *words: str) -> list[str]:
    return play(environment(home, None), script, *words)


def states(home: Path) -> list[str]:
    """The state of each delivery."""
    return [state for (state,) in in_store(home, "SELECT state FROM outbox_delivery")]


def test_mail_leaves_by_smtp_and_the_worker_stops_when_told(
    tmp_path: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    run(HAND_OVER, tmp_path, "1")
    with worker(tmp_path, port) as process:
        until(lambda: len(box.mails) == 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    mail = box.mails[0]
    assert (mail["To"], mail["From"]) == ("reader0@example.kr", "haedam@example.kr")
    assert "비밀번호" in mail["Subject"]
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and "https://yard.example/0" in text.get_content()
    assert html is not None and 'href="https://yard.example/0"' in html.get_content()
    assert re.fullmatch(r"<[0-9a-f]{40}@example\.kr>", mail["Message-ID"])
    rows = in_store(tmp_path, "SELECT state, payload FROM outbox_delivery")
    assert rows == [("sent", "{}")], "what was sent is not kept"
    assert "delivered" in (tmp_path / "var" / "logs" / "worker.log").read_text()


def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    with worker(tmp_path) as process:
        log = tmp_path / "var" / "logs" / "worker.log"
        until(lambda: log.exists() and "worker_ready" in log.read_text())
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_a_refused_address_is_given_up_and_a_busy_server_is_asked_again(
    tmp_path: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    box.refuse = ["550 no such mailbox", "450 busy"]
    run(HAND_OVER, tmp_path, "3")
    with worker(tmp_path, port):
        until(lambda: len(box.mails) == 1)
        until(lambda: {"failed", "sent"} <= set(states(tmp_path)))
    assert Counter(states(tmp_path)) == {"failed": 1, "sent": 1, "waiting": 1}


def test_killed_again_and_again_every_mail_arrives_and_repeats_can_be_told(
    tmp_path: Path, mailbox: tuple[Mailbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, port = mailbox
    box.delay = 0.05
    chance = random.Random(20261122)
    handed: list[str] = []
    giving = threading.Thread(
        target=lambda: handed.extend(run(HAND_OVER, tmp_path, str(MAILS))), daemon=True
    )
    giving.start()
    for _ in range(ROUNDS):
        with worker(tmp_path, port) as process:
            seen = len(box.mails)
            goal = seen + chance.randint(1, 4)
            until(lambda goal=goal: len(box.mails) >= goal or len(box.mails) >= MAILS)
            time.sleep(chance.random() * 0.1)
            process.kill()
    giving.join()
    assert len(handed) == MAILS
    hurry(tmp_path)
    with worker(tmp_path, port):
        until(lambda: set(states(tmp_path)) == {"sent"}, 120)
    by_id: dict[str, set[str]] = {}
    for mail in box.mails:
        by_id.setdefault(mail["Message-ID"], set()).add(mail["To"])
    assert len(by_id) == MAILS, "each delivery has its own Message-ID"
    assert {next(iter(to)) for to in by_id.values()} == {
        f"reader{number}@example.kr" for number in range(MAILS)
    }
    assert all(len(to) == 1 for to in by_id.values())
    assert len(box.mails) <= MAILS + ROUNDS, "at most one repeat for each time it was killed"


def test_without_a_server_each_mail_is_one_readable_file(tmp_path: Path) -> None:
    run(HAND_OVER, tmp_path, "3")
    outbox = tmp_path / "var" / "outbox"
    with worker(tmp_path):
        until(lambda: len(list(outbox.glob("*.eml"))) == 3)
    files = sorted(outbox.glob("*"))
    assert len(files) == 3
    assert all(re.fullmatch(r"\d{8}T\d{6}-reset-\d-[0-9a-f]{8}\.eml", file.name) for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    written = files[0].read_text("utf-8")
    assert "\nSubject: 마당 새 비밀번호\n" in written
    assert "박서연" in written and "https://yard.example/0" in written
