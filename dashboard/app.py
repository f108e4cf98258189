"""The script that Streamlit runs: navigation, language and sign-out around the screen asked for."""

from pathlib import Path
from typing import Final

import streamlit as st
from markupsafe import Markup
from streamlit.navigation.page import StreamlitPage

from dashboard import cards
from dashboard.context import LANGUAGE, SIGN_IN, Visit, visit
from dashboard.i18n import LANGUAGES

INBOX: Final = "/inbox/"
ICON: Final = Path(__file__).parent / "icon.png"


def main() -> None:
    """Draw what stands around every screen, then the screen."""
    with visit() as here:
        page = _navigation(here)
        _sidebar(here)
        page.run()


def _navigation(here: Visit) -> StreamlitPage:
    say = here.say
    st.set_page_config(page_title=say("app.name"), page_icon=ICON, layout="wide")
    return st.navigation(
        [
            st.Page(
                "screens/overview.py", title=say("nav.overview"), url_path="overview",
                icon=":material/insights:", default=True,
            ),
            st.Page(
                "screens/mentions.py", title=say("nav.mentions"), url_path="mentions",
                icon=":material/forum:",
            ),
            st.Page(
                "screens/trackers.py", title=say("nav.trackers"), url_path="trackers",
                icon=":material/track_changes:",
            ),
            st.Page(
                "screens/aspects.py", title=say("nav.aspects"), url_path="aspects",
                icon=":material/thumbs_up_down:",
            ),
            st.Page(
                "screens/topics.py", title=say("nav.topics"), url_path="topics",
                icon=":material/topic:",
            ),
            st.Page(
                "screens/alerts.py", title=say("nav.alerts"), url_path="alerts",
                icon=":material/notifications:",
            ),
            st.Page(
                "screens/customers.py", title=say("nav.customers"), url_path="customers",
                icon=":material/group:",
            ),
            st.Page(
                "screens/sources.py", title=say("nav.sources"), url_path="sources",
                icon=":material/input:",
            ),
            st.Page(
                "screens/meter.py", title=say("nav.meter"), url_path="meter",
                icon=":material/straighten:",
            ),
            st.Page(
                "screens/mention.py", title=say("nav.mention"), url_path="mention",
                visibility="hidden",
            ),
        ]
    )  # fmt: skip


def _sidebar(here: Visit) -> None:
    """Who is signed in, the way out, and the language; the language stays in the address."""
    say = here.say
    with st.sidebar:
        brand = f" · {here.desk.brand}" if here.desk.brand else ""
        st.html(Markup("<p class='m-brand'>{}{}</p>").format(say("app.name"), brand))
        st.html(cards.link(INBOX, say("nav.inbox")))
        st.html(cards.note(here.staff.name) + cards.link(SIGN_IN, say("staff.sign_out")))
        chosen = st.segmented_control(
            say("app.language"), list(LANGUAGES), default=here.language, required=True,
            format_func=LANGUAGES.__getitem__, label_visibility="collapsed",
            key=f"language-{here.language}",
        )  # fmt: skip
    st.session_state[LANGUAGE] = chosen
    if st.query_params.get(LANGUAGE) != chosen:
        st.query_params[LANGUAGE] = chosen
    if chosen != here.language:
        st.rerun()


if __name__ == "__main__":
    main()
