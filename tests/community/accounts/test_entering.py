"""Signing in and out, and a new password: sessions begin anew, and strangers learn nothing."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils import timezone

from community.accounts.actions import change_password
from community.belts.facts import facts_since
from community.members.models import Member
from community.outbox.models import Delivery
from community.queries import Staff
from tests.community.accounts.conftest import (
    Customer,
    bare,
    mails,
    newest,
    path_in,
    wait_an_hour,
)
from tests.community.conftest import PASSWORD, Joiner

NEW = "아주 다른 비밀번호 3"


def test_signing_in_begins_a_session_under_a_new_key(customer: Customer, join: Joiner) -> None:
    join(email="seoyeon@example.kr")
    customer.look("/account/sign-in")
    customer.client.cookies["madang_session"] = "planted-by-somebody-else-0123456789"
    response = customer.enter(next="/ideas?order=votes")
    assert (response.status_code, response["Location"]) == (303, "/ideas?order=votes")
    assert customer.cookie() not in ("", "planted-by-somebody-else-0123456789")
    assert customer.look("/account/").status_code == 200
    assert customer.look("/account/sign-in?next=/ideas")["Location"] == "/ideas"


def test_signing_out_takes_a_press_and_ends_the_session_in_the_store(joined: Customer) -> None:
    key = joined.cookie()
    assert joined.look("/account/sign-out").status_code == 200
    assert joined.look("/account/").status_code == 200, "a link signs nobody out"
    assert joined.send("/account/sign-out")["Location"] == "/"
    joined.client.cookies["madang_session"] = key
    assert joined.look("/account/").status_code == 303


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "\\\\evil.example",
        "///evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(customer: Customer, join: Joiner, onward: str) -> None:
    join(email="seoyeon@example.kr")
    assert customer.enter(next=onward)["Location"] == "/"
    other = Customer()
    other.sign_up(email="other@example.kr", next=onward)
    response = other.send(f"{path_in(newest('other@example.kr'))}")
    assert response["Location"] == "/"


def test_the_answer_is_the_same_for_a_wrong_password_and_an_unknown_address(
    customer: Customer, join: Joiner, mina: Staff
) -> None:
    join(email="seoyeon@example.kr")
    customer.sign_up(email="unproved@example.kr")
    answers = set()
    emails = ("seoyeon@example.kr", "nobody@example.kr", mina.email, "unproved@example.kr")
    for number, email in enumerate(emails):
        visitor = Customer(f"192.0.2.{number}")
        response = visitor.enter(email=email, password="틀린 비밀번호예요")
        answers.add((response.status_code, bare(response, email), len(visitor.client.cookies)))
    assert len(answers) == 1
    assert answers.pop()[0] == 422


def test_staff_have_their_own_door(customer: Customer, mina: Staff) -> None:
    assert customer.enter(email=mina.email).status_code == 422
    customer.send("/account/password/forgotten", email=mina.email)
    assert newest(mina.email)["template"] == "unknown_account"


def test_with_an_address_not_proved_the_link_is_sent_again(customer: Customer) -> None:
    customer.sign_up()
    again = Customer("192.0.2.9")
    assert again.enter()["Location"] == "/account/check-mail"
    assert again.look("/account/").status_code == 303
    told = [mail["template"] for mail in mails("seoyeon@example.kr")]
    assert told == ["confirm_sign_up", "confirm_email"]


def test_guessing_is_slowed_down(customer: Customer, join: Joiner) -> None:
    join(email="seoyeon@example.kr")
    for _ in range(5):
        assert customer.enter(password="틀린 비밀번호예요").status_code == 422
    response = customer.enter()
    assert response.status_code == 429 and response["Retry-After"] == "900"
    assert Customer("192.0.2.77").enter().status_code == 303, "from elsewhere one gets in"


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(
    joined: Customer, another: Customer
) -> None:
    member = Member.objects.get()
    response = another.send("/account/password/forgotten", email="seoyeon@example.kr")
    assert response["Location"] == "/account/check-mail"
    link = path_in(newest("seoyeon@example.kr"))
    assert another.send(link, wanted=NEW, again="etwas anderes").status_code == 422
    assert another.send(link, wanted="짧아요", again="짧아요").status_code == 422
    response = another.send(link, wanted=NEW, again=NEW)
    assert response["Location"] == "/account/sign-in?did=password"
    assert another.look(link).status_code == 404, "it works once"
    assert joined.look("/account/").status_code == 303, "the other sessions have ended"
    assert another.enter(password=PASSWORD).status_code == 422
    assert another.enter(password=NEW).status_code == 303
    member.refresh_from_db()
    assert member.check_password(NEW)
    assert newest("seoyeon@example.kr")["template"] == "password_changed"


def test_the_link_to_a_new_password_proves_the_address_too(customer: Customer) -> None:
    customer.sign_up()
    customer.send("/account/password/forgotten", email="seoyeon@example.kr")
    customer.send(path_in(newest("seoyeon@example.kr")), wanted=NEW, again=NEW)
    assert EmailAddress.objects.get().verified
    assert [fact.kind for fact in facts_since(0)] == ["member_joined"]
    assert customer.enter(password=NEW)["Location"] == "/"


def test_links_to_a_new_password_end_with_another_change_and_with_time(
    customer: Customer, join: Joiner
) -> None:
    member = join(email="seoyeon@example.kr")
    customer.send("/account/password/forgotten", email="seoyeon@example.kr")
    link = path_in(newest("seoyeon@example.kr"))
    assert customer.look(link).status_code == 200
    public_id = link.split("/")[4]
    later = PasswordResetTokenGenerator()
    later._now = lambda: (timezone.localtime() - timedelta(hours=3)).replace(tzinfo=None)  # type: ignore[method-assign]
    assert (
        customer.look(f"/account/password/new/{public_id}/{later.make_token(member)}").status_code
        == 404
    )
    assert (
        customer.look(f"/account/password/new/{'0' * 16}/{link.split('/')[5]}").status_code == 404
    )
    change_password(member, "또 다른 비밀번호 9")
    assert customer.look(link).status_code == 404


def test_asking_for_a_new_password_says_nothing_of_accounts(
    customer: Customer, join: Joiner, mina: Staff
) -> None:
    join(email="seoyeon@example.kr")
    answers = set()
    for number, email in enumerate(("seoyeon@example.kr", "nobody@example.kr", mina.email)):
        visitor = Customer(f"192.0.2.{number}")
        sent = visitor.send("/account/password/forgotten", email=email)
        page = bare(visitor.look(sent["Location"]), email)
        answers.add(
            (sent.status_code, sent["Location"], page, tuple(sorted(visitor.client.cookies)))
        )
    assert len(answers) == 1
    assert newest("nobody@example.kr")["template"] == "unknown_account"
    assert newest("seoyeon@example.kr")["template"] == "reset_password"


def test_asking_again_and_again_fills_no_mailbox(customer: Customer, join: Joiner) -> None:
    join(email="seoyeon@example.kr")
    for _ in range(20):
        assert (
            customer.send("/account/password/forgotten", email="seoyeon@example.kr").status_code
            == 303
        )
    assert len(mails("seoyeon@example.kr")) == 3
    assert customer.send("/account/password/forgotten", email="a@example.kr").status_code == 429
    wait_an_hour()
    customer.send("/account/password/forgotten", email="seoyeon@example.kr")
    assert len(mails("seoyeon@example.kr")) == 4


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(
    joined: Customer, another: Customer
) -> None:
    another.enter()
    key = joined.cookie()
    fields = {"present": PASSWORD, "wanted": NEW, "again": NEW}
    wrong = joined.send("/account/password", **{**fields, "present": "틀린 비밀번호예요"})
    assert wrong.status_code == 422
    assert joined.send("/account/password", **fields)["Location"] == "/account/?did=password"
    assert joined.cookie() != key
    assert joined.look("/account/").status_code == 200
    assert another.look("/account/").status_code == 303
    assert newest("seoyeon@example.kr")["template"] == "password_changed"


@pytest.mark.parametrize(
    "path",
    [
        "/account/login/", "/account/logout/", "/account/signup/", "/account/inactive/",
        "/account/reauthenticate/", "/account/password/set/", "/account/password/reset/",
        "/account/login/code/", "/account/confirm-email/", "/account/email/",
    ],
)  # fmt: skip
def test_of_allauths_own_pages_none_is_open(customer: Customer, path: str) -> None:
    assert customer.look(path).status_code == 404
    assert Delivery.objects.count() == 0
