"""Collectors bring mentions in. `SOURCES` is the one list of them.

To import it is cheap: what a source needs to fetch is imported when it fetches.
"""

from typing import Final

from collectors import (
    appstore,
    bluesky,
    googleplay,
    hackernews,
    kakao,
    mail,
    mastodon,
    naver,
    reddit,
    x,
    youtube,
)
from collectors.base import SourceKind
from collectors.rss import RssSettings, open_rss
from collectors.web import WebSettings, open_web

SOURCES: Final[dict[str, SourceKind]] = {
    kind.name: kind
    for kind in (
        SourceKind(
            name="rss",
            summary="RSS and Atom feeds of news sites, blogs and boards.",
            settings=RssSettings,
            open=open_rss,
            verified="local server",
        ),
        SourceKind(
            name="web",
            summary="Review pages of shops and boards, found from their listing pages.",
            settings=WebSettings,
            open=open_web,
            verified="local server",
        ),
        SourceKind(
            name="x",
            summary="Posts on X that answer your queries, as they come or by search.",
            settings=x.XSettings,
            open=x.open_x,
            verified="local server",
            streams=True,
            replies=x.LIMITS,
            terms=x.TERMS,
        ),
        SourceKind(
            name="bluesky",
            summary="Posts on Bluesky that answer your queries, as they come or by search.",
            settings=bluesky.BlueskySettings,
            open=bluesky.open_bluesky,
            verified="local server",
            streams=True,
            replies=bluesky.LIMITS,
            terms=bluesky.TERMS,
        ),
        SourceKind(
            name="mastodon",
            summary="Public posts on Mastodon by hashtag or search, as they come or in turn.",
            settings=mastodon.MastodonSettings,
            open=mastodon.open_mastodon,
            verified="local server",
            streams=True,
            replies=mastodon.LIMITS,
            terms=mastodon.TERMS,
        ),
        SourceKind(
            name="email",
            summary="Letters to the brand's mailboxes, by IMAP; answers by SMTP.",
            settings=mail.EmailSettings,
            open=mail.open_email,
            verified="local server",
            replies=mail.LIMITS,
        ),
        SourceKind(
            name="naver",
            summary="News, blogs, cafés, Q&A and shopping on Naver that answer your queries.",
            settings=naver.NaverSettings,
            open=naver.open_naver,
            verified="local server",
            terms=naver.TERMS,
        ),
        SourceKind(
            name="kakao",
            summary="The web, blogs and cafés by Daum search.",
            settings=kakao.KakaoSettings,
            open=kakao.open_kakao,
            verified="local server",
            terms=kakao.TERMS,
        ),
        SourceKind(
            name="youtube",
            summary="Comments under the videos of channels on YouTube.",
            settings=youtube.YoutubeSettings,
            open=youtube.open_youtube,
            verified="local server",
            replies=youtube.LIMITS,
            terms=youtube.TERMS,
        ),
        SourceKind(
            name="reddit",
            summary="Posts and comments of subreddits, and posts that a search finds.",
            settings=reddit.RedditSettings,
            open=reddit.open_reddit,
            verified="local server",
            replies=reddit.LIMITS,
            terms=reddit.TERMS,
        ),
        SourceKind(
            name="hackernews",
            summary="Stories and comments on Hacker News that a search finds.",
            settings=hackernews.HackerNewsSettings,
            open=hackernews.open_hackernews,
            verified="local server",
            terms=hackernews.TERMS,
        ),
        SourceKind(
            name="appstore",
            summary="Reviews of your apps on the App Store.",
            settings=appstore.AppstoreSettings,
            open=appstore.open_appstore,
            verified="local server",
            replies=appstore.LIMITS,
            terms=appstore.TERMS,
        ),
        SourceKind(
            name="googleplay",
            summary="Reviews of your apps on Google Play.",
            settings=googleplay.GoogleplaySettings,
            open=googleplay.open_googleplay,
            verified="local server",
            replies=googleplay.LIMITS,
            terms=googleplay.TERMS,
        ),
    )
}
