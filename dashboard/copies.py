"""Whether a mention is a copy and of what, and whether its author posts like a machine."""

from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboard import cards, formats
from dashboard.context import Visit
from dashboard.i18n import Words
from warehouse import queries
from warehouse.queries import Account, Copies, MentionPage

HABITS: Final = {
    "copies": "machine.copies",
    "regular": "machine.regular",
    "sleepless": "machine.sleepless",
    "bursts": "machine.bursts",
    "on_the_minute": "machine.on_the_minute",
    "links": "machine.links",
}


def show(here: Visit, page: MentionPage) -> None:
    """Draw what there is to say, which for most mentions is nothing."""
    found = queries.copies_of(here.warehouse, page.mention_id)
    if found is not None:
        st.html(copied(here, page.mention_id, found))
        if found.first_id != page.mention_id:
            st.page_link(
                "screens/mention.py",
                label=here.say("copied.open"),
                query_params={"id": found.first_id},
            )
    author = page.author_id or page.author_handle
    judged = queries.account(here.warehouse, page.source, author) if author else None
    if judged is not None and judged.like_a_machine:
        st.html(machine(judged, here.say))


def copied(here: Visit, mention_id: str, found: Copies) -> Markup:
    """Who said it first and how many said it after, in a line."""
    say = here.say
    n = formats.number(found.copies)
    if found.first_id == mention_id:
        line = Markup("{}").format(say("copied.first", count=found.copies, n=n))
    else:
        line = Markup("{} · {} · {}").format(
            say(
                "copied.of",
                author=found.first_author or say("mention.nobody"),
                source=found.first_source,
            ),
            cards.moment(found.first_at, here.now, here.desk.zone, say),
            say("copied.count", count=found.copies, n=n),
        )
    return Markup("<p class='m-note m-copied'>{}</p>").format(line)


def machine(judged: Account, say: Words) -> Markup:
    """That an account posts like a machine, and by which habits."""
    reasons = ", ".join(say(HABITS[reason]) for reason in judged.reasons)
    return Markup("<p class='m-note m-machine'>{}</p>").format(
        say("machine.line", score=formats.percent(judged.score), reasons=reasons)
    )
