"""Words in dictionary form, so that a search finds them behind any particle and ending."""

import threading

import pytest

from nlp.errors import NlpError
from nlp.korean import Term, morphology, search_lemmas, terms, with_particle


def lemmas(text: str) -> list[str]:
    return [term.lemma for term in terms([text])[0]]


def test_particles_and_endings_fall_away() -> None:
    assert terms(["배송이 너무 늦어요"]) == [
        [Term("배송", "NNG"), Term("너무", "MAG"), Term("늦다", "VV")]
    ]
    for text in ("배송은 빨라요", "배송만 빨랐어요", "배송도 빠르네요"):
        assert lemmas(text) == ["배송", "빠르다"] or lemmas(text)[0] == "배송"


def test_a_verb_of_noun_and_hada_is_one_word() -> None:
    assert "사과하다" in lemmas("직원이 바로 사과했습니다")
    assert "사과" not in lemmas("직원이 바로 사과했습니다")
    assert "사과" in lemmas("사과가 달고 맛있어요")
    assert "추천하다" in lemmas("추천합니다")
    assert "고급스럽다" in lemmas("고급스러운 디자인")


def test_laughter_and_tears_are_one_term_however_long() -> None:
    for text in ("웃겨요 ㅋㅋ", "웃겨요 ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ"):
        assert terms([text])[0][-1] == Term("ㅋㅋ", "IC")
    assert terms(["실망이에요 ㅜㅜㅠㅠ"])[0][-1] == Term("ㅠㅠ", "IC")
    assert [t.lemma for t in terms(["ㅋㅋㅠㅠ"])[0]] == ["ㅋㅋ", "ㅠㅠ"]


def test_latin_words_are_lower_case_and_model_numbers_whole() -> None:
    assert lemmas("Galaxy S24가 뜨거워요")[:2] == ["galaxy", "s24"]
    assert lemmas("Don't buy the SM-G991N") == ["don't", "buy", "the", "sm", "g991n"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("배송이 늦어요", ["배송", "늦다"]),
        ("환불을", ["환불"]),
        ("좋아요", ["좋다"]),
        ("Battery LIFE", ["battery", "life"]),
        ("Galaxy S24 배터리가", ["galaxy", "s24", "배터리"]),
        ("배송 배송은 배송이", ["배송"]),
        ("...", []),
        ("", []),
    ],
)
def test_what_a_user_types_is_looked_for_by_lemma(words: str, expected: list[str]) -> None:
    assert search_lemmas(words) == expected


@pytest.mark.parametrize(
    "text",
    ["", "😀", "\ud800", "ㅋ" * 100_000, "가" * 100_000, "\u202e배송", "大韓民國", "a" * 9_000],
)
def test_hostile_texts_are_analysed(text: str) -> None:
    (found,) = terms([text])
    assert all(term.lemma and term.tag for term in found)
    assert len(found) < 5_000


def test_one_analyser_serves_many_threads() -> None:
    texts = ["배송이 늦어요", "디자인은 예쁜데 품질이 아쉬워요", "환불해 주세요 ㅠㅠ"] * 20
    expected = terms(texts)
    found: list[list[list[Term]]] = []
    threads = [threading.Thread(target=lambda: found.append(terms(texts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
    assert morphology() is morphology()
    assert morphology().load() is morphology().load()


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("배송", "은/는", "배송은"),
        ("배터리", "은/는", "배터리는"),
        ("서울", "으로/로", "서울로"),
        ("환불", "이/가", "환불이"),
        ("가격", "과/와", "가격과"),
        ("3", "은/는", "3은"),
        ("2", "은/는", "2는"),
        ("2027", "으로/로", "2027로"),
        ("10", "을/를", "10을"),
        ("LG", "은/는", "LG는"),
        ("SM", "이/가", "SM이"),
        ("Apple", "은/는", "Apple은"),
        ("Apple", "으로/로", "Apple로"),
        ("iPhone", "이/가", "iPhone이"),
        ("Netflix", "을/를", "Netflix를"),
        ("Instagram", "이랑/랑", "Instagram이랑"),
        ("(주)카카오", "과/와", "(주)카카오와"),
        ('"마당"', "이라/라", '"마당"이라'),
        ("😀", "은/는", "😀은(는)"),
    ],
)
def test_the_particle_fits_the_last_sound(word: str, particle: str, expected: str) -> None:
    assert with_particle(word, particle) == expected


def test_an_unknown_particle_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(NlpError, match="은/는"):
        with_particle("배송", "는")
