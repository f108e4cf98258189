"""What the desk hands to its screens, and the door that every run of a script goes through.

`bind()` is called once by the process that mounts Streamlit: Streamlit runs scripts by path, so
what they need cannot be passed as arguments. It is the one global of the house. `visit()` wraps
each script run, fragment and callback.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol, cast

import streamlit as st

from dashboard import cards
from dashboard.i18n import LANGUAGES, Words
from dashboard.judging import Judging
from dashboard.tokens import Theme, stylesheet
from dashboard.tracking import Tracking
from warehouse.errors import WarehouseError
from warehouse.store import Warehouse
from warehouse.trackers.words import Analyser

SIGN_IN: Final = "/staff/"
LANGUAGE: Final = "lang"


class Staff(Protocol):
    """The signed-in member of staff, as the community knows them."""

    @property
    def name(self) -> str:
        """What colleagues call them."""

    @property
    def member_id(self) -> int:
        """How orders and the audit name them."""


class AlertState(Protocol):
    """What people did about an alert."""

    @property
    def state(self) -> str:
        """`raised` or `acknowledged`."""

    @property
    def by(self) -> str:
        """Who took it on, by the name colleagues use."""

    @property
    def at(self) -> datetime | None:
        """When, in UTC."""

    @property
    def note(self) -> str:
        """What they wrote to it."""


@dataclass(frozen=True)
class Desk:
    """All that the screens may reach.

    `staff` answers who is signed in from the request's cookies, or None; `release` gives back what
    a run may have borrowed (Django's connections); `analyser` reads the words of a query as the
    annotator does; `now` gives the time, in UTC. `identity_key` finds customers by address or
    number, and `look_at_customer` writes down who looked at whose card. `alert_states` tells of the
    alerts named what people did about them; `acknowledge` and `reopen` are the orders, with a note.
    `judging` holds what people may say of texts, `tracking` the queries they keep. `aspect_names`
    are what the lexicons call their aspects, by language.
    """

    warehouse: Warehouse
    zone: str
    language: str
    brand: str
    staff: Callable[[Mapping[str, str]], Staff | None]
    analyser: Analyser
    identity_key: bytes = b""
    look_at_customer: Callable[[str, Staff], object] = lambda customer_id, staff: None
    alert_states: Callable[[Sequence[str]], Mapping[str, AlertState]] = lambda ids: {}
    acknowledge: Callable[[str, Staff, str], object] = lambda alert_id, staff, note: None
    reopen: Callable[[str, Staff], object] = lambda alert_id, staff: None
    judging: Judging = field(default=Judging())
    tracking: Tracking = field(default=Tracking())
    aspect_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    release: Callable[[], None] = lambda: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class Visit:
    """One run of a script for one member of staff, in their language and theme."""

    desk: Desk
    staff: Staff
    say: Words
    theme: Theme
    now: datetime

    @property
    def warehouse(self) -> Warehouse:
        """What the questions are asked of."""
        return self.desk.warehouse

    @property
    def language(self) -> str:
        """`ko` or `en`."""
        return self.say.language


_bound: Desk | None = None
_current: ContextVar[Visit] = ContextVar("visit")


def bind(desk: Desk) -> None:
    """Give the screens their desk; the process that mounts Streamlit calls it once."""
    global _bound
    _bound = desk


def _desk() -> Desk:
    if _bound is None:
        raise RuntimeError("The desk is not bound; start it with `madang up`.")
    return _bound


def _language(default: str) -> str:
    """The language in the address, else the session's, else the desk's; kept in both."""
    wanted = st.query_params.get(LANGUAGE) or st.session_state.get(LANGUAGE) or default
    return wanted if wanted in LANGUAGES else default


def _theme() -> Theme:
    return "dark" if st.context.theme.type == "dark" else "light"


def current() -> Visit:
    """The visit that this run is in; a screen, being a script, is run inside that of `app.py`."""
    return _current.get()


@contextmanager
def visit() -> Iterator[Visit]:
    """Open one run: check the staff session again, show the desk's style, and tidy up after.

    Without a valid session the run ends here with a link to the sign-in. A WarehouseError raised
    inside is shown as it is: what happened, to which item, and what to do.
    """
    desk = _desk()
    say = Words(_language(desk.language))
    theme = _theme()
    try:
        st.html(stylesheet(theme))
        staff = desk.staff(cast(Mapping[str, str], st.context.cookies))
        if staff is None:
            st.html(cards.notice(say("staff.out.title"), say("staff.out.body")))
            st.html(cards.link(SIGN_IN, say("staff.sign_in")))
            st.stop()
        here = Visit(desk, staff, say, theme, desk.now())
        _current.set(here)
        yield here
    except WarehouseError as error:
        st.html(cards.failure(say("error.title"), str(error)))
    finally:
        desk.release()
