"""The yard's server: the public pages under granian, in as many processes as the settings say.

It opens the community store alone. Each serving process ends when the one that started it does,
and that one when the supervisor does, so that none is left behind to hold the port.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from granian.constants import Interfaces
from granian.server import Server

from community.configure import configure
from community.errors import CommunityError
from madang.people import community_settings
from madang.process import run_process
from madang.settings import MadangError, Settings

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
THREADS: Final = 4  # in each process: SQLite has one writer, and Python one core, at a time
QUEUED: Final = 128  # requests that may wait in each process before the next is refused
STOPPED_WITHIN_SECONDS: Final = 5


def run_web(settings: Settings) -> None:
    """Serve until SIGTERM; raises MadangError when the port is taken."""
    _refuse_taken_port(settings)
    configure(community_settings(settings, "web"), "web")
    from community.actions import prepare_store
    from community.queries import store_released

    with store_released():  # no connection may be shared with the processes that are forked below
        prepare_store()
    server = Server(
        target="yard",
        address=settings.yard.host,
        port=settings.yard.port,
        interface=Interfaces.WSGI,
        workers=settings.yard.processes,
        blocking_threads=THREADS,
        backpressure=QUEUED,
        respawn_failed_workers=True,
        workers_kill_timeout=STOPPED_WITHIN_SECONDS,
        log_enabled=False,
    )
    server.serve(target_loader=_serving(os.getpid()), wrap_loader=False)


def _serving(parent: int) -> Callable[[], WsgiApplication]:
    """What a process that serves begins with: Django's application, and an eye on its parent."""

    def load() -> WsgiApplication:
        def watch() -> None:
            while os.getppid() == parent:
                time.sleep(1)
            os._exit(0)

        from django.core.handlers.wsgi import WSGIHandler

        threading.Thread(target=watch, name="lifeline", daemon=True).start()
        application: WsgiApplication = WSGIHandler()
        return application

    return load


def _refuse_taken_port(settings: Settings) -> None:
    host, port = settings.yard.host, settings.yard.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise MadangError(
                f"The yard cannot listen on {host}:{port}: {error.strerror}. "
                "Set yard.port in madang.toml, or stop what has the port."
            ) from error


def main() -> None:
    """Run the yard of the instance that MADANG_HOME names, until its parent ends."""
    run_process("web", run_web, (CommunityError,))


if __name__ == "__main__":
    main()
