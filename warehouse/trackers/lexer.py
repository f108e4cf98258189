"""Cuts the text of a query into pieces: parentheses, quotations, a minus before a word, and words.

One pass, and linear in any text. What a word means is for the parser to say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from warehouse.trackers.tree import QueryError, Span

# What Korean and other keyboards write for the signs of the language; each is one letter, so that
# columns stay.
_SIGNS: Final = str.maketrans("“”„（）：＃＠＊？－＂", '"""():#@*?-"')
_PIECE: Final = re.compile(
    r"""
    (?P<space> \s+ )
  | (?P<open> \( )
  | (?P<close> \) )
  | (?P<quoted> "[^"]*" )
  | (?P<quote> " )
  | (?P<minus> -(?=["(\#@*?\w] | [^\s\x00-\x7f]) )
  | (?P<word> [^\s()"]+ )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text: its kind (open, close, quoted, minus, word, end), where it stands, and
    what it says, of a quotation what is within. `glued`: nothing is between it and the one before.
    """

    kind: str
    span: Span
    text: str
    glued: bool

    @property
    def column(self) -> int:
        """Its first column, from 1."""
        return self.span[0] + 1


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of `text` in order and an `end` after them; raises QueryError."""
    glued = False
    for found in _PIECE.finditer(text.translate(_SIGNS)):
        kind = str(found.lastgroup)
        start, end = found.span()
        if kind == "space":
            glued = False
            continue
        if kind == "quote":
            raise QueryError(
                "The quotation that begins here does not end.", start + 1, 'Close it with ".'
            )
        said = text[start + 1 : end - 1] if kind == "quoted" else found.group()
        yield Piece(kind, (start, end), said, glued)
        glued = True
    yield Piece("end", (len(text), len(text)), "", False)
