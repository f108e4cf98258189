"""One mention: what was said and by whom, how it was read, and where it came from."""

from typing import Any, Final

import streamlit as st
from markupsafe import Markup

from dashboard import cards, formats
from dashboard.context import Visit, current
from dashboard.filters import LANGUAGES
from warehouse import queries
from warehouse.queries import MentionPage

OTHERS: Final = 10
_PROBABILITIES: Final = ("positive", "neutral", "negative")


def show(here: Visit) -> None:
    """Draw the screen for the mention named by `id` in the address."""
    say = here.say
    st.page_link("screens/mentions.py", label=say("mention.back"), icon=":material/arrow_back:")
    wanted = st.query_params.get("id", "")
    page = queries.mention(here.warehouse, wanted) if wanted else None
    if page is None:
        st.html(cards.notice(say("mention.none_title"), say("mention.none_body")))
        return
    mention = page.mention
    st.html(cards.title(say("mention.title", author=cards.author(mention, say))))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.html(Markup("<div class='m-whole'>{}</div>").format(_card(here, page)))
        _others(here, mention)
    with right:
        _reading(here, page)
        _origin(here, page)


def _card(here: Visit, page: MentionPage) -> Markup:
    shown = page.mention | {"sentiment": (page.annotation or {}).get("sentiment")}
    return cards.mention_card(shown, here.say, here.now, here.desk.zone)


def _reading(here: Visit, page: MentionPage) -> None:
    """How the annotator read it: probabilities, language, terms, copies."""
    say, reading = here.say, page.annotation
    st.html(cards.heading(say("reading.title")))
    if reading is None:
        st.html(cards.notice(say("reading.none_title"), say("reading.none_body"), "madang run"))
        return
    rows = [
        (say(f"{cards.SENTIMENTS[name]}"), name, float(reading[f"p_{name}"] or 0.0))
        for name in _PROBABILITIES
    ]
    st.html(cards.bars(rows))
    language = LANGUAGES.get(reading["lang"] or "")
    fingerprint = reading["fingerprint"]
    st.html(
        cards.facts(
            [
                (say("reading.language"), say(language) if language else reading["lang"] or "–"),
                (say("reading.terms"), cards.terms(reading["terms"] or [])),
                (say("reading.copies"), "–" if fingerprint is None else f"{fingerprint:016x}"),
                (say("reading.version"), reading["version"]),
            ]
        )
    )


def _origin(here: Visit, page: MentionPage) -> None:
    """Where and when it was said, with the rating as the source wrote it and the way back there."""
    say, mention = here.say, page.mention
    zone, language = here.desk.zone, here.language
    address = cards.safe_link(mention["url"])
    rows: list[tuple[str, Markup | str]] = [
        (say("origin.source"), mention["source"]),
        (say("origin.written"), formats.exact(mention["created_at"], zone, language)),
        (say("origin.collected"), formats.exact(mention["collected_at"], zone, language)),
        (say("origin.product"), mention["product"] or "–"),
        (say("origin.rating"), mention["rating_raw"] or "–"),
        (say("origin.native_id"), mention["native_id"]),
    ]
    if address:
        rows.append((say("origin.link"), cards.link_out(address, say("origin.open"))))
    st.html(cards.heading(say("origin.title")) + cards.facts(rows))


def _others(here: Visit, mention: dict[str, Any]) -> None:
    """What else the author said there."""
    say, handle = here.say, mention["author_handle"]
    if not handle:
        return
    answer = queries.mentions_by_author(
        here.warehouse, mention["source"], handle, limit=OTHERS + 1
    ).to_pylist()
    others = [row for row in answer if row["mention_id"] != mention["mention_id"]][:OTHERS]
    definition = say("author.masked") if "*" in handle else ""
    st.html(cards.heading(say("author.title", author=handle), definition))
    if not others:
        st.html(cards.note(say("author.only")))
    for other in others:
        with st.container(key=f"mention-{other['mention_id']}"):
            st.html(cards.mention_card(other, say, here.now, here.desk.zone))
            st.page_link(
                "screens/mention.py", label=say("mentions.open"),
                query_params={"id": str(other["mention_id"])},
            )  # fmt: skip


if __name__ == "__main__":
    show(current())
