"""Collectors bring mentions in. `SOURCES` is the one list of them.

To import it is cheap: what a source needs to fetch is imported when it fetches.
"""

from typing import Final

from collectors import (
    appstore,
    bluesky,
    facebook,
    folder,
    googleplay,
    hackernews,
    instagram,
    kakao,
    linkedin,
    mail,
    mastodon,
    naver,
    reddit,
    rss,
    web,
    webevents,
    webhook,
    x,
    youtube,
)
from collectors.base import SourceKind

SOURCES: Final[dict[str, SourceKind]] = {
    kind.name: kind
    for kind in (
        rss.KIND,
        web.KIND,
        x.KIND,
        bluesky.KIND,
        mastodon.KIND,
        mail.KIND,
        naver.KIND,
        kakao.KIND,
        youtube.KIND,
        reddit.KIND,
        hackernews.KIND,
        appstore.KIND,
        googleplay.KIND,
        webhook.KIND,
        facebook.KIND,
        instagram.KIND,
        linkedin.KIND,
        folder.KIND,
        webevents.KIND,
    )
}
