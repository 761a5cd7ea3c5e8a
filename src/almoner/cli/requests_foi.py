"""What `almoner foi` has for itself: the estimate of cost, what is published already, the disclosure log."""

from __future__ import annotations

from typing import Annotated

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show
from almoner.cli.requests_shown import done_document, show_log, suggestion_document, suggestion_text
from almoner.cli.requests_words import CaseArgument, FileOption, ReasonOption, decimal, written


def add_foi(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("estimate")(estimate)
    group.command("suggest")(suggest)
    group.command("log")(log)
    group.command("publish")(publish)
    group.command("unpublish")(unpublish)


def estimate(
    case: CaseArgument,
    reason: ReasonOption,
    determine: Annotated[str, typer.Option("--determine", help="Hours to find out whether it is held.")] = "0",
    locate: Annotated[str, typer.Option("--locate", help="Hours to find where it is.")] = "0",
    retrieve: Annotated[str, typer.Option("--retrieve", help="Hours to fetch it.")] = "0",
    extract: Annotated[str, typer.Option("--extract", help="Hours to take it out of what holds it.")] = "0",
    together: Annotated[
        list[str] | None,
        typer.Option("--with", help="A case to be taken together with this one. Repeat it."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate the cost against the limit of section 12. Reading, redacting and deciding may not be counted."""
    from almoner.requests.casework.handling import estimate_cost
    from almoner.wiring.casework import office_of

    hours = {
        name: decimal(text)
        for name, text in (("determine", determine), ("locate", locate), ("retrieve", retrieve), ("extract", extract))
    }
    done, made = estimate_cost(office_of(opened(workspace)), case, hours, reason, together or ())
    document = {
        **done_document(done), "total_hours": float(made.total_hours), "pounds": float(made.pounds),
        "limit_pounds": made.limit_pounds,
    }  # fmt: skip
    show(document, as_json, made.words())


def suggest(
    words: Annotated[str, typer.Argument(help="What somebody wants to know.")] = "",
    file: FileOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50)] = 5,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find what is published already about a question: releases and the disclosure log."""
    from almoner.wiring.casework import already_published

    found = already_published(opened(workspace), written(words, file), limit)
    documents = [suggestion_document(each) for each in found]
    show(
        {"published": documents}, as_json, lambda: suggestion_text(found) if found else "Nothing published is like it."
    )


def log(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show the disclosure log: what was asked and answered, without the names of who asked."""
    from almoner.wiring.casework import public_log

    show_log(public_log(opened(workspace)), as_json)


def publish(
    case: CaseArgument,
    title: Annotated[str, typer.Option("--title", help="What it is about.")],
    question: Annotated[str, typer.Option("--question", help="What was asked, in short, naming nobody.")],
    answer: Annotated[str, typer.Option("--answer", help="What was answered, in short, naming nobody.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an answer into the disclosure log. Refused where it would name somebody."""
    from almoner.requests.casework import disclosure_log
    from almoner.wiring.casework import office_of

    entry = disclosure_log.publish(office_of(opened(workspace)), case, title, question, answer)
    show({"entry": entry.id, "case": case}, as_json, f"Entry {entry.id} stands in the disclosure log.")


def unpublish(
    entry: Annotated[str, typer.Argument(help="The entry, as 'log' names it.")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an entry out of the disclosure log: its words are destroyed."""
    from almoner.requests.casework import disclosure_log
    from almoner.wiring.casework import office_of

    gone = disclosure_log.withdraw_entry(office_of(opened(workspace)), entry, reason)
    show({"entry": gone.id}, as_json, f"Entry {gone.id} is taken out.")
