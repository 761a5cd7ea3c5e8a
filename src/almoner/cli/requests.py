"""`almoner foi` and `almoner rights`: requests from their receipt to their end. What they share stands here once."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show
from almoner.cli.requests_deciding import add_deciding
from almoner.cli.requests_foi import add_foi
from almoner.cli.requests_shown import (
    show_case,
    show_done,
    show_list,
    show_reminders,
    show_statistics,
    suggestion_document,
    suggestion_text,
)
from almoner.cli.requests_words import CaseArgument, DayOption, FileOption, ReasonOption, day, written
from almoner.cli.rights_in_force import add_carrying_out
from almoner.kernel.errors import UsageError
from almoner.kernel.periods import parse_period

RIGHTS = "subject_access, rectification, erasure, restriction, portability, objection or complaint"


def add_to(app: typer.Typer) -> None:
    """Add both groups."""
    foi = typer.Typer(
        help="Freedom of information and environmental information: from receipt to answer, review and log.",
        no_args_is_help=True,
    )
    rights = typer.Typer(
        help="The rights of people over their data, and complaints: cases with their clocks and letters.",
        no_args_is_help=True,
    )
    for group, name in ((foi, "foi"), (rights, "rights")):
        group.command("open")(_open_foi if name == "foi" else _open_right)
        _add_shared(group, name)
        add_deciding(group)
        app.add_typer(group, name=name)
    add_foi(foi)
    add_carrying_out(rights)


def _add_shared(group: typer.Typer, name: Any) -> None:
    group.command("list")(_list(name))
    group.command("show")(_show)
    group.command("acknowledge")(_with_group(name, _acknowledge))
    group.command("assign")(_with_group(name, _assign))
    if name == "rights":
        group.command("identify")(_identify)
    group.command("ask")(_with_group(name, _ask))
    group.command("fee")(_with_group(name, _fee))
    group.command("resume")(_with_group(name, _resume))
    group.command("lapse")(_with_group(name, _lapse))
    group.command("extend")(_with_group(name, _extend))
    group.command("letter")(_letter)
    group.command("overdue")(_overdue(name))
    group.command("statistics")(_statistics(name))


def _with_group(name: str, command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that knows under which group it is called, without an option for it."""

    @functools.wraps(command)
    def called(**given: Any) -> None:
        command(group=name, **given)

    signature = inspect.signature(command, eval_str=True)
    kept = [each for each in signature.parameters.values() if each.name != "group"]
    called.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in kept}
    return called


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────

NameOption = Annotated[str, typer.Option("--name", help="Who asks.")]
AddressOption = Annotated[list[str] | None, typer.Option("--address", help="A line of the address. Repeat it.")]
EmailOption = Annotated[str, typer.Option("--email", help="Their e-mail address.")]
ReceivedOption = Annotated[
    str | None, typer.Option("--received", help="The day of receipt, as 2026-03-03; else today.")
]
WordsOption = Annotated[str, typer.Option("--words", help="What they ask for; better in a --file.")]


