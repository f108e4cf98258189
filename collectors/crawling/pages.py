"""A page of the web as it is read: decoded whatever its server says, and parsed once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html
from parsel import Selector

from collectors.rows.encodings import decode_page
from collectors.rows.markup import plain, without_traps

_EMPTY: Final = b"<html></html>"


@dataclass(frozen=True)
class Page:
    """A page and its tree. `cut` says that it is nested too deeply to be read to its end."""

    url: str
    text: str
    root: Any  # lxml.html.HtmlElement
    cut: bool

    @cached_property
    def selector(self) -> Selector:
        return Selector(root=self.root, type="html")

    def links(self, css: str) -> Iterator[str]:
        """What `css` points at, as written: the attribute href where it names no other."""
        for link in self.selector.css(css if "::" in css else f"{css}::attr(href)").getall():
            yield link.strip()


def read_page(url: str, content: bytes, content_type: str) -> Page:
    """Parse `content`. The parser's own bounds hold: 256 levels, 10 MB for one text."""
    text = without_traps(decode_page(content, content_type).replace("\x00", ""))
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=False)
    markup = text.encode("utf-8", "replace")
    try:
        root = etree.fromstring(markup, parser)
    except etree.ParserError:  # nothing in it
        root = None
    if root is None:
        root = etree.fromstring(_EMPTY, parser)
    bounds = etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return Page(url, text, root, any(entry.type == bounds for entry in parser.error_log))


def picked(part: Selector, css: str) -> str | None:
    """The text of the first element, or what `::attr(…)` or `::text` asks for."""
    if not css:
        return None
    first = part.css(css).get()
    return plain(first) or None if first else None
