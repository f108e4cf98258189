"""Who answers a command: the running desk over loopback, or this process with the file open.

DuckDB lets one process write and then no other may even read. So a command first looks for the
desk, and proves that it is the desk before it says anything; without one it takes the writer's lock
and opens the warehouse itself. The user never sees a lock error.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import httpx

from madang.progress import Progress, silent
from madang.settings import MadangError, Settings

# What carries calls out is imported where it is used: `madang up` only asks where the desk is, and
# should not wait for the libraries of a warehouse that it never opens.
if TYPE_CHECKING:
    from madang.loop import House

POLL_SECONDS = 0.2


class Door(Protocol):
    """Carries a call to the house and brings its result back."""

    def call(self, name: str, progress: Progress = silent, **arguments: Any) -> Any: ...


class _OwnHouse:
    def __init__(self, house: "House") -> None:
        self._house = house

    def call(self, name: str, progress: Progress = silent, **arguments: Any) -> Any:
        from madang.calls import answered, result_of

        return result_of(answered(self._house, name, arguments), progress)


class _RunningDesk:
    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    def call(self, name: str, progress: Progress = silent, **arguments: Any) -> Any:
        from madang.calls import result_of

        try:
            with httpx.stream(
                "POST",
                f"{self._url}/api/calls/{name}",
                json=arguments,
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=httpx.Timeout(10, read=None),
                trust_env=False,
            ) as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise MadangError(
                        f"The desk at {self._url} refused {name}: {response.text[:200]}"
                    )
                return result_of(response.iter_lines(), progress)
        except httpx.HTTPError as error:
            raise MadangError(
                f"The desk at {self._url} stopped answering ({error}). Run the command again."
            ) from error


@contextmanager
def open_door(settings: Settings, say: Callable[[str], None]) -> Iterator[Door]:
    """The desk's door when one is running, else our own; waits its turn and says that it waits."""
    told = False
    with (settings.var / "writer.lock").open("a+") as lock:
        while True:
            desk = running_desk(settings)
            if desk is not None:
                yield _RunningDesk(*desk)
                return
            if _taken(lock):
                break
            if not told:
                say("Another command has the warehouse open; waiting for it to finish …")
                told = True
            time.sleep(POLL_SECONDS)
        from madang.loop import open_house
        from madang.people import community_opened

        house = open_house(settings, lambda: community_opened(settings))
        try:
            yield _OwnHouse(house)
        finally:
            house.warehouse.close()


@contextmanager
def writer_lock(settings: Settings) -> Iterator[None]:
    """Hold the writer's lock, waiting for commands that have it; the desk's for its life."""
    with (settings.var / "writer.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def announce(settings: Settings, url: str, token: str) -> Path:
    """Say where the running desk is, to this instance's owner only."""
    path = settings.var / "desk.json"
    temporary = path.with_suffix(".part")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"url": url, "token": token, "pid": os.getpid()}, file)
    temporary.replace(path)
    return path


def running_desk(settings: Settings) -> tuple[str, str] | None:
    """Address and token of the desk, once it has proved that it knows the token.

    A desk that was killed leaves its note behind, and another program may have its port by now: the
    proof is asked for before anything is told.
    """
    try:
        note = json.loads((settings.var / "desk.json").read_text())
        url, token = str(note["url"]), str(note["token"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    nonce = secrets.token_hex(16)
    try:
        reply = httpx.get(
            f"{url}/api/handshake", params={"nonce": nonce}, timeout=5, trust_env=False
        )
        proof = str(reply.json()["proof"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None
    return (url, token) if hmac.compare_digest(proof, handshake_proof(token, nonce)) else None


def handshake_proof(token: str, nonce: str) -> str:
    """HMAC-SHA256 of the nonce under the token, in hexadecimal."""
    return hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
