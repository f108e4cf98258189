"""A real SMTP server (aiosmtpd) on loopback that may hang up, or hear of a kill, at any step."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.fakes.imap import USER, LocalImap
from tests.fakes.private_door import Papers
from tests.instance import free_port

TAKEN = "250 taken"


class _Server(SMTP):
    """aiosmtpd, with the two moments that its hooks do not reach."""

    async def smtp_DATA(self, arg: str) -> None:
        postman: Postman = self.event_handler
        if postman.hangs_up not in ("before the letter", "in the letter"):
            await super().smtp_DATA(arg)
            return
        if postman.hangs_up == "in the letter":
            await self.push("354 go on")
            await self._reader.readline()
        postman.cut_off += 1
        self.transport.abort()  # type: ignore[union-attr]

    async def push(self, status: Any) -> None:
        await super().push(status)
        if status == TAKEN:
            self.event_handler.when_said()


class Postman:
    """Takes letters of the account that signs in. Use as a context manager.

    `status` is its word on each letter; `hangs_up` is "before the letter", "in the letter", "after
    the letter" (which it takes) or empty. `when_taken` and `when_said` are called once a letter is
    taken, and once that is said; `delay` (seconds) lies between. With `papers` it takes STARTTLS,
    and nobody signs in without.
    """

    def __init__(self, password: str = "secret-7", papers: Papers | None = None) -> None:
        self.taken: list[bytes] = []
        self.cut_off = 0
        self.status = TAKEN
        self.goodbye = "221 bye"
        self.hangs_up = ""
        self.delay: Callable[[], float] = lambda: 0.0
        self.when_taken: Callable[[bytes], None] = lambda letter: None
        self.when_said: Callable[[], None] = lambda: None
        self.port = free_port()
        self._password = password
        self._controller = _Controller(self, self.port, self._knows, papers)

    def __enter__(self) -> "Postman":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def ids(self) -> list[str]:
        """The Message-IDs of what was taken."""
        return [str(message_from_bytes(letter)["Message-ID"]) for letter in self.taken]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if not session.authenticated:
            return "530 sign in first"
        if not self.status.startswith("250"):
            return self.status
        self.taken.append(envelope.content)
        self.when_taken(envelope.content)
        if self.hangs_up == "after the letter":
            server.transport.abort()
        await asyncio.sleep(self.delay())
        return self.status

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return self.goodbye

    def _knows(self, server: Any, session: Any, envelope: Any, way: str, said: Any) -> AuthResult:
        given = (said.login, said.password)
        return AuthResult(success=given == (USER.encode(), self._password.encode()))


class _Controller(Controller):
    def __init__(
        self, postman: Postman, port: int, knows: Callable[..., AuthResult], papers: Papers | None
    ) -> None:
        super().__init__(postman, hostname="127.0.0.1", port=port)
        self._knows, self._papers = knows, papers

    def factory(self) -> SMTP:
        return _Server(
            self.handler, authenticator=self._knows, auth_require_tls=self._papers is not None,
            tls_context=self._papers and self._papers.context(),
        )  # fmt: skip


def both_servers(imap: LocalImap, postman: Postman) -> dict[str, Any]:
    """The settings of a mailbox that is read at one and answered by the other."""
    return {
        "host": "127.0.0.1", "port": imap.port, "security": "none", "user": imap.user,
        "password": imap.password, "smtp_host": "127.0.0.1", "smtp_port": postman.port,
        "timeout_seconds": 10,
    }  # fmt: skip
