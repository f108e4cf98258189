"""The desk listens: what a stream brings is on it soon, and one that dies is taken up again."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from madang.calls import result_of
from madang.progress import silent
from tests import working
from tests.fakes.stream import TOKEN, StreamServer
from tests.taped import TapedInstance
from tests.working import in_store

COMPLAINT = "해담 가습기에서 물이 새요. 환불해 주세요, 정말 화가 나요!"


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as running:
        yield running


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[TapedInstance]:
    made = TapedInstance(tmp_path)
    try:
        yield made
    finally:
        made.end()


until = partial(working.until, seconds=120, every=0.5)


def asked(instance: TapedInstance, name: str, **arguments: Any) -> Any:
    """What the running desk answers to a call, as a command would have it, without a process."""
    note = instance.note()
    if note is None:
        return None
    answer = httpx.post(
        f"{note['url']}/api/calls/{name}",
        json=arguments,
        headers={"Authorization": f"Bearer {note['token']}"},
        timeout=60,
        trust_env=False,
    )
    return result_of(answer.iter_lines(), silent)


def texts(instance: TapedInstance) -> list[str]:
    told = asked(instance, "sql", statement="SELECT text FROM mentions ORDER BY native_id")
    return [] if told is None else list(told["text"].to_pylist())


def examined(instance: TapedInstance) -> dict[str, Any]:
    return {each["name"]: each for each in asked(instance, "doctor")}


def doctor(instance: TapedInstance) -> dict[str, Any]:
    """What `madang doctor` says while no desk runs, by the name of the check."""
    process = instance.start("doctor", "--json")
    output, errors = process.communicate(timeout=120)
    assert "Traceback" not in errors
    return {each["name"]: each for each in json.loads(output)}


def children(home: Path, job: str = "listen") -> list[int]:
    """The processes that do this job for this instance."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if b"madang.jobs" in words and job.encode() in words and str(home).encode() in words:
            found.append(int(folder.name))
    return found


def test_a_stream_is_heard_survives_and_ends_with_the_desk(
    instance: TapedInstance, server: StreamServer
) -> None:
    server.log.post("1", "필터를 갈았더니 조용해졌어요")
    instance.configure(server, minutes=600)
    process = instance.start("up")
    note = instance.await_desk(process)
    until(lambda: texts(instance) == ["필터를 갈았더니 조용해졌어요"])
    checks = examined(instance)
    told = checks["source tape"]
    assert told["state"] == "ready" and told["details"]["stream"]["up"] is True
    assert told["details"]["stream"]["rows"] == 1
    assert {checks[name]["state"] for name in ("desk", "yard", "worker")} == {"ready"}

    (first,) = children(instance.home)
    os.kill(first, signal.SIGKILL)
    server.log.post("2", "배송이 사흘째 멈춰 있어요")
    until(lambda: len(texts(instance)) == 2)
    (second,) = children(instance.home)
    assert second != first
    assert examined(instance)["source tape"]["details"]["stream"]["restarts"] == 1

    # Another run of the same source has it for itself for the while.
    assert instance.answer("collect", "tape", "--since", "2026-11-20")["rows"] == 2
    server.log.post("3", "색이 사진과 달라요")
    server.log.delete("1")
    until(lambda: texts(instance) == ["배송이 사흘째 멈춰 있어요", "색이 사진과 달라요"])

    os.kill(note["pid"], signal.SIGKILL)
    until(lambda: second not in children(instance.home))
    instance.await_desk(process, but_not=note["pid"])
    server.log.post("4", "소음이 줄었어요")
    until(lambda: len(texts(instance)) == 3)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert "Listening all the time to: tape" in output
    working.until(lambda: not children(instance.home), 20)


