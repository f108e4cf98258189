"""Certificates of an authority of the tests, and a door of TLS before a plain local server."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from uuid import uuid4

import trustme


class Papers:
    """A certificate for `name`, and the `authority` that vouches for it, as files in a folder."""

    def __init__(self, folder: Path, name: str = "127.0.0.1") -> None:
        itself = trustme.CA()
        given = itself.issue_cert(name)
        self.authority = _written(itself.cert_pem, folder)
        self.certificate = _written(given.cert_chain_pems[0], folder)
        self.key = _written(given.private_key_pem, folder)

    def context(self) -> ssl.SSLContext:
        """What a server shows who comes."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def _written(blob: trustme.Blob, folder: Path) -> Path:
    path = folder / f"{uuid4().hex}.pem"
    blob.write_to_path(path)
    return path


class PrivateDoor:
    """TLS from the first byte. Use as a context manager."""

    def __init__(self, behind: int, papers: Papers) -> None:
        self._server = _Server(behind, papers.context())
        self.port = self._server.server_address[1]

    def __enter__(self) -> "PrivateDoor":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, behind: int, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.behind, self.context = behind, context


class _Visit(StreamRequestHandler):
    """Carries what is said both ways until one side has left."""

    server: _Server

    def handle(self) -> None:
        with (
            contextlib.suppress(OSError),  # who does not trust the certificate leaves
            self.server.context.wrap_socket(self.request, server_side=True) as outside,
            socket.create_connection(("127.0.0.1", self.server.behind)) as inside,
        ):
            back = threading.Thread(target=_carry, args=(inside, outside), daemon=True)
            back.start()
            _carry(outside, inside)
            back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while said := source.recv(65_536):
            target.sendall(said)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
