"""Clauses of Korean and what is said in each: predicates with negation, strength and mood.

Korean has no parser here. Endings do its work: a connective (-지만, -는데, -고, -어서) closes a
clause, and what is judged stands before the word that judges it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

CONTRAST: Final = frozenset({"지만", "는데", "은데", "ᆫ데", "던데", "으나", "나", "어도", "더라도"})
CONDITION: Final = frozenset({"면", "으면", "다면", "라면", "는다면", "ᆫ다면"})
_CONNECTING: Final = (
    CONTRAST
    | CONDITION
    | frozenset(
        {"고", "며", "으며", "면서", "으면서", "어서", "라서", "니", "으니", "니까", "으니까"}
        | {"더니", "므로", "길래", "느라", "자", "자마자", "거든", "는지라", "구", "다가", "어"}
    )
)
_AUXILIARY: Final = frozenset({"VX"})
_ASKING: Final = frozenset(
    {"나요", "ᆫ가요", "은가요", "는가요", "까요", "ᆯ까요", "을까요", "냐", "니", "나", "ᆫ가", "는지"}
)
_WISHING: Final = frozenset({"좋", "하", "싶", "바라"})
_DENYING: Final = frozenset({"안", "못"})
_DENIED: Final = frozenset({"않", "못하", "말"})
_JOINING: Final = frozenset({"하", "되", "스럽", "롭", "당하"})
_IDIOMS: Final = {
    "들다": (("마음", "마음에들다"), ("맘", "마음에들다")),
    "가다": (("오래", "오래가다"),),
    "나다": (("고장", "고장나다"), ("화", "화나다"), ("짜증", "짜증나다")),
    "없다": (("어이", "어이없다"),),
    "그렇다": (("그저", "그저그렇다"),),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A word that may judge: its place among the morphemes, its dictionary form and how it is said.

    end: place of its last morpheme. adnominal: it stands before what it judges (좋은 품질).
    """

    at: int
    end: int
    lemma: str
    denied: bool
    strength: float
    adnominal: bool
    noun: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """Morphemes `start` to `end` (exclusive), the connective they close with, and their mood."""

    start: int
    end: int
    ending: str
    asks: bool
    wishes: bool


def clauses(tokens: Sequence[Any]) -> list[Clause]:
    """The clauses of Kiwi's tokens, in order."""
    found: list[Clause] = []
    start = 0
    sentence = tokens[0].sent_position if tokens else 0
    for at, token in enumerate(tokens):
        if token.sent_position != sentence:
            if start < at:
                found.append(_clause(tokens, start, at, ""))
            start, sentence = at, token.sent_position
        ending = _closing(tokens, at)
        if ending is not None and at + 1 > start:
            found.append(_clause(tokens, start, at + 1, ending))
            start = at + 1
    if start < len(tokens):
        found.append(_clause(tokens, start, len(tokens), ""))
    return found


def _closing(tokens: Sequence[Any], at: int) -> str | None:
    """The ending that closes a clause at this morpheme, "" for a mark; None if it goes on."""
    token = tokens[at]
    tag, form = token.tag, token.form
    if tag in ("SP", "SF", "SS", "SE"):
        return ""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if tag == "NNB" and form == "데" and at and tokens[at - 1].tag == "ETM":
        return "는데"
    if tag != "EC" or form not in _CONNECTING:
        return None
    if following is not None and following.tag in _AUXILIARY:
        return None
    if form == "어" and (following is None or following.tag[0] in "VM"):
        return None
    return str(form)


def _clause(tokens: Sequence[Any], start: int, end: int, ending: str) -> Clause:
    last = [token for token in tokens[max(start, end - 4) : end] if token.tag[0] == "E"]
    following = tokens[end : end + 2]
    asks = bool(last and last[-1].form in _ASKING) or _mark(tokens, end - 1) == "?"
    if any(token.form == "왜" for token in tokens[start:end]):
        asks = False  # 왜 이렇게 늦어요? asks nothing
    wishes = ending in CONDITION and bool(following) and following[0].form in _WISHING | {"더"}
    begs = len(last) > 0 and last[-1].tag == "EF" and last[-1].form in ("ᆸ시오", "으세요", "세요")
    return Clause(start, end, ending, asks, wishes or (begs and not asks))


def _mark(tokens: Sequence[Any], at: int) -> str:
    return str(tokens[at].form)[:1] if tokens[at].tag == "SF" else ""


def said(tokens: Sequence[Any], clause: Clause, strengths: Mapping[str, float]) -> list[Said]:
    """Content words of a clause that may judge, nouns among them, in order."""
    found: list[Said] = []
    at = clause.start
    strength = 1.0
    while at < clause.end:
        token = tokens[at]
        tag = token.tag.partition("-")[0]
        if token.form in strengths and tag in ("MAG", "NNG", "IC", "MM"):
            strength = strengths[token.form]
            at += 1
            continue
        word = _word(tokens, at, clause.end, tag)
        if word is not None:
            lemma, last, noun = word
            found.append(
                Said(
                    at,
                    last,
                    lemma,
                    _is_denied(tokens, at, last, clause),
                    strength,
                    last + 1 < len(tokens) and tokens[last + 1].tag == "ETM",
                    noun,
                )
            )
            strength = 1.0
            at = last
        at += 1
    return found


def _word(tokens: Sequence[Any], at: int, end: int, tag: str) -> tuple[str, int, bool] | None:
    """Dictionary form, last morpheme and whether it is a noun; nouns join 하다 and the like."""
    token = tokens[at]
    if tag in ("VV", "VA", "VCN"):
        return _idiom(tokens, at, str(token.lemma)), at, False
    if tag in ("NNG", "NNP", "XR", "MAG", "IC", "XPN", "SL"):
        form, last = str(token.form), at
        while tag == "XPN" and last + 1 < end and tokens[last + 1].tag in ("NNG", "XR"):
            last += 1
            form += tokens[last].form
            tag = "NNG"
        following = tokens[last + 1] if last + 1 < end else None
        if following is not None and _joins(following):
            return f"{form}{following.form}다", last + 1, False
        return form.lower(), last, True
    return None


def _joins(token: Any) -> bool:
    joins: bool = token.tag.partition("-")[0] in ("XSV", "XSA") and token.form in _JOINING
    return joins


def _idiom(tokens: Sequence[Any], at: int, lemma: str) -> str:
    """마음에 들다 is one word to a reader: `_IDIOMS` by verb and by what stands shortly before."""
    for noun, written in _IDIOMS.get(lemma, ()):
        if any(token.form == noun for token in tokens[max(0, at - 3) : at]):
            return written
    return lemma


def _is_denied(tokens: Sequence[Any], at: int, last: int, clause: Clause) -> bool:
    """안 좋다, 좋지 않다, 쓸 수 없다, 만족 못 하다: an odd number of denials."""
    before = tokens[max(clause.start, at - 1) : at]
    denials = sum(token.tag == "MAG" and token.form in _DENYING for token in before)
    after = tokens[last + 1 : last + 6]
    for place, token in enumerate(after[:4]):
        if token.tag == "EC" and token.form == "지":
            denials += any(next_.form in _DENIED for next_ in after[place + 1 : place + 3])
            break
        if token.tag == "ETM" and any(t.form == "수" for t in after[place + 1 : place + 2]):
            denials += any(next_.form == "없" for next_ in after[place + 2 : place + 4])
            break
        if token.tag in ("SF", "SP") or (token.tag[0] == "V" and token.form not in _DENIED):
            break
    return bool(denials % 2)
