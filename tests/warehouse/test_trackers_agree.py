"""The stream and history agree: a query finds the same mentions by the matcher, by SQL, and by a
third reading of its tree that is written here as plainly as can be.

Queries and mentions are drawn at random from words that meet each other often.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from nlp.korean import Term
from warehouse import ask
from warehouse.store import Warehouse, open_warehouse
from warehouse.trackers import hits
from warehouse.trackers.language import QueryError, parse
from warehouse.trackers.match import Matcher, Tracker
from warehouse.trackers.sql import condition
from warehouse.trackers.tree import (
    And,
    Bounds,
    Having,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Phrase,
    Query,
    Raw,
    Tag,
    Words,
)  # fmt: skip
from warehouse.trackers.words import understood

Row = dict[str, Any]

WORDS = ("환불", "배송", "늦다", "사과", "사과하다", "사과즙", "안", "좋다", "refund", "late", "us",
         "o'neil", "낱_말", "100", "ㅠㅠ")  # fmt: skip
LETTERS = (
    "환불", "US", "USB", "us", "'; DROP TABLE heard; --", "100%", "_", "\\", "(?i)", "$sought_0",
    "갤럭시", "갤럭시가", "#환불", "#환불가", "@min.ji", "@minji", "##US", "a@min.ji", " ", "[x]",
    "https://x.kr", "^", "İ",
)  # fmt: skip


class PlainAnalyser:
    """Reads words that are lemmas already, so that only what queries do with them is tried here."""

    def terms(self, texts: Sequence[str]) -> list[list[Term]]:
        return [[Term(word.lower(), "NNG") for word in text.split()] for text in texts]


# Most words are of the first few, so that they stand near each other often.
word = st.one_of(st.sampled_from(WORDS[:4]), st.sampled_from(WORDS[:4]), st.sampled_from(WORDS))
quoted = st.sampled_from(LETTERS).map(lambda letters: f'"{letters}"')
globs = st.sampled_from(("사과*", "*하다", "사과?", "*과*", "l?te", "r*d", "*1*", "*_말", "o'*"))
phrase = st.lists(word, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
operand = st.one_of(word, globs, phrase)
side = st.one_of(
    operand, st.lists(operand, min_size=2, max_size=3).map(lambda its: f"({' OR '.join(its)})")
)
near = st.builds(
    lambda left, sign, n, right: f"{left} {sign}/{n} {right}",
    side, st.sampled_from(("NEAR", "NEARF")), st.integers(1, 5), side,
)  # fmt: skip
fields = st.sampled_from(
    (
        "lang:ko", "lang:(ko OR en)", "source:shop*", "source:Forum", "site:naver.com",
        "site:*.net", "url:/REVIEWS/", "url:re*s", "author:minji*", "author:'; country:kr",
        "city:서울", "rating:<=2", "rating:>3", "rating:4", "rating:2..4.5", "rating:<2.2",
        "followers:>1천", "followers:0", "likes:<10", "kind:review", "product:수분크림",
        'product:"100%"', "product:수분*", "sentiment:negative", "sentiment:unread",
        "aspect:delivery", "aspect:delivery-", "aspect:delivery+", "intent:complaint",
        "intent:life_event:moving", "emotion:(anger OR joy)", "topic:3", "topic:배송", "topic:배*",
        "is:question", "is:reply", "is:(spam OR toxic)", "is:corrected", "is:review",
        "has:link", "has:rating", "has:product", "has:title", "has:author", "has:url",
        "has:aspect", "has:intent", "has:emotion", "has:topic", "since:2026-11-02",
        "until:2026-11-02", "#환불", "#환*", "#US", "@min.ji", "@min*", "@MINJI", "has:city",
    )
)  # fmt: skip
written = st.one_of(
    quoted.map(lambda text: f"raw:{text}"), st.sampled_from(("raw:US", "raw:갤럭시"))
)
many = st.lists(operand, min_size=5, max_size=7).map(lambda its: f"({' OR '.join(its)})")
leaf = st.one_of(word, globs, phrase, near, fields, written, many)
query_text = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda its: f"({' OR '.join(its)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda its: f"({' '.join(its)})"),
        st.builds(lambda one, other: f"({one} AND NOT {other})", inner, inner),
        st.builds(lambda one, other: f"({one} -{other})", inner, inner),
    ),
    max_leaves=8,
)


def may_lack(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from((None, *values))


def line(tokens: Sequence[str]) -> st.SearchStrategy[str | None]:
    return may_lack(("  ", *(f" {token} " for token in tokens), f" {' '.join(tokens)} "))


text = st.lists(st.sampled_from(LETTERS + WORDS), min_size=1, max_size=6).map(" ".join)
mention = st.fixed_dictionaries(
    {
        "lemmas": st.lists(word, max_size=9).map(lambda words: f" {' '.join(words)} "),
        "text": text,
        "title": st.one_of(st.none(), text, st.just("")),
        "source": st.sampled_from(("shop-a", "forum")),
        "kind": st.sampled_from(("review", "question", "post")),
        "lang": may_lack(("ko", "en")),
        "url": may_lack(("https://m.naver.com/reviews/1", "http://notnaver.com/?naver.com/",
                         "HTTPS://NAVER.COM", "https://a.b.net:80/x", "")),
        "author_id": may_lack(("'; ", "u1")),
        "author_handle": may_lack(("MinJi", "minji****")),
        "author_name": may_lack(("민지", "';")),
        "author_followers": may_lack((0, 1000, 1001)),
        "likes": may_lack((0, 9, 10)),
        "country": may_lack(("KR", "kr", "US")),
        "city": may_lack(("서울", "")),
        "rating": may_lack((0.0, 0.25, 0.3, 0.75, 1.0)),
        "product": may_lack(("수분크림", "100%", "")),
        "parent_id": may_lack(("p", "")),
        "sentiment": st.sampled_from(("negative", "neutral", "positive", "unknown", "unread")),
        "aspects": line(("delivery:-", "delivery:+", "price:.")),
        "intents": line(("complaint", "question", "life_event:moving")),
        "emotions": line(("anger", "joy")),
        "toxic": may_lack((True, False)),
        "spam": may_lack((True, False)),
        "sponsored": may_lack((True, False)),
        "corrected": st.booleans(),
        "topic_id": may_lack((3, 4)),
        "day": st.sampled_from((date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3))),
    }
)  # fmt: skip
TOPICS = {3: "배송·포장", 4: "배송"}


# --- the third reading -----------------------------------------------------------------------


def holds(node: Node, row: Row) -> bool:
    """Whether a row has what a tree asks for, read off the documentation."""
    if isinstance(node, And):
        return all(holds(part, row) for part in node.parts)
    if isinstance(node, Or):
        return any(holds(part, row) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, row)
    words = (row["lemmas"] or "").split()
    if isinstance(node, Words):
        return all(lemma in words for lemma in node.lemmas)
    if isinstance(node, Pattern | Phrase):
        return bool(spots(node, words))
    if isinstance(node, Near):
        return any(
            is_near(one, other, node.distance)
            or (not node.ordered and is_near(other, one, node.distance))
            for left in node.left
            for one in spots(left, words)
            for right in node.right
            for other in spots(right, words)
        )
    texts = [row[name] or "" for name in ("title", "text")]
    if isinstance(node, Raw):
        return any(stands(node.text, each) for each in texts)
    if isinstance(node, Tag):
        return any(tagged(node, each.lower()) for each in texts)
    return any(has_value(node.name, value, row) for value in node.values)


def like(glob: str, value: str) -> bool:
    wild = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in glob)
    return re.fullmatch(wild, value, re.DOTALL) is not None


def spots(operand: Words | Pattern | Phrase, words: list[str]) -> list[tuple[int, int]]:
    """The first and last place of each stretch of words that an operand means."""
    if isinstance(operand, Pattern):
        return [(at, at) for at, each in enumerate(words) if like(operand.glob, each)]
    size = len(operand.lemmas)
    return [
        (at, at + size - 1)
        for at in range(len(words) - size + 1)
        if tuple(words[at : at + size]) == operand.lemmas
    ]


def is_near(one: tuple[int, int], other: tuple[int, int], distance: int) -> bool:
    return 0 < other[0] - one[1] <= distance


def stands(letters: str, text: str) -> bool:
    for at in range(len(text)):
        before, after = text[at - 1 : at] if at else "", text[at + len(letters) :][:1]
        if (
            text.startswith(letters, at)
            and not (is_latin(letters[0]) and is_latin(before))
            and not (is_latin(letters[-1]) and is_latin(after))
        ):
            return True
    return False


def is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def tagged(tag: Tag, text: str) -> bool:
    inner = r"\w+(?:[.-]\w+)*" if tag.sign == "@" else r"\w+"
    names = re.findall(rf"(?<!\w){tag.sign}({inner})", text)
    wild = "".join({"*": r"\w*", "?": r"\w"}.get(each, re.escape(each)) for each in tag.name)
    return any(re.fullmatch(wild.lower().replace(r"\w", r"\w"), name) for name in names)


def has_value(name: str, value: Any, row: Row) -> bool:
    if name in ("since", "until"):
        return bool(row["day"] >= value if name == "since" else row["day"] <= value)
    if isinstance(value, Bounds):
        return within(name, value, row)
    if name in ("intent", "emotion"):
        return value in (row[f"{name}s"] or "").split()
    if name == "aspect":
        kinds = (row["aspects"] or "").split()
        sign = value[-1] if value[-1] in "+-" else ""
        return any(kind.startswith(f"{value.rstrip('+-')}:{sign}") for kind in kinds)
    if name == "sentiment" and value == "unread":
        return row["sentiment"] not in ("negative", "neutral", "positive")
    if name == "topic":
        topic = row["topic_id"]
        return topic is not None and (value == str(topic) or like(value, TOPICS[topic]))
    if name == "author":
        given = [row[key] or "" for key in ("author_id", "author_handle", "author_name")]
        return any(like(value.lower(), each.lower()) for each in given if each)
    if name == "site":
        found = re.match(r"[a-z]+://([^/?#:]*)", (row["url"] or "").lower())
        host = found[1].split(".") if found else []
        return any(like(value, ".".join(host[at:])) for at in range(len(host)))
    if name == "url":
        return row["url"] is not None and like(f"*{value.lower()}*", row["url"].lower())
    if name == "is":
        return is_a(value, row)
    if name == "has":
        return has_some(value, row)
    return row[name] is not None and like(value.lower(), row[name].lower())


def within(name: str, bounds: Bounds, row: Row) -> bool:
    number = row[{"followers": "author_followers"}.get(name, name)]
    if number is None:
        return False
    if name == "rating":
        number = round(1 + 4 * number, 3)
    tests = {"<": number.__lt__, "<=": number.__le__, "=": number.__eq__, ">=": number.__ge__,
             ">": number.__gt__}  # fmt: skip
    return all(
        tests[sign](limit if name == "rating" else int(limit)) for sign, limit in bounds.limits
    )


def is_a(value: str, row: Row) -> bool:
    if value in ("spam", "toxic", "sponsored", "corrected"):
        return bool(row[value])
    if value == "reply":
        return row["parent_id"] is not None
    asks = value == "question" and " question " in (row["intents"] or "")
    return bool(row["kind"] == value or asks)


def has_some(value: str, row: Row) -> bool:
    if value == "link":
        return any(
            "http://" in (row[n] or "") or "https://" in (row[n] or "") for n in ("title", "text")
        )
    if value == "author":
        return any(row[name] for name in ("author_id", "author_handle", "author_name"))
    if value in ("aspect", "intent", "emotion"):
        return bool((row[f"{value}s"] or "").strip())
    if value in ("rating", "topic"):
        return row["rating" if value == "rating" else "topic_id"] is not None
    return bool(row[value])


# --- the three beside each other --------------------------------------------------------------


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("agree")
    opened = open_warehouse(folder / "w.duckdb", folder / "landing", folder / "jobs", "Asia/Seoul")
    with opened.writing() as cursor:
        for topic, name in TOPICS.items():
            cursor.execute(
                "INSERT INTO topics VALUES (?, ?, [], [], 0.1, now(), NULL)", [topic, name]
            )
    yield opened
    opened.close()


def fill(cursor: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Put these rows in place of all there are; row n has the id md5(n)."""
    numbered = [{**row, "n": n} for n, row in enumerate(rows)]
    given = pa.Table.from_pylist(numbered, schema=GIVEN)
    for table in ("heard", "mentions", "mention_topics"):
        cursor.execute(f"TRUNCATE {table}")
    cursor.register("given_rows", given)
    made = (
        "SELECT *, md5(n::VARCHAR)::UUID AS mention_id, day::TIMESTAMPTZ AS created_at, "
        "created_at AS collected_at, n AS text_hash, n AS content_hash, '' AS batch_id, "
        "n::VARCHAR AS native_id FROM given_rows"
    )
    for table in ("heard", "mentions"):
        columns = {row[0] for row in cursor.execute(f"DESCRIBE {table}").fetchall()}
        names = [*GIVEN.names, "mention_id", "created_at", "collected_at", "text_hash",
                 "content_hash", "batch_id", "native_id"]  # fmt: skip
        kept = ", ".join(name for name in names if name in columns)
        cursor.execute(f"INSERT INTO {table} BY NAME SELECT {kept} FROM ({made})")
    cursor.execute(
        "INSERT INTO mention_topics SELECT md5(n::VARCHAR)::UUID, n, 1, topic_id, 0.5 "
        "FROM given_rows WHERE topic_id IS NOT NULL"
    )
    cursor.unregister("given_rows")


