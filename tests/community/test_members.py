"""Orders about members: what they refuse, and the audit row that each leaves."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher
from django.db import DatabaseError, connection, transaction

from community.actions import (
    COMMAND_LINE,
    Actor,
    change_language,
    change_password,
    change_role,
    create_staff,
    deactivate_staff,
)
from community.configure import django_settings
from community.decisions.actions import record
from community.errors import CommunityError
from community.members.models import Member
from community.queries import Staff, audit_trail, staff_list
from community.settings_test import TEST_SETTINGS

PASSWORD = "가을 하늘 공활한데 7"


def test_staff_are_listed_by_name(mina: Staff) -> None:
    engineer = create_staff(" Dan@Example.KR ", " 강단 ", PASSWORD, "engineer", language="en")
    assert engineer == Staff(engineer.member_id, "dan@example.kr", "강단", "engineer", "en")
    assert staff_list() == (engineer, mina)


def test_passwords_are_kept_as_argon2id_and_never_in_the_audit(mina: Staff) -> None:
    stored = Member.objects.get(pk=mina.member_id).password
    assert isinstance(identify_hasher(stored), Argon2PasswordHasher)
    assert stored.startswith("argon2$argon2id$") and PASSWORD not in stored
    hashers = django_settings(TEST_SETTINGS, "desk")["PASSWORD_HASHERS"]
    assert hashers == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    change_password(mina.member_id, "아주 다른 비밀번호 3")
    assert "비밀번호" not in repr(audit_trail())


@pytest.mark.parametrize(
    ("email", "name", "password", "role", "language", "said"),
    [
        ("not an address", "가", PASSWORD, "engineer", "ko", "not an address"),
        ("a@example.kr", "", PASSWORD, "engineer", "ko", "a@example.kr"),
        ("a@example.kr", "가", "짧아요", "engineer", "ko", "10"),
        ("a@example.kr", "가", "password1234", "engineer", "ko", "a@example.kr"),
        ("verylongname@example.kr", "가", "verylongname", "engineer", "ko", "verylongname"),
        ("a@example.kr", "가", PASSWORD, "king", "ko", "brand_manager"),
        ("a@example.kr", "가", PASSWORD, "engineer", "xx", "ko, en"),
        ("MINA@example.kr", "가", PASSWORD, "engineer", "ko", "already"),
        (f"{'a' * 300}@example.kr", "가", PASSWORD, "engineer", "ko", "No account"),
    ],
)
def test_what_does_not_fit_makes_no_account(
    mina: Staff, email: str, name: str, password: str, role: str, language: str, said: str
) -> None:
    before = audit_trail()
    with pytest.raises(CommunityError, match=said):
        create_staff(email, name, password, role, language=language)
    assert staff_list() == (mina,)
    assert audit_trail() == before


def test_every_order_leaves_its_audit_row(mina: Staff) -> None:
    by = Actor(mina.member_id)
    other = create_staff("dan@example.kr", "강단", PASSWORD, "engineer", by=by)
    change_role(other.member_id, "community_manager", by=by, why="새 담당")
    change_language(other.member_id, "en", by=by)
    change_language(other.member_id, "en", by=by)  # nothing changes, so nothing is said
    change_password(other.member_id, "아주 다른 비밀번호 3", by=COMMAND_LINE, why="잊었다고 해서")
    deactivate_staff(other.member_id, by=by, why="퇴사")
    lines = audit_trail("member", other.member_id)
    assert [(line.action, line.member_id, line.why, line.detail) for line in lines] == [
        ("deactivate_staff", mina.member_id, "퇴사", {}),
        ("change_password", None, "잊었다고 해서", {}),
        ("change_language", mina.member_id, "", {"to": "en"}),
        ("change_role", mina.member_id, "새 담당", {"from": "engineer", "to": "community_manager"}),
        ("create_staff", mina.member_id, "", {"role": "engineer"}),
    ]
    assert all(line.at.utcoffset() is not None for line in lines)


def test_orders_about_nobody_are_refused(mina: Staff) -> None:
    before = audit_trail()
    for order in (
        lambda: change_role(10**9, "engineer"),
        lambda: change_password(10**9, PASSWORD),
        lambda: deactivate_staff(10**9),
        lambda: change_language(10**9, "en", by=COMMAND_LINE),
        lambda: change_role(mina.member_id, "king"),
        lambda: change_password(mina.member_id, "짧아요"),
    ):
        with pytest.raises(CommunityError):
            order()
    assert audit_trail() == before


def test_a_customer_has_no_role() -> None:
    customer = Member(email="buyer@example.kr", name="손님")
    customer.set_unusable_password()
    customer.save()
    with pytest.raises(CommunityError, match="not staff"):
        change_role(customer.pk, "engineer")
    with pytest.raises(DatabaseError), transaction.atomic():
        Member.objects.filter(pk=customer.pk).update(role="engineer")
    with pytest.raises(DatabaseError), transaction.atomic():
        Member.objects.filter(pk=customer.pk).update(is_staff=True)


def test_an_act_that_fails_takes_its_audit_row_with_it(mina: Staff) -> None:
    before = audit_trail()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        change_role(mina.member_id, "engineer")
        raise ZeroDivisionError
    assert audit_trail() == before
    assert staff_list() == (mina,)


def test_no_audit_row_stands_outside_a_transaction() -> None:
    with pytest.raises(CommunityError, match="atomic"):
        record(COMMAND_LINE, "vote_idea", "idea", 1)
    assert audit_trail() == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions_auditentry SET why = 'else'",
        "UPDATE decisions_auditentry SET member_id = NULL",
        "DELETE FROM decisions_auditentry",
    ],
)
def test_the_database_refuses_to_change_the_audit(mina: Staff, statement: str) -> None:
    before = audit_trail()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert audit_trail() == before