def test_a_source_that_is_added_is_asked_by_what_runs(
    instance: TapedInstance, server: StreamServer
) -> None:
    server.log.post("1", "필터를 갈았더니 조용해졌어요")
    process = instance.up()
    first = instance.note()
    assert first is not None
    added = instance.start("add", "tape", "--set", f"base_url={server.url}",
                           "--set", f"token={TOKEN}", "--yes")  # fmt: skip
    _, said = added.communicate(timeout=60)
    assert added.returncode == 0 and "starts its parts anew" in said, said
    note = instance.await_desk(process, but_not=first["pid"])
    assert asked(instance, "collect", source="tape", since="", until="")["rows"] == 1
    until(lambda: examined(instance)["worker"]["state"] == "ready")
    assert examined(instance)["yard"]["state"] == "ready"

    path = instance.home / "madang.toml"
    path.write_text(path.read_text().replace("port = ", "porch = ", 1))
    process.send_signal(signal.SIGUSR1)
    assert process.stderr is not None
    while "What runs goes on as it was" not in (line := process.stderr.readline()):
        assert line, "it ended"
    assert instance.note() == note, "what cannot be used changes nothing"


def test_a_child_that_dies_is_a_run_that_failed(
    instance: TapedInstance, server: StreamServer
) -> None:
    instance.configure(server)
    server.behaviour.stalls = True
    process = instance.start("collect", "tape")
    until(lambda: bool(server.asked))
    (child,) = children(instance.home, "collect")
    os.kill(child, signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    server.behaviour.stalls = False
    assert process.returncode == 1 and "ended early" in errors
    (kept,) = (instance.home / "var" / "landing" / "coverage" / "tape").glob("*/*.parquet")
    (row,) = pq.ParquetFile(kept).read().to_pylist()
    assert row["state"] == "failed" and "exit code -9" in row["reason"]


def test_a_source_is_asked_as_often_as_it_may_be(
    instance: TapedInstance, server: StreamServer
) -> None:
    instance.configure(server, more="[schedule.sources]\ntape = 60\n")
    path = instance.home / "madang.toml"
    server.log.post("1", "필터를 갈았더니 조용해졌어요")
    assert instance.answer("run")["sources"]["tape"]["rows"] == 1
    server.log.post("2", "배송이 사흘째 멈춰 있어요")
    assert set(instance.answer("run")["sources"]["tape"]) == {"asked_again_at"}
    asked = instance.home / "var" / "asked.json"
    asked.write_text(json.dumps({"tape": "2026-11-01T00:00:00+00:00"}))
    assert instance.answer("run")["sources"]["tape"]["rows"] == 1
    assert instance.answer("collect", "tape")["rows"] == 0, "who asks by name is not put off"
    path.write_text(path.read_text().replace("tape = 60", "tapes = 60"))
    assert "no source is called tapes" in instance.fails("run")


def test_doctor_knows_since_when_a_source_fails_even_after_a_rebuild(
    instance: TapedInstance, server: StreamServer
) -> None:
    instance.configure(server)
    server.log.post("1", "필터를 갈았더니 조용해졌어요")
    instance.run("run")
    healthy = doctor(instance)["source tape"]
    assert healthy["state"] == "ready" and healthy["details"]["failing_since"] is None
    assert healthy["details"]["lag_seconds"] < 600
    assert healthy["details"]["terms"]["document"] == "Tape Terms"
    assert any("Delete within a day." in note for note in healthy["notes"])
    assert "not listened to now" in healthy["says"]
    server.behaviour.token = "another"
    instance.run("run")
    instance.run("rebuild")
    checks = doctor(instance)
    failing = checks["source tape"]
    assert failing["state"] == "failed" and "Mend tape.token" in failing["says"]
    assert failing["details"]["failing_since"] is not None
    assert checks["worker"]["state"] == "absent"
    secrets = instance.home / "var" / "secrets.toml"
    secrets.write_text(secrets.read_text().replace("[tape]\ntoken = ", "[tape]\n# token = "))
    missing = doctor(instance)["source tape"]
    assert missing["state"] == "failed" and "https://tape.example/tokens" in missing["says"]


def test_what_is_deleted_there_is_deleted_here(
    instance: TapedInstance, server: StreamServer
) -> None:
    server.log.post("7", COMPLAINT, at=datetime.now(UTC), product="해담 가습기")
    instance.configure(server)
    instance.run("run")
    cases = "SELECT native_id, text FROM inbox_casemention"
    assert in_store(instance.home, cases) == [("7", COMPLAINT)]
    server.log.delete("7")
    instance.run("run")
    assert in_store(instance.home, cases) == [("7", "")]
    assert instance.answer("query", "물")["count"] == 0
