"""Whatever callers hold becomes one clean column."""

import pyarrow as pa

from nlp.texts import RAW, READ, column, readable, shortened, with_titles


def test_markup_links_and_hidden_signs_are_dropped() -> None:
    given = ["<b>좋아요</b>&amp;\u200b최고\u202e https://a.kr/x?y=1 끝", "3 < 5 이고 7 > 2"]
    assert readable(given).to_pylist() == ["좋아요 &최고 끝", "3 < 5 이고 7 > 2"]


def test_a_link_ends_where_hangul_begins() -> None:
    assert readable(["https://shop.kr/1에서 샀어요"]).to_pylist() == ["에서 샀어요"]


def test_long_texts_keep_beginning_and_end() -> None:
    clean = readable(["처음" + "가운데" * 50_000 + "마지막", "짧은 글"])
    for column_of, limit in ((clean, sum(RAW)), (shortened(clean), sum(READ))):
        found, short = column_of.to_pylist()
        assert found.startswith("처음")
        assert found.endswith("마지막")
        assert len(found) == limit + 1
        assert short == "짧은 글"


def test_markup_before_the_text_does_not_push_it_out() -> None:
    page = "<div class='review-body'>" * 300 + "배송이 늦어요"
    assert readable([page]).to_pylist() == ["배송이 늦어요"]


def test_any_arrow_type_and_lone_surrogates_are_taken() -> None:
    dictionary = pa.array(["가", "나", "가", None]).dictionary_encode()
    assert column(dictionary).to_pylist() == ["가", "나", "가", ""]
    assert column(pa.chunked_array([["가"], [None]], pa.large_string())).to_pylist() == ["가", ""]
    assert column(pa.nulls(2)).to_pylist() == ["", ""]
    assert column(["가\ud800", None]).to_pylist() == ["가?", ""]
    assert len(column(pa.chunked_array([], pa.string()))) == 0


def test_titles_stand_before_texts_where_there_are_any() -> None:
    table = pa.table({"title": ["제목", None, ""], "text": ["본문", "본문", "본문"]})
    assert with_titles(table).to_pylist() == ["제목\n본문", "본문", "본문"]
