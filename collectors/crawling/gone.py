"""Pages that are there and say that what was on them is not: a soft 404, which has the status 200.

A notice is known by the site's selector `gone`, by its words `gone_words`, or by both. Words alone
believe a page only when nothing else can be read on it, for anybody can write them in a comment.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]

from collectors.crawling.pages import Page
from collectors.crawling.reviews import Found
from collectors.crawling.sites import Site
from collectors.rows.markup import plain

SAID_GONE: Final = "the page says that what was here has been removed"
_ALERT: Final = re.compile(r"""\balert\s*\(\s*(["'`])(.{0,300}?)\1""")
_HIDDEN: Final = frozenset({"script", "style", "template", "head"})


def standing(found: Sequence[Found], site: Site) -> list[Found]:
    """Those of `found` that are not a notice in the place of what somebody wrote."""
    words = _words(site)
    return [each for each in found if not words or _squeezed(each.text) not in words]


def is_gone(page: Page, found: Sequence[Found], site: Site) -> bool:
    """Whether a page, on which `found` was read, says that what was here has been removed."""
    words = _words(site)
    if site.gone:
        notices = (_squeezed(plain(each.get())) for each in page.selector.css(site.gone))
        return any(not words or notice in words for notice in notices)
    if not words or standing(found, site):
        return False
    return bool(found) or _says(page.root, words)


def _words(site: Site) -> frozenset[str]:
    return frozenset(map(_squeezed, site.gone_words))


def _says(root: Any, words: frozenset[str]) -> bool:
    """Whether the whole text of some element is one of `words`; or an alert says one on a page that
    shows nothing, as boards do that then send back."""
    most = max(map(len, words))
    for element, text in _texts(root, most):
        if text in words:
            return True
        if element is root and not text:
            scripts = "".join(root.xpath(".//script//text()"))
            alerts = [_squeezed(each[2]) for each in _ALERT.finditer(scripts)]
            return any(each in alert for each in words for alert in alerts)
    return False


def _texts(root: Any, most: int) -> Iterator[tuple[Any, str]]:
    """Each element that is shown, with its whole text, of which one letter beyond `most` is enough.

    Those within come before what they are in, so that a page is read once however deep it is.
    """
    within: list[str] = []
    hidden = 0  # elements around this place that a browser does not show
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            hidden += element.tag in _HIDDEN
            within.append("" if hidden else _squeezed(element.text))
            continue
        if event == "end":
            text = within.pop()
            if not hidden:
                yield element, text
            hidden -= element.tag in _HIDDEN
            if within:
                within[-1] = (within[-1] + text)[: most + 1]
        if within and not hidden:
            within[-1] = (within[-1] + _squeezed(element.tail))[: most + 1]


def _squeezed(text: str | None) -> str:
    """Letters and digits alone: a notice is the same with other full stops and line breaks."""
    return "".join(filter(str.isalnum, text or "")).casefold()
