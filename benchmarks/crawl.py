"""How fast a review site is crawled, parsed to mentions and landed, against an empty spider.

    python benchmarks/crawl.py [--pages 20000] [--rounds 2]

Both crawl the same local site with the same settings of Scrapy and no delay; the empty spider is
given all addresses and does nothing with a page. The target is 0.8 of its pages a minute or more,
and memory that stays flat: what crawler and parent hold is printed on the way. The site is a bare
asyncio server in a process of its own, whose top speed is printed too.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from collectors.crawling.sites import Site
from collectors.run import collect
from collectors.web import Web, WebSettings
from warehouse.landing import Landing

LISTED = 49  # review pages a listing page names: with itself, fifty pages
TEXTS = (
    "흡입력은 만족스러운데 소음이 생각보다 커요. 밤에는 못 돌리겠어요.",
    "배송이 하루 만에 왔고 포장도 꼼꼼했습니다. 다음에도 여기서 살게요.",
    "배터리가 한 시간도 못 가네요. 교환을 신청했더니 상담이 친절했어요.",
    "가격 대비 훌륭합니다. 부모님 댁에도 하나 놓아 드렸어요.",
)
MENU = "".join(f'<li><a href="/category/{n}">분류 {n}번 보기</a></li>' for n in range(80))


def review_page(number: int) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": f"무선 청소기 {number % 40}호",
        "aggregateRating": {"@type": "AggregateRating", "ratingValue": 4.2, "reviewCount": 310},
        "review": {
            "@type": "Review",
            "reviewBody": f"{TEXTS[number % 4]} ({number}번째 후기)",
            "author": {"@type": "Person", "name": f"고객{number % 997:03}"},
            "datePublished": f"2026-{1 + number % 10:02}-{1 + number % 28:02}",
            "reviewRating": {"@type": "Rating", "ratingValue": 1 + number % 5},
        },
    }
    script = json.dumps(data, ensure_ascii=False)
    return (
        f'<!doctype html><html lang="ko"><head><title>후기 {number}</title>'
        f'<script type="application/ld+json">{script}</script></head><body><ul>{MENU}</ul>'
        f"<main><h1>후기</h1><p>{data['review']['reviewBody']}</p></main></body></html>"  # type: ignore[index]
    )


def listing_page(number: int, listings: int) -> str:
    first = (number - 1) * LISTED
    links = "".join(
        f'<li><a class="review" href="/review/{n}">후기 {n}</a></li>'
        for n in range(first, first + LISTED)
    )
    more = f'<a rel="next" href="/reviews/{number + 1}">다음</a>' if number < listings else ""
    return f"<!doctype html><html><body><ul>{links}</ul>{more}</body></html>"


class Answering(asyncio.Protocol):
    """Just enough HTTP/1.1 to answer GETs on connections that are kept."""

    def __init__(self, listings: int) -> None:
        self._listings = listings
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while b"\r\n\r\n" in self._held:
            head, self._held = self._held.split(b"\r\n\r\n", 1)
            body = self._body(head.split(b" ", 2)[1].decode())
            status = b"200 OK" if body else b"404 Not Found"
            self._transport.write(
                b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (status, len(body), body)
            )

    def _body(self, path: str) -> bytes:
        _, kind, number = (*path.split("/"), "")[:3]
        if kind == "review":
            return review_page(int(number)).encode()
        return listing_page(int(number), self._listings).encode() if kind == "reviews" else b""


async def serve(listings: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(listings), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def local_site(listings: int) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, __file__, "--server", str(listings)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


def settings(url: str, listings: int) -> WebSettings:
    site = Site(
        name="shop",
        start=(f"{url}/reviews/1",),
        follow="a.review",
        next_page="a[rel=next]",
        max_pages=listings,
        max_reviews=listings * LISTED,
    )
    return WebSettings(sites=(site,), delay_seconds=0.0, at_once=16, allow_private_addresses=True)


def crawl_empty(url: str, listings: int) -> None:
    """Download every page of the site and do nothing with it."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.http import Response

    from collectors.crawling.crawl import settings_for

    class Empty(Spider):
        name = "empty"

        async def start(self) -> AsyncIterator[Request]:
            for number in range(1, listings + 1):
                yield Request(f"{url}/reviews/{number}", dont_filter=True)
                for review in range((number - 1) * LISTED, number * LISTED):
                    yield Request(f"{url}/review/{review}", dont_filter=True)

        def parse(self, response: Response) -> None:
            return

    process = AsyncCrawlerProcess(settings_for(asdict(settings(url, listings))))
    process.crawl(Empty)
    process.start()


