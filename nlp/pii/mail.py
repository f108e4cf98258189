"""E-mail addresses, as written and as people disguise them: 골뱅이, (at), 점컴, dot com."""

import re
from typing import Final

from nlp.pii.rules import Rule

_LOCAL: Final = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
_DOMAIN: Final = r"(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}"
_TOP: Final = (
    r"(?:co\.(?:kr|uk|jp)|or\.kr|ac\.(?:kr|uk)|com|net|org|kr|edu|gov|io|me|info|biz|uk|de|jp|us|ai|dev)"
    r"(?![A-Za-z0-9])"
)
_AT: Final = r"\s?(?:@|골뱅이|앳|[(\[{<]\s?(?:@|at|AT|골뱅이)\s?[)\]}>])\s?"
_DOT: Final = (
    r"\s?(?:[.,]|점|쩜|닷|[(\[{<]\s?(?:\.|dot|DOT|점)\s?[)\]}>]|(?<=\s)(?:dot|DOT)(?=\s))\s?"
)
# Korean names of mail services, which are written instead of their domains.
_HOUSE: Final = r"(?:네이버|지메일|구글|다음|한메일|네이트|핫메일|카카오|야후|아웃룩)"
_WORD_TOP: Final = r"(?:컴|콤|넷|co\.kr|com|net|kr)"
# "looked at the dot com bubble" names nobody.
_NO_DOMAIN: Final = r"(?!(?:the|this|that|these|those|an|my|our|your|its|all|any|every|some)\s)"

RULES: Final = (
    Rule("[email]", re.compile(rf"{_LOCAL}@{_DOMAIN}")),
    Rule("[email]", re.compile(rf"{_LOCAL}{_AT}(?:[A-Za-z0-9-]{{1,63}}{_DOT}){{1,3}}{_TOP}")),
    Rule(
        "[email]",
        re.compile(
            rf"{_LOCAL}{_AT}(?:{_HOUSE}|[A-Za-z0-9-]{{1,63}})(?:{_DOT}{_WORD_TOP}|\s?닷\s?컴)"
        ),
    ),
    Rule(
        "[email]",
        re.compile(
            rf"{_LOCAL}(?:\s(?:dot|DOT)\s[A-Za-z0-9_-]{{1,63}}){{0,2}}\s(?:at|AT)\s{_NO_DOMAIN}"
            rf"[A-Za-z0-9-]{{1,63}}\s(?:dot|DOT)\s(?:co\s(?:dot|DOT)\s)?{_TOP}"
        ),
    ),
)
