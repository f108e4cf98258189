"""A real IMAP server (pymap) in a process of its own on loopback, with one mailbox."""

import contextlib
import imaplib
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.fakes.private_door import Papers
from tests.instance import free_port

USER = "voc@haedam.example"


class LocalImap:
    """With `papers` it takes STARTTLS. Use as a context manager. A restart forgets all letters and
    gives a new UIDVALIDITY."""

    def __init__(self, password: str = "secret-7", papers: Papers | None = None) -> None:
        self.user, self.password, self._papers = USER, password, papers
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "LocalImap":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        private = (
            ("--cert", str(self._papers.certificate), "--key", str(self._papers.key))
            if self._papers
            else ("--no-tls",)
        )
        command = [
            str(Path(sys.executable).with_name("pymap")), "--no-service", "admin",
            "--host", "127.0.0.1", "--port", str(self.port), *private,
            "dict", "--demo-user", self.user, "--demo-password", self.password,
        ]  # fmt: skip
        self._server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        ends = time.monotonic() + 30
        while True:
            try:
                with self.client() as client:
                    client.create("Sent")
            except (OSError, imaplib.IMAP4.abort):
                if time.monotonic() > ends:
                    raise
                time.sleep(0.05)
            else:
                return

    @property
    def running(self) -> bool:
        return self._server is not None

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
            self._server = None

    @contextlib.contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Somebody else's connection to the same mailbox."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        try:
            if self._papers:
                client.starttls(ssl.create_default_context(cafile=self._papers.authority))
            client.login(self.user, self.password)
            yield client
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                client.logout()

    def put(self, *letters: bytes, folder: str = "INBOX") -> None:
        """Deliver letters, in this order."""
        with self.client() as client:
            for letter in letters:
                said, told = client.append(folder, "", "", letter)
                assert said == "OK", told

    def empty(self) -> None:
        """Throw all letters away, and all folders but two; numbers go on from where they were."""
        with self.client() as client:
            for line in client.list()[1]:
                name = line.decode().rpartition(" ")[2] if isinstance(line, bytes) else ""
                if name not in ("INBOX", "Sent"):
                    client.delete(name)
                    continue
                client.select(name)
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()

    def letters(self, folder: str) -> Sequence[bytes]:
        """All that lies in a folder, as it was put there."""
        with self.client() as client:
            client.select(folder, readonly=True)
            found = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in found]  # type: ignore[index,misc]

    def flags(self, folder: str = "INBOX") -> Sequence[bytes]:
        """The flags of each letter."""
        with self.client() as client:
            client.select(folder, readonly=True)
            return [each for each in client.fetch("1:*", "(FLAGS)")[1] if isinstance(each, bytes)]
