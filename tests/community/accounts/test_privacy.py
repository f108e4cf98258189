"""Leaving: everything can be taken along first, and nothing is left in any table."""

import io
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from community.accounts.models import Suppression
from community.accounts.phone import check_code, send_code
from community.accounts.privacy import (
    STAFF_ONLY,
    erase_member,
    parts,
    personal_data,
    suppress,
)
from community.belts.facts import facts_since
from community.belts.findings import Finding
from community.catalogue.actions import list_product
from community.catalogue.models import Product
from community.decisions.actions import COMMAND_LINE, Actor
from community.discussion.actions import comment
from community.errors import CommunityError
from community.ideas.actions import propose_idea, vote_idea
from community.ideas.models import Idea
from community.inbox.actions import open_conversation
from community.members.models import Member
from community.queries import Staff, audit_trail
from community.reviews.actions import write_review
from tests.community.accounts.conftest import Customer, code_in, newest
from tests.community.conftest import PASSWORD, Joiner

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NAME = "박서연귀한이름"
EMAIL = "seoyeon.unique@example.kr"
NUMBER = "+821087654321"
WORDS = "가습기가 사흘 만에 멈춰서 속상해요"
# The last four digits are looked for as a whole value: a time of day may hold them by chance.
TRACES = (NAME, "seoyeon.unique", "87654321", "'4321'", '"4321"', "사흘 만에", "멈춰서")


def test_every_column_that_names_a_member_is_answered_for() -> None:
    named = {
        f"{field.model._meta.label}.{field.name}"
        for relation in Member._meta.get_fields(include_hidden=True)
        if (field := getattr(relation, "field", None)) is not None and field.related_model is Member
    }
    covered = set(STAFF_ONLY).union(*(part.covers for part in parts()))
    assert named - covered == set(), "add these to a part of community/accounts/privacy.py"
    assert covered - named == set(), "these are not there any more"


def lives(member: Member, other: Member) -> None:
    """A customer's traces in every room."""
    list_product(Finding("f1", "product", "해담 가습기", {}))
    product = Product.objects.get()
    review = write_review(member, product.pk, 1, WORDS, title=WORDS)
    idea = propose_idea(member, f"{WORDS} 제목", WORDS)
    theirs = propose_idea(other, "필터 교체 알림", "필터를 바꿀 때가 되면 알려 주세요")
    vote_idea(member, theirs)
    comment(member, f"idea-{theirs}", WORDS)
    comment(other, f"idea-{idea}", "저도 그래요")
    open_conversation(conversation(member, review))
    send_code(member, NUMBER, NOON)
    check_code(member, code_in(newest(NUMBER)), NOON)
    send_code(member, NUMBER, NOON)


def conversation(member: Member, review: int) -> Finding:
    body = {
        "source": "community", "native_id": f"review-{review}", "kind": "review",
        "author_id": member.public_id, "author_handle": member.public_id,
        "author_name": member.name, "customer_id": None, "text": WORDS, "url": "",
        "product": "해담 가습기", "written_at": NOON.isoformat(), "sentiment": "negative",
        "score": -0.9, "alert_id": None, "reply": "community",
    }  # fmt: skip
    return Finding("f2", "open_conversation", "6e3c2a0e-0000-4000-8000-000000000001", body)


