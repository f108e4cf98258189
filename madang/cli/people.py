"""Commands about people: staff, erase."""

import os
from typing import Annotated

import typer

from madang.cli.base import app
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
