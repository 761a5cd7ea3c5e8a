"""`almoner`: the command and how it fails. Heavy imports stand in the commands, so that help comes at once."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Annotated, Any, NoReturn

import typer

from almoner.cli import (
    access,
    audit,
    demo,
    documents,
    explain,
    intake,
    link,
    look_up,
    measure,
    notice,
    profile,
    quality,
    query,
    registry,
    release,
    requests,
    retention,
    review,
    workspace,
)
from almoner.cli.opening import close_opened
from almoner.kernel.errors import AlmonerError

app = typer.Typer(
    name="almoner",
    help="Almoner: a council's performance, research and intelligence service. The notice is the program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INTERRUPTED = 130
"""What a shell gives for a command that Ctrl-C has stopped."""


def _version(wanted: bool) -> None:
    """Say which version this is, and end."""
    from importlib import metadata

    if wanted:
        try:
            version = metadata.version("almoner")
        except metadata.PackageNotFoundError:
            version = "run from its source, not installed"
        typer.echo(f"almoner {version}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take what stands before the command."""


registry.add_to(app)
demo.add_to(app)
intake.add_to(app)
link.add_to(app)
review.add_to(app)
explain.add_to(app)
look_up.add_to(app)
profile.add_to(app)
query.add_to(app)
measure.add_to(app)
quality.add_to(app)
release.add_to(app)
requests.add_to(app)
retention.add_to(app)
notice.add_to(app)
access.add_to(app)
audit.add_to(app)
workspace.add_to(app)
documents.add_to(app)


def app_entry() -> NoReturn:
    """Run the command; turn every failure into its message and exit code. No traceback reaches a user."""
    try:
        left = app(standalone_mode=False)  # a command that ends by typer.Exit gives its code back here
        code = left if isinstance(left, int) else 0
        if code == INTERRUPTED:  # Typer has caught the interrupt already
            _show(["Stopped."], {"error": "Stopped.", "cause": "interrupted", "exit_code": INTERRUPTED})
    except AlmonerError as error:
        _show(error.lines(), error.as_dict())
        code = error.exit_code
    except typer.Exit as stop:
        code = stop.exit_code
    except BrokenPipeError:
        code = 0
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        code = _unexpected(error)
    _leave(code)


def _unexpected(error: Exception) -> int:
    """Report what should not have happened. Only names are shown: a message of unknown origin may hold a value."""
    if (usage := getattr(error, "exit_code", None)) is not None and hasattr(error, "format_message"):
        message = _unvalued(error)
        _show([message, "  do: see 'almoner --help'"], {"error": message, "cause": "usage"})
        return int(usage)
    if os.environ.get("ALMONER_TRACEBACK"):
        raise error
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__', '?')}:{place.tb_lineno}" if place else "unknown"
    lines = [
        f"Something went wrong that Almoner does not know: {type(error).__name__}.",
        f"  where: {where}",
        "  why: this is a fault of the program; nothing half-done is kept.",
        "  do: report the command and this place; ALMONER_TRACEBACK=1 shows more, and may show personal values.",
    ]
    _show(lines, {"error": lines[0], "cause": "unexpected", "where": where, "exit_code": 1})
    return 1


def _unvalued(error: Any) -> str:
    """Give a usage error's message; what was typed may be somebody's name, so it is shown as '…'."""
    message = str(error.format_message())
    if type(error).__name__ in _ABOUT_NAMES:
        return message
    for typed in sorted(_values_typed(sys.argv[1:]), key=len, reverse=True):
        # A letter tells nothing of anybody, and "a" is a word of most messages.
        before, after = ("(?<=['\"])", "(?=['\"])") if len(typed) == 1 else (r"(?<!\w)", r"(?!\w)")
        message = re.sub(f"{before}{re.escape(typed)}{after}", "…", message)
    return message


def _values_typed(words: list[str]) -> set[str]:
    """Give what can be a value: words, what follows '=' or a short option's letter; as typed and as Python shows it."""
    found = {word for word in words if not word.startswith("-")}
    found |= {word.partition("=")[2] for word in words if word.startswith("--")}
    found |= {word[2:] for word in words if word.startswith("-") and not word.startswith("--")}
    return {form for word in found if word for form in (word, repr(word)[1:-1])}


_ABOUT_NAMES = ("NoSuchCommand", "NoSuchOption", "MissingParameter", "NoArgsIsHelpError")
"""Usage errors that speak of commands and options alone."""


def _show(lines: list[str], document: dict[str, Any]) -> None:
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    for line in lines:
        sys.stderr.write(line + "\n")


def _leave(code: int) -> NoReturn:
    """End the process once everything is written. The engines are not torn down: their threads have been seen to abort
    while the interpreter goes, which would turn a success into a failure."""
    close_opened()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
