"""Commands that run the instance: up, demo, run, doctor, rebuild, migrate."""

import time
from typing import Annotated, Any

import typer

from madang.cli.base import Json, app, ask, show
from madang.settings import load_settings


@app.command()
def up() -> None:
    """Start the desk, the yard and the worker, until Ctrl-C. Example: madang up"""
    from madang.streams import streamed
    from madang.supervisor import Addresses
    from madang.supervisor import up as keep_up

    settings = load_settings()
    began = time.monotonic()

    def ready(sites: Addresses) -> None:
        typer.echo(f"The desk is at {sites.desk} (up in {time.monotonic() - began:.1f} s)")
        typer.echo(f"The yard is at {sites.yard}")
        if settings.schedule.minutes and (names := ", ".join(streamed(settings))):
            typer.echo(f"Listening all the time to: {names}")

    raise typer.Exit(keep_up(settings, ready))


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="The same seed makes the same market.")] = 7,
    size: Annotated[str, typer.Option(help="full, or small for a first look in a minute.")] = (
        "full"
    ),
    start: Annotated[bool, typer.Option("--up/--no-up", help="Start the desk after.")] = True,
) -> None:
    """Fill this instance with a made-up market, and start it. Example: madang demo --size small"""
    from madang.demo.run import fill

    settings = load_settings()
    filled = fill(settings, seed, typer.echo, size)
    typer.echo(f"Sign in at the desk as {filled.email} with the password {filled.password}")
    typer.echo(
        f"Sign in at the yard as {filled.customer_email} "
        f"with the password {filled.customer_password}"
    )
    if start:
        up()


@app.command()
def run(
    collect: Annotated[bool, typer.Option(help="Ask the sources first.")] = True,
    as_json: Json = False,
) -> None:
    """Turn the loop once: listen, understand, recognise, act. Example: madang run"""
    from madang.console import print_counts

    answer = ask("turn", collect=collect)

    def counts(turned: dict[str, Any]) -> None:
        for source, counts in turned["sources"].items():
            print_counts(source, counts)
        print_counts("loaded", turned["loaded"])
        print_counts("understood", {"annotated": turned["annotated"]})
        print_counts("recognised", turned["matched"])
        print_counts("alerts", {"raised": turned["alerts"]})
        print_counts("belts", {"facts_up": turned["facts"], **turned["findings"]})

    show(answer, as_json, counts)


@app.command()
def migrate() -> None:
    """Bring the community store up to this version. Example: madang migrate"""
    from madang.people import migrate_store

    typer.echo(migrate_store(load_settings()))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is ready, what is not, and what mends it. Example: madang doctor"""
    from madang.doctor import print_checks

    answer = ask("doctor")
    show(answer, as_json, print_checks)
    if any(check["state"] == "failed" for check in answer):
        raise typer.Exit(1)


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Make the warehouse anew from what landed. Example: madang rebuild"""
    from madang.console import print_counts

    show(ask("rebuild"), as_json, lambda counts: print_counts("rebuilt", counts))
