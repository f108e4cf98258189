"""An instance in a folder of its own, driven as a person would: by the command line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

# A cast of texts that every test knows: two to praise, two to complain, one to ask.
TEXTS = (
    ("r1", "배송이 정말 빨라서 놀랐어요. 강력 추천합니다!", 5),
    ("r2", "배송은 늦고 포장도 엉망이네요. 환불하고 싶어요 ㅠㅠ", 1),
    ("r3", "소음이 너무 커서 잠을 못 자겠어요", 2),
    ("r4", "필터는 얼마나 자주 갈아야 하나요?", 3),
    ("r5", "Great value for the money, works better than I expected!", 5),
)


@dataclass
class Instance:
    """A home folder, and the commands run in it."""

    home: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "MADANG_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}

    def start(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("madang")), *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *words: str) -> str:
        process = self.start(*words)
        output, errors = process.communicate(timeout=240)
        assert process.returncode == 0, f"madang {' '.join(words)}: {errors}\n{output}"
        return output

    def answer(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def fails(self, *words: str) -> str:
        process = self.start(*words)
        _, errors = process.communicate(timeout=240)
        assert process.returncode != 0, f"madang {' '.join(words)} should have failed"
        assert "Traceback" not in errors
        return errors

    def reviews(self, rows: list[tuple[str, str, int]], name: str = "reviews.csv") -> Path:
        """A file of reviews, as a shop would export it."""
        lines = ["id,body,stars,at,item"]
        for number, (native_id, text, stars) in enumerate(rows):
            lines.append(f'{native_id},"{text}",{stars},2026-11-{number % 20 + 1:02d},해담 숨')
        path = self.home / name
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def import_reviews(self, path: Path) -> Any:
        return self.answer(
            "import", "mentions", str(path), "--source", "shop", "--rating-scale", "1-5",
            "--map", "id=native_id", "--map", "body=text", "--map", "stars=rating",
            "--map", "at=created_at", "--map", "item=product",
        )  # fmt: skip

    def staff(self, email: str, name: str, role: str, password: str) -> None:
        """A colleague with a sign-in to the desk."""
        words = ["staff", email, "--name", name, "--role", role]
        subprocess.run(
            [str(Path(sys.executable).with_name("madang")), *words],
            env={**self.environment, "MADANG_PASSWORD": password},
            check=True,
            capture_output=True,
        )

    def up(self) -> subprocess.Popen[str]:
        """Start the instance and wait until its desk answers."""
        (self.home / "madang.toml").write_text(
            f"[desk]\nport = {free_port()}\n[yard]\nport = {free_port()}\n"
            "[schedule]\nminutes = 0\n",
            "utf-8",
        )
        process = self.start("up")
        self.await_desk(process)
        return process

    def await_desk(self, process: subprocess.Popen[str], but_not: int = 0) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            note = self.note()
            if note and note["pid"] != but_not and answers(f"{note['url']}/healthz"):
                return note
            time.sleep(0.1)
        raise AssertionError("the desk did not come up within a minute")

    def note(self) -> dict[str, Any] | None:
        path = self.home / "var" / "desk.json"
        return dict(json.loads(path.read_text())) if path.exists() else None

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
            process.communicate()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
