"""Customers: find one by name, address or number, and see all that is known of them."""

from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboard import cards, formats, honesty
from dashboard.context import Visit, current
from warehouse import queries
from warehouse.queries import CustomerLine, Person
from warehouse.queries.people import Customer, Purchase

FOUND: Final = 50
MENTIONS: Final = 20
ORDERS: Final = 10


def show(here: Visit) -> None:
    """Draw the search, or the customer named by `id` in the address."""
    wanted = st.query_params.get("id", "")
    if wanted:
        _one(here, wanted)
    else:
        _search(here)


def _search(here: Visit) -> None:
    say = here.say
    st.html(cards.title(say("nav.customers"), say("customers.line")))
    words = st.text_input(
        say("customers.search"), placeholder=say("customers.hint"), key="customer-words"
    )
    if not words.strip():
        st.html(cards.notice(say("customers.begin_title"), say("customers.begin_body")))
        return
    found = queries.find_customers(here.warehouse, words, here.desk.identity_key, limit=FOUND)
    if not found:
        st.html(cards.notice(say("customers.none_title"), say("customers.none_body")))
    for line in found:
        with st.container(key=f"mention-{line.customer_id}"):
            st.html(_line(here, line))
            st.page_link(
                "screens/customers.py", label=say("mentions.open"),
                query_params={"id": line.customer_id},
            )  # fmt: skip


def _line(here: Visit, line: CustomerLine) -> Markup:
    say = here.say
    last = line.last_order_at
    return Markup(
        "<article class='m-card'><p class='m-meta'><b>{}</b> <span class='m-product'>{}</span></p>"
        "<p class='m-foot'>{} · {}</p></article>"
    ).format(
        line.name or line.customer_id,
        line.city or say("customers.no_city"),
        say("customers.orders", count=line.orders, n=formats.number(line.orders)),
        say("customers.never")
        if last is None
        else cards.moment(last, here.now, here.desk.zone, say),
    )


def _one(here: Visit, customer_id: str) -> None:
    say = here.say
    st.page_link("screens/customers.py", label=say("customers.back"), icon=":material/arrow_back:")
    person = queries.customer(here.warehouse, customer_id, limit=MENTIONS)
    if person is None or person.customer is None:
        st.html(cards.notice(say("customers.gone_title"), say("customers.gone_body")))
        return
    here.desk.look_at_customer(customer_id, here.staff)
    st.html(cards.title(person.name or customer_id, _since(here, person)))
    st.html(cards.figures(_figures(here, person)))
    st.html(honesty.accuracy_line(here))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _said(here, person)
    with right:
        _known(here, person, person.customer)
        _bought(here, person)


def _since(here: Visit, person: Person) -> str:
    since = person.customer.since if person.customer else None
    if since is None:
        return ""
    return here.say("customers.since", day=formats.day(since.date(), here.language))


def _figures(here: Visit, person: Person) -> list[Markup]:
    say, language = here.say, here.language
    spent = person.totals[0] if person.totals else None
    moods = say(
        "customers.moods",
        negative=formats.number(person.negative), neutral=formats.number(person.neutral),
        positive=formats.number(person.positive),
    )  # fmt: skip
    return [
        cards.figure(
            say("customers.spent"),
            formats.money(spent.amount, spent.currency, language) if spent else "–",
            say("customers.orders", count=spent.orders, n=formats.number(spent.orders))
            if spent else say("customers.never"),
            [], here.theme, say("define.spent"),
        ),
        cards.figure(
            say("figure.mentions"), cards.count(person.mentions_count, language), moods, [],
            here.theme, say("define.person_mentions"),
        ),
        cards.figure(
            say("customers.yard"), cards.count(person.posts, language),
            say("customers.votes", count=person.votes, n=formats.number(person.votes)), [],
            here.theme, say("define.yard"),
        ),
    ]  # fmt: skip


def _said(here: Visit, person: Person) -> None:
    say = here.say
    st.html(cards.heading(say("customers.said")))
    if not person.mentions:
        st.html(cards.note(say("customers.said_nothing")))
    for mention in person.mentions:
        with st.container(key=f"mention-{mention.mention_id}"):
            card = vars(mention) | {"author_name": person.name, "rating": None}
            st.html(cards.mention_card(card, say, here.now, here.desk.zone))
            st.page_link(
                "screens/mention.py", label=say("mentions.open"),
                query_params={"id": mention.mention_id},
            )  # fmt: skip


def _known(here: Visit, person: Person, customer: Customer) -> None:
    """Contacts, and the names under which they write, each with the reason for the match."""
    say = here.say
    rows = [
        (say("customers.email"), customer.email), (say("customers.phone"), customer.phone),
        (say("customers.city"), customer.city), (say("customers.id"), customer.customer_id),
    ]  # fmt: skip
    rows += [(account.source, _reason(here, account.reason)) for account in person.accounts]
    st.html(cards.heading(say("customers.known")))
    st.html(cards.facts([(name, value or "–") for name, value in rows]))


def _reason(here: Visit, reason: str | None) -> str:
    known = {
        "email": "match.email", "phone": "match.phone",
        "email and phone": "match.both", "confirmed": "match.confirmed",
    }  # fmt: skip
    return here.say(known[reason]) if reason in known else (reason or "–")


def _bought(here: Visit, person: Person) -> None:
    say = here.say
    st.html(cards.heading(say("customers.bought")))
    if not person.orders:
        st.html(cards.note(say("customers.never")))
        return
    st.html(cards.facts([_order(here, order) for order in person.orders[:ORDERS]]))
    more = len(person.orders) - ORDERS
    if more > 0:
        st.html(cards.note(say("customers.more", n=formats.number(more))))


def _order(here: Visit, order: Purchase) -> tuple[Markup, str]:
    amount = formats.money(order.amount, order.currency, here.language)
    when = cards.moment(order.ordered_at, here.now, here.desk.zone, here.say)
    return when, f"{order.product or '–'} · {amount}"


if __name__ == "__main__":
    show(current())
