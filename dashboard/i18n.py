"""The desk's words in Korean and English.

Messages are named by keys and kept in `locale/<language>/LC_MESSAGES/messages.po`, read once
through Babel, so that no compiled file can go stale. A Korean particle follows its variable as a
format: `{product:이/가}` becomes 청소기가 or 냉장고 문이.
"""

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from nlp.korean import with_particle

LANGUAGES: Final[dict[str, str]] = {"ko": "한국어", "en": "English"}
LOCALES: Final = Path(__file__).parent / "locale"


class MessageError(KeyError):
    """A screen asked for a message that no catalogue holds."""


class _ParticleFormatter(string.Formatter):
    """`str.format`, where a format such as `은/는` puts the fitting particle after the value."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "/" in format_spec:
            return with_particle(str(value), format_spec)
        return str(super().format_field(value, format_spec))


_FORMATTER: Final = _ParticleFormatter()


@cache
def catalogue(language: str) -> Catalog:
    """The catalogue of one language, as Babel reads it."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8", abort_invalid=True)


@cache
def _forms(language: str) -> Mapping[str, tuple[str, ...]]:
    """The texts of each key: one, or one for each plural form of the language."""
    forms: dict[str, tuple[str, ...]] = {}
    for message in catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string or ""
            forms[key] = (text,) if isinstance(text, str) else tuple(text)
    return forms


class Words:
    """The messages of one language: `words("mentions.count", count=3, n="3")`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "ko"
        self._forms = _forms(self.language)

    def __call__(self, key: str, /, count: int | None = None, **values: object) -> str:
        """The text of `key` with its values filled in; `count` chooses the plural form.

        Raises MessageError when the catalogue has no such key.
        """
        try:
            forms = self._forms[key]
        except KeyError:
            raise MessageError(
                f"no message {key!r} in {self.language}; add it to locale/"
            ) from None
        text = forms[0] if count is None or count == 1 else forms[-1]
        return _FORMATTER.vformat(text, (), values)
