"""A process that collects or imports, for tests that kill it: `collecting.py WHAT FOLDER FROM`."""

import sys
from pathlib import Path

from collectors import readers
from collectors.files import import_file
from collectors.rss import Rss, RssSettings
from collectors.run import collect
from warehouse.landing import Landing


def main() -> None:
    what, folder, origin = sys.argv[1:]
    landing = Landing(Path(folder))
    if what == "rss":
        feeds = tuple(f"{origin}/feed/{n}" for n in range(40))
        collect(Rss(RssSettings(feeds=feeds, allow_private_addresses=True)), landing)
    else:
        # Small chunks, so that there are many moments at which it can be killed.
        readers.ROWS_A_CHUNK = 200
        import_file(Path(origin), "mentions", landing, source="posts")


if __name__ == "__main__":
    main()
