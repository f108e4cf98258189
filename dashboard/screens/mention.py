"""One mention: what was said and by whom, how it was read, and where it came from."""

from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboard import cards, copies, formats, meanings
from dashboard.context import Visit, current
from dashboard.filters import LANGUAGES
from dashboard.judging import Correction
from warehouse import queries
from warehouse.queries import MentionPage

OTHERS: Final = 10


def show(here: Visit) -> None:
    """Draw the screen for the mention named by `id` in the address."""
    say = here.say
    st.page_link("screens/mentions.py", label=say("mention.back"), icon=":material/arrow_back:")
    wanted = st.query_params.get("id", "")
    page = queries.mention(here.warehouse, wanted) if wanted else None
    if page is None:
        st.html(cards.notice(say("mention.none_title"), say("mention.none_body")))
        return
    mention = vars(page)
    st.html(cards.title(say("mention.title", author=cards.author(mention, say))))
    said = here.desk.judging.corrections([page.mention_id]).get(page.mention_id)
    if said is not None and said.text_hash != page.text_hash:
        said = None  # of a text that is no longer there
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.html(Markup("<div class='m-whole'>{}</div>").format(_card(here, page, said)))
        _judge(here, page, said)
        copies.show(here, page)
        _origin(here, page)
    with right:
        _reading(here, page)
    _others(here, page)


def _card(here: Visit, page: MentionPage, said: Correction | None) -> Markup:
    read = page.annotation.sentiment if page.annotation else None
    shown = vars(page) | {"sentiment": read if said is None else said.sentiment}
    body = meanings.body_of(page, here.desk.aspect_names, here.say)
    chips = meanings.badges_of(page.annotation, here.say) if page.annotation else []
    return cards.mention_card(
        shown, here.say, here.now, here.desk.zone, chips=Markup("").join(chips), body=body
    )


def _judge(here: Visit, page: MentionPage, said: Correction | None) -> None:
    """What a person says it means, which outranks the model; and the keys to say so."""
    say = here.say
    if said is None:
        st.html(cards.note(say("judge.ask")))
    else:
        when = cards.moment(said.at, here.now, here.desk.zone, say)
        by = said.by or say("alert.somebody")
        mood = say(cards.SENTIMENTS[said.sentiment])
        st.html(
            Markup("<p class='m-note m-judged'><b>{}</b> · {} · {}</p>").format(
                say("judge.by_person", sentiment=mood), by, when
            )
        )
    with st.container(horizontal=True, key="judge-keys"):
        for sentiment in ("negative", "neutral", "positive"):
            chosen = said is not None and said.sentiment == sentiment
            name = f"{cards.SIGNS[sentiment]} {say(cards.SENTIMENTS[sentiment])}"
            if st.button(name, key=f"judge-{sentiment}", disabled=chosen):
                order = here.desk.judging.correct
                order(page.mention_id, page.text_hash, sentiment, here.staff)
                st.rerun()
        if said is not None and st.button(say("judge.undo"), key="judge-undo", type="tertiary"):
            here.desk.judging.withdraw(page.mention_id, here.staff)
            st.rerun()


def _reading(here: Visit, page: MentionPage) -> None:
    """How the annotator read it: probabilities, language, terms, copies."""
    say, reading = here.say, page.annotation
    st.html(cards.heading(say("reading.title")))
    if reading is None:
        st.html(cards.notice(say("reading.none_title"), say("reading.none_body"), "madang run"))
        return
    rows = [
        (say(cards.SENTIMENTS[name]), name, share)
        for name, share in (
            ("positive", reading.p_positive),
            ("neutral", reading.p_neutral),
            ("negative", reading.p_negative),
        )
        if share is not None
    ]
    st.html(cards.bars(rows))
    language = LANGUAGES.get(reading.lang or "")
    fingerprint = reading.fingerprint
    st.html(
        cards.facts(
            [
                *meanings.rows_of(reading, here.desk.aspect_names, say),
                (say("reading.language"), say(language) if language else reading.lang or "–"),
                (say("reading.terms"), cards.terms(reading.terms)),
                (say("reading.copies"), "–" if fingerprint is None else f"{fingerprint:016x}"),
                (say("reading.version"), reading.version),
            ]
        )
    )


def _origin(here: Visit, page: MentionPage) -> None:
    """Where and when it was said, with the rating as the source wrote it and the way back there."""
    say = here.say
    zone, language = here.desk.zone, here.language
    address = cards.safe_link(page.url)
    rows: list[tuple[str, Markup | str]] = [
        (say("origin.source"), page.source),
        (say("origin.written"), formats.exact(page.created_at, zone, language)),
        (say("origin.collected"), formats.exact(page.collected_at, zone, language)),
        (say("origin.product"), page.product or "–"),
        (say("origin.rating"), page.rating_raw or "–"),
        (say("origin.native_id"), page.native_id),
    ]
    if address:
        rows.append((say("origin.link"), cards.link_out(address, say("origin.open"))))
    st.html(cards.heading(say("origin.title")) + cards.facts(rows))


def _others(here: Visit, page: MentionPage) -> None:
    """What else the author said there."""
    say, handle = here.say, page.author_handle
    if not handle:
        return
    answer = queries.mentions_by_author(
        here.warehouse, page.source, handle, limit=OTHERS + 1
    ).to_pylist()
    others = [row for row in answer if row["mention_id"] != page.mention_id][:OTHERS]
    definition = say("author.masked") if "*" in handle else ""
    st.html(cards.heading(say("author.title", author=handle), definition))
    if not others:
        st.html(cards.note(say("author.only")))
    for other in others:
        with st.container(key=f"mention-{other['mention_id']}"):
            chips = meanings.chips_of(other, here.desk.aspect_names, say)
            st.html(cards.mention_card(other, say, here.now, here.desk.zone, chips=chips))
            st.page_link(
                "screens/mention.py", label=say("mentions.open"),
                query_params={"id": str(other["mention_id"])},
            )  # fmt: skip


if __name__ == "__main__":
    show(current())
