"""What a page says of itself for machines: schema.org as JSON-LD, microdata or RDFa; OpenGraph.

Each syntax costs time, so only those are read that a page holds, as its text tells. All come out
in one shape: dictionaries with `@type` and bare property names, references followed. Extruct and
what it brings (rdflib) are imported for the first page that needs them.
"""

from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]

from collectors.crawling.pages import Page

Thing = dict[str, Any]

DEEPEST: Final = 12  # levels of structured data; what is deeper is a trap
_SCRIPTS: Final = etree.XPath('descendant-or-self::script[@type="application/ld+json"]')
_LONGEST_MICRODATA: Final = 2_000_000  # characters; each property copies its part of the page
_LONGEST_RDFA: Final = 500_000


def things_on(page: Page) -> list[Thing]:
    """The things a page describes, those that no other refers to first."""
    found: list[Thing] = []
    if "ld+json" in page.text:
        found += _json_ld(page)
    if "itemscope" in page.text and len(page.text) <= _LONGEST_MICRODATA:
        found += _microdata(page)
    if not found and _may_hold_rdfa(page.text):
        found += _rdfa(page)
    return _joined(found)


def open_graph(page: Page) -> dict[str, str]:
    """The OpenGraph properties of a page, each in its first form."""
    if "og:" not in page.text and "article:" not in page.text:
        return {}
    from extruct.opengraph import OpenGraphExtractor

    said: dict[str, str] = {}
    for group in OpenGraphExtractor().extract_items(page.root, page.url):
        for name, value in group["properties"]:
            said.setdefault(name, value)
    return said


def _json_ld(page: Page) -> list[Thing]:
    from extruct.jsonld import JsonLdExtractor

    extractor = JsonLdExtractor()
    found: list[Thing] = []
    # Script by script, as one that is not JSON would hide the others.
    for script in _SCRIPTS(page.root):
        try:
            documents = extractor.extract_items(script)
        except (ValueError, RecursionError):
            continue
        for document in documents:
            if isinstance(document, dict):
                graph = document.get("@graph")
                held = graph if isinstance(graph, list) else [document]
                found += [thing for thing in held if isinstance(thing, dict)]
    return found


def _microdata(page: Page) -> list[Thing]:
    from extruct.w3cmicrodata import MicrodataExtractor

    return [_bare(item) for item in MicrodataExtractor().extract_items(page.root, page.url)]


def _bare(item: Any) -> Any:
    """An item of microdata in the shape of JSON-LD."""
    if isinstance(item, list):
        return [_bare(each) for each in item]
    if not isinstance(item, dict):
        return item
    thing = {name: _bare(value) for name, value in item.get("properties", {}).items()}
    if "value" in item:
        thing["value"] = item["value"]
    if "type" in item:
        thing["@type"] = item["type"]
    if "id" in item:
        thing["@id"] = item["id"]
    return thing


def _may_hold_rdfa(text: str) -> bool:
    return "typeof=" in text and "schema.org" in text and len(text) <= _LONGEST_RDFA


def _rdfa(page: Page) -> list[Thing]:
    from extruct.rdfa import RDFaExtractor

    nodes = RDFaExtractor().extract(page.text.encode("utf-8", "replace"), page.url)
    return [_unwrapped(node) for node in nodes if isinstance(node, dict)]


def _unwrapped(node: Thing) -> Thing:
    """A node of expanded JSON-LD with bare names, and values that are lists only if several."""
    thing: Thing = {}
    for name, value in node.items():
        values = value if isinstance(value, list) else [value]
        bare = [v["@value"] if isinstance(v, dict) and "@value" in v else v for v in values]
        thing[_local(name)] = bare[0] if len(bare) == 1 else bare
    return thing


def _local(name: str) -> str:
    return name if name.startswith("@") else name.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def _joined(things: list[Thing]) -> list[Thing]:
    """`things` with the named ones in the places that refer to them."""
    named = {
        thing["@id"]: thing
        for thing in things
        if isinstance(thing.get("@id"), str) and len(thing) > 1
    }
    if not named:
        return things
    referred: set[str] = set()
    for thing in things:
        for name, value in thing.items():
            thing[name] = _followed(value, named, referred, DEEPEST)
    return sorted(things, key=lambda thing: thing.get("@id") in referred)


def _followed(value: Any, named: dict[str, Thing], referred: set[str], depth: int) -> Any:
    if depth == 0:
        return value
    if isinstance(value, list):
        return [_followed(each, named, referred, depth - 1) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and value.get("@id") in named:
        referred.add(value["@id"])
        return named[value["@id"]]
    for name, inner in value.items():
        if isinstance(inner, dict | list):
            value[name] = _followed(inner, named, referred, depth - 1)
    return value


def kinds_of(thing: Thing) -> set[str]:
    """The types of a thing without their vocabulary, as in {"Product"}."""
    said = thing.get("@type", [])
    return {
        str(kind).rsplit("/", 1)[-1].removeprefix("schema:")
        for kind in (said if isinstance(said, list) else [said])
    }


def word(value: Any) -> str | None:
    """A value as text: of a list its first, of a thing its name or what it is worth."""
    for _ in range(DEEPEST):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("name") or value.get("value") or value.get("@value")
        else:
            break
    if value is None or isinstance(value, bool | list | dict):
        return None
    return str(value).strip() or None


def identity(thing: Thing) -> str | None:
    """The name by which a thing is known; those of blank nodes are new at each reading."""
    said = word(thing.get("@id"))
    if said and not said.startswith("_:"):
        return said
    return word(thing.get("identifier"))
