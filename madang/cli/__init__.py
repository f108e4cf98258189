"""The command line: each command parses, calls one function, and prints what it counted."""

import logging
import os
import sys

import structlog
import typer

from madang.cli import files, learning, people, questions, sources, system
from madang.cli.base import app

__all__ = ["app", "files", "learning", "main", "people", "questions", "sources", "system"]


def main() -> None:
    """The console script: a sentence and an exit code for what a user can mend."""
    from madang.calls import EXPECTED

    # Answers have standard output to themselves; what the work says of itself goes beside it.
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app()
    except EXPECTED as error:
        typer.echo(f"madang: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
