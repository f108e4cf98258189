"""What becomes of a text before it is stored: for every text there is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.errors import CommunityError
from community.yard.posts import PostId, post_id
from community.yard.writing import (
    holds_personal_data,
    language_of,
    official_text,
    public_line,
    public_text,
    tidy,
)

DECEIVING = "\u202e\u202a\u2066\u2069\u200e\u200f\u061c\ufeff\x00\x1b\x7f\x85\u2028\ue000"


def test_lengths_are_counted_in_composed_code_points() -> None:
    apart = unicodedata.normalize("NFD", "각" * 10)
    assert len(apart) == 30 and public_text(apart, 10, "글") == "각" * 10
    with pytest.raises(CommunityError, match="11"):
        public_text("각" * 11, 10, "글")
    assert public_text("👩‍👩‍👧 좋아요", 10, "글") == "👩‍👩‍👧 좋아요"


def test_what_deceives_is_taken_out() -> None:
    assert tidy("invoice\u202egpj.exe") == "invoicegpj.exe"
    assert tidy("한\u0000국\x1b[31m어\ufeff") == "한국[31m어"
    assert tidy("첫 줄  \r\n\r\n\r\n\r\n둘째 줄\u2028셋째 줄\ud800") == "첫 줄\n\n둘째 줄\n셋째 줄"
    assert public_line("제목\n두\t줄", 20, "제목") == "제목 두 줄"


@pytest.mark.parametrize("blank", ["", " \n ", "\u200b\u200d", "\u3164", "\u2800\ufe0f", "\u3000"])
def test_what_shows_nothing_is_blank(blank: str) -> None:
    with pytest.raises(CommunityError, match="글"):
        public_text(blank, 10, "글")


@given(
    st.text(st.characters(codec=None), max_size=200)
    | st.text("가\u1100\u1161\u11a8 \n\r" + DECEIVING)
)
def test_a_tidy_text_stays_as_it_is(text: str) -> None:
    clean = tidy(text)
    assert tidy(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert not set(clean) & set(DECEIVING.replace("\ue000", ""))
    clean.encode()  # no half characters, which no store takes


def test_only_customers_are_masked() -> None:
    text = "문의는 help@haedam.example 로 주세요."
    assert public_text(text, 100, "글") == "문의는 [email] 로 주세요."
    assert official_text(text, 100, "글") == text
    assert holds_personal_data("제목", text) and not holds_personal_data("제목", "조용해요.")


def test_the_language_is_that_of_the_letters() -> None:
    assert language_of("소음이 커요", "en") == "ko"
    assert language_of("It is too loud for me", "ko") == "en"
    assert language_of("5/5 ★★★★★", "ko") == "ko"


def test_a_post_is_named_in_one_way() -> None:
    name = post_id("review-12")
    assert (name, str(name), name.path) == (PostId("review", 12), "review-12", "/reviews/12")
    for other in ("review-012", "review-0", "review--1", "review-1\n", "Review-1", "reply-1", "１"):
        with pytest.raises(CommunityError):
            post_id(other)
    with pytest.raises(CommunityError):
        _ = PostId("comment", 1).path
