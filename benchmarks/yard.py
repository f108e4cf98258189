"""How many pages a second the yard serves over 100,000 ideas, on SQLite, to 8 connections.

    python benchmarks/yard.py [--ideas 100000] [--seconds 10]

Targets on two cores, which the visitors' process shares: 300 requests/s for anonymous pages, and 60
a second for signed-in lists and details with a 95th percentile under 150 ms. The baseline, in the
same run, is `/healthz`: a request through the same server that asks the store for nothing.
"""

import argparse
import http.client
import itertools
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from community.configure import configure
from madang.people import community_settings
from madang.settings import load_settings
from tests.instance import free_port

CONNECTIONS = 8
MEMBERS = 10_000
ASKED = ("세척하기 쉬운 물통", "소음을 줄인 밤 모드", "필터 정기 배송", "앱 알림", "예약 청소")


def fill(home: Path, ideas: int) -> list[str]:
    """A store with members, ideas, votes and comments; returns session keys, one a connection."""
    configure(community_settings(load_settings(home), "web"), "web")
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from community.actions import prepare_store
    from community.catalogue.models import Product
    from community.discussion.models import Comment
    from community.ideas.models import Idea, Vote
    from community.members.models import Member

    prepare_store()
    rng, now = Random(7), datetime.now(UTC)
    Product.objects.create(name="해담 숨")
    members = Member.objects.bulk_create(
        [Member(email=f"m{n}@example.kr", name=f"회원 {n}", password="!") for n in range(MEMBERS)],
        batch_size=2000,
    )
    rows = []
    for n in range(ideas):
        words = " ".join(rng.sample(ASKED, 2))
        at = now - timedelta(minutes=rng.randrange(500_000))
        votes = min(int(rng.paretovariate(1.1)), 400)
        rows.append(
            Idea(
                author=members[rng.randrange(MEMBERS)], title=f"{words} {n}", created_at=at,
                text=f"{words}이 있으면 좋겠어요. 매일 아쉬워요.", votes=votes, heat=votes,
                comments=3 if n % 50 == 0 else 0,
            )
        )  # fmt: skip
    made = Idea.objects.bulk_create(rows, batch_size=2000)
    Vote.objects.bulk_create(
        (
            Vote(idea=idea, member=member)
            for idea in made[::10]
            for member in rng.sample(members, min(idea.votes, 20))
        ),
        batch_size=5000,
    )
    Comment.objects.bulk_create(
        (
            Comment(idea=idea, author=members[rng.randrange(MEMBERS)], text="저도 필요해요!")
            for idea in made[::50]
            for _ in range(3)
        ),
        batch_size=5000,
    )
    keys = []
    for member in members[:CONNECTIONS]:
        session = SessionStore()
        session[SESSION_KEY] = str(member.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = member.get_session_auth_hash()
        session.create()
        keys.append(str(session.session_key))
    return keys


@contextmanager
def yard(home: Path, port: int) -> Iterator[None]:
    environment = {
        **os.environ, "MADANG_HOME": str(home),
        "MADANG__YARD__PORT": str(port), "MADANG__YARD__PROCESSES": "2",
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "madang.web"], env=environment, stdin=subprocess.PIPE
    ) as process:
        try:
            while True:
                try:
                    ask(http.client.HTTPConnection("127.0.0.1", port), "/healthz", None)
                    break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def ask(connection: http.client.HTTPConnection, path: str, session: str | None) -> None:
    cookies = {"Cookie": f"madang_session={session}"} if session else {}
    connection.request("GET", path, headers=cookies)
    reply = connection.getresponse()
    body = reply.read()
    if reply.status != 200 or (session and b"m0@" in body):
        raise SystemExit(f"{path} answered {reply.status}: {body[:300]!r}")


def visited(
    port: int, paths: list[str], sessions: list[str | None], seconds: float
) -> tuple[float, float]:
    """Requests a second over all connections, and the 95th percentile in milliseconds."""
    times: list[float] = []
    end = time.monotonic() + seconds

    def visit(session: str | None, turns: Iterator[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < end:
            began = time.perf_counter()
            ask(connection, next(turns), session)
            times.append(time.perf_counter() - began)

    threads = [
        threading.Thread(target=visit, args=(session, itertools.cycle(paths[n:] + paths[:n])))
        for n, session in enumerate(sessions)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(times) / (time.monotonic() - began)
    return rate, statistics.quantiles(times, n=20)[-1] * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ideas", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        sessions: list[str | None] = list(fill(home, given.ideas))
        strangers: list[str | None] = [None] * CONNECTIONS
        step = max(1, given.ideas // 500)
        details = [f"/ideas/{n}" for n in range(1, given.ideas + 1, step)]
        lists = [f"/ideas?order={order}" for order in ("votes", "newest", "trending")]
        lists.append("/ideas?status=open")
        runs = {
            "healthz (baseline)": (["/healthz"], strangers),
            "anonymous, front": (["/"], strangers),
            "anonymous, lists": (lists, strangers),
            "signed in, lists": (lists, sessions),
            "signed in, details": (details, sessions),
            "signed in, both": ([*lists * 50, *details], sessions),
        }
        with yard(home, port):
            baseline = 0.0
            for name, (paths, visitors) in runs.items():
                visited(port, paths, visitors, 1)
                rate, slow = visited(port, paths, visitors, given.seconds)
                baseline = baseline or rate
                print(
                    f"{name:22} {rate:8.0f} requests/s   p95 {slow:6.1f} ms   "
                    f"{rate / baseline:5.2f} of the baseline",
                    flush=True,
                )


if __name__ == "__main__":
    main()
