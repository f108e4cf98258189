"""Texts as columns: whatever callers hold becomes one clean Arrow array, with a bounded length.

What people paste holds markup, addresses, direction marks and half characters. All of it is taken
out here, once, in linear time (RE2), so that no reader has to defend itself.
"""

import html
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

import pyarrow as pa
import pyarrow.compute

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute

Texts: TypeAlias = "Sequence[str | None] | pa.Array[Any] | pa.ChunkedArray[Any]"

# Beginning and end of what is looked at: of a raw text, which may be a whole page with its markup,
# and of what the models read. Both ends lose less than the beginning alone (Sun et al. 2019, "How
# to Fine-Tune BERT for Text Classification").
RAW: Final = (12_000, 4_000)
READ: Final = (1_400, 600)

_TAGS: Final = r"</?[A-Za-z][^<>]{0,500}>|<!--[^<>]{0,500}-->"
_LINKS: Final = r"(?i:https?://|www\.)[!-;=?-~]+"
_ENTITY: Final = r"&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});"
_UNSEEN: Final = (
    r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}\x{FFFD}\x00-\x08\x0E-\x1F\x7F]+"
)
_SPACES: Final = r"[\s\x{00A0}\x{2000}-\x{200A}\x{2028}\x{2029}\x{3000}]+"


def column(texts: Texts) -> pa.StringArray:
    """One `string` array of the same length; null becomes "", a lone surrogate becomes "?"."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if not isinstance(texts, pa.Array):
        try:
            texts = pa.array(texts, pa.string())
        except UnicodeEncodeError:
            whole = [str(text or "").encode("utf-8", "replace").decode("utf-8") for text in texts]
            texts = pa.array(whole, pa.string())
    if isinstance(texts, pa.DictionaryArray):
        texts = texts.dictionary_decode()
    return cast(pa.StringArray, texts.cast(pa.string()).fill_null(""))


def strings(texts: "pa.Array[Any]") -> list[str]:
    """The texts as Python strings; a column made here holds no null."""
    return cast(list[str], texts.to_pylist())


def readable(texts: Texts) -> pa.StringArray:
    """What a person would read of each text, of its `RAW` first and last characters, in NFC.

    Markup, links and invisible characters are dropped and white space is made single spaces.
    """
    found: Any = _ends(column(texts), *RAW)
    found = pc.replace_substring_regex(found, _UNSEEN, "")
    if pc.any(pc.match_substring(found, "<")).as_py():
        found = pc.replace_substring_regex(found, _TAGS, " ")
    if pc.any(pc.match_substring_regex(found, _ENTITY)).as_py():
        found = pa.array([html.unescape(text) for text in strings(found)], pa.string())
        found = pc.replace_substring_regex(found, _UNSEEN, "")
    found = pc.replace_substring_regex(found, _LINKS, " ")
    found = pc.utf8_normalize(found, "NFC")
    clean: pa.StringArray = pc.utf8_trim_whitespace(pc.replace_substring_regex(found, _SPACES, " "))
    return clean


def shortened(clean: pa.StringArray) -> pa.StringArray:
    """For the models: long texts cut to their `READ` first and last characters."""
    return _ends(clean, *READ)


def _ends(texts: pa.StringArray, head: int, tail: int) -> pa.StringArray:
    long = pc.greater(pc.utf8_length(texts), head + tail)
    if not pc.any(long).as_py():
        return texts
    ends = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(texts, 0, head), pc.utf8_slice_codeunits(texts, -tail), " "
    )
    cut: pa.StringArray = pc.if_else(long, ends, texts)
    return cut


def with_titles(table: pa.Table) -> pa.StringArray:
    """`title` and `text` of each row as one text; the title is left out where there is none."""
    body = column(table["text"])
    if "title" not in table.column_names:
        return body
    title = column(table["title"])
    both = pc.binary_join_element_wise(title, body, "\n")
    found: pa.StringArray = pc.if_else(pc.equal(pc.utf8_length(title), 0), body, both)
    return found
