"""How customers put things: clauses joined, with particles and endings that agree.

Clauses are whole predicates, so that every sentence is one a person could have written. Their
endings are turned to the style of the one who writes; slang, lost spaces, slips of the finger and
emoji are laid over it afterwards.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

from madang.demo.market import Product
from nlp.korean import with_particle

Style = Literal["polite", "plain", "formal", "clipped"]
Clause = tuple[str, str]  # aspect, polarity

_HERE: Final = Path(__file__).parent
_PARTICLES: Final = {
    "은": "은/는", "을": "을/를", "이": "이/가", "과": "과/와", "이랑": "이랑/랑",
    "으로": "으로/로",
}  # fmt: skip
_NAME: Final = re.compile(r"\{(name|rival|brand)\}(?:\{([^}]+)\})?")
_SENTENCE: Final = re.compile(r"(?:^|\. )[a-z]")
_SLOT: Final = re.compile(r"\{(days|months|hour|won|times|room|family)\}")
# 해요 endings and what the same sentence ends with in the other styles; the first that fits.
_ENDINGS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("이에요", {"plain": "이야", "formal": "입니다", "clipped": "임"}),
    ("예요", {"plain": "야", "formal": "입니다", "clipped": "임"}),
    ("해요", {"plain": "해", "formal": "합니다", "clipped": "함"}),
    ("돼요", {"plain": "돼", "formal": "됩니다", "clipped": "됨"}),
)
_NO_FINAL, _FINAL_RIEUL, _FINAL_PS, _FINAL_SS = 0, 8, 18, 20


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody writes: the ending of their sentences, and how loosely they type."""

    style: Style
    casual: float


@cache
def clauses() -> dict[str, Any]:
    """`clauses.toml`: by aspect, what is said of it."""
    return tomllib.loads((_HERE / "clauses.toml").read_text("utf-8"))


@cache
def phrases() -> dict[str, Any]:
    """`phrases.toml`: everything that is said around the clauses."""
    return tomllib.loads((_HERE / "phrases.toml").read_text("utf-8"))


@cache
def aspects(category: str) -> tuple[str, ...]:
    """The aspects that an appliance of this category has."""
    return tuple(name for name, entry in clauses().items() if category in entry["of"])


def opinion(
    rng: Random, product: Product, said: list[Clause], sentiment: str, voice: Voice, english: bool
) -> str:
    """A text that says each of `said` in their order; `sentiment` is what it comes to."""
    if english:
        return _english_opinion(rng, product, said, sentiment, voice)
    words = phrases()
    text = named(rng.choice(words["openers"]["korean"]), rng.choice(product.korean))
    if rng.random() < 0.2:
        text += rng.choice(words["openers"]["adverbs"])
    for number, (aspect, polarity) in enumerate(said):
        clause = filled(rng, rng.choice(clauses()[aspect][polarity]))
        if number:
            text = _joined(rng, text, said[number - 1][1] == polarity, voice)
        text += clause if number < len(said) - 1 else turned(clause, voice.style)
    tail: str = rng.choice(words["tails"][sentiment])
    return loosened(rng, text + turned(tail, voice.style), sentiment, voice.casual, english=False)


def _english_opinion(
    rng: Random, product: Product, said: list[Clause], sentiment: str, voice: Voice
) -> str:
    words = phrases()
    text = rng.choice(words["openers"]["english"]).replace("{name}", product.english)
    for number, (aspect, polarity) in enumerate(said):
        if number:
            same = said[number - 1][1] == polarity
            text += rng.choice(words["joins"]["english_same" if same else "english_turn"])
        text += rng.choice(clauses()[aspect][f"english_{polarity}"])
    text += rng.choice(words["tails"][f"english_{sentiment}"])
    text = _SENTENCE.sub(lambda match: match[0].upper(), text)
    return loosened(rng, text, sentiment, voice.casual, english=True)


