"""The pieces of a page that are written as HTML: cards, figures, chips, notices.

What customers wrote is hostile. All of it goes through Markup's `format`, which escapes every
value, and no part of an address or of a style is taken from outside unchecked.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup

from dashboard import formats
from dashboard.i18n import Words
from dashboard.tokens import TOKENS, Theme

SIGNS: Final = {"positive": "+", "neutral": "·", "negative": "−", "unknown": "?"}
SENTIMENTS: Final = {
    "positive": "sentiment.positive",
    "neutral": "sentiment.neutral",
    "negative": "sentiment.negative",
    "unknown": "sentiment.unknown",
}
_UNREAD: Final = "sentiment.unread"


def notice(title: str, body: str, command: str | None = None) -> Markup:
    """An empty state: why there is nothing here, what to do, and the command that does it."""
    code = Markup("<pre class='m-command'>{}</pre>").format(command) if command else Markup("")
    return Markup("<section class='m-notice'><h2>{}</h2><p>{}</p>{}</section>").format(
        title, body, code
    )


def nothing_heard(say: Words) -> Markup:
    """The empty state of an instance that has heard nothing yet."""
    return notice(say("empty.title"), say("empty.body"), say("empty.command"))


def failure(title: str, message: str) -> Markup:
    """An error: what happened, to which item, how to mend it."""
    return Markup(
        "<section class='m-notice m-failure' role='alert'><h2>{}</h2><p>{}</p></section>"
    ).format(title, message)


def alarm(name: str, text: str) -> Markup:
    """What waits for a decision: its name, and what happened in a sentence or two."""
    return Markup(
        "<article class='m-card m-alarm' role='status'><p class='m-meta'><b>{}</b></p>"
        "<p class='m-text'>{}</p><p class='m-foot'></p></article>"
    ).format(name, text)


def note(text: str) -> Markup:
    """A quiet line of explanation."""
    return Markup("<p class='m-note'>{}</p>").format(text)


def heading(title: str, definition: str = "") -> Markup:
    """The head of a part of a page: the finding, and below it definition, n and period."""
    line = Markup("<p class='m-note'>{}</p>").format(definition) if definition else Markup("")
    return Markup("<header class='m-head'><h2>{}</h2>{}</header>").format(title, line)


def title(text: str, line: str = "") -> Markup:
    """The title of a page, with a line below it."""
    below = Markup("<p class='m-note'>{}</p>").format(line) if line else Markup("")
    return Markup("<header class='m-title'><h1>{}</h1>{}</header>").format(text, below)


def link(address: str, label: str) -> Markup:
    """A link within the desk's address."""
    return Markup("<a class='m-link' href='{}'>{}</a>").format(address, label)


def safe_link(address: str | None) -> str | None:
    """The address when it is one of the web (http or https with a host), else None."""
    if not address:
        return None
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return address.strip() if parts.scheme in ("http", "https") and parts.netloc else None


def sentences(lines: Sequence[str]) -> Markup:
    """What changed, one line a sentence."""
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup("<ul class='m-sentences'>{}</ul>").format(items)


def count(value: int, language: str) -> Markup:
    """A count at a glance, with the exact figure on hover."""
    text, full = formats.short(value, language), formats.number(value)
    if text == full:
        return Markup("<span class='m-num'>{}</span>").format(text)
    return Markup("<span class='m-num' title='{}'>{}</span>").format(full, text)


def figure(
    label: str,
    value: Markup | str,
    change: str,
    points: Sequence[float | None],
    theme: Theme,
    definition: str,
    mark: str = "",
) -> Markup:
    """A figure with its meaning: label, number, change in words, a sparkline of thirty days.

    `mark` is the sentence that says the sample is too small; "" where it is not.
    """
    warning = Markup("<span class='m-few'>{}</span>").format(mark) if mark else Markup("")
    return Markup(
        "<article class='m-figure' title='{}'><p class='m-label'>{}</p><p class='m-value'>{}</p>"
        "<p class='m-change'>{} {}</p>{}</article>"
    ).format(definition, label, value, change, warning, sparkline(points, theme))


