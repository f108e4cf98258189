"""What somebody wrote in a letter themselves: without the letters it answers and the signature.

Mail programs mark a quoted history each in its own way and in the language of their user; the marks
here are those of Gmail, Outlook, Apple Mail, Naver, Daum and the usual telephones.
"""

import re
from collections.abc import Sequence
from typing import Final

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

from collectors.rows.markup import plain

_DAY: Final = r"(?:\d{4}년|\d{4}[.\-/]|\w{3,9},?\s|\d{1,2}\s)"
# Each begins the history when a line has it.
_HISTORY: Final = re.compile(
    "|".join(
        (
            rf"^On {_DAY}.{{0,200}}wrote:\s*$",
            rf"^{_DAY}.{{0,200}}(?:작성|쓴 글|wrote|쓰셨습니다)\s*[:：]?\s*$",
            r"^-{2,}\s*(?:Original Message|Original|원본 ?(?:메시지|메일)|Forwarded message|"
            r"전달된 (?:메시지|메일))\s*-{2,}\s*$",
            r"^\s*(?:Begin forwarded message|전달된 메시지 시작)\s*[:：]\s*$",
            r"^_{10,}\s*$",
        )
    ),
    re.IGNORECASE,
)
# Lines of a header that stand together at the begin of a history.
_HEADER: Final = re.compile(
    r"^\W{0,3}(?:From|Sent|Date|To|Cc|Subject|보낸 ?(?:사람|날짜|시간)|받는 ?사람|참조|날짜|제목)"
    r"\W{0,3}\s*[:：]",
    re.IGNORECASE,
)
_DASHES: Final = re.compile(r"^--\s?$")
_DEVICE: Final = re.compile(
    r"^(?:Sent from (?:my|Mail|Outlook|Samsung).{0,60}|Get Outlook for .{0,40}|"
    r"(?:나의|내)?\s?(?:iPhone|iPad|아이폰|갤럭시|Galaxy|휴대폰|스마트폰).{0,30}"
    r"에서 보(?:냄|냈습니다\.?)|"
    r".{0,20}(?:네이버|다음|Gmail|Outlook|삼성) ?(?:이?메일)?.{0,20}에서 보(?:냄|냈습니다\.?))\s*$",
    re.IGNORECASE,
)
_CONTACT: Final = re.compile(
    r"^\W{0,3}(?:T|M|F|E|Tel|Mob(?:ile)?|Phone|Fax|Cell|E-?mail|Web|Address|Addr|전화|휴대(?:폰|전화)|"
    r"핸드폰|팩스|이메일|메일|주소|연락처|홈페이지)\W{0,3}\s*[:.：)]|^(?:https?://|www\.)\S+$",
    re.IGNORECASE,
)
_CONFIDENTIAL: Final = re.compile(
    r"^\W{0,3}(?:This (?:e-?mail|message)\b.{0,200}(?:confidential|intended)|"
    r"(?:본|이) (?:메일|이메일|전자우편).{0,200}(?:수신인|수신자|기밀|비밀))",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"^\s{0,3}>")
_BY_HISTORY: Final = (
    "gmail_quote", "gmail_quote_container", "gmail_extra", "yahoo_quoted", "moz-cite-prefix",
    "divRplyFwdMsg", "appendonsend", "protonmail_quote", "replyQuote",
)  # fmt: skip


def own_words(text: str) -> str:
    """The text without quoted history, signature and what telephones and companies add.

    Where nothing else would be left (a letter that only forwards another), it is all kept.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = [line for line in _before_history(lines) if not _QUOTED.match(line)]
    kept = _without_signature(kept)
    said = _tidy(kept)
    return said or _tidy([line.lstrip("> ") for line in lines])


def own_words_of_html(markup: str) -> str:
    """The same of a letter in HTML: what mail programs mark as quoted is taken out first."""
    try:
        root = lxml_html.fromstring(markup)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return own_words(plain(markup))
    whole = plain(markup)
    for element in list(root.iter()):
        if isinstance(element.tag, str) and _is_history(element):
            _cut(element)
    said = own_words(plain(lxml_html.tostring(root, encoding="unicode")))
    return said or own_words(whole)


def _is_history(element: "lxml_html.HtmlElement") -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}".split()
    return element.tag == "blockquote" or any(name in _BY_HISTORY for name in names)


def _cut(element: "lxml_html.HtmlElement") -> None:
    """Take an element out; Outlook's mark of a reply stands before the history, not around it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.get("id") in ("divRplyFwdMsg", "appendonsend"):
        for later in list(element.itersiblings()):
            parent.remove(later)
    element.drop_tree()


def _before_history(lines: Sequence[str]) -> list[str]:
    for place, line in enumerate(lines):
        if _begins_history(line.strip(), [each.strip() for each in lines[place + 1 :][:1]]):
            return list(lines[:place])
        if _HEADER.match(line) and sum(bool(_HEADER.match(each)) for each in lines[place:][:6]) > 2:
            return list(lines[:place])
    return list(lines)


def _begins_history(line: str, after: Sequence[str]) -> bool:
    """Whether the history begins here; the line that says who wrote it may be broken in two."""
    if _HISTORY.match(line):
        return True
    return any(_HISTORY.match(f"{line} {each}") and not _HISTORY.match(each) for each in after)


def _without_signature(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    for place, line in enumerate(kept):
        if _DASHES.match(line) or _CONFIDENTIAL.match(line.strip()):
            kept = kept[:place]
            break
    while kept and (not kept[-1].strip() or _is_appended(kept[-1].strip())):
        kept.pop()
    return kept


def _is_appended(line: str) -> bool:
    return bool(_DEVICE.match(line) or _CONTACT.match(line))


def _tidy(lines: Sequence[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
