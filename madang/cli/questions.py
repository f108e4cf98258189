"""Commands that ask: query, sql, customer, alerts, topics."""

from typing import Annotated, Any

import typer

from madang.cli.base import Json, app, ask, show

QUERY_COLUMNS = ("created_at", "source", "product", "sentiment", "author_handle", "text")


@app.command()
def query(
    words: Annotated[str, typer.Argument(help="Words in any form, or a query.")] = "",
    since: Annotated[str, typer.Option(help="First day, as in 2026-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Last day.")] = "",
    source: Annotated[list[str], typer.Option(help="Only this source.")] = [],
    product: Annotated[list[str], typer.Option(help="Only this product.")] = [],
    lang: Annotated[list[str], typer.Option(help="Only this language.")] = [],
    sentiment: Annotated[list[str], typer.Option(help="Only this sentiment.")] = [],
    aspect: Annotated[list[str], typer.Option(help="Only what speaks of this, as delivery.")] = [],
    intent: Annotated[
        list[str], typer.Option(help="Only this intent, as complaint or life_event:moving.")
    ] = [],
    emotion: Annotated[list[str], typer.Option(help="Only this emotion, as anger.")] = [],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")] = 20,
    as_json: Json = False,
) -> None:
    """Find mentions, newest first. Example: madang query '배송 NEAR/3 늦어요 -광고' --lang ko"""
    from madang.console import print_table, say

    _must_be_readable(words)
    answer = ask(
        "query",
        words=words,
        since=since,
        until=until,
        sources=source,
        products=product,
        langs=lang,
        sentiments=sentiment,
        aspects=aspect,
        intents=intent,
        emotions=emotion,
        limit=limit,
    )

    def rows(found: dict[str, Any]) -> None:
        table = found["mentions"]
        print_table(table.select([c for c in QUERY_COLUMNS if c in table.column_names]))
        say(f"{table.num_rows:,} of {found['count']:,} mentions")

    show(answer, as_json, rows)


def _must_be_readable(text: str) -> None:
    """Raises MadangError, which points at the column where a query cannot be read."""
    from madang.console import pointed
    from madang.settings import MadangError
    from warehouse.trackers.language import QueryError, parse

    if not text.strip():
        return
    try:
        parse(text)
    except QueryError as error:
        raise MadangError(
            f"{error.message}\n{pointed(text, error.column)}\n{error.hint}"
        ) from error


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One SELECT.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 1000,
    as_json: Json = False,
) -> None:
    """Ask the warehouse in SQL. Example: madang sql 'SELECT count(*) FROM mentions'"""
    from madang.console import print_table

    show(ask("sql", statement=statement, limit=limit), as_json, print_table)


@app.command()
def customer(
    who: Annotated[str, typer.Argument(help="A customer id, e-mail, phone, or part of a name.")],
    as_json: Json = False,
) -> None:
    """Show what is known of a customer. Example: madang customer 010-1234-5678"""
    from madang.console import print_customer, say

    def card(answer: dict[str, Any]) -> None:
        if answer["customer"] is not None:
            print_customer(answer["customer"])
        for line in answer["found"] if answer["customer"] is None else ():
            say(f"{line['customer_id']}  {line['name'] or '–'}  {line['city'] or ''}")
        if not answer["found"]:
            say(f"No customer is known by {who!r}. Import them with: madang import customers FILE")

    show(ask("customer", who=who), as_json, card)


@app.command()
def alerts(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 20,
    as_json: Json = False,
) -> None:
    """Show what broke out of the usual, the latest first. Example: madang alerts"""
    from madang.console import say

    def lines(found: list[dict[str, Any]]) -> None:
        for alert in found:
            taken = "taken on" if alert["acknowledged_at"] else "nobody yet"
            words = ", ".join(alert["terms"][:3])
            say(
                f"{str(alert['window_start'])[:16]}  {alert['product']}: {alert['seen']} negative "
                f"mentions, {alert['expected']:.1f} usual ({words}); {taken}"
            )
        if not found:
            say("Nothing out of the ordinary. It takes three weeks to know what is usual.")

    show(ask("alerts", limit=limit), as_json, lines)


@app.command()
def topics(
    since: Annotated[str, typer.Option(help="First day, as in 2026-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Last day.")] = "",
    source: Annotated[list[str], typer.Option(help="Only this source.")] = [],
    product: Annotated[list[str], typer.Option(help="Only this product.")] = [],
    as_json: Json = False,
) -> None:
    """Show what is spoken about and what words burst. Example: madang topics --since 2026-11-01"""
    from madang.console import say

    def lines(found: dict[str, Any]) -> None:
        for line in found["topics"]:
            net = line["net_sentiment"]
            mood = "" if net is None else f", net sentiment {100 * net:+.0f}"
            before = "" if line["before"] is None else f" ({line['before']:,} before)"
            say(
                f"{line['topic_id']:>4}  {line['name']}: "
                f"{line['mentions']:,} mentions{before}{mood}"
            )
        for term in found["trending"]:
            say(f"trending: {term['term']}, {term['seen']:,} texts, {term['expected']:.1f} usual")
        if not found["topics"]:
            say("No topics yet. They are found when 200 texts have been read: madang run")

    answer = ask("topics", since=since, until=until, sources=source, products=product)
    show(answer, as_json, lines)
