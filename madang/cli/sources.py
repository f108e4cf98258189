"""Commands about sources: add one, ask one, listen to one."""

import signal
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from madang.cli.base import Json, app, ask, show
from madang.settings import Settings, load_settings

if TYPE_CHECKING:
    from collectors.base import SourceKind
    from madang.adding import Question, Values
    from madang.trying import Tried


@app.command()
def add(
    source: Annotated[str, typer.Argument(help="Its name; without one, all are listed.")] = "",
    values: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="A setting, as in feeds=https://blog.example/rss or "
            "hooks.shop.profile=transcript; again for more.",
        ),
    ] = [],
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Set up a source, try it, and write it down if it works. Example: madang add rss"""
    from madang import adding
    from madang.console import say
    from madang.senders import left_to_do
    from madang.supervisor import renew
    from madang.writing import write

    settings = load_settings()
    if not source:
        show(_listed(settings), as_json, _print_listed)
        return
    kind = adding.kind_of(source)
    given = _given(values)
    if sys.stdin.isatty() and not yes:
        given = _answered(kind, settings, given)
    chosen = adding.typed(kind, settings, given)
    _try(kind, settings, chosen)
    if not yes:
        typer.confirm(f"Write it to {settings.home / 'madang.toml'}?", abort=True)
    answer = {
        "source": source,
        "written": [str(path) for path in write(kind, settings, chosen)],
        "left_to_do": left_to_do(kind, settings, chosen),
    }
    show(answer, as_json, lambda told: say(f"Written: {', '.join(told['written'])}"))
    for line in answer["left_to_do"]:
        typer.echo(line, err=True)  # whole, however long: some are to be copied
    if renew(settings):
        say("The instance that runs starts its parts anew with it, which takes some seconds.")
    else:
        say(f"Ask it now: madang collect {source}")


def _try(kind: "SourceKind", settings: Settings, chosen: "Values") -> None:
    """Show what the source brings; raises what is wrong with it, so that nothing is written."""
    from collectors.base import CollectorError
    from madang import trying
    from madang.console import say

    say(f"Trying {kind.name} …")
    try:
        with trying.on_trial(kind, settings, chosen) as source:
            tried = trying.tried(source)
        _print_tried(tried)
        if tried.failures and not tried.mentions and not kind.in_store:
            raise CollectorError(f"{kind.name} brought nothing but what could not be had.")
    except Exception:
        say("It does not work so. Nothing was changed.")
        raise


@app.command()
def collect(
    source: Annotated[str, typer.Argument(help="A source that madang.toml names.")],
    since: Annotated[
        str, typer.Option(help="Look back: the first day, as in 2026-01-01, or a moment.")
    ] = "",
    until: Annotated[
        str, typer.Option(help="The day or moment before which it was written; else now.")
    ] = "",
    again: Annotated[
        int, typer.Option(help="Look up again what was written in the last so many days.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Run one source and load what it brings. Example: madang collect rss --since 2026-01-01"""
    from madang.console import print_counts

    if again:
        collected = ask("look_again", source=source, days=again)
    else:
        collected = ask("collect", source=source, since=since, until=until)
    loaded = ask("load")
    answer = collected | {name: loaded[name] for name in ("loaded", "updated", "removed")}
    show(answer, as_json, lambda counts: print_counts(source, counts))


@app.command()
def listen(
    source: Annotated[str, typer.Argument(help="A source that can be listened to.")],
    as_json: Json = False,
) -> None:
    """Listen to one source until Ctrl-C, and land what comes. Example: madang listen bluesky"""
    from collectors import SOURCES
    from collectors.listen import listen as keep_listening
    from madang.console import print_counts, say
    from madang.settings import MadangError
    from warehouse.landing import Landing

    settings = load_settings()
    if source not in settings.sources:
        raise MadangError(f"{source!r} is not in madang.toml. Run: madang add {source}")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, frame: stopping.set())
    opened = SOURCES[source].open(settings.sources[source])
    landing = Landing(settings.landing, settings.identity_key)
    say(f"Listening to {source}; Ctrl-C ends it. What lands is loaded by the next turn.")
    landed = keep_listening(
        opened, landing, stopping, lambda rows: say(f"{rows:,} mentions landed")
    )
    answer = {"rows": landed.rows, "batches": landed.batches, "quarantined": landed.quarantined}
    show(answer, as_json, lambda counts: print_counts(source, counts))


