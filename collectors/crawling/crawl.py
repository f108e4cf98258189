"""The child process of `collectors.web`: a Scrapy crawl that hands pages over as frames.

The first line of standard input is the order. The input then stays open: each further line names a
list that need not be walked further, and when it ends, the parent has ended, and so does the crawl.
"""

import json
import os
import sys
import threading
from typing import Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from twisted.python.failure import Failure

from collectors.crawling.frames import Head, send
from collectors.crawling.spider import SiteSpider


def settings_for(order: dict[str, Any]) -> dict[str, Any]:
    """Scrapy's settings: polite, bounded, and blind to our own network."""
    private = order["allow_private_addresses"]
    guard = {} if private else {"collectors.crawling.guard.PublicOnly": 50}
    resolver = (
        {} if private else {"TWISTED_DNS_RESOLVER": "collectors.crawling.guard.PublicResolver"}
    )
    starts = [url for site in order["sites"] for url in (*site["start"], *site["sitemaps"])]
    return {
        "USER_AGENT": order["agent"],
        "ROBOTSTXT_OBEY": True,
        "AUTOTHROTTLE_ENABLED": order["delay_seconds"] > 0,
        "AUTOTHROTTLE_START_DELAY": order["delay_seconds"],
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(order["at_once"]),
        "EXTENSIONS": {"collectors.crawling.guard.CrawlDelay": 100},  # after AutoThrottle
        "DOWNLOAD_DELAY": order["delay_seconds"],
        "CONCURRENT_REQUESTS_PER_DOMAIN": order["at_once"],
        "DOWNLOAD_TIMEOUT": order["timeout_seconds"],
        "DOWNLOAD_MAXSIZE": order["max_bytes"],
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "collectors.crawling.guard.SiteOnly": 40,
            "collectors.crawling.guard.PatientRetry": 550,
            **guard,
        },
        "MADANG_HOSTS": sorted({urlsplit(url).hostname or "" for url in starts} - {""}),
        "HTTPPROXY_ENABLED": False,  # a proxy would look names up where nobody checks them
        "RETRY_TIMES": 2,
        "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        **resolver,
    }


def _browser(order: dict[str, Any], settings: dict[str, Any]) -> Any:
    """The browser that draws pages of JavaScript, if a site needs one; `settings` learn of it."""
    if not any(site["javascript"] for site in order["sites"]):
        return None
    from collectors.crawling.browser import Browser  # an extra: most instances do without

    browser = Browser(order)
    settings |= browser.settings()
    return browser


def _listen_to_parent(crawler: Crawler) -> None:
    from twisted.internet import reactor

    for line in sys.stdin:
        said = json.loads(line)
        if isinstance(crawler.spider, SiteSpider):
            reactor.callFromThread(crawler.spider.end_list, *said["end_list"])
    os._exit(0)


def main() -> None:
    order = json.loads(sys.stdin.readline())
    settings = settings_for(order)
    browser = _browser(order, settings)
    process = AsyncCrawlerProcess(settings)
    failures: list[Failure] = []
    crawler = process.create_crawler(SiteSpider)
    crawler.signals.connect(
        lambda failure: failures.append(failure), signals.spider_error, weak=False
    )

    def say(head: Head, body: bytes = b"") -> None:
        send(sys.stdout.buffer, head, body)

    process.crawl(crawler, order=order, say=say, browser=browser)
    threading.Thread(target=_listen_to_parent, args=(crawler,), daemon=True).start()
    process.start()
    if failures:
        sys.exit(f"A page could not be understood: {failures[0].getTraceback()}")


if __name__ == "__main__":
    main()