def sparkline(points: Sequence[float | None], theme: Theme) -> Markup:
    """A small line without axes, drawn as an image; nothing where there are under three points."""
    known = [(index, value) for index, value in enumerate(points) if value is not None]
    if len(known) < 3:
        return Markup("")
    low, high = min(value for _, value in known), max(value for _, value in known)
    spread = (high - low) or 1.0
    width = max(len(points) - 1, 1)
    path, before = "", -2
    for index, value in known:  # what is not known breaks the line
        at = f"{index / width * 156 + 2:.1f},{30 - (value - low) / spread * 26:.1f}"
        path += f"{'L' if index == before + 1 else 'M'}{at}"
        before = index
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 160 34' preserveAspectRatio='none'>"
        f"<path d='{path}' fill='none' stroke='{TOKENS[theme]['ink-soft']}' "
        "stroke-width='1.5' stroke-linejoin='round' vector-effect='non-scaling-stroke'/></svg>"
    )
    data = b64encode(drawing.encode()).decode()
    return Markup("<img class='m-spark' alt='' src='data:image/svg+xml;base64,{}'>").format(data)


def figures(items: Sequence[Markup]) -> Markup:
    """Figures side by side; one under the other on a phone."""
    return Markup("<div class='m-figures'>{}</div>").format(Markup("").join(items))


def sentiment_chip(sentiment: str | None, say: Words) -> Markup:
    """The sentiment as sign and word on its colour; a mention not read yet says so."""
    if sentiment not in SENTIMENTS:
        return Markup("<span class='m-chip'>{}</span>").format(say(_UNREAD))
    return Markup("<span class='m-chip m-{}'><b aria-hidden='true'>{}</b> {}</span>").format(
        sentiment, SIGNS[sentiment], say(SENTIMENTS[sentiment])
    )


def stars(rating: float | None, raw: str | None, say: Words) -> Markup:
    """A rating (0..1) as one to five stars; the source's own writing on hover."""
    if rating is None:
        return Markup("")
    value = 1 + 4 * rating
    full = round(value)
    return Markup(
        "<span class='m-stars' title='{}'><span aria-hidden='true'>{}<i>{}</i></span> "
        "<span class='m-sr'>{}</span>{}</span>"
    ).format(
        say("mention.rating_raw", raw=raw or "–"), "★" * full, "★" * (5 - full),
        say("mention.rating"), f"{value:.1f}",
    )  # fmt: skip


def found_words(lemmas: Sequence[str]) -> re.Pattern[str] | None:
    """What to mark in a text: nouns anywhere, verbs by their stem at the start of a word.

    An irregular verb whose stem changes (예쁘다, 예뻐요) is found by the search but not marked.
    """
    parts = []
    for lemma in lemmas:
        stem = lemma[:-1] if len(lemma) > 1 and lemma.endswith("다") else lemma
        stem = stem[:-1] if len(stem) > 2 and stem != lemma and stem.endswith("하") else stem
        anywhere = stem == lemma and len(stem) > 1 and not stem.isascii()
        parts.append(("" if anywhere else r"(?<!\w)") + re.escape(stem))
    return (
        re.compile("|".join(sorted(parts, key=len, reverse=True)), re.IGNORECASE) if parts else None
    )


def marked(text: str, found: re.Pattern[str] | None) -> Markup:
    """The text, escaped, with the found words marked."""
    if found is None:
        return Markup.escape(text)
    out, end = Markup(""), 0
    for match in found.finditer(text):
        out += Markup("{}<mark>{}</mark>").format(text[end : match.start()], match.group())
        end = match.end()
    return out + Markup.escape(text[end:])


def source_glyph(source: str) -> Markup:
    """Two letters that stand for a source, its full name on hover."""
    letters = re.sub(r"[\W_]+", "", source)[:2].upper() or "?"
    return Markup("<span class='m-glyph' title='{}' aria-hidden='true'>{}</span>").format(
        source, letters
    )


def author(mention: Mapping[str, Any], say: Words) -> str:
    """What the author is called: name, else handle, else that nobody said."""
    return str(mention.get("author_name") or mention.get("author_handle") or say("mention.nobody"))