GIVEN = pa.schema(
    [
        ("n", pa.int64()),
        *((name, pa.string()) for name in (
            "lemmas", "text", "title", "source", "kind", "lang", "url", "author_id",
            "author_handle", "author_name", "country", "city", "product", "parent_id",
            "sentiment", "aspects", "intents", "emotions",
        )),
        *((name, pa.int64()) for name in ("author_followers", "likes", "topic_id")),
        ("rating", pa.float32()),
        *((name, pa.bool_()) for name in ("toxic", "spam", "sponsored", "corrected")),
        ("day", pa.date32()),
    ]
)  # fmt: skip


def by_sql(cursor: duckdb.DuckDBPyConnection, queries: Sequence[Query]) -> list[set[int]]:
    found = [condition(query, prefix=f"q{n}") for n, query in enumerate(queries)]
    columns = "".join(f", coalesce({each.text}, false)" for each in found)
    parameters = {name: value for each in found for name, value in each.parameters.items()}
    rows = cursor.execute(f"SELECT text_hash{columns} FROM heard", parameters).fetchall()
    return [{int(row[0]) for row in rows if row[1 + n]} for n in range(len(queries))]


def by_matcher(cursor: duckdb.DuckDBPyConnection, queries: Sequence[Query]) -> list[set[int]]:
    table = ask.table(cursor, f"{hits.ROWS} ORDER BY h.text_hash")
    matcher = Matcher([Tracker(str(n), query) for n, query in enumerate(queries)])
    found = matcher.matches(table).to_pylist()
    return [{row["row"] for row in found if row["tracker"] == str(n)} for n in range(len(queries))]


