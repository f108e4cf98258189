"""Customers at the yard's door, and the mailbox and telephone that stand for theirs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client

from community.outbox.letters import letter, text_message
from community.outbox.models import Delivery
from tests.community.conftest import PASSWORD, Visitor


class Customer(Visitor):
    """A browser at the yard, with the account's forms at hand."""

    def sign_up(
        self, email: str = "seoyeon@example.kr", name: str = "박서연", **fields: str
    ) -> HttpResponse:
        return self.send(
            "/account/sign-up", name=name, email=email, **{"password1": PASSWORD, **fields}
        )

    def enter(
        self, email: str = "seoyeon@example.kr", password: str = PASSWORD, **fields: str
    ) -> HttpResponse:
        return self.send("/account/sign-in", email=email, password=password, **fields)

    def send(self, page: str, action: str | None = None, **fields: str) -> HttpResponse:
        response = self.submit(page, action, **fields)
        assert isinstance(response, HttpResponse)
        return response

    def look(self, path: str) -> HttpResponse:
        response = self.get(path)
        assert isinstance(response, HttpResponse)
        return response

    def cookie(self) -> str:
        cookie = self.client.cookies.get("madang_session")
        return cookie.value if cookie else ""


@pytest.fixture
def customer(web: None) -> Iterator[Customer]:
    yield Customer()


@pytest.fixture
def another(web: None) -> Iterator[Customer]:
    yield Customer("198.51.100.9")


@pytest.fixture
def joined(customer: Customer) -> Customer:
    """A customer who has signed up, proved their address and is signed in."""
    customer.sign_up()
    link = path_in(newest("seoyeon@example.kr"))
    response = customer.send(link)
    assert response.status_code == 303
    return customer


def mails(to: str) -> list[dict[str, Any]]:
    """What waits in the outbox for an address or a number, oldest first."""
    rows = Delivery.objects.order_by("id")
    return [row.payload for row in rows if row.payload.get("to") == to]


def newest(to: str) -> Mapping[str, Any]:
    return mails(to)[-1]


def path_in(payload: Mapping[str, Any]) -> str:
    """The path of the link in a mail, as its reader finds it in the text."""
    found = re.search(r"http://127\.0\.0\.1:8000(/account/\S+)", letter(payload).text)
    assert found, letter(payload).text
    return found[1]


def code_in(payload: Mapping[str, Any]) -> str:
    found = re.search(r"\b(\d{6})\b", text_message(payload))
    assert found
    return found[1]


def wait_an_hour() -> None:
    """All limits are as after a long time."""
    caches["limits"].clear()


def bare(response: HttpResponse, *typed: str) -> str:
    """A page without what is different each time: its tokens, and what was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    for word in typed:
        text = text.replace(word, "…")
    return text


def fresh() -> Client:
    return Client()