def remark(
    rng: Random,
    templates: dict[str, Any],
    product: Product,
    rival: Product,
    sentiment: str,
    voice: Voice,
    english: bool,
) -> str:
    """A sentence of its own, from the templates of an intent or an incident.

    Templates are under korean and english, or, where an intent goes both ways, under the sentiment.
    """
    if "korean" in templates:
        choices = templates["english" if english else "korean"]
    else:
        choices = templates[f"english_{sentiment}" if english else sentiment]
    template = filled(rng, rng.choice(choices))
    if english:
        text = template.replace("{name}", product.english).replace("{rival}", rival.english)
        text = text.replace("{brand}", product.english.split()[0])
    else:
        name = rng.choice(product.korean)
        if "{brand}" in template:
            name = product.name.removeprefix(f"{product.brand} ")
        text = named(template, name, rng.choice(rival.korean), product.brand)
        text = turned(text, voice.style) if voice.style != "formal" else text
    text = text.replace("{count}", str(rng.randrange(2, 60)))
    return loosened(rng, text, sentiment, voice.casual, english)


def named(template: str, name: str, rival: str = "", brand: str = "") -> str:
    """`template` with names in their places and particles that agree with them."""
    values = {"name": name, "rival": rival, "brand": brand}

    def put(match: re.Match[str]) -> str:
        value = values[match[1]]
        return value if match[2] is None else with_particle(value, _PARTICLES[match[2]])

    return _NAME.sub(put, template)


def filled(rng: Random, template: str) -> str:
    """`template` with each slot filled from its list."""
    if "{" not in template:
        return template
    slots = phrases()["slots"]
    return _SLOT.sub(lambda match: rng.choice(slots[match[1]]), template)


def turned(text: str, style: Style) -> str:
    """A text in the 해요 style with its last ending in another one; unknown endings only lose 요.

    >>> turned("배송이 하루 만에 왔어요", "clipped")
    '배송이 하루 만에 왔음'
    """
    if style == "polite" or len(text) < 4 or not text.endswith("요") or text.endswith("세요"):
        return text
    stem = text[:-2]
    if text.endswith(("어요", "아요")) and _final(stem[-1]) not in (_NO_FINAL, _FINAL_RIEUL):
        return {"plain": text[:-1], "formal": f"{stem}습니다", "clipped": f"{stem}음"}[style]
    for ending, others in _ENDINGS:
        if text.endswith(ending):
            return text.removesuffix(ending) + others[style]
    return text if style == "formal" else text[:-1]


def _joined(rng: Random, text: str, same: bool, voice: Voice) -> str:
    """`text` made ready for another clause: by a connective ending, or by a new sentence."""
    past = text.endswith("어요") and _final(text[-3]) in (_FINAL_SS, _FINAL_PS)
    if past and rng.random() < 0.45:
        return text[:-2] + ("고 " if same else rng.choice(("는데 ", "지만 ")))
    return turned(text, voice.style) + str(
        rng.choice(phrases()["joins"]["same" if same else "turn"])
    )


def _final(letter: str) -> int:
    """The number of a syllable's last consonant (Unicode 3.12); 0 for none or for no Hangul."""
    return (ord(letter) - 0xAC00) % 28 if "가" <= letter <= "힣" else _NO_FINAL


def loosened(rng: Random, text: str, sentiment: str, casual: float, english: bool) -> str:
    """Slang and emoji at the end, spaces lost, slips of the finger: as thumbs write."""
    if casual <= 0:
        return text
    if rng.random() < casual * 0.5:
        text = _slipped(rng, text, english)
    if not english and rng.random() < casual * 0.4:
        spaces = [index for index, letter in enumerate(text) if letter == " "]
        for index in sorted(rng.sample(spaces, min(len(spaces), 2)), reverse=True):
            text = text[:index] + text[index + 1 :]
    if not english and rng.random() < casual:
        mark = rng.choice(phrases()["slang"][sentiment])
        if mark:
            twice = len(mark) < 3 and rng.random() < 0.3
            text += rng.choice(("", " ")) + mark * (2 if twice else 1)
    return text


def _slipped(rng: Random, text: str, english: bool) -> str:
    slips = phrases()["slips"]
    known = [pair for pair in slips["english" if english else "pairs"] if pair[0] in text]
    if not known:
        return text
    meant, typed = rng.choice(known)
    return text.replace(meant, typed, 1)
