"""HTML to the text that a reader sees, with its line breaks."""

import re
from typing import Final

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

_UNSEEN: Final = frozenset({"script", "style", "noscript", "template", "head", "iframe", "svg"})
_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
        "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
    }
)  # fmt: skip
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]|&[a-zA-Z#]\w*;")
_SPACES: Final = re.compile(r"[^\S\n]+")
_AROUND_BREAKS: Final = re.compile(r" ?\n ?")
_MANY_BREAKS: Final = re.compile(r"\n{3,}")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # which lxml does not take
_LONG_TAG: Final = re.compile(r"<([A-Za-z][\w:.-]*)\s[^<>]{5000,}")
_MOST_ATTRIBUTES: Final = 500  # of one tag


def without_traps(text: str) -> str:
    """Markup whose tags have no more attributes than a reader can take.

    The time that parsers need grows with the square of their number.
    """
    return _LONG_TAG.sub(
        lambda tag: f"<{tag[1]}" if tag[0].count("=") > _MOST_ATTRIBUTES else tag[0], text
    )


def plain(text: str) -> str:
    """The visible text of an HTML fragment; text without markup only has its spaces put right."""
    text = _CONTROLS.sub("", text)
    if _MARKUP.search(text):
        text = _visible(text)
    text = _AROUND_BREAKS.sub("\n", _SPACES.sub(" ", text.replace("\xa0", " ")))
    return _MANY_BREAKS.sub("\n\n", text).strip()


def _visible(markup: str) -> str:
    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError):
        return markup
    parts: list[str] = []
    unseen = 0  # elements around this place that a browser does not show
    for event, element in etree.iterwalk(root, events=("start", "end")):
        named = isinstance(element.tag, str)
        if event == "start":
            unseen += named and element.tag in _UNSEEN
            if element.tag in _BLOCKS:
                parts.append("\n")
            if element.text and named and not unseen:
                parts.append(element.text.replace("\n", " "))
        else:
            unseen -= named and element.tag in _UNSEEN
            if element.tag in _BLOCKS and element.tag != "br":
                parts.append("\n")
            if element.tail and element is not root and not unseen:
                parts.append(element.tail.replace("\n", " "))
    return "".join(parts)
