"""Alerts: what broke out of the usual, why, whom it hits, and who has taken it on."""

from collections.abc import Mapping
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboard import bands, cards, charts, findings, formats, honesty
from dashboard.context import AlertState, Visit, current
from warehouse import queries
from warehouse.queries import Alert, AlertPage, Filter
from warehouse.queries.alerts import Hit

SHOWN: Final = 50
QUOTES: Final = 6
NOTE_LENGTH: Final = 500


def show(here: Visit) -> None:
    """Draw the list, or the alert named by `id` in the address."""
    wanted = st.query_params.get("id", "")
    if wanted:
        _one(here, wanted)
    else:
        _list(here)


def _list(here: Visit) -> None:
    say = here.say
    st.html(cards.title(say("nav.alerts"), say("alerts.line")))
    found = queries.alerts(here.warehouse, limit=SHOWN)
    if not found:
        st.html(cards.notice(say("alerts.none_title"), say("alerts.none_body")))
        return
    states = here.desk.alert_states([alert.alert_id for alert in found])
    groups = {"alerts.waiting": "raised", "alerts.taken": "acknowledged", "alerts.past": None}
    for heading, wanted in groups.items():
        group = [alert for alert in found if _state(states, alert) == wanted]
        if group:
            st.html(cards.heading(say(heading, n=formats.number(len(group)))))
        for alert in group:
            with st.container(key=f"mention-{alert.alert_id}"):
                st.html(_line(here, alert, states.get(alert.alert_id)))
                st.page_link(
                    "screens/alerts.py", label=say("mentions.open"),
                    query_params={"id": alert.alert_id},
                )  # fmt: skip


def _state(states: Mapping[str, AlertState], alert: Alert) -> str | None:
    """raised or acknowledged; None for what was found in history and nobody was told of."""
    state = states.get(alert.alert_id)
    return None if state is None else state.state


def _line(here: Visit, alert: Alert, state: AlertState | None) -> Markup:
    lines = findings.of_alert(alert, here.now, here.desk.zone, here.say)
    return Markup(
        "<article class='m-card'><p class='m-meta'><b>{}</b> {}</p><p class='m-text'>{}</p>"
        "<p class='m-foot'>{}</p></article>"
    ).format(
        alert.product,
        cards.moment(alert.window_start, here.now, here.desk.zone, here.say),
        " ".join(lines), _taken(here, state),
    )  # fmt: skip


def _taken(here: Visit, state: AlertState | None) -> Markup:
    if state is None:
        return Markup("")
    if state.state != "acknowledged" or state.at is None:
        return Markup("<span class='m-chip m-negative'>{}</span>").format(
            here.say("alert.nobody_yet")
        )
    by = here.say("alert.taken_by", name=state.by or here.say("alert.somebody"))
    note = Markup(" · {}").format(state.note) if state.note else Markup("")
    when = cards.moment(state.at, here.now, here.desk.zone, here.say)
    return Markup("<span>{} · {}{}</span>").format(by, when, note)


def _one(here: Visit, alert_id: str) -> None:
    say = here.say
    st.page_link("screens/alerts.py", label=say("alerts.back"), icon=":material/arrow_back:")
    page = queries.alert(here.warehouse, alert_id, quotes=QUOTES)
    if page is None:
        st.html(cards.notice(say("alerts.gone_title"), say("alerts.gone_body")))
        return
    told = page.alert
    st.html(cards.title(told.product))
    st.html(cards.sentences(findings.of_alert(told, here.now, here.desk.zone, say)))
    _decide(here, told)
    _hours(here, page)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _quotes(here, page)
    with right:
        _causes(here, page)
        _hit(here, page)


def _decide(here: Visit, told: Alert) -> None:
    """Taking it on is a decision with a name and a note; it can be given back."""
    say = here.say
    state = here.desk.alert_states([told.alert_id]).get(told.alert_id)
    if state is not None and state.state == "acknowledged":
        st.html(Markup("<p class='m-note'>{}</p>").format(_taken(here, state)))
        if st.button(say("alert.reopen"), key="reopen"):
            here.desk.reopen(told.alert_id, here.staff)
            st.rerun()
        return
    if state is None:
        st.html(cards.note(say("alert.on_its_way")))
        return
    with st.form("acknowledge", border=False):
        note = st.text_input(
            say("alert.note"), placeholder=say("alert.note_hint"), max_chars=NOTE_LENGTH
        )
        if st.form_submit_button(say("alert.acknowledge"), type="primary"):
            here.desk.acknowledge(told.alert_id, here.staff, note)
            st.rerun()


def _hours(here: Visit, page: AlertPage) -> None:
    say, told = here.say, page.alert
    st.html(
        cards.heading(
            say("alert.hours"),
            say(
                "define.alert_hours", low=formats.number(told.low), high=formats.number(told.high),
                zone=here.desk.zone,
            ),
        )
    )  # fmt: skip
    st.altair_chart(
        bands.alert_hours(page.series, say, here.theme), theme=None, alt=say("alert.hours")
    )
    st.html(honesty.accuracy_line(here, Filter(products=(told.product,))))


def _causes(here: Visit, page: AlertPage) -> None:
    say = here.say
    whole = sum(count for _, count in page.sources) or 1
    st.html(cards.heading(say("alert.sources"), say("define.alert_sources", n=whole)))
    rows = [(name, count, count / whole) for name, count in page.sources]
    st.altair_chart(charts.parts(rows, say, here.theme), theme=None, alt=say("alert.sources"))
    if page.alert.terms:
        st.html(cards.heading(say("alert.words"), say("define.alert_words")))
        st.html(cards.terms([(term, "") for term in page.alert.terms]))


def _hit(here: Visit, page: AlertPage) -> None:
    say = here.say
    st.html(cards.heading(say("alert.hit"), say("define.alert_hit")))
    if not page.customers:
        st.html(cards.note(say("alert.hit_nobody")))
        return
    n = page.customers_count
    st.html(cards.note(say("alert.hit_count", count=n, n=formats.number(n))))
    for customer in page.customers:
        st.page_link(
            "screens/customers.py", label=_customer(here, customer),
            query_params={"id": customer.customer_id},
        )  # fmt: skip


def _customer(here: Visit, hit: Hit) -> str:
    name = hit.name or hit.customer_id
    if hit.amount is None or hit.currency is None:
        return name
    return f"{name} · {formats.money(hit.amount, hit.currency, here.language)}"


def _quotes(here: Visit, page: AlertPage) -> None:
    say = here.say
    st.html(cards.heading(say("alert.quotes"), say("define.alert_quotes")))
    for quote in page.quotes:
        with st.container(key=f"mention-{quote.mention_id}"):
            card = vars(quote) | {"sentiment": "negative"}
            st.html(cards.mention_card(card, say, here.now, here.desk.zone))
            st.page_link(
                "screens/mention.py", label=say("mentions.open"),
                query_params={"id": quote.mention_id},
            )  # fmt: skip


if __name__ == "__main__":
    show(current())
