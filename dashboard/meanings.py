"""What is understood of mentions, in words and as HTML: aspects, intents, emotions, marks.

Aspects are named by the lexicons of `nlp`; a discovered one, which no lexicon knows, by its lemma.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from dashboard import cards, formats
from dashboard.i18n import Words
from warehouse.queries import MentionPage, Reading, Spoken

Names = Mapping[str, Mapping[str, str]]  # aspect → language → name

POLARITIES: Final = {
    "negative": "polarity.negative",
    "neutral": "polarity.neutral",
    "positive": "polarity.positive",
}
INTENTS: Final = {
    "complaint": "intent.complaint",
    "question": "intent.question",
    "praise": "intent.praise",
    "request": "intent.request",
    "purchase_intent": "intent.purchase_intent",
    "leaving": "intent.leaving",
    "comparison": "intent.comparison",
    "life_event": "intent.life_event",
}
LIFE_EVENTS: Final = {
    "life_event:moving": "life.moving",
    "life_event:marriage": "life.marriage",
    "life_event:child": "life.child",
    "life_event:new_job": "life.new_job",
    "life_event:school": "life.school",
    "life_event:retirement": "life.retirement",
    "life_event:pet": "life.pet",
    "life_event:bereavement": "life.bereavement",
}
EMOTIONS: Final = {
    "joy": "emotion.joy",
    "gratitude": "emotion.gratitude",
    "admiration": "emotion.admiration",
    "affection": "emotion.affection",
    "trust": "emotion.trust",
    "anticipation": "emotion.anticipation",
    "surprise": "emotion.surprise",
    "sadness": "emotion.sadness",
    "disappointment": "emotion.disappointment",
    "anger": "emotion.anger",
    "disgust": "emotion.disgust",
    "anxiety": "emotion.anxiety",
    "distrust": "emotion.distrust",
    "embarrassment": "emotion.embarrassment",
}
MARKS: Final = {"sponsored": "mark.sponsored", "spam": "mark.spam", "toxic": "mark.toxic"}
ENTITIES: Final = {
    "brand": "entity.brand",
    "product": "entity.product",
    "person": "entity.person",
    "place": "entity.place",
    "organisation": "entity.organisation",
}
_SIGNS: Final = {"-": "negative", ".": "neutral", "+": "positive"}  # as in `heard.aspects`
_LOUD: Final = 0.5  # of toxicity and spam, as in warehouse/models/heard.sql
_ON_A_CARD: Final = 3  # aspects, and as many intents


def aspect_name(aspect: str, names: Names, language: str) -> str:
    """What an aspect is called: by its lexicon, else by the word it was discovered as."""
    told = names.get(aspect) or {}
    return told.get(language) or aspect.replace("_", " ")


def label_name(label: str, say: Words) -> str:
    """What an intent, a life event or an emotion is called; an unknown one keeps its name."""
    key = INTENTS.get(label) or LIFE_EVENTS.get(label) or EMOTIONS.get(label)
    return say(key) if key else label.partition(":")[2] or label


def chip(text: str, tone: str = "", sign: str = "") -> Markup:
    """A small label; `tone` is a sentiment, whose sign stands before the text."""
    before = Markup("<b aria-hidden='true'>{}</b> ").format(sign) if sign else Markup("")
    return Markup("<span class='m-chip m-small{}'>{}{}</span>").format(
        f" m-{tone}" if tone else "", before, text
    )


def badge(text: str) -> Markup:
    """A mark that asks for caution: sponsored, spam, hurtful."""
    return Markup("<span class='m-chip m-small m-badge'>{}</span>").format(text)


def chips_of(mention: Mapping[str, Any], names: Names, say: Words) -> Markup:
    """The few chips of a mention in a list, from the columns of `queries.newest_mentions`."""
    out = [badge(say(key)) for mark, key in MARKS.items() if mention.get(mark)]
    for token in (mention.get("aspects") or "").split()[:_ON_A_CARD]:
        tone = _SIGNS[token[-1]]
        name = aspect_name(token[:-2], names, say.language)
        out.append(_aspect_chip(name, tone, say))
    told = [label for label in (mention.get("intents") or "").split() if _adds(label)]
    out += [chip(label_name(label, say)) for label in told[:_ON_A_CARD]]
    return Markup("").join(out)


def _adds(label: str) -> bool:
    """Whether an intent says more than the sentiment beside it; a life event says which."""
    return label not in ("complaint", "praise", "life_event")


def _aspect_chip(name: str, tone: str, say: Words) -> Markup:
    spoken = Markup("{}<span class='m-sr'> {}</span>").format(name, say(POLARITIES[tone]))
    return chip(spoken, tone, cards.SIGNS[tone])


def underlined(text: str, spoken: Sequence[Spoken], at: int, names: Names, say: Words) -> Markup:
    """A part of a mention, escaped, with its aspects underlined by how it speaks of them.

    `at` is where the part begins in what was read. What lies outside, is empty or overlaps an
    earlier one is left unmarked.
    """
    out, end = Markup(""), 0
    for each in sorted(spoken, key=lambda one: (one.start, -one.end)):
        start, stop = each.start - at, each.end - at
        if start < end or stop > len(text) or stop <= start:
            continue
        name = aspect_name(each.aspect, names, say.language)
        out += Markup("{}<mark class='m-aspect m-{}' title='{}'>{}</mark>").format(
            text[end:start],
            each.polarity if each.polarity in POLARITIES else "neutral",
            f"{name} · {say(POLARITIES.get(each.polarity, 'polarity.neutral'))}",
            text[start:stop],
        )
        end = stop
    return out + Markup.escape(text[end:])


def body_of(page: MentionPage, names: Names, say: Words) -> tuple[Markup, Markup]:
    """Title and text of a mention with their aspects underlined."""
    spoken = page.annotation.aspects if page.annotation else ()
    title = page.title or ""
    begins = len(title) + 1 if title else 0
    return (
        underlined(title, spoken, 0, names, say),
        underlined(page.text, spoken, begins, names, say),
    )


def rows_of(reading: Reading, names: Names, say: Words) -> list[tuple[str, Markup | str]]:
    """All that was understood of one mention, as names and values; nulls are not read yet."""
    later = say("understood.later")
    marks = badges_of(reading, say)
    intents = None if reading.intents is None else [x for x in reading.intents if x != "life_event"]
    seen: dict[str, str] = {}
    for each in reading.aspects:
        name = aspect_name(each.aspect, names, say.language)
        seen[name] = "neutral" if seen.get(name, each.polarity) != each.polarity else each.polarity
    entities = list(dict.fromkeys((e.name, e.label) for e in reading.entities))
    rows: list[tuple[str, Markup | str]] = [
        (say("understood.aspects"), _joined([_aspect_chip(n, p, say) for n, p in seen.items()])),
        (say("understood.intents"), later if intents is None else _labels(intents, say)),
        (say("understood.emotions"), later if reading.emotions is None
            else _labels(reading.emotions, say)),
    ]  # fmt: skip
    if entities:
        told = [
            f"{name} ({say(ENTITIES[label])})" if label in ENTITIES else name
            for name, label in entities
        ]
        rows.append((say("understood.entities"), ", ".join(told)))
    if marks:
        rows.append((say("understood.marks"), _joined(marks)))
    return rows


def badges_of(reading: Reading, say: Words) -> list[Markup]:
    """What asks for caution in a mention: that it is sponsored, spam or hurtful."""
    held = {
        "sponsored": bool(reading.sponsored),
        "spam": (reading.spam or 0) >= _LOUD,
        "toxic": (reading.toxicity or 0) >= _LOUD,
    }
    return [badge(say(key)) for mark, key in MARKS.items() if held[mark]]


def _labels(labels: Sequence[str], say: Words) -> Markup:
    return _joined([chip(label_name(label, say)) for label in labels])


def _joined(chips: Sequence[Markup]) -> Markup:
    return Markup("<span class='m-chips'>{}</span>").format(Markup("").join(chips) or "–")


def scale(most: int, rows: Sequence[int]) -> list[float]:
    """Lengths in percent of `most`."""
    return [round(100 * value / most, 1) if most else 0.0 for value in rows]


def diverging(name: str, row: Mapping[str, Any], most: int, note: str, say: Words) -> Markup:
    """An aspect as a bar to both sides of an axis: blame to the left, praise to the right.

    Every bar leaves the same room for its number, so that lengths stay comparable.
    """
    left, right = (
        f"width:calc((100% - 4em) * {length / 100:.3f})"
        for length in scale(most, [row["negative"], row["positive"]])
    )
    return Markup(
        "<div class='m-div'><span class='m-div-name'>{}</span>"
        "<span class='m-div-left'><span class='m-num'>{}</span><i style='{}'></i></span>"
        "<span class='m-div-right'><i style='{}'></i><span class='m-num'>{}</span></span>"
        "<span class='m-div-note'>{}</span></div>"
    ).format(
        name, _signed("−", row["negative"], say("polarity.negative")), left, right,
        _signed("+", row["positive"], say("polarity.positive")), note,
    )  # fmt: skip


def _signed(sign: str, n: int, word: str) -> Markup:
    if not n:
        return Markup("")
    return Markup("<span class='m-sr'>{} </span><b aria-hidden='true'>{}</b>{}").format(
        word, sign, formats.number(n)
    )


def lying(name: str, n: int, most: int, note: str) -> Markup:
    """A label as a lying bar with its number and a note."""
    (length,) = scale(most, [n])
    return Markup(
        "<div class='m-lie'><span class='m-div-name'>{}</span><span class='m-track'>"
        "<i class='m-fill' style='width:{}%'></i></span><b class='m-num'>{}</b>"
        "<span class='m-div-note'>{}</span></div>"
    ).format(name, length, formats.number(n), note)
