"""One process has the warehouse open; every command answers all the same."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import Popen

from tests.instance import Instance

MIX = (
    ("query", "배송", "--json"),
    ("sql", "SELECT count(*) AS n FROM mentions", "--json"),
    ("run", "--json"),
)


def ten_at_once(instance: Instance) -> None:
    started: list[tuple[str, Popen[str]]] = [
        (words[0], instance.start(*words)) for words in (MIX * 4)[:10]
    ]
    for name, process in started:
        output, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors
        answer = json.loads(output)
        if name == "query":
            assert answer["count"] == 2
            assert all("배송" in mention["text"] for mention in answer["mentions"])
        elif name == "sql":
            assert answer == [{"n": 5}]
        else:
            assert answer["annotated"] == 0


def test_ten_commands_wait_for_each_other(read_instance: Instance) -> None:
    ten_at_once(read_instance)


def test_ten_commands_ask_the_running_desk(read_instance: Instance) -> None:
    read_instance.up()
    ten_at_once(read_instance)


def test_a_stranger_on_the_desks_port_learns_nothing(read_instance: Instance) -> None:
    heard: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.path} {self.headers}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"proof": "00"}')

        do_POST = do_GET  # noqa: N815 (the name is the protocol's)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the test reads `heard`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    note = {"url": f"http://127.0.0.1:{server.server_port}", "token": "a-left-token", "pid": 1}
    (read_instance.home / "var" / "desk.json").write_text(json.dumps(note))
    try:
        assert read_instance.answer("sql", "SELECT count(*) AS n FROM mentions") == [{"n": 5}]
    finally:
        server.shutdown()
        server.server_close()
    assert len(heard) == 1 and "/api/handshake" in heard[0]
    assert "a-left-token" not in heard[0]
