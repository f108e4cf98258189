"""Who writes to the brand and who answers, in the tests of the inbox."""

import hashlib
import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from community.actions import create_staff
from community.belts.findings import Finding
from community.catalogue.models import Product
from community.inbox.actions import open_conversation
from community.inbox.models import CaseMention
from community.members.models import Member
from community.queries import Staff
from community.reviews.actions import write_review

PASSWORD = "가을 하늘 공활한데 7"
LATE = "배송이 사흘째 물류센터에 멈춰 있어요. 언제 오는지만이라도 알려 주세요."


def mention_id(source: str, native_id: str) -> str:
    """As `warehouse.records.mention_id` has it."""
    digest = hashlib.md5(f"{source}\x1f{native_id}".encode(), usedforsecurity=False)
    return str(uuid.UUID(digest.hexdigest()))


class Speaking:
    """Somebody says something about the brand, and the loop brings it down."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def finding(self, **said: Any) -> Finding:
        """The finding of one mention; what is not named is as usual."""
        native_id = said.pop("native_id", f"n{next(self._numbers)}")
        body = {
            "source": "x",
            "native_id": native_id,
            "kind": "post",
            "author_id": "1001",
            "author_handle": "dorothy_91",
            "author_name": "도로시",
            "customer_id": None,
            "text": LATE,
            "url": f"https://x.example/{native_id}",
            "product": "해담 가습기",
            "written_at": "2026-11-21T10:00:00+09:00",
            "sentiment": "negative",
            "score": -0.9,
            "alert_id": None,
            "reply": "outbox",
            **said,
        }
        subject = mention_id(body["source"], native_id)
        name = hashlib.sha256(repr((subject, body)).encode()).hexdigest()
        return Finding(name, "open_conversation", subject, body)

    def __call__(self, **said: Any) -> CaseMention:
        """The mention as the inbox has it then."""
        finding = self.finding(**said)
        open_conversation(finding)
        return CaseMention.objects.select_related("conversation").get(mention_id=finding.subject)


@pytest.fixture
def say() -> Speaking:
    """`say(text=…, author_id=…) -> CaseMention`: a mention from outside, in its conversation."""
    return Speaking()


@pytest.fixture
def review(say: Speaking, join: Any) -> Callable[..., CaseMention]:
    """`review(member=…, text=…)`: a review in our own yard, in its author's conversation."""

    def written(member: Member | None = None, text: str = LATE, **said: Any) -> CaseMention:
        author = member or join()
        product, _ = Product.objects.get_or_create(name="해담 가습기")
        number = write_review(author, product.pk, 1, text)
        return say(
            source="community",
            native_id=f"review-{number}",
            kind="review",
            author_id=author.public_id,
            author_handle=author.name,
            author_name=author.name,
            url=f"/reviews/{number}",
            text=text,
            rating=0.0,
            **said,
        )

    return written


@pytest.fixture
def jun() -> Staff:
    """The community manager of the tests' cast."""
    return create_staff("jun@example.kr", "정준호", PASSWORD, "community_manager")


@pytest.fixture
def sora() -> Staff:
    """The engineer of the tests' cast."""
    return create_staff("sora@example.kr", "한소라", PASSWORD, "engineer")


@pytest.fixture
def key() -> str:
    """The key of one intention to answer."""
    return str(uuid.uuid4())