def by_reading(rows: Sequence[Row], query: Query) -> set[int]:
    return {n for n, row in enumerate(rows) if holds(query.root, row)}


def understood_text(text: str) -> Query | None:
    try:
        return understood(parse(text), PlainAnalyser())
    except QueryError:
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(query_text, min_size=4, max_size=10),
    rows=st.lists(mention, min_size=8, max_size=24),
)
def test_matcher_and_sql_and_a_plain_reading_agree(
    warehouse: Warehouse, texts: list[str], rows: list[Row]
) -> None:
    queries = [query for text in texts if (query := understood_text(text)) is not None]
    with warehouse.writing() as cursor:
        fill(cursor, rows)
        streamed = by_matcher(cursor, queries)
        asked = by_sql(cursor, queries)
    for query, one, other in zip(queries, streamed, asked, strict=True):
        assert one == other == by_reading(rows, query), query.text


# --- and they can fail -------------------------------------------------------------------------


def farther(node: Node) -> Node:
    """NEAR reaches one word too far."""
    return replace(node, distance=node.distance + 1) if isinstance(node, Near) else node


def unordered(node: Node) -> Node:
    """NEARF forgets its order."""
    return replace(node, ordered=False) if isinstance(node, Near) else node


def any_word(node: Node) -> Node:
    """A phrase is content with its first word."""
    return replace(node, lemmas=node.lemmas[:1]) if isinstance(node, Phrase) else node


