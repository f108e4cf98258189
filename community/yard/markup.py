"""The text of posts as HTML: a little Markdown, and then an allow-list of tags.

markdown-it makes HTML of a small grammar in which raw HTML and images are plain text; nh3 (ammonia)
then drops whatever is not listed here, so that one mistake is not enough. Posts are rendered once
and kept by their digest, for a page shows fifty of them.
"""

import hashlib
import re
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from community.yard.memory import Memory

TAGS: Final = {"p", "br", "strong", "em", "s", "code", "ul", "ol", "li", "blockquote", "a"}
SCHEMES: Final = {"http", "https", "mailto"}
REL: Final = "nofollow ugc noopener"
KEPT: Final = 4096


def to_html(text: str) -> SafeString:
    """Safe HTML for the text of a post: paragraphs, lists, quotes, emphasis, code and links."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    cleaned = _RENDERED.of(digest, lambda: _make(text))
    return mark_safe(cleaned)  # noqa: S308 (by the allow-list above)


def to_line(text: str, length: int = 160) -> str:
    """The beginning of a post as one plain line, without marks; not escaped."""
    plain = re.sub(r"(?m)^\s*(?:[-+*]|\d+[.)])\s+|[*_`~>#\[\]]+|\(https?://\S+?\)", "", text)
    line = " ".join(plain.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _grammar() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True})
    parser.enable(["list", "blockquote", "newline", "link", "autolink", "escape", "entity"])
    parser.enable(["emphasis", "strikethrough", "backticks", "balance_pairs", "fragments_join"])
    return parser


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel=REL,
        strip_comments=True,
    )


def _make(text: str) -> str:
    return _clean(_grammar().render(text))


_RENDERED: Final = Memory(KEPT)
