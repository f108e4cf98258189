"""Joining: an address is proved by its mailbox, and pages never say who has an account."""

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.utils import timezone

from community.accounts.membership import UNPROVED_FOR, forget_unproved
from community.belts.facts import facts_since
from community.members.models import Member
from community.outbox.letters import letter
from community.outbox.models import Delivery
from community.queries import Staff, audit_trail
from nlp.identifiers import email_key
from tests.community.accounts.conftest import (
    Customer,
    bare,
    mails,
    newest,
    path_in,
    wait_an_hour,
)
from tests.community.conftest import PASSWORD, Joiner


def test_who_signs_up_is_in_once_the_link_was_pressed(customer: Customer) -> None:
    response = customer.sign_up(email=" Seoyeon@Example.kr ", next="/ideas")
    assert (response.status_code, response["Location"]) == (303, "/account/check-mail")
    assert "seoyeon@example.kr" in customer.look("/account/check-mail").content.decode()
    member = Member.objects.get(email="seoyeon@example.kr")
    assert (member.name, member.language, member.is_staff) == ("박서연", "ko", False)
    assert facts_since(0) == ()
    assert customer.look("/account/").status_code == 303, "no session before the address is proved"
    before = customer.cookie()
    link = path_in(newest("seoyeon@example.kr"))
    assert "seoyeon@example.kr" in customer.look(link).content.decode()
    assert not EmailAddress.objects.get().verified, "a program that opens the link changes nothing"
    response = customer.send(link)
    assert (response.status_code, response["Location"]) == (303, "/ideas")
    assert customer.cookie() != before, "the session has a new key"
    assert customer.look("/account/").status_code == 200
    fact = facts_since(0)[0]
    key = email_key("seoyeon@example.kr", b"only-for-tests")
    assert (fact.kind, fact.subject) == ("member_joined", member.public_id)
    assert fact.body == {"language": "ko", "email_key": key}


def test_in_another_browser_the_link_proves_the_address_and_one_signs_in(
    customer: Customer, another: Customer
) -> None:
    customer.sign_up()
    link = path_in(newest("seoyeon@example.kr"))
    response = another.send(link)
    assert response["Location"] == "/account/sign-in?did=confirmed"
    assert "이메일을 확인했어요" in another.look(response["Location"]).content.decode()
    assert another.look("/account/").status_code == 303
    assert customer.enter().status_code == 303
    assert customer.look("/account/").status_code == 200


def test_a_link_works_once(joined: Customer, another: Customer) -> None:
    link = path_in(mails("seoyeon@example.kr")[0])
    assert another.look(link).status_code == 404
    response = another.send("/account/sign-in", link)
    assert response.status_code == 404
    assert len(facts_since(0)) == 1


def test_a_link_that_we_did_not_make_proves_nothing(customer: Customer) -> None:
    customer.sign_up()
    number = EmailAddress.objects.get().pk
    for key in ("x", f"{number}:abc:def", signing.dumps(number), signing.dumps(number, salt="x")):
        assert customer.look(f"/account/confirm/{key}").status_code == 404
    assert not EmailAddress.objects.get().verified


def test_the_answer_is_the_same_for_an_address_with_an_account(
    customer: Customer, another: Customer, join: Joiner, mina: Staff
) -> None:
    join("김하늘", "haneul@example.kr")
    pages = []
    for visitor, email in (
        (Customer("192.0.2.1"), "new@example.kr"),
        (Customer("192.0.2.2"), "haneul@example.kr"),
        (Customer("192.0.2.3"), mina.email),
    ):
        sent = visitor.sign_up(email=email)
        page = visitor.look("/account/check-mail")
        cookies = sorted(visitor.client.cookies)
        pages.append((sent.status_code, sent["Location"], bare(page, email), cookies))
    assert pages[0] == pages[1] == pages[2]
    assert newest("new@example.kr")["template"] == "confirm_sign_up"
    for email in ("haneul@example.kr", mina.email):
        told = newest(email)
        assert told["template"] == "account_exists"
        assert "/account/confirm" not in letter(told).text
    assert Member.objects.count() == 3
    assert Member.objects.get(pk=mina.member_id).check_password(PASSWORD)


def test_an_address_that_nobody_proved_is_nobodys(customer: Customer, another: Customer) -> None:
    another.sign_up(name="남의 이름")
    first = path_in(newest("seoyeon@example.kr"))
    customer.sign_up()
    assert [member.name for member in Member.objects.all()] == ["박서연"]
    assert another.look(first).status_code == 404
    customer.send(path_in(newest("seoyeon@example.kr")))
    assert customer.look("/account/").status_code == 200