def tables() -> dict[str, str]:
    """Every row of every table of the store, as text."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = "\n".join(map(repr, cursor.fetchall()))
    return found


def traces() -> set[tuple[str, str]]:
    return {(table, trace) for table, rows in tables().items() for trace in TRACES if trace in rows}


def test_nothing_is_left_in_any_table(web: None, join: Joiner, mina: Staff) -> None:
    other = join("김하늘", "haneul@example.kr")
    member = join(NAME, EMAIL)
    visitor = Customer()
    visitor.enter(EMAIL)
    visitor.send("/account/password/forgotten", email=EMAIL)
    lives(member, other)
    before = traces()
    assert {table for table, _ in before} >= {
        "members_member", "account_emailaddress", "reviews_review", "ideas_idea",
        "discussion_comment", "inbox_casemention", "outbox_delivery", "accounts_phone",
    }  # fmt: skip
    public_id, number = member.public_id, member.pk
    erase_member(number, COMMAND_LINE)
    assert traces() == set()
    assert not any(member.email in str(session.get_decoded()) for session in Session.objects.all())
    assert visitor.look("/account/").status_code == 303
    assert not Member.objects.filter(pk=number).exists()
    assert audit_trail("member", number)[0].action == "erase_member"
    last = facts_since(0)[-1]
    assert (last.kind, last.subject, last.body) == ("member_left", public_id, {})
    joined = [fact for fact in facts_since(0) if fact.subject == public_id]
    assert all(not value for fact in joined for value in fact.body.values())


def test_what_others_wrote_elsewhere_stays(join: Joiner) -> None:
    other, member = join("김하늘"), join(NAME, EMAIL)
    lives(member, other)
    theirs = Idea.objects.get(title="필터 교체 알림")
    votes = theirs.votes
    erase_member(member.pk, COMMAND_LINE)
    theirs.refresh_from_db()
    assert (theirs.author_id, theirs.votes, theirs.comments) == (other.pk, votes - 1, 0)
    removed = {fact.subject for fact in facts_since(0) if fact.kind == "post_removed"}
    assert len(removed) == 4, (
        "a review, an idea, the comment below it, and the member's own comment"
    )


def test_the_download_holds_all_that_leaving_deletes(join: Joiner) -> None:
    member = join(NAME, EMAIL)
    lives(member, join("김하늘"))
    data = personal_data(member)
    assert data["account"]["email"] == EMAIL
    assert data["account"]["phone"]["last_digits"] == "4321"
    for name in ("reviews", "ideas", "comments"):
        assert WORDS in str(data[name]), name
    assert data["votes"] and data["conversations"][0]["quoted"][0]["text"] == WORDS


def test_staff_are_not_erased_and_nobody_twice(join: Joiner, mina: Staff) -> None:
    with pytest.raises(CommunityError, match="staff"):
        erase_member(mina.member_id, COMMAND_LINE)
    member = join()
    number = member.pk
    erase_member(number, Actor(mina.member_id))
    with pytest.raises(CommunityError, match="left already"):
        erase_member(number, Actor(mina.member_id))


def test_one_leaves_by_the_page_which_names_what_is_lost(joined: Customer, join: Joiner) -> None:
    member = Member.objects.get()
    lives(member, join("김하늘"))
    page = joined.look("/account/leave").content.decode()
    for lost in ("리뷰 1개", "아이디어 1개", "댓글 1개", "먼저 모두 내려받기"):
        assert lost in page
    wrong = joined.send("/account/leave", password="틀린 비밀번호예요")
    assert wrong.status_code == 422 and "리뷰 1개" in wrong.content.decode()
    assert Member.objects.filter(pk=member.pk).exists()
    taken = joined.send("/account/leave", "/account/download")
    assert ZipFile(io.BytesIO(taken.content)).testzip() is None
    response = joined.send("/account/leave", password=PASSWORD)
    assert response["Location"] == "/account/goodbye"
    assert not Member.objects.filter(pk=member.pk).exists()
    assert joined.look("/account/goodbye").status_code == 200
    assert joined.look("/account/").status_code == 303


def test_who_left_can_join_again_as_somebody_new(joined: Customer) -> None:
    before = Member.objects.get()
    erase_member(before.pk, COMMAND_LINE)
    again = Customer("192.0.2.8")
    assert again.sign_up().status_code == 303
    after = Member.objects.get()
    assert (after.pk, after.public_id) != (before.pk, before.public_id)


def test_who_is_suppressed_is_told_to_the_warehouse_once() -> None:
    assert suppress(["b" * 64, "a" * 64, "a" * 64, ""], COMMAND_LINE) == 2
    assert suppress(["a" * 64], COMMAND_LINE) == 0
    assert suppress(["a" * 64, "c" * 64], COMMAND_LINE) == 1
    told = [fact.body["keys"] for fact in facts_since(0) if fact.kind == "person_suppressed"]
    assert told == [["a" * 64, "b" * 64], ["c" * 64]]
    assert Suppression.objects.count() == 3
    assert "a" * 64 not in repr(audit_trail("person"))
