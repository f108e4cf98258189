"""Commands about people: give colleagues a sign-in, forget a person everywhere."""

import os
from typing import Annotated

import typer

from madang.cli.base import Json, app, ask, show
from madang.settings import load_settings


@app.command()
def staff(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="The name others see.")] = "",
    role: Annotated[str, typer.Option(help="brand_manager, community_manager, engineer.")] = (
        "brand_manager"
    ),
) -> None:
    """Give a colleague a sign-in to the desk. Example: madang staff minji@example.com"""
    from madang.people import add_staff

    password = os.environ.get("MADANG_PASSWORD") or typer.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )
    add_staff(load_settings(), email, name or email.split("@")[0], password, role)
    typer.echo(f"{email} may sign in to the desk.")


@app.command()
def erase(
    who: Annotated[
        str, typer.Argument(help="Customer id, e-mail, phone, source|author_id or source|@handle.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: Json = False,
) -> None:
    """Forget a person in every store, for good. Example: madang erase minji@example.com"""
    from madang.console import print_counts, say

    for person in ask("people", who=who):
        known = person["customer_id"] or "no customer"
        accounts = len(person["authors"]) + len(person["handles"])
        say(
            f"{person['name'] or 'No name'} ({known}): {person['mentions']:,} mentions under "
            f"{accounts} accounts, {person['orders']:,} orders"
        )
    say("Their words, names and contacts go; orders stay as figures under a made-up name.")
    if not yes:
        typer.confirm("Erase, without any way back?", abort=True)
    show(ask("erase", who=who), as_json, lambda counts: print_counts("erased", counts))
