"""Hacker News: Algolia's search by date, and the official items on Firebase."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer


@dataclass
class Item:
    """A story, or a comment where `parent` is set; texts are HTML, as both interfaces say them."""

    number: int
    text: str
    at: datetime
    title: str = ""
    parent: int | None = None
    url: str | None = None
    by: str = "minjik"
    deleted: bool = False
    dead: bool = False
    odd: Mapping[str, Any] = field(default_factory=dict)

    def hit(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "objectID": str(self.number),
            "author": self.by,
            "created_at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "created_at_i": int(self.at.timestamp()),
            "_tags": ["story" if self.parent is None else "comment", f"author_{self.by}"],
        }
        if self.parent is None:
            said |= {"title": self.title, "url": self.url, "points": 5, "num_comments": 2,
                     "story_id": self.number, "story_text": self.text or None}  # fmt: skip
        else:
            said |= {"comment_text": self.text, "parent_id": self.parent, "story_id": 1,
                     "story_title": "해담", "points": None}  # fmt: skip
        return said | dict(self.odd)

    def item(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "id": self.number,
            "time": int(self.at.timestamp()),
            "type": "story" if self.parent is None else "comment",
        }
        if self.deleted:
            return said | {"deleted": True}
        said |= {"by": self.by, "text": self.text}
        if self.parent is None:
            said |= {"title": self.title, "score": 5, "descendants": 2, "url": self.url}
        else:
            said["parent"] = self.parent
        return said | ({"dead": True} if self.dead else {})


class HackerNewsServer(LocalServer):
    """Both interfaces: the search under /api/v1, items under /v0; `page` hits to a page."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Item] = []
        self.page = 200
        self.refuses: Answer | None = None

    def answer(self, path: str, headers: Headers) -> Answer:
        if self.refuses is not None:
            return self.refuses
        parts = urlsplit(path)
        if found := re.fullmatch(r"/v0/item/(\d+)\.json", parts.path):
            there = [item.item() for item in self.items if item.number == int(found[1])]
            return _said(there[0] if there else None)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        bounds = re.fullmatch(r"created_at_i>=(\d+),created_at_i<(\d+)", asked["numericFilters"])
        assert bounds is not None
        since, until = int(bounds[1]), int(bounds[2])
        hits = sorted(
            (
                item
                for item in self.items
                if not (item.deleted or item.dead)
                and asked["query"].strip('"') in item.title + item.text
                and since <= int(item.at.timestamp()) < until
                and (item.parent is None or "comment" in asked["tags"])
            ),
            key=lambda item: (-int(item.at.timestamp()), -item.number),
        )
        page = hits[: min(self.page, int(asked["hitsPerPage"]))]
        return _said(
            {"hits": [item.hit() for item in page], "nbHits": len(hits), "page": 0,
             "nbPages": 1, "hitsPerPage": len(page), "exhaustiveNbHits": True}
        )  # fmt: skip


def _said(said: Any, status: int = 200) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(json.dumps(said, ensure_ascii=False).encode(), status, headers)
