"""The account's pages and mails are whole in Korean: nothing is left in English by mistake."""

import re
from pathlib import Path

import pytest
from django.utils import translation

COMMUNITY = Path(__file__).parents[3] / "community"
MESSAGE = re.compile(r"""(?:gettext(?:_lazy)?|_)\(\s*("(?:[^"\\]|\\.)*")|translate ("[^"]+")""")


@pytest.mark.parametrize("app", ["accounts", "outbox"])
def test_every_sentence_has_its_korean(app: str) -> None:
    templates = {"accounts": "account", "outbox": "mail"}[app]
    files = [*(COMMUNITY / app).glob("*.py"), *(COMMUNITY / "templates" / templates).iterdir()]
    sentences = {
        (match[1] or match[2])[1:-1]
        for file in files
        for match in MESSAGE.finditer(file.read_text())
    }
    assert len(sentences) > 10
    with translation.override("ko"):
        left = {sentence for sentence in sentences if translation.gettext(sentence) == sentence}
    assert left == set()
