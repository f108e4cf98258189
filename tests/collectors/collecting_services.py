"""A process that collects from services, for tests that kill it: `collecting_services.py FOLDER`.

After it come the addresses of the servers of Naver, YouTube and the Graph API, in this order.
"""

import sys
from pathlib import Path

from collectors.facebook import Facebook, FacebookSettings
from collectors.naver import Naver, NaverSettings
from collectors.run import collect
from collectors.youtube import Youtube, YoutubeSettings
from tests.fakes import graph, naver, youtube
from warehouse.landing import Landing


def main() -> None:
    folder, search, videos, pages = sys.argv[1:]
    landing = Landing(Path(folder))
    keys = {"client_id": naver.CLIENT_ID, "client_secret": naver.CLIENT_SECRET}
    queries = ("마당 청소기",)
    collect(Naver(NaverSettings(queries=queries, base_url=search, **keys)), landing)
    channels = (youtube.CHANNEL,)
    collect(
        Youtube(YoutubeSettings(api_key=youtube.KEY, channels=channels, base_url=videos)), landing
    )
    page = FacebookSettings(
        page_id=graph.PAGE,
        access_token=graph.TOKEN,
        app_secret=graph.APP_SECRET,
        base_url=pages,
    )
    collect(Facebook(page), landing)


if __name__ == "__main__":
    main()