def test_accounts_whose_address_is_never_proved_go_away(
    customer: Customer, join: Joiner, mina: Staff
) -> None:
    customer.sign_up()
    kept = join("김하늘", "haneul@example.kr")
    later = timezone.now() + UNPROVED_FOR
    assert forget_unproved(timezone.now()) == 0
    assert forget_unproved(later) == 1
    assert set(Member.objects.values_list("pk", flat=True)) == {kept.pk, mina.member_id}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", "a@example.kr\r\nBcc: b@example.kr"),
        ("email", ""),
        ("name", " "),
        ("name", "박\u202e서연"),
        ("name", "가" * 41),
        ("password1", "짧아요"),
        ("password1", "password1234"),
        ("password1", "가" * 1025),
    ],
)
def test_what_does_not_fit_makes_no_account_and_keeps_what_was_typed(
    customer: Customer, field: str, value: str
) -> None:
    response = customer.sign_up(**{"email": "seoyeon@example.kr", "name": "박서연", field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert PASSWORD not in page
    if field != "email":
        assert "seoyeon@example.kr" in page
    assert Member.objects.count() == Delivery.objects.count() == 0


def test_a_name_cannot_add_to_the_head_of_a_mail(customer: Customer) -> None:
    customer.sign_up(name="박서연\r\nBcc: everyone@example.kr")
    member = Member.objects.get()
    assert member.name == "박서연 Bcc: everyone@example.kr"
    written = letter(newest("seoyeon@example.kr"))
    assert "\n" not in written.subject and "Bcc" not in written.subject


def test_hostile_names_are_shown_as_they_are(customer: Customer) -> None:
    customer.sign_up(name='<img src=x onerror="alert(1)">')
    customer.send(path_in(newest("seoyeon@example.kr")))
    page = customer.look("/account/").content.decode()
    assert "<img src=x" not in page and "&lt;img src=x" in page
    assert "<img src=x" not in letter(mails("seoyeon@example.kr")[0]).html


def test_links_name_the_yard_and_not_what_the_request_says(customer: Customer) -> None:
    customer.client.defaults["HTTP_HOST"] = "localhost"
    customer.sign_up()
    assert letter(newest("seoyeon@example.kr")).text.count("http://127.0.0.1:8000/") == 1
    assert "localhost" not in letter(newest("seoyeon@example.kr")).text


def test_a_mailbox_is_not_filled(customer: Customer, join: Joiner) -> None:
    join("김하늘", "haneul@example.kr")
    for number in range(6):
        visitor = Customer(f"192.0.2.{number}")
        assert visitor.sign_up(email="new@example.kr").status_code == 303
        assert visitor.sign_up(email="haneul@example.kr").status_code == 303
    assert len(mails("new@example.kr")) == len(mails("haneul@example.kr")) == 3


def test_a_network_joins_so_often_and_no_more(customer: Customer) -> None:
    for number in range(20):
        assert customer.sign_up(email=f"a{number}@example.kr").status_code == 303
    response = customer.sign_up(email="last@example.kr")
    assert response.status_code == 429 and response["Retry-After"]
    assert "last@example.kr" in response.content.decode()
    assert Customer("192.0.2.44").sign_up(email="other@example.kr").status_code == 303
    wait_an_hour()
    assert customer.sign_up(email="last@example.kr").status_code == 303


@pytest.mark.parametrize("page", ["sign-up", "sign-in", "password/forgotten"])
def test_forms_without_their_token_do_nothing(customer: Customer, page: str) -> None:
    fields = {"name": "박서연", "email": "seoyeon@example.kr", "password1": PASSWORD}
    assert customer.client.post(f"/account/{page}", fields).status_code == 403
    assert Member.objects.count() == Delivery.objects.count() == 0


def test_joining_is_in_the_audit_without_a_name(joined: Customer) -> None:
    lines = audit_trail("member")
    assert [line.action for line in lines] == ["join"]
    assert "박서연" not in repr(lines) and "seoyeon" not in repr(lines)


def test_the_letter_is_in_the_language_of_the_page(customer: Customer) -> None:
    customer.client.cookies["madang_language"] = "en"
    customer.sign_up()
    assert "Hello 박서연, welcome to 해담 Madang." in letter(newest("seoyeon@example.kr")).text
    assert Member.objects.get().language == "en"


def test_the_rules_for_passwords_are_said_in_our_tone(customer: Customer) -> None:
    page = customer.sign_up(password1="짧아요").content.decode()
    assert "비밀번호가 너무 짧아요. 10자 이상으로 정해 주세요." in page
    assert "합니다" not in page and "습니다" not in page
