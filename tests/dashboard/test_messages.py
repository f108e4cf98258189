"""The catalogues: everything said in both languages, nothing left over, the same places to fill."""

import ast
import string
from pathlib import Path

import pytest

import dashboard
from dashboard.i18n import LANGUAGES, MessageError, Words, catalogue

ROOM = Path(dashboard.__file__).parent
FOREIGN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def forms(language: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for message in catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string
            found[key] = (text,) if isinstance(text, str) else tuple(text)
    return found


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def constants() -> set[str]:
    """Every string that stands in the room's code."""
    return {
        node.value
        for path in ROOM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def asked() -> set[str]:
    """Every key that the code passes to `say` as it stands."""
    return {
        call.args[0].value
        for path in ROOM.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and (getattr(call.func, "id", "") == "say" or getattr(call.func, "attr", "") == "say")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_both_languages_hold_the_same_keys() -> None:
    korean, english = (set(forms(language)) for language in LANGUAGES)
    assert korean == english
    assert len(korean) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    untold = [key for key, texts in forms(language).items() if not all(texts)]
    assert untold == []
    assert not any(message.fuzzy for message in catalogue(language))


def test_places_to_fill_agree() -> None:
    english = forms("en")
    for key, texts in forms("ko").items():
        needed = places(english[key][-1])
        said_by_code = needed | {"bucket"} if key.startswith("define.") else needed
        assert all(places(text) <= said_by_code for text in texts), key
        assert all(places(text) <= needed for text in english[key]), key


def test_nothing_is_missing_and_nothing_unused() -> None:
    known = set(forms("ko"))
    assert asked() - known == set()
    assert known - constants() == set()


def test_korean_is_korean() -> None:
    plain = [
        key for key, (text, *_) in forms("ko").items() if not any("가" <= c <= "힣" for c in text)
    ]
    assert set(plain) <= {"share.bar"}


def test_particles_follow_their_word() -> None:
    say = Words("ko")
    first = say("chart.voice_led", product="공기청정기", share="12 %")
    assert first.startswith("공기청정기가 ")
    assert say("chart.voice_led", product="세탁조 거름망", share="3 %").startswith(
        "세탁조 거름망이 "
    )


def test_english_knows_one_from_many() -> None:
    say = Words("en")
    assert say("mentions.found", count=1, n="1") == "1 mention"
    assert say("mentions.found", count=2, n="2") == "2 mentions, newest first"


def test_a_missing_key_is_an_error_that_names_it() -> None:
    with pytest.raises(MessageError, match="nowhere"):
        Words("ko")("nowhere")


def test_an_unknown_language_falls_back_to_korean() -> None:
    assert Words("tlh").language == "ko"
