"""The inbox's words are complete in both languages, and its colours are those of the look."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from django.utils.translation import templatize

HERE = Path(__file__).parents[3] / "community"


def words_in_use() -> set[str]:
    """Every message that the inbox and its templates mark for translation."""
    found: set[str] = set()
    for path in (*(HERE / "inbox").rglob("*.py"), *(HERE / "alerts").rglob("*.py")):
        marks = {"gettext": None, "_": None}
        found |= {str(line[1]) for line in extract_from_file("python", path, keywords=marks)}
    for path in (HERE / "templates" / "inbox").rglob("*.html"):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        found |= {match[2] for match in re.finditer(r"gettext\(u?(['\"])(.*?)\1\)", code)}
    return found


def test_the_korean_catalogue_has_every_word_and_no_other() -> None:
    path = HERE / "inbox" / "locale" / "ko" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        catalogue = {str(m.id): str(m.string) for m in read_po(file, locale="ko") if m.id}
    assert "Send the answer" in catalogue
    assert set(catalogue) == words_in_use()
    for source, text in catalogue.items():
        names = re.findall(r"%\(\w+\)s", source)
        assert sorted(names) == sorted(re.findall(r"%\(\w+\)s", text)), source
        assert re.search("[가-힣]", text), source


def test_the_stylesheet_takes_its_colours_from_the_tokens() -> None:
    css = (HERE / "static" / "css" / "inbox.css").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b|rgb|hsl", css)
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", css))
    tokens = (HERE / "static" / "css" / "madang.css").read_text(encoding="utf-8")
    assert used and used <= set(re.findall(r"--([a-z0-9-]+):", tokens))
