"""The staff's door, as those who should enter and those who should not try it."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from community.actions import change_password, change_role, deactivate_staff
from community.members.models import Member, SignInAttempt
from community.members.throttle import ACCOUNT_LIMIT, ORIGIN_LIMIT, PAIR_LIMIT
from community.queries import Staff, audit_trail, staff_of_session

PASSWORD = "가을 하늘 공활한데 7"


def test_a_right_pair_begins_a_session_and_leads_on(visitor: Any, mina: Staff) -> None:
    response = visitor.sign_in(next="/mentions?since=2026-11-01")
    assert response.status_code == 303
    assert response["Location"] == "/mentions?since=2026-11-01"
    assert staff_of_session(visitor.session_key) == mina
    assert [line.action for line in audit_trail("member", mina.member_id)] == [
        "sign_in",
        "create_staff",
    ]


def test_the_address_may_be_typed_in_any_case(visitor: Any, mina: Staff) -> None:
    assert visitor.sign_in(email=" Mina@Example.KR ").status_code == 303


def test_cookies_are_kept_from_scripts_and_other_sites(visitor: Any, mina: Staff) -> None:
    visitor.sign_in()
    for name in ("madang_desk_session", "madang_desk_csrf"):
        cookie = visitor.client.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"


def test_a_form_without_its_token_is_refused(visitor: Any, mina: Staff) -> None:
    visitor.get("/staff/sign-in")
    fields = {"email": "mina@example.kr", "password": PASSWORD}
    assert visitor.client.post("/staff/sign-in", fields).status_code == 403
    assert staff_of_session(visitor.session_key) is None
    visitor.sign_in()
    for path in ("/staff/sign-out", "/staff/language", "/staff/password"):
        assert visitor.client.post(path, {"language": "en"}).status_code == 403
    assert staff_of_session(visitor.session_key) == mina


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(visitor: Any, mina: Staff, elsewhere: str) -> None:
    assert visitor.sign_in(next=elsewhere)["Location"] == "/"
    signed_in = visitor.get(f"/staff/sign-in?next={quote(elsewhere)}")
    assert signed_in.status_code == 303
    assert signed_in["Location"] == "/"


def test_the_page_says_the_same_whether_an_account_exists(visitor: Any, mina: Staff) -> None:
    customer = Member(email="buyer@example.kr", name="손님")
    customer.set_password(PASSWORD)
    customer.save()
    tries = {
        "wrong password": ("mina@example.kr", "틀린 비밀번호 1"),
        "no such account": ("nobody@example.kr", "틀린 비밀번호 1"),
        "a customer, not staff": ("buyer@example.kr", PASSWORD),
    }
    pages = set()
    for email, password in tries.values():
        response = visitor.sign_in(email=email, password=password)
        page = response.content.decode().replace(email, "")
        pages.add((response.status_code, re.sub(r'value="[^"]{32,}"', "", page)))
    assert len(pages) == 1
    assert "이메일이나 비밀번호가 맞지 않아요" in pages.pop()[1]


def test_an_unknown_address_costs_a_hash_too(visitor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time tells nothing: the hasher runs either way. It is watched, not replaced."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    hashed = []
    real = Argon2PasswordHasher.encode

    def watched(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", watched)
    visitor.sign_in(email="nobody@example.kr", password="틀린 비밀번호 1")
    assert hashed == ["틀린 비밀번호 1"]


def test_what_was_typed_stays_but_the_password(visitor: Any, mina: Staff) -> None:
    page = visitor.sign_in(password="틀린 비밀번호 1").content.decode()
    assert 'value="mina@example.kr"' in page
    assert "틀린 비밀번호" not in page


def test_many_tries_for_one_account_are_stopped(visitor: Any, mina: Staff) -> None:
    codes = [visitor.sign_in(password=f"틀림 {n}").status_code for n in range(PAIR_LIMIT + 1)]
    assert codes == [422] * PAIR_LIMIT + [429]
    refused = visitor.sign_in()
    assert refused.status_code == 429, "the right password must not be found by trying on"
    assert int(refused["Retry-After"]) == 900
    elsewhere = type(visitor)("198.51.100.9")
    assert elsewhere.sign_in().status_code == 303, "a stranger must not lock the owner out"


def test_many_tries_from_one_place_are_stopped(visitor: Any, mina: Staff) -> None:
    SignInAttempt.objects.bulk_create(
        SignInAttempt(origin="203.0.113.7", account=f"{n:064d}") for n in range(1, ORIGIN_LIMIT + 1)
    )
    assert visitor.sign_in().status_code == 429


def test_many_tries_for_one_account_from_everywhere_are_stopped(visitor: Any, mina: Staff) -> None:
    visitor.sign_in(password="틀린 비밀번호 1")
    account = SignInAttempt.objects.get().account
    SignInAttempt.objects.bulk_create(
        SignInAttempt(origin=f"198.51.100.{n}", account=account) for n in range(ACCOUNT_LIMIT)
    )
    assert visitor.sign_in().status_code == 429


def test_an_ipv6_network_counts_as_one_place(visitor: Any, mina: Staff) -> None:
    codes = [
        type(visitor)(f"2001:db8:1:2::{n:x}").sign_in(password="틀림").status_code
        for n in range(1, PAIR_LIMIT + 2)
    ]
    assert codes[-1] == 429
    assert type(visitor)("2001:db8:1:3::1").sign_in().status_code == 303


def test_signing_in_forgives_only_the_own_failures(visitor: Any, mina: Staff) -> None:
    visitor.sign_in(password="틀린 비밀번호 1")
    visitor.sign_in(email="nobody@example.kr")
    assert SignInAttempt.objects.count() == 2
    visitor.sign_in()
    assert SignInAttempt.objects.count() == 1


def test_a_session_planted_before_sign_in_is_not_used(visitor: Any, mina: Staff) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    planted = SessionStore()
    planted["cart"] = "planted"
    planted.create()
    visitor.client.cookies["madang_desk_session"] = planted.session_key
    visitor.sign_in()
    assert visitor.session_key != planted.session_key
    assert staff_of_session(str(planted.session_key)) is None
    assert not Session.objects.filter(session_key=planted.session_key).exists()


def test_signing_in_anew_changes_the_key(visitor: Any, mina: Staff) -> None:
    visitor.sign_in()
    first = visitor.session_key
    visitor.submit("/staff/sign-out")
    visitor.sign_in()
    assert visitor.session_key != first
    assert staff_of_session(first) is None


def test_signing_out_ends_the_session_in_the_store(visitor: Any, mina: Staff) -> None:
    visitor.sign_in()
    key = visitor.session_key
    assert visitor.get("/staff/sign-out").status_code == 200
    assert staff_of_session(key) == mina, "a link must not sign anyone out"
    assert visitor.submit("/staff/sign-out").status_code == 303
    assert staff_of_session(key) is None
    assert audit_trail("member", mina.member_id)[0].action == "sign_out"
    assert visitor.get("/staff/account")["Location"] == "/staff/sign-in?next=%2Fstaff%2Faccount"


def test_a_new_password_or_a_closed_account_ends_sessions(visitor: Any, mina: Staff) -> None:
    visitor.sign_in()
    change_password(mina.member_id, "아주 다른 비밀번호 3", why="lost laptop")
    assert staff_of_session(visitor.session_key) is None
    visitor.sign_in(password="아주 다른 비밀번호 3")
    assert staff_of_session(visitor.session_key) == mina
    deactivate_staff(mina.member_id, why="left the company")
    assert staff_of_session(visitor.session_key) is None
    assert visitor.sign_in(password="아주 다른 비밀번호 3").status_code == 422


def test_a_changed_role_is_seen_at_once(visitor: Any, mina: Staff) -> None:
    visitor.sign_in()
    change_role(mina.member_id, "engineer")
    seen = staff_of_session(visitor.session_key)
    assert seen is not None and seen.role == "engineer"


@pytest.mark.parametrize("key", ["", "nonsense", "a" * 32, "../../etc", "' OR 1=1 --", "키" * 20])
def test_made_up_session_keys_open_nothing(mina: Staff, key: str) -> None:
    assert staff_of_session(key) is None


def test_one_changes_the_own_password_and_stays_signed_in(visitor: Any, mina: Staff) -> None:
    visitor.sign_in()
    other = type(visitor)()
    other.sign_in()
    wanted = "파란 대문 옆 감나무 4"
    for fields, message in (
        ({"present": "아니에요", "wanted": wanted, "again": wanted}, "지금 비밀번호가 아니에요."),
        ({"present": PASSWORD, "wanted": wanted, "again": "x"}, "서로 달라요"),
        ({"present": PASSWORD, "wanted": "짧다", "again": "짧다"}, "wanted_error"),
    ):
        refused = visitor.submit("/staff/password", **fields)
        assert refused.status_code == 422
        assert message in refused.content.decode()
    done = visitor.submit("/staff/password", present=PASSWORD, wanted=wanted, again=wanted)
    assert done["Location"] == "/staff/account?changed=1"
    assert "비밀번호를 바꿨어요" in visitor.get("/staff/account?changed=1").content.decode()
    assert staff_of_session(visitor.session_key) == mina
    assert staff_of_session(other.session_key) is None
    assert audit_trail("member", mina.member_id)[0].member_id == mina.member_id


def test_the_language_is_chosen_and_kept(visitor: Any, mina: Staff) -> None:
    page = visitor.get("/staff/sign-in")
    assert 'lang="ko"' in page.content.decode() and "로그인" in page.content.decode()
    switched = visitor.submit(
        "/staff/sign-in", "/staff/language", language="en", next="//evil.example"
    )
    assert switched["Location"] == "/"
    english = visitor.get("/staff/sign-in").content.decode()
    assert 'lang="en"' in english and "Sign in to the desk" in english
    visitor.sign_in()
    assert "내 계정" in visitor.get("/staff/account").content.decode(), "the account's language"
    visitor.submit("/staff/account", "/staff/language", language="en")
    seen = staff_of_session(visitor.session_key)
    assert seen is not None and seen.language == "en"
    assert "My account" in visitor.get("/staff/account").content.decode()
    visitor.submit("/staff/account", "/staff/language", language="xx")
    assert "My account" in visitor.get("/staff/account").content.decode()


def test_pages_carry_the_headers_that_protect_them(visitor: Any) -> None:
    response = visitor.get("/staff/sign-in")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "script-src 'self'" in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    html = response.content.decode()
    assert "<script" not in html and "style=" not in html and " on" + "click" not in html


def test_a_strange_host_is_refused() -> None:
    assert Client(HTTP_HOST="evil.example").get("/staff/sign-in").status_code == 400


def test_what_a_visitor_types_is_escaped(visitor: Any, mina: Staff) -> None:
    page = visitor.sign_in(email='"><script>alert(1)</script>@example.kr').content.decode()
    assert "<script>" not in page
