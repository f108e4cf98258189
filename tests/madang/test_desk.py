"""The desk as its staff, its strangers and this machine's commands meet it: a real server."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from madang.access import handshake_proof, running_desk
from madang.calls import result_of
from madang.progress import silent
from madang.settings import MadangError, load_settings

EMAIL = "mina@example.kr"
PASSWORD = "가을 하늘 공활한데 7"
COOKIE = "madang_desk_session"


def environment(home: Path, **more: str) -> dict[str, str]:
    quiet = {"MADANG__DESK__PORT": "0", "MADANG__SCHEDULE__MINUTES": "0"}
    return {**os.environ, "MADANG_HOME": str(home), **quiet, **more}


def start(home: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "madang.desk"],
        env=environment(home, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def desk_in(home: Path, **more: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A desk that is ready, and its note; it is ended whatever happens."""
    process = start(home, **more)
    note = home / "var" / "desk.json"
    try:
        settled = threading.Event()
        for _ in range(600):
            if note.exists() and process.poll() is None:
                break
            assert process.poll() is None, process.stderr and process.stderr.read()
            settled.wait(0.1)
        yield process, json.loads(note.read_text())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def with_staff(folder: Path) -> Path:
    """An instance with one member of staff."""
    subprocess.run(
        [sys.executable, "-c", "from madang.cli import main; main()", "staff", EMAIL],
        env=environment(folder, MADANG_PASSWORD=PASSWORD),
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_staff(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def note(home: Path) -> Iterator[dict[str, Any]]:
    """The note of a running desk: url, token, pid."""
    with desk_in(home) as (_, found):
        yield found


@pytest.fixture
def stranger(note: dict[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=note["url"], trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def staff(note: dict[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=note["url"], trust_env=False, timeout=30) as client:
        assert submit(client, "/staff/sign-in", email=EMAIL, password=PASSWORD).status_code == 303
        yield client


def submit(client: httpx.Client, page: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(page, data={"csrfmiddlewaretoken": token[1], **fields})


def open_socket(note: dict[str, Any], key: str, origin: str | None = None) -> ClientConnection:
    return connect(
        note["url"].replace("http", "ws") + "/_stcore/stream",
        additional_headers={"Cookie": f"{COOKIE}={key}"} if key else {},
        origin=origin or note["url"],  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        proxy=None,
    )


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/mentions?since=2026-11-01",
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/static/js/index.js",
        "/media/file",
        "/component/x/index.html",
        "/staff",
        "/STAFF/account",
        "//staff/account",
        "/healthz/",
        "/api",
        "/%2e%2e/staff/account",
    ],
)
def test_no_request_reaches_the_screens_without_a_session(
    stranger: httpx.Client, path: str
) -> None:
    for cookies in ({}, {COOKIE: "a" * 32}, {COOKIE: '"'}):
        response = stranger.get(path, headers={"Cookie": "; ".join(map("=".join, cookies.items()))})
        assert response.status_code == 303, path
        assert response.headers["location"].startswith("/staff/sign-in")
        assert response.content == b""
    assert stranger.post(path).status_code == 303


def test_a_stranger_is_led_back_to_where_they_were(stranger: httpx.Client) -> None:
    location = stranger.get("/mentions?words=배송&since=2026-11-01").headers["location"]
    assert location.startswith("/staff/sign-in?next=/mentions%3Fwords%3D%25")
    assert "&" not in location
    response = submit(stranger, location, email=EMAIL, password=PASSWORD, next="/mentions?since=1")
    assert response.headers["location"] == "/mentions?since=1"


@pytest.mark.parametrize("key", ["", "a" * 32, "../x"])
def test_no_web_socket_opens_without_a_session(note: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_socket(note, key)
    assert refused.value.response.status_code == 403


def test_staff_see_the_screens(staff: httpx.Client, note: dict[str, Any]) -> None:
    page = staff.get("/")
    assert page.status_code == 200 and '<div id="root">' in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert staff.get("/_stcore/health").text == "ok"
    with open_socket(note, staff.cookies[COOKIE]) as opened:
        assert opened.subprotocol == "streamlit"


def test_another_sites_page_cannot_use_a_session(staff: httpx.Client, note: dict[str, Any]) -> None:
    for origin in ("https://evil.example", "http://localhost:1", "null"):
        with pytest.raises(InvalidStatus) as refused:
            open_socket(note, staff.cookies[COOKIE], origin)
        assert refused.value.response.status_code == 403


def test_signing_out_shuts_the_door_and_open_sockets_at_once(
    staff: httpx.Client, note: dict[str, Any]
) -> None:
    key = staff.cookies[COOKIE]
    with open_socket(note, key) as opened:
        assert staff.get("/").status_code == 200
        assert submit(staff, "/staff/sign-out").status_code == 303
        again = httpx.get(f"{note['url']}/", headers={"Cookie": f"{COOKIE}={key}"}, trust_env=False)
        assert again.status_code == 303
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(1000):
                opened.recv(timeout=30)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    with pytest.raises(InvalidStatus):
        open_socket(note, key)


def test_what_everyone_may_have(stranger: httpx.Client) -> None:
    assert stranger.get("/healthz").text == "ok\n"
    css = stranger.get("/staff/static/css/madang.css")
    assert css.headers["content-type"].startswith("text/css")
    assert css.headers["cache-control"] == "public, max-age=60"
    (font,) = re.findall(r"fonts/MadangSans\.\w+\.woff2", css.text)
    served = stranger.get(f"/staff/static/{font}")
    assert served.content[:4] == b"wOF2" and "immutable" in served.headers["cache-control"]
    for path in ("/staff/static/", "/staff/static/..%2f..%2fconfigure.py", "/staff/nowhere"):
        assert stranger.get(path).status_code == 404


def test_the_desk_answers_to_its_own_names_only(stranger: httpx.Client) -> None:
    for path in ("/", "/staff/sign-in", "/api/handshake?nonce=" + "a" * 32):
        response = stranger.get(path, headers={"Host": "evil.example"})
        assert response.status_code == 400
        assert "desk.names" in response.text


def test_the_note_is_the_owners_alone(home: Path, note: dict[str, Any]) -> None:
    path = home / "var" / "desk.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(note) == {"url", "token", "pid"} and len(note["token"]) >= 40


def call(
    note: dict[str, Any], name: str, body: bytes = b"{}", token: str = "", **headers: str
) -> httpx.Response:
    return httpx.post(
        f"{note['url']}/api/calls/{name}",
        content=body,
        headers={"Authorization": f"Bearer {token or note['token']}", **headers},
        trust_env=False,
        timeout=60,
    )


def test_a_command_asks_and_is_answered_in_arrow(note: dict[str, Any]) -> None:
    question = json.dumps({"statement": "SELECT 42 AS answer, '배송' AS word"}).encode()
    response = call(note, "sql", question)
    assert response.headers["content-type"] == "application/x-ndjson"
    table = result_of(response.iter_lines(), silent)
    assert isinstance(table, pa.Table)
    assert table.to_pylist() == [{"answer": 42, "word": "배송"}]


def test_a_command_that_fails_says_why(note: dict[str, Any]) -> None:
    question = json.dumps({"statement": "DROP TABLE mentions"}).encode()
    with pytest.raises(MadangError):
        result_of(call(note, "sql", question).iter_lines(), silent)


def test_commands_are_for_who_has_the_token(note: dict[str, Any], staff: httpx.Client) -> None:
    for wrong in ("wrong", note["token"][:-1], note["token"] + "x"):
        assert call(note, "doctor", token=wrong).status_code == 401
    assert staff.post("/api/calls/doctor", json={}).status_code == 401, "a session is no token"
    assert httpx.post(f"{note['url']}/api/calls/doctor", trust_env=False).status_code == 401
    assert call(note, "nonsense").status_code == 404
    for body in (b"[]", b"{", b"\xff", b'"x"'):
        assert call(note, "doctor", body).status_code == 422


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "Via"])
def test_a_proxy_cannot_speak_for_this_machine(note: dict[str, Any], name: str) -> None:
    assert call(note, "doctor", **{name: "127.0.0.1"}).status_code == 403
    url = f"{note['url']}/api/handshake?nonce={'a' * 32}"
    reply = httpx.get(url, headers={name: "127.0.0.1"}, trust_env=False)
    assert reply.status_code == 403


def test_the_handshake_proves_the_token_without_telling_it(note: dict[str, Any]) -> None:
    nonce = secrets.token_hex(16)
    reply = httpx.get(f"{note['url']}/api/handshake", params={"nonce": nonce}, trust_env=False)
    assert reply.json() == {"proof": handshake_proof(note["token"], nonce)}
    assert note["token"] not in reply.text
    for bad in ("", "short", "x" * 129):
        asked = httpx.get(f"{note['url']}/api/handshake", params={"nonce": bad}, trust_env=False)
        assert asked.status_code == 422


def test_a_command_finds_the_desk(home: Path, note: dict[str, Any]) -> None:
    assert running_desk(load_settings(home)) == (note["url"], note["token"])


def test_a_stranger_on_the_desks_port_is_told_nothing(tmp_path: Path) -> None:
    """A killed desk left its note behind, and another program has the port now."""
    heard: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.path} {self.headers}")
            body = b'{"proof": "0000"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the tests' terminal."""

    settings = load_settings(tmp_path)
    token = secrets.token_urlsafe(32)
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        (settings.var / "desk.json").write_text(json.dumps({"url": url, "token": token, "pid": 1}))
        assert running_desk(settings) is None
        server.shutdown()
    assert len(heard) == 1 and heard[0].startswith("/api/handshake?nonce=")
    assert token not in heard[0]
    assert running_desk(settings) is None, "nobody on the port at all"


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = start(tmp_path, MADANG__DESK__PORT=port)
        # Not communicate(): it would close the pipe that the desk takes for its parent.
        assert process.stderr is not None and process.stdin is not None
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 2
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
    assert f"Port {port} on 127.0.0.1 cannot be used" in errors
    assert "desk.port" in errors and "MADANG__DESK__PORT" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "var" / "desk.json").exists()


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_the_desk_stops_cleanly_with_people_on_it(tmp_path: Path, order: signal.Signals) -> None:
    home = with_staff(tmp_path)
    with desk_in(home) as (process, note):
        with httpx.Client(base_url=note["url"], trust_env=False, timeout=30) as client:
            submit(client, "/staff/sign-in", email=EMAIL, password=PASSWORD)
            with open_socket(note, client.cookies[COOKIE]):
                process.send_signal(order)
                _, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert errors == ""
    assert not (home / "var" / "desk.json").exists()


def test_the_desk_ends_with_its_parent(tmp_path: Path) -> None:
    with desk_in(tmp_path) as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=30) == 0
    assert not (tmp_path / "var" / "desk.json").exists()
