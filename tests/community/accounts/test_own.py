"""One's own account: what can be changed, and that nobody else's can."""

import io
import json
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress

from community.accounts.models import Phone, PhoneCode
from community.accounts.phone import check_code, send_code
from community.accounts.queries import account, mail_wanted
from community.accounts.wishes import leave_token
from community.belts.facts import facts_since
from community.members.models import Member
from community.outbox.models import Delivery
from community.queries import Staff, audit_trail
from nlp.identifiers import email_key, phone_key
from tests.community.accounts.conftest import (
    Customer,
    bare,
    code_in,
    mails,
    newest,
    path_in,
    wait_an_hour,
)
from tests.community.conftest import PASSWORD, Joiner

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NUMBER = "+821012345678"
KEY = b"only-for-tests"
OWN_PAGES = ("", "password", "email", "phone", "phone/code", "phone/forget", "download", "leave")


@pytest.mark.parametrize("page", OWN_PAGES)
def test_one_signs_in_first(customer: Customer, page: str) -> None:
    for response in (
        customer.look(f"/account/{page}"),
        customer.send("/account/sign-in", f"/account/{page}"),
    ):
        assert response.status_code == 303
        assert response["Location"].startswith("/account/sign-in")


@pytest.mark.parametrize("page", OWN_PAGES)
def test_a_form_without_its_token_changes_nothing(joined: Customer, page: str) -> None:
    response = joined.client.post(f"/account/{page}", {"password": PASSWORD, "name": "남"})
    assert response.status_code == 403
    assert Member.objects.get().name == "박서연"


def test_name_language_and_wishes_are_changed(joined: Customer) -> None:
    response = joined.send("/account/", name="서연", language="en", idea_mail="on")
    assert response["Location"] == "/account/?did=saved"
    shown = account(Member.objects.get())
    assert (shown.name, shown.language) == ("서연", "en")
    assert (shown.idea_mail, shown.answer_mail) == (True, False)
    assert "Saved." in joined.look("/account/?did=saved").content.decode()
    assert "서연" not in repr(audit_trail())


def test_what_a_form_does_not_ask_cannot_be_set(joined: Customer, join: Joiner) -> None:
    other = join("김하늘", "haneul@example.kr")
    joined.send(
        "/account/", name="서연", language="ko", is_staff="on", role="engineer", pk=str(other.pk),
        member=str(other.pk), email="x@example.kr", public_id=other.public_id,
    )  # fmt: skip
    me = Member.objects.get(name="서연")
    assert (me.is_staff, me.role, me.email) == (False, "", "seoyeon@example.kr")
    other.refresh_from_db()
    assert other.name == "김하늘"


def test_a_session_of_staff_is_none_here(customer: Customer, mina: Staff) -> None:
    member = Member.objects.get(pk=mina.member_id)
    customer.client.force_login(member)
    for page in OWN_PAGES:
        assert customer.look(f"/account/{page}").status_code == 403


def test_another_address_counts_once_its_mailbox_has_said_so(joined: Customer) -> None:
    wrong = joined.send("/account/email", email="new@example.kr", password="틀린 비밀번호예요")
    assert wrong.status_code == 422 and mails("new@example.kr") == []
    response = joined.send("/account/email", email="New@Example.kr", password=PASSWORD)
    assert response["Location"] == "/account/?did=email"
    assert Member.objects.get().email == "seoyeon@example.kr"
    assert "new@example.kr" in joined.look("/account/").content.decode()
    joined.send(path_in(newest("new@example.kr")))
    member = Member.objects.get()
    assert member.email == "new@example.kr"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.kr", True)]
    assert newest("seoyeon@example.kr")["template"] == "email_changed"
    fact = facts_since(1)[0]
    assert (fact.kind, fact.body["email_key"]) == ("member_keys", email_key("new@example.kr", KEY))


def test_whose_address_it_is_already_is_not_said(
    joined: Customer, join: Joiner, mina: Staff
) -> None:
    join("김하늘", "haneul@example.kr")
    answers = set()
    for email in ("haneul@example.kr", mina.email, "nobody@example.kr"):
        sent = joined.send("/account/email", email=email, password=PASSWORD)
        page = bare(joined.look(sent["Location"]), email)
        answers.add((sent.status_code, sent["Location"], page))
    assert len(answers) == 1
    assert newest("haneul@example.kr")["template"] == "account_exists"
    assert newest(mina.email)["template"] == "account_exists"


def test_two_who_want_the_same_address_do_not_both_get_it(
    joined: Customer, another: Customer, join: Joiner
) -> None:
    join("김하늘", "haneul@example.kr")
    another.enter("haneul@example.kr")
    for visitor in (joined, another):
        visitor.send("/account/email", email="both@example.kr", password=PASSWORD)
    first, second = (path_in(mail) for mail in mails("both@example.kr"))
    assert another.send(second).status_code == 303
    assert joined.look(first).status_code == 404
    assert set(Member.objects.values_list("email", flat=True)) == {
        "both@example.kr", "seoyeon@example.kr",
    }  # fmt: skip