def forgetful(node: Node) -> Node:
    """NOT is forgotten."""
    return node.part if isinstance(node, Not) else node


def first_value(node: Node) -> Node:
    """Of several values only the first counts."""
    return replace(node, values=node.values[:1]) if isinstance(node, Having) else node


def slipped(node: Node, slip: Callable[[Node], Node]) -> Node:
    """A tree in which every node has met the slip."""
    if isinstance(node, And | Or):
        node = replace(node, parts=tuple(slipped(part, slip) for part in node.parts))
    elif isinstance(node, Not):
        node = replace(node, part=slipped(node.part, slip))
    return slip(node)


@pytest.mark.parametrize(
    ("slip", "drawn"),
    [
        (farther, near),
        (unordered, near),
        (any_word, query_text),
        (forgetful, query_text),
        (first_value, fields),
    ],
)
def test_a_slip_in_any_of_them_would_be_seen(
    slip: Callable[[Node], Node], drawn: st.SearchStrategy[str]
) -> None:
    """What is drawn above meets cases in which a reading with one slip answers otherwise."""

    def differs(case: tuple[str, list[Row]]) -> bool:
        query = understood_text(case[0])
        if query is None:
            return False
        return by_reading(case[1], query) != by_reading(
            case[1], replace(query, root=slipped(query.root, slip))
        )

    find(
        st.tuples(drawn, st.lists(mention, min_size=2, max_size=8)),
        differs,
        settings=settings(
            max_examples=5_000, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
