"""A process that collects or imports, for tests that kill it: `collecting.py WHAT FOLDER FROM`.

FROM is where the service is, a file to import, or the settings of the source WHAT as JSON.
"""

import json
import signal
import sys
import threading
from pathlib import Path

from pydantic import TypeAdapter

from collectors import SOURCES
from collectors.base import Source
from collectors.bluesky import Bluesky, BlueskySettings
from collectors.imports import readers
from collectors.imports.files import import_file
from collectors.listen import Pace, listen
from collectors.rss import Rss, RssSettings
from collectors.run import collect
from collectors.x import X, XSettings
from tests.fakes.stream import TOKEN
from tests.fakes.tape import Tape, TapeSettings
from warehouse.landing import Landing


def main() -> None:
    what, folder, origin = sys.argv[1:]
    landing = Landing(Path(folder))
    if origin.startswith("{"):
        settings = TypeAdapter(SOURCES[what].settings).validate_python(json.loads(origin))
        collect(SOURCES[what].open(settings), landing)
    elif what == "rss":
        feeds = tuple(f"{origin}/feed/{n}" for n in range(40))
        collect(Rss(RssSettings(feeds=feeds, allow_private_addresses=True)), landing)
    elif what == "x":
        wanted = XSettings(queries=("해담",), bearer_token="good", base_url=origin)
        collect(X(wanted), landing)
    elif what == "tape":
        collect(Tape(TapeSettings(origin, TOKEN)), landing)
    elif what == "stream":
        follow(Tape(TapeSettings(origin, TOKEN)), landing)
    elif what == "jetstream":
        base_url, stream_url = origin.split()
        follow(
            Bluesky(
                BlueskySettings(
                    queries=("해담",),
                    handle="haedam.example",
                    app_password="abcd-efgh",
                    base_url=base_url,
                    stream_url=stream_url,
                )
            ),
            landing,
        )
    else:
        # Small chunks, so that there are many moments at which it can be killed.
        readers.ROWS_A_CHUNK = 200
        import_file(Path(origin), "mentions", landing, source="posts")


def follow(source: Source, landing: Landing) -> None:
    """Listen until told to end."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    listen(source, landing, stopping, pace=Pace(seconds=0.02, rows=20, quiet=0.1, ending=1.0))


if __name__ == "__main__":
    main()
