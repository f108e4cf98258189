"""The pages' words, colours and font: complete catalogues, and tokens as LOOK.md has them."""

import hashlib
import re
from pathlib import Path

import allauth
import django
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation import templatize

HERE = Path(__file__).parents[2] / "community"
CSS = (HERE / "static" / "css" / "madang.css").read_text(encoding="utf-8")
LOOK = Path(__file__).parents[3] / "shared" / "LOOK.md"


def words_in_use() -> set[str]:
    """Every message that the code and the templates mark for translation, singular if counted."""
    found: set[str] = set()
    marks = {"gettext": None, "_": None, "gettext_lazy": None, "ngettext": (1, 2)}
    for path in HERE.rglob("*.py"):
        for line in extract_from_file("python", path, keywords=marks):
            found.add(line[1][0] if isinstance(line[1], tuple) else str(line[1]))
    for path in (HERE / "templates").rglob("*.*"):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for match in re.finditer(r"gettext\(u?(['\"])(.*?)\1[,)]", code):
            found.add(match[2].encode().decode("unicode_escape") if "\\" in match[2] else match[2])
    return found


def catalogues(code: str) -> dict[Path, Catalog]:
    """The catalogue of every room that has one."""
    paths = (HERE / "locale", *sorted(HERE.glob("*/locale")))
    found = {}
    for path in paths:
        with (path / code / "LC_MESSAGES" / "django.po").open("rb") as file:
            found[path] = read_po(file, locale=code)
    return found


def words_of_libraries() -> set[str]:
    """What Django and allauth say by themselves, and we may say in our own way."""
    found: set[str] = set()
    for library in (django, allauth):
        for path in Path(library.__file__).parent.rglob("locale/ko/LC_MESSAGES/django.po"):
            with path.open("rb") as file:
                found |= {singular(message) for message in read_po(file) if message.id}
    return found


def forms_of(message: Message) -> tuple[str, ...]:
    """The texts of a message: one, or one for each number."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


@pytest.mark.parametrize("code", ["ko", "en"])
def test_the_catalogues_have_every_word_and_no_other(code: str) -> None:
    messages = [one for each in catalogues(code).values() for one in each if one.id]
    used = words_in_use()
    assert {"Sign in to the desk", "The two new passwords differ.", "%(n)s minute ago"} <= used
    held = {singular(message) for message in messages}
    # English is what the code says; its catalogues need only what is counted.
    assert code == "en" or used <= held
    assert held - used <= words_of_libraries(), "what no page says and no library either"
    for message in messages:
        names = set(re.findall(r"%\(\w+\)s", singular(message)))
        for text in forms_of(message):
            assert text
            assert set(re.findall(r"%\(\w+\)s", text)) <= names
            assert code == "en" or re.search("[가-힣]", text), singular(message)


def test_what_is_counted_can_be_counted_in_english() -> None:
    counted = {
        singular(one) for each in catalogues("ko").values() for one in each if one.pluralizable
    }
    assert counted == {
        singular(one) for each in catalogues("en").values() for one in each if one.pluralizable
    }


@pytest.mark.parametrize("code", ["ko", "en"])
def test_pages_show_the_words_of_our_catalogues(code: str) -> None:
    """And not those of Django or of a library, or of another room with the same word."""
    with translation.override(code):
        for path, catalogue in catalogues(code).items():
            for message in catalogue:
                if isinstance(message.id, str) and message.id:
                    shown = translation.gettext(message.id)
                    assert shown == message.string, f"{path}: choose other words for {message.id!r}"


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6});", block))


@pytest.mark.skipif(not LOOK.exists(), reason="the look's own page is not beside this clone")
def test_the_tokens_are_those_of_the_look() -> None:
    light, dark = CSS.split("prefers-color-scheme: dark")
    names = r"^\| ([a-z /-]+?)(?: \(brand\))? \| ([#0-9A-F /]+) \| ([#0-9A-F /]+) \|"
    rows = re.findall(names, LOOK.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 5
    for title, in_light, in_dark in rows:
        keys = title.split(" / ")
        for block, values in ((light, in_light), (dark, in_dark)):
            seen = tokens(block)
            assert [seen[key] for key in keys] == values.split(" / ")


def test_colours_stand_only_in_the_tokens() -> None:
    rules = CSS[CSS.index("*, *::before") :]
    others = [path for path in (HERE / "static" / "css").glob("*.css") if path.name != "madang.css"]
    rules += "".join(path.read_text(encoding="utf-8") for path in others)
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b|rgb", rules)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_text_can_be_read_on_every_ground() -> None:
    light, dark = CSS.split("prefers-color-scheme: dark")
    for seen in (tokens(light), tokens(dark)):
        for text in ("ink", "ink-soft", "madang", "danger"):
            for ground in ("paper", "raised"):
                assert contrast(seen[text], seen[ground]) >= 4.5, (text, ground)
        assert contrast(seen["on-madang"], seen["madang"]) >= 4.5


def test_the_font_is_what_its_name_says() -> None:
    (font,) = (HERE / "static" / "fonts").glob("*.woff2")
    digest = hashlib.sha256(font.read_bytes()).hexdigest()[:10]
    assert font.name == f"MadangSans.{digest}.woff2"
    assert font.name in CSS and font.name in (HERE / "templates" / "base.html").read_text()
    assert font.stat().st_size < 2_500_000
    assert "SIL OPEN FONT LICENSE" in (font.parent / "OFL.txt").read_text(encoding="utf-8")


def test_the_desks_own_tokens_are_the_same() -> None:
    """The screens and the pages beside them must not differ by a shade."""
    from dashboard.tokens import TOKENS

    for seen, block in zip(TOKENS.values(), CSS.split("prefers-color-scheme: dark"), strict=True):
        here = tokens(block)
        assert {name: here[name] for name in seen} == dict(seen)