def crawl_ours(url: str, listings: int) -> None:
    """Crawl, parse and land; memory is printed four times on the way."""
    total = listings * LISTED
    marks = [total * quarter // 4 for quarter in (1, 2, 3)]

    def told(rows: int) -> None:
        if marks and rows >= marks[0]:
            marks.pop(0)
            print(f"  at {rows:,} pages: {memory()}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        done = collect(Web(settings(url, listings)), Landing(Path(folder)), told)
    if done.rows != total or done.quarantined:
        raise SystemExit(f"{done.rows:,} of {total:,} reviews landed: {done}")
    pages = listings * (LISTED + 1)
    parent, crawler = (
        processor_seconds(who) / pages * 1000
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(
        f"  at {done.rows:,} pages: parent {resident(os.getpid())} MB, crawler ended; "
        f"processor a page: parent {parent:.2f} ms, crawler {crawler:.2f} ms"
    )


def memory() -> str:
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    crawler = ", ".join(f"{resident(int(child))} MB" for child in children)
    return f"parent {resident(os.getpid())} MB, crawler {crawler}"


def resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def pages_a_minute(what: str, url: str, listings: int) -> float:
    began, spent = time.monotonic(), processor_seconds()
    subprocess.run([sys.executable, __file__, f"--{what}", url, str(listings)], check=True)
    pages = listings * (LISTED + 1)
    rate = pages / (time.monotonic() - began) * 60
    spent = processor_seconds() - spent
    print(
        f"{what}: {rate:,.0f} pages/min, {spent / pages * 1000:.2f} ms of processor a page "
        f"(load {os.getloadavg()[0]:.1f})",
        flush=True,
    )
    return rate


def processor_seconds(who: int = resource.RUSAGE_CHILDREN) -> float:
    """Of all children that have ended, and theirs; or of this process."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


async def site_speed(url: str, seconds: float = 2.0) -> float:
    """How many pages a minute the site gives to eight readers that do nothing else."""
    asked = b"GET /review/%d HTTP/1.1\r\nHost: x\r\n\r\n"

    async def read() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        pages, ends = 0, time.monotonic() + seconds
        while time.monotonic() < ends:
            writer.write(asked % pages)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.rsplit(b" ", 1)[1]))
            pages += 1
        writer.close()
        return pages

    return sum(await asyncio.gather(*(read() for _ in range(8)))) / seconds * 60


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--server", type=int)
    parser.add_argument("--empty", nargs=2)
    parser.add_argument("--ours", nargs=2)
    said = parser.parse_args()
    if said.server:
        asyncio.run(serve(said.server))
    elif said.empty or said.ours:
        url, listings = said.empty or said.ours
        (crawl_empty if said.empty else crawl_ours)(url, int(listings))
    else:
        listings = said.pages // (LISTED + 1)
        with local_site(listings) as url:
            print(f"the site alone: {asyncio.run(site_speed(url)):,.0f} pages/min", flush=True)
            rounds = [
                (pages_a_minute("empty", url, listings), pages_a_minute("ours", url, listings))
                for _ in range(said.rounds)
            ]
        ratios = [ours / empty for empty, ours in rounds]
        print(f"ratios {', '.join(f'{ratio:.2f}' for ratio in ratios)} (target 0.8 or more)")
        print(f"median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
