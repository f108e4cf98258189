"""The yard as a source: over a real community store, landed as any other source is."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings_test")
django.setup()

from django.db import connection  # noqa: E402

from collectors.community import YardSource  # noqa: E402
from collectors.run import Collected, collect  # noqa: E402
from community.actions import migrate  # noqa: E402
from community.belts.facts import last_fact  # noqa: E402
from community.catalogue.models import Product  # noqa: E402
from community.configure import sqlite_path  # noqa: E402
from community.decisions.actions import COMMAND_LINE  # noqa: E402
from community.discussion.actions import comment, post_official_answer  # noqa: E402
from community.ideas.actions import propose_idea, vote_idea  # noqa: E402
from community.members.models import Member  # noqa: E402
from community.reviews.actions import edit_review, remove_review, write_review  # noqa: E402
from warehouse.landing import Landing  # noqa: E402

Rows = list[dict[str, Any]]
YARD = "https://yard.example"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty, migrated store to copy; none is left behind for other tests to find."""
    forget_store()
    migrate()
    connection.close()
    path = sqlite_path()
    assert path is not None
    template = tmp_path_factory.mktemp("store") / "template.sqlite"
    shutil.copy(path, template)
    yield template
    forget_store()


@pytest.fixture(autouse=True)
def store(migrated: Path) -> None:
    """A community store of each test's own."""
    forget_store()
    path = sqlite_path()
    assert path is not None
    shutil.copy(migrated, path)


def forget_store() -> None:
    connection.close()
    path = sqlite_path()
    assert path is not None
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()


@pytest.fixture
def seoyeon() -> Member:
    return Member.objects.create(email="seoyeon@example.com", name="박서연")


@pytest.fixture
def soom() -> int:
    return Product.objects.create(name="해담 숨").pk


def test_a_review_becomes_a_mention(
    landing: Landing, landed: Callable[[str], Rows], seoyeon: Member, soom: int
) -> None:
    number = write_review(seoyeon, soom, 2, "배송은 빠른데 소음이 너무 커요", title="시끄러워요")
    assert gather(landing).rows == 1
    (row,) = landed("mentions")
    assert {name: row[name] for name in ("source", "native_id", "kind", "url", "author_id")} == {
        "source": "community",
        "native_id": f"review-{number}",
        "kind": "review",
        "url": f"{YARD}/reviews/{number}",
        "author_id": seoyeon.public_id,
    }
    assert (row["rating"], row["rating_raw"], row["product"]) == (0.25, "2", "해담 숨")
    assert (row["title"], row["text"]) == ("시끄러워요", "배송은 빠른데 소음이 너무 커요")
    assert row["author_name"] == "박서연" and row["author_handle"] is None
    assert row["created_at"].tzinfo is not None


def test_ideas_and_comments_stand_in_their_threads(
    landing: Landing, landed: Callable[[str], Rows], seoyeon: Member
) -> None:
    idea = propose_idea(seoyeon, "물걸레 자동 세척", "걸레를 스스로 빨면 좋겠어요")
    vote_idea(seoyeon, idea)
    first = comment(seoyeon, f"idea-{idea}", "저도 기다려요")
    second = comment(seoyeon, f"comment-{first}", "언제쯤 나올까요?")
    post_official_answer(f"idea-{idea}", "검토해 보겠습니다.", COMMAND_LINE, "answer-1")
    gather(landing)
    rows = {row["native_id"]: row for row in landed("mentions")}
    assert set(rows) == {f"idea-{idea}", f"comment-{first}", f"comment-{second}"}
    assert rows[f"idea-{idea}"]["kind"] == "idea" and rows[f"idea-{idea}"]["likes"] == 1
    answer = rows[f"comment-{second}"]
    assert (answer["thread_id"], answer["parent_id"]) == (f"idea-{idea}", f"comment-{first}")


def test_only_what_changed_is_landed_again(
    landing: Landing, landed: Callable[[str], Rows], seoyeon: Member, soom: int
) -> None:
    number = write_review(seoyeon, soom, 5, "조용해서 좋아요")
    gather(landing)
    assert gather(landing) == Collected(0, 0, 0)
    edit_review(seoyeon, number, 3, "한 달 쓰니 조금 시끄러워졌어요")
    gather(landing)
    assert [row["rating_raw"] for row in landed("mentions")] == ["5", "3"]


def test_a_removed_post_is_a_removed_mention(
    landing: Landing, landed: Callable[[str], Rows], seoyeon: Member, soom: int
) -> None:
    number = write_review(seoyeon, soom, 5, "조용해서 좋아요")
    gather(landing)
    remove_review(seoyeon, number)
    assert gather(landing).batches == 1
    (gone,) = landed("removals")
    assert (gone["source"], gone["native_id"]) == ("community", f"review-{number}")


def test_many_posts_come_in_pages_and_each_once(
    landing: Landing, landed: Callable[[str], Rows], seoyeon: Member
) -> None:
    for number in range(25):
        propose_idea(seoyeon, f"제안 {number}", f"{number}번째 생각이에요")
    collected = gather(landing, page=10)
    assert (collected.rows, collected.batches) == (25, 3)
    assert len({row["native_id"] for row in landed("mentions")}) == 25
    with landing.open_source("mentions", "community") as writer:
        assert writer.cursor["sequence"] == last_fact()


def test_until_when_the_yard_was_heard_is_said(
    landing: Landing, landed: Callable[[str], Rows], seoyeon: Member
) -> None:
    propose_idea(seoyeon, "물걸레 자동 세척", "걸레를 스스로 빨면 좋겠어요")
    gather(landing)
    gather(landing)
    propose_idea(seoyeon, "충전대", "충전대가 더 작으면 좋겠어요")
    gather(landing)
    first, second = landed("coverage")
    written, _ = landed("mentions")
    assert first["state"] == second["state"] == "collected"
    assert first["begin_at"] == written["created_at"]
    assert first["end_at"] == second["begin_at"]


def test_votes_alone_land_no_empty_batches(landing: Landing, seoyeon: Member) -> None:
    idea = propose_idea(seoyeon, "물걸레 자동 세척", "걸레를 스스로 빨면 좋겠어요")
    gather(landing)
    vote_idea(seoyeon, idea)
    assert gather(landing).batches == 0


def gather(landing: Landing, page: int = 1000) -> Collected:
    return collect(YardSource(YARD, page), landing)
