"""Answers by the worker to a service that stumbles: each stands there once, or says why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.stream import StreamServer
from tests.taped import TapedInstance
from tests.working import OPEN_STORE, hurry, in_store, play, until, worker

# A complaint opens a conversation, and a colleague answers it.
ANSWER = (
    OPEN_STORE
    + """
from datetime import UTC, datetime
from community.actions import Actor, create_staff
from community.belts.findings import Finding
from community.inbox.actions import open_conversation, send_reply
from community.inbox.models import CaseMention
mina = create_staff("mina@example.kr", "이미나", "가을 하늘 공활한데 7", "brand_manager")
for name in sys.argv[1:]:
    body = {"source": "tape", "native_id": name, "kind": "post", "author_id": name,
            "text": "물이 새요.", "url": f"https://tape.example/{name}",
            "written_at": datetime.now(UTC).isoformat(), "sentiment": "negative"}
    open_conversation(Finding(name, "open_conversation", f"m{name}", body))
    case = CaseMention.objects.get(native_id=name).conversation_id
    text, key = f"{name}번 글, 바로 확인할게요.", f"answer-{name}-0123456789"
    send_reply(case, f"m{name}", text, key, 1, Actor(mina.member_id))
"""
)


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as running:
        yield running


@pytest.fixture
def instance(tmp_path: Path, server: StreamServer) -> TapedInstance:
    made = TapedInstance(tmp_path)
    made.configure(server)
    return made


def run(instance: TapedInstance, script: str, *words: str) -> list[str]:
    return play(instance.environment, script, *words)


def states(instance: TapedInstance) -> list[str]:
    """How each answer stands: its state, its receipt or the reason, the state of its case."""
    rows = in_store(
        instance.home,
        "SELECT r.state, r.receipt, r.reason, c.state FROM inbox_reply r "
        "JOIN inbox_conversation c ON c.id = r.conversation_id ORDER BY r.id",
    )
    return [f"{state} | {receipt or reason} | {case}" for state, receipt, reason, case in rows]


def test_answers_arrive_once_or_say_why_not(instance: TapedInstance, server: StreamServer) -> None:
    run(instance, ANSWER, "1", "2")
    server.behaviour.answers_lost = 1  # the first is posted, and nobody hears of it
    with worker(instance.environment):
        until(lambda: len(server.answers) == 2)
        until(lambda: any("500" in line for line in states(instance)))
        hurry(instance.home)
        until(lambda: all(line.startswith("sent") for line in states(instance)))
    assert sorted(each["to"] for each in server.answers) == ["1", "2"], "none stands there twice"
    assert {each["text"] for each in server.answers} == {
        "1번 글, 바로 확인할게요.",
        "2번 글, 바로 확인할게요.",
    }
    assert all(f"{server.url}/answers/a" in line for line in states(instance))


def test_a_refused_answer_comes_back_to_the_inbox(
    instance: TapedInstance, server: StreamServer
) -> None:
    run(instance, ANSWER, "1")
    server.behaviour.answers_refused = 1
    with worker(instance.environment):
        until(lambda: any(line.startswith("failed") for line in states(instance)))
    (line,) = states(instance)
    assert "the post is closed" in line and line.endswith("| open")


def test_killed_while_it_answers_it_answers_once(
    instance: TapedInstance, server: StreamServer
) -> None:
    names = [str(number) for number in range(12)]
    run(instance, ANSWER, *names)
    for goal in (1, 4, 7):
        with worker(instance.environment) as process:
            until(lambda goal=goal: len(server.answers) >= goal)
            process.kill()
        hurry(instance.home)
    with worker(instance.environment):
        until(lambda: len(server.answers) >= 12)
        hurry(instance.home)
        until(lambda: all(line.startswith("sent") for line in states(instance)))
    assert sorted(each["to"] for each in server.answers) == sorted(names)


def test_the_worker_begins_without_the_libraries_of_any_source(instance: TapedInstance) -> None:
    script = (
        "import sys, madang.worker\n"
        "from madang.settings import load_settings\n"
        "from madang.people import community_settings\n"
        "from community.configure import configure\n"
        "settings = load_settings()\n"
        "configure(community_settings(settings), 'command')\n"
        "print(*madang.worker.answer_senders(settings))\n"
        "heavy = ('tweepy', 'praw', 'atproto', 'mastodon', 'googleapiclient', 'scrapy', 'duckdb')\n"
        "print(*(name for name in heavy if name in sys.modules))\n"
    )
    assert run(instance, script) == ["answer:tape", ""]
