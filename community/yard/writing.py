"""What becomes of a text before it is stored: one form, no tricks of direction, no personal data.

Lengths are counted in code points of the composed form (NFC), so that 가 is one whichever way a
keyboard sends it.
"""

import re
import unicodedata
from typing import Final

import pyarrow as pa
from django.utils.translation import gettext

from community.errors import CommunityError
from nlp.language import UNKNOWN, languages
from nlp.pii import mask_text

# Control characters but tab and line feed; marks and overrides of direction, which can make a text
# read as another (Unicode Technical Report 36, section 2.5); separators of lines; tags and
# characters that say nothing. Joiners stay: they hold emoji together.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffd\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_ENDS: Final = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_TRAILING: Final = re.compile(r"[^\S\n]+(?=\n|\Z)")
_GAPS: Final = re.compile(r"\n{3,}")
_BLANK: Final = re.compile(r"[\s\u115f\u1160\u180e\u200c\u200d\u2800\u3164\uffa0\ufe00-\ufe0f]*")


def tidy(text: str) -> str:
    """The text composed (NFC), without what only deceives, with at most one empty line in a row."""
    lines = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))
    seen = _TRAILING.sub("", _UNWANTED.sub("", lines))
    # Removing may bring two characters together that compose.
    return unicodedata.normalize("NFC", _GAPS.sub("\n\n", seen).strip())


def public_text(text: str, longest: int, name: str) -> str:
    """A customer's text as it is stored and shown: tidy, personal data masked.

    `name` is what the form calls it. Raises CommunityError when it is blank or longer than
    `longest` code points.
    """
    return mask_text(official_text(text, longest, name))[:longest]


def official_text(text: str, longest: int, name: str) -> str:
    """As `public_text` but unmasked: the company may give its own address and number."""
    clean = tidy(text)
    if _BLANK.fullmatch(clean):
        raise CommunityError(gettext("%(name)s is empty. Write something.") % {"name": name})
    if len(clean) > longest:
        said = gettext("%(name)s has %(length)s characters; at most %(longest)s fit. Shorten it.")
        raise CommunityError(said % {"name": name, "length": len(clean), "longest": longest})
    return clean


def public_line(text: str, longest: int, name: str) -> str:
    """As `public_text`, on a single line: for titles."""
    return public_text(" ".join(text.split()), longest, name)


def holds_personal_data(*texts: str) -> bool:
    """Whether something would be masked in these texts, so that the author can be told."""
    return any(mask_text(clean) != clean for clean in map(tidy, texts))


def language_of(text: str, otherwise: str) -> str:
    """The code of the language that a text is written in; `otherwise` where letters do not tell."""
    found = str(languages(pa.array([text], pa.string()))[0].as_py())
    return otherwise if found == UNKNOWN else found