def _given(values: list[str]) -> dict[str, list[Any]]:
    """Settings by name, each with all its values in order."""
    given: dict[str, list[Any]] = {}
    for value in values:
        name, equals, written = value.partition("=")
        if not equals:
            raise typer.BadParameter(f"{value!r} names no value. Write it as NAME=VALUE.")
        given.setdefault(name.strip(), []).append(written)
    return given


def _answered(
    kind: "SourceKind", settings: Settings, given: dict[str, list[Any]]
) -> dict[str, list[Any]]:
    """What was given, and what the person at the terminal says to the rest."""
    from madang import adding

    answers = dict(given)
    for question in adding.questions(kind, settings):
        about = [name.split(".") for name in given if name.split(".")[0] == question.name]
        if question.named:
            named = {path[1] for path in about if len(path) > 1}
            for name in named or _named(kind, question):
                path = f"{question.name}.{name}"
                for inner in adding.questions_of_section(kind, settings, question.name, name):
                    is_given = any(f"{each}.".startswith(f"{path}.{inner.name}.") for each in given)
                    if path not in given and not is_given and (said := _ask(inner)):
                        answers[f"{path}.{inner.name}"] = said
        elif not about and (said := _ask(question)):
            answers[question.name] = said
    return answers


def _named(kind: "SourceKind", question: "Question") -> list[str]:
    """The name of the section to make or to change; none where none is wanted."""
    from madang import adding
    from madang.settings import MadangError

    stand = f" There are: {', '.join(question.sections)}." if question.sections else ""
    typer.echo(f"\n{question.name}: {question.help}{stand}", err=True)
    while name := _line("name", is_secret=False):
        try:
            adding.check_name(f"{kind.name}.{question.name}", name)
        except MadangError as error:
            typer.echo(str(error), err=True)
            continue
        is_known = name in question.sections
        if not is_known or typer.confirm(f"There is {name} already. Change it?", err=True):
            return [name]
    return []


def _ask(question: "Question") -> list[Any]:
    """The values of one setting; none where it is to stay as it is."""
    typer.echo(f"\n{_explained(question)}", err=True)
    said: list[Any] = []
    if question.inner:
        while entry := {q.name: v if q.many else v[0] for q in question.inner if (v := _ask(q))}:
            said.append(entry)
            if not typer.confirm("Another one?", default=False, err=True):
                break
        return said
    what = f"{question.name}, as NAME=VALUE" if question.pairs else question.name
    while value := _line("one more, or Enter" if said else what, question.secret):
        said.append(value)
        if not question.many:
            break
    if question.make is None or said or question.now:
        return said
    is_wanted = typer.confirm(f"Make a {question.name}?", default=True, err=True)
    return [question.make()] if is_wanted else []


def _explained(question: "Question") -> str:
    """What is asked for, where it is had, and what it is now."""
    where = f" ({question.where})" if question.where else ""
    choices = f" One of: {', '.join(question.choices)}." if question.choices else ""
    now = f" It is {question.now}; Enter keeps it." if question.now else ""
    return f"{question.name}: {question.help}{where}{choices}{now}"


def _line(prompt: str, is_secret: bool) -> str:
    return str(
        typer.prompt(prompt, default="", show_default=False, hide_input=is_secret, err=True)
    ).strip()


def _listed(settings: Settings) -> list[dict[str, str]]:
    from collectors import SOURCES
    from madang.hearing import availability

    lines = []
    for name, kind in SOURCES.items():
        chosen = settings.sources.get(name)
        missing = "" if chosen is None else availability(kind, chosen)
        state = "not in use" if chosen is None else missing or "in use"
        lines.append({"source": name, "state": state, "summary": kind.summary})
    return lines


def _print_listed(lines: list[dict[str, str]]) -> None:
    import pyarrow as pa

    from madang.console import print_table, say

    print_table(pa.Table.from_pylist(lines))
    say("Set one up with: madang add SOURCE")


def _print_tried(tried: "Tried") -> None:
    from madang.console import say

    for mention in tried.mentions:
        who = mention["author_name"] or mention["author_handle"] or "somebody"
        text = " ".join(str(mention["text"]).split())
        say(f"  {mention['created_at']:%F %R} {who}: {text[:160]}")
    for failure in tried.failures[:3]:
        say(f"  not had: {failure}")
    if tried.others:
        say(f"It has {tried.others:,} rows already.")
    elif not tried.mentions:
        say("It brought no mention yet.")