def test_a_number_is_proved_by_the_code_that_came_to_it(joined: Customer) -> None:
    response = joined.send("/account/phone", number="010-1234-5678")
    assert response["Location"] == "/account/phone/code"
    code = code_in(newest(NUMBER))
    assert "5678" in joined.look("/account/phone/code").content.decode()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert joined.send("/account/phone/code", code=wrong).status_code == 422
    response = joined.send("/account/phone/code", code=f"{code[:3]} {code[3:]}")
    assert response["Location"] == "/account/?did=phone"
    fact = facts_since(1)[0]
    assert fact.body == {
        "email_key": email_key("seoyeon@example.kr", KEY), "phone_key": phone_key(NUMBER, KEY),
    }  # fmt: skip
    assert joined.send("/account/phone", "/account/phone/forget")["Location"].endswith("forgotten")
    assert facts_since(2)[0].body["phone_key"] is None
    assert Phone.objects.count() == PhoneCode.objects.count() == 0


def test_neither_number_nor_code_is_kept_here(join: Joiner) -> None:
    member = join()
    send_code(member, NUMBER, NOON)
    code = code_in(newest(NUMBER))
    waiting = PhoneCode.objects.values().get()
    assert code not in str(waiting) and "12345678" not in str(waiting)
    check_code(member, code, NOON)
    assert "12345678" not in str(Phone.objects.values().get())


def test_codes_grow_old_and_are_tried_five_times(join: Joiner) -> None:
    member = join()
    send_code(member, NUMBER, NOON)
    code = code_in(newest(NUMBER))
    assert not check_code(member, code, NOON + timedelta(minutes=10))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert not check_code(member, wrong, NOON)
    assert not check_code(member, code, NOON), "even the right one, after five"
    send_code(member, NUMBER, NOON)
    assert check_code(member, code_in(newest(NUMBER)), NOON)
    assert not check_code(member, code_in(newest(NUMBER)), NOON), "a code works once"


def test_a_code_is_of_no_use_to_another_member(join: Joiner) -> None:
    mine, theirs = join(), join("김하늘")
    send_code(mine, NUMBER, NOON)
    code = code_in(newest(NUMBER))
    assert not check_code(theirs, code, NOON)
    assert check_code(mine, code, NOON)


def test_whose_number_it_was_is_not_said_and_the_last_to_prove_it_has_it(
    joined: Customer, join: Joiner
) -> None:
    former = join("김하늘")
    send_code(former, NUMBER, NOON)
    check_code(former, code_in(newest(NUMBER)), NOON)
    answers = set()
    for number in ("010-1234-5678", "010-9999-5678"):
        sent = joined.send("/account/phone", number=number)
        answers.add((sent.status_code, bare(joined.look("/account/phone/code"), number)))
    assert len(answers) == 1
    joined.send("/account/phone", number="010-1234-5678")
    joined.send("/account/phone/code", code=code_in(newest(NUMBER)))
    assert Phone.objects.get().member.name == "박서연"
    told = [
        (fact.subject, fact.body["phone_key"])
        for fact in facts_since(0)
        if fact.kind == "member_keys"
    ]
    assert told[-2] == (former.public_id, None)
    assert told[-1][1] == phone_key(NUMBER, KEY)


@pytest.mark.parametrize("number", ["", "12", "전화번호", "0" * 33, "010-1234-5678\nBcc: a"])
def test_what_is_no_number_is_sent_nothing(joined: Customer, number: str) -> None:
    response = joined.send("/account/phone", number=number)
    assert response.status_code in (422, 303)
    sent = Delivery.objects.filter(channel="text")
    assert all(row.payload["to"][1:].isdigit() for row in sent)
    assert sent.count() == (1 if response.status_code == 303 else 0)


def test_text_messages_cost_money_and_are_few(joined: Customer) -> None:
    for _ in range(3):
        assert joined.send("/account/phone", number="010-1234-5678").status_code == 303
    assert joined.send("/account/phone", number="010-1234-5678").status_code == 429
    assert joined.send("/account/phone", number="010-1234-9999").status_code == 303
    assert joined.send("/account/phone", number="010-1234-8888").status_code == 429, "five a day"
    wait_an_hour()
    assert joined.send("/account/phone", number="010-1234-5678").status_code == 303


def test_everything_can_be_taken_along(joined: Customer) -> None:
    response = joined.send("/account/", "/account/download")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="madang.zip"'
    with ZipFile(io.BytesIO(response.content)) as files:
        mine = json.loads(files.read("계정.json"))
        assert set(files.namelist()) >= {"계정.json", "리뷰.json", "투표.json", "알림.json"}
    assert mine["name"] == "박서연"
    assert mine["addresses"] == [{"email": "seoyeon@example.kr", "verified": True}]


def test_mail_of_a_kind_ends_with_one_press_even_by_a_mail_program(web: None, join: Joiner) -> None:
    member = join()
    token = leave_token(member.public_id, "idea_status")
    program = Customer("192.0.2.5")
    assert program.look(f"/account/mail/{token}").status_code == 200
    assert member.pk in mail_wanted([member.pk], "idea_mail")
    response = program.client.post(f"/account/mail/{token}", {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert mail_wanted([member.pk], "idea_mail") == {}
    assert member.pk in mail_wanted([member.pk], "answer_mail")
    assert program.look(f"/account/mail/{token}x").status_code == 404
    assert leave_token(member.public_id, "reset_password") is None
