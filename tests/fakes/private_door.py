"""A door of TLS before a plain server on loopback, whose certificate its own authority gave."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import trustme


class PrivateDoor:
    """Use as a context manager. `authority` is the file with the certificate that vouches for it,
    `name` whom its certificate is for."""

    def __init__(self, behind: int, folder: Path, name: str = "127.0.0.1") -> None:
        itself = trustme.CA()
        self.authority = folder / f"authority-{behind}.pem"
        itself.cert_pem.write_to_path(self.authority)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        itself.issue_cert(name).configure_cert(context)
        self._server = _Server(behind, context)
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