def _open_foi(
    name: NameOption,
    words: WordsOption = "",
    file: FileOption = None,
    regime: Annotated[str, typer.Option("--regime", help="foi, or eir for environmental information.")] = "foi",
    address: AddressOption = None,
    email: EmailOption = "",
    received: ReceivedOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a case for a request. What is published already about it is shown."""
    if regime not in ("foi", "eir"):
        raise UsageError("There is no such regime.", todo="Use foi or eir.")
    _opened("foi", regime, name, written(words, file), address, email, received, "", workspace, as_json)


def _open_right(
    right: Annotated[str, typer.Argument(help=f"{RIGHTS}.")],
    name: NameOption,
    words: WordsOption = "",
    file: FileOption = None,
    person: Annotated[str, typer.Option("--person", help="The id of the person whose data it is.")] = "",
    address: AddressOption = None,
    email: EmailOption = "",
    received: ReceivedOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a case about somebody's right over their data, or a complaint."""
    from almoner.wiring.casework import kinds_of

    if right not in kinds_of("rights"):
        raise UsageError("There is no such right.", todo=f"Use one of: {', '.join(kinds_of('rights'))}.")
    _opened("rights", right, name, written(words, file), address, email, received, person, workspace, as_json)


def _opened(
    group: str, kind: str, name: str, words: str, address: list[str] | None, email: str, received: str | None,
    person: str, workspace: Path | None, as_json: bool,
) -> None:  # fmt: skip
    from almoner.cli.requests_shown import done_document
    from almoner.requests.casework.cases import Content, Requester
    from almoner.wiring.casework import already_published, known_person, office_of

    opening = opened(workspace)
    office = office_of(opening)
    content = Content(Requester(name, tuple(address or ()), email), words, known_person(opening, person))
    found = already_published(opening, words) if group == "foi" else []
    done = office.open(kind, content, day(received))
    document = {**done_document(done), "already_published": [suggestion_document(each) for each in found]}
    lines = [f"Case {done.case.id} is open. {done.due.words}"]
    if found:
        lines += ["Published already, and perhaps the answer:", suggestion_text(found)]
    lines.append(f"Next: almoner {group} acknowledge {done.case.id}")
    show(document, as_json, "\n".join(lines))


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _list(group: Any) -> Callable[..., None]:
    def list_cases(
        all_states: Annotated[bool, typer.Option("--all", help="Also those with which nothing is left to do.")] = False,
        mine: Annotated[bool, typer.Option("--mine", help="Only those assigned to you.")] = False,
        workspace: WorkspaceOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """List the cases, the one that is due first at the top. Says of none who asks."""
        from almoner.wiring.casework import listed_cases, office_of

        show_list(listed_cases(office_of(opened(workspace)), group, all_states=all_states, mine=mine), as_json)

    return list_cases


def _show(case: CaseArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show a case: who asks, what was done and written, when what is due, and why then."""
    from almoner.wiring.casework import office_of

    office = office_of(opened(workspace))
    found, content, steps = office.look(case)
    show_case(found, office.due(found), content, steps, as_json)


def _overdue(group: Any) -> Callable[..., None]:
    def overdue(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
        """List what is overdue, due soon, or may lapse, with whom to remind."""
        from almoner.wiring.casework import due_reminders, office_of

        show_reminders(due_reminders(office_of(opened(workspace)), group), as_json)

    return overdue


def _statistics(group: Any) -> Callable[..., None]:
    def statistics(
        period: Annotated[str, typer.Argument(help="For example 2025-26, 2025-26 Q4 or 2026-03.")],
        workspace: WorkspaceOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Count requests for the annual return: received, in time, late, outcomes, exemptions, reviews."""
        from almoner.wiring.casework import office_of, return_statistics

        first, last = parse_period(period)
        show_statistics(return_statistics(office_of(opened(workspace)), group, first, last), first, last, as_json)

    return statistics


def _letter(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The number of the letter, as 'show' gives it.")],
    out: Annotated[Path, typer.Option("--out", help="The PDF to write; never written over.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Write a letter of a case as tagged PDF, as it was on the day it was made."""
    from almoner.wiring.casework import letter_file, office_of

    content = letter_file(office_of(opened(workspace)), case, number)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError("The file is there already.", where=out.name, todo="Name a new one.") from None
    say("The letter names a person: keep it where only those who send it can read it.")
    sys.stdout.write(f"{out}\n")


# ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _acknowledge(
    group: str, case: CaseArgument, on: DayOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Acknowledge a request: a letter that says by when it is answered."""
    from almoner.requests.casework.handling import acknowledge
    from almoner.wiring.casework import office_of

    show_done(acknowledge(office_of(opened(workspace)), case, day(on)), as_json, group)


def _assign(
    group: str,
    case: CaseArgument,
    to: Annotated[str, typer.Argument(help="Who is to have it.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a case to somebody."""
    from almoner.requests.casework.handling import assign
    from almoner.wiring.casework import office_of

    show_done(assign(office_of(opened(workspace)), case, to), as_json, group, f"Case {case} is given to {to}.")


def _identify(
    case: CaseArgument,
    words: Annotated[str, typer.Option("--words", help="What would prove who they are.")] = "",
    file: FileOption = None,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for proof of identity: the clock starts when it comes."""
    from almoner.requests.casework.handling import ask_identity
    from almoner.wiring.casework import office_of

    show_done(ask_identity(office_of(opened(workspace)), case, written(words, file), day(on)), as_json, "rights")


def _ask(
    group: str,
    case: CaseArgument,
    words: Annotated[str, typer.Option("--words", help="The question.")] = "",
    file: FileOption = None,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the requester what is meant. What that does to the clock depends on the law."""
    from almoner.requests.casework.handling import ask
    from almoner.wiring.casework import office_of

    show_done(ask(office_of(opened(workspace)), case, written(words, file), day(on)), as_json, group)


def _fee(
    group: str,
    case: CaseArgument,
    pounds: Annotated[str, typer.Argument(help="Pounds, for example 12.50.")],
    reason: ReasonOption,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for a fee, with the reason for it."""
    from almoner.cli.requests_words import decimal
    from almoner.requests.casework.handling import ask_fee
    from almoner.wiring.casework import office_of

    show_done(ask_fee(office_of(opened(workspace)), case, decimal(pounds), reason, day(on)), as_json, group)


def _resume(
    group: str,
    case: CaseArgument,
    words: Annotated[str, typer.Option("--words", help="What the requester answered.")] = "",
    file: FileOption = None,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a case: what we asked for has come."""
    from almoner.requests.casework.handling import resume
    from almoner.wiring.casework import office_of

    answer = written(words, file) if words or file else ""
    show_done(resume(office_of(opened(workspace)), case, answer, day(on)), as_json, group)


def _lapse(group: str, case: CaseArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Close a case whose question nobody has answered for long."""
    from almoner.requests.casework.handling import lapse
    from almoner.wiring.casework import office_of

    show_done(lapse(office_of(opened(workspace)), case), as_json, group)


def _extend(
    group: str,
    case: CaseArgument,
    reason: ReasonOption,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take more time, once, as the law allows it, and tell the requester why."""
    from almoner.requests.casework.handling import extend
    from almoner.wiring.casework import office_of

    show_done(extend(office_of(opened(workspace)), case, reason, day(on)), as_json, group)