def mention_card(
    mention: Mapping[str, Any],
    say: Words,
    now: datetime,
    zone: str,
    found: re.Pattern[str] | None = None,
    chips: Markup | str = "",
    body: tuple[Markup, Markup] | None = None,
) -> Markup:
    """A mention for a list: source, author, time, text of at most five lines, sentiment, stars.

    `chips` stand beside the sentiment; `body` is title and text where they are marked already.
    """
    top, text = body or (marked(mention.get("title") or "", found), marked(mention["text"], found))
    headline = (
        Markup("<p class='m-headline'>{}</p>").format(top) if mention.get("title") else Markup("")
    )
    product = (
        Markup("<span class='m-product'>{}</span>").format(mention["product"])
        if mention.get("product")
        else Markup("")
    )
    return Markup(
        "<article class='m-card'>"
        "<p class='m-meta'>{}<span class='m-sr'>{}</span> <b>{}</b> {}{}</p>{}"
        "<p class='m-text'>{}</p><p class='m-foot'>{}{}{}</p></article>"
    ).format(
        source_glyph(mention["source"]), mention["source"], author(mention, say),
        moment(mention["created_at"], now, zone, say), product,
        headline, text,
        sentiment_chip(mention.get("sentiment"), say), chips,
        stars(mention.get("rating"), mention.get("rating_raw"), say),
    )  # fmt: skip


def bars(rows: Sequence[tuple[str, str, float]]) -> Markup:
    """Probabilities as small bars; a row is a label, a token's name, and a share of one."""
    lines = Markup("").join(
        Markup(
            "<div class='m-bar'><dt>{}</dt><dd><span class='m-track'>"
            "<i class='m-fill m-{}' style='width:{}%'></i></span><b>{}</b></dd></div>"
        ).format(label, token, round(100 * share, 1), f"{100 * share:.0f} %")
        for label, token, share in rows
    )
    return Markup("<dl class='m-bars'>{}</dl>").format(lines)


def facts(rows: Sequence[tuple[str, Markup | str]]) -> Markup:
    """Names and values, one under the other."""
    lines = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in rows
    )
    return Markup("<dl class='m-facts'>{}</dl>").format(lines)


def terms(found: Sequence[tuple[str, str]]) -> Markup:
    """The terms of a text in order, each with its tag on hover."""
    pills = Markup("").join(
        Markup("<span title='{}'>{}</span>").format(tag, lemma) for lemma, tag in found
    )
    return Markup("<span class='m-terms'>{}</span>").format(pills)


def moment(value: datetime, now: datetime, zone: str, say: Words) -> Markup:
    """A time as it is said, with the minute and the zone on hover."""
    return Markup("<time title='{}'>{}</time>").format(
        formats.exact(value, zone, say.language), formats.when(value, now, zone, say)
    )


@dataclass(frozen=True)
class Source:
    """A source's row: its name, and names and values beside it."""

    name: str
    facts: tuple[tuple[str, Markup | str], ...]


def sources(rows: Sequence[Source]) -> Markup:
    """A row a source; on a phone its facts stand two by two."""
    return Markup("<div class='m-rows'>{}</div>").format(
        Markup("").join(
            Markup("<section class='m-row'><h2>{} {}</h2>{}</section>").format(
                source_glyph(row.name),
                row.name,
                Markup("").join(
                    Markup("<dl><dt>{}</dt><dd>{}</dd></dl>").format(name, value)
                    for name, value in row.facts
                ),
            )
            for row in rows
        )
    )


def rejected(rows: Sequence[Mapping[str, Any]], say: Words, now: datetime, zone: str) -> Markup:
    """What was set apart: where it stood, why, and what of it can be shown."""
    return Markup("<div class='m-notice'>{}</div>").format(
        Markup("").join(
            Markup(
                "<article class='m-reject'><b>{}</b> "
                "<span class='m-note'>{} · {}</span>{}</article>"
            ).format(
                row["reason"],
                say("quarantine.row", origin=row["origin"], row=row["row"]),
                moment(row["rejected_at"], now, zone, say),
                Markup("<p class='m-excerpt'>{}</p>").format(row["excerpt"] or ""),
            )
            for row in rows
        )
    )


def link_out(address: str, label: str) -> Markup:
    """A link out of the desk, in a tab of its own; `address` comes from `safe_link`."""
    return Markup(
        "<a class='m-link' href='{}' target='_blank' rel='noopener noreferrer nofollow'>{}</a>"
    ).format(address, label)
