"""What `almoner rights` carries out: objections, restrictions, corrections, erasures; and whom that is told to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table
from almoner.cli.requests_words import CaseArgument, DayOption, ReasonOption, day
from almoner.kernel.errors import UsageError

if TYPE_CHECKING:
    from almoner.governance.in_force import RightInForce
    from almoner.wiring.rights import CarriedOut

PersonOption = Annotated[
    str, typer.Option("--person", help="Whose data it is, where the case does not say or the id has changed.")
]
RightArgument = Annotated[str, typer.Argument(help="The right, as 'in-force' names it.")]
LetterArgument = Annotated[str, typer.Argument(help="The letter, as 'recipients' names it.")]


def add_carrying_out(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("object")(object_)
    group.command("restrict")(restrict)
    group.command("correct")(correct)
    group.command("erase")(erase)
    group.command("lift")(lift)
    group.command("in-force")(in_force)
    group.command("recipients")(recipients)
    group.command("recipient-letter")(recipient_letter)
    group.command("told")(told)
    group.command("report")(report)


def object_(
    case: CaseArgument,
    reason: ReasonOption,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", help="What they object to; repeat it. None: all that can be.")
    ] = None,
    person: PersonOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry out an objection: no read for these purposes shows the person from now on."""
    from almoner.wiring.rights import object_to

    _show_done(object_to(opened(workspace), case, purpose or (), reason, person), as_json)


def restrict(
    case: CaseArgument,
    reason: ReasonOption,
    consented: Annotated[
        list[str] | None, typer.Option("--consented", help="A purpose to which the person consents; repeat it.")
    ] = None,
    person: PersonOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry out a restriction: only storage, and what the law leaves, goes on."""
    from almoner.wiring.rights import restrict as carry_out

    _show_done(carry_out(opened(workspace), case, consented or (), reason, person), as_json)


def correct(
    case: CaseArgument,
    reason: ReasonOption,
    dataset: Annotated[str, typer.Option("--dataset", help="Whose record is wrong, as source.dataset.")],
    record: Annotated[str, typer.Option("--record", help="The source's own key of the record.")],
    column: Annotated[str, typer.Option("--column", help="The column that is wrong.")],
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A text file with the right value, or - for standard input.", show_default=False),
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="The right value is none.")] = False,
    person: PersonOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry out a correction: the right value is given in place of what the source says, also of later deliveries."""
    from almoner.cli.requests_words import written
    from almoner.wiring.correcting import Wrong
    from almoner.wiring.correcting import correct as carry_out

    if empty == (file is not None):
        raise UsageError("Give the right value once.", todo="Write --file FILE, --file - or --empty.")
    wrong = Wrong(dataset, record, column, "" if empty else written("", file))
    _show_done(carry_out(opened(workspace), case, wrong, reason, person), as_json)


def erase(
    case: CaseArgument,
    reason: ReasonOption,
    person: PersonOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry out an erasure: everything that is held of the person goes. Refused while a legal hold is on."""
    from almoner.wiring.rights import erase_decided

    done, letters = erase_decided(opened(workspace), case, reason, person)
    lines = [f"Everything that was held of this person is erased (disposal {done.id}, {done.rows:,} rows)."]
    lines += [f"Next: almoner retention certify {done.id}", *_letters_said(letters)]
    show({"disposal": done.id, "rows": done.rows, "letters": letters}, as_json, "\n".join(lines))


def lift(
    right: RightArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Lift a right: it holds no more from the next read on. Tell the person before you lift a restriction."""
    from almoner.wiring.rights import lift as end

    _show_done(end(opened(workspace), right, reason), as_json, lifted=True)


def in_force(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the rights in force, and what became of corrections at their sources. Says of none whose it is."""
    from almoner.wiring.correcting import STATES
    from almoner.wiring.correcting import in_force as found_in_force

    found = found_in_force(opened(workspace))
    heads = ("right", "kind", "case", "since", "what", "state")
    rows = [
        (each.right.id, each.right.kind, each.right.case_id, each.right.made_at.date(), _what(each.right), each.state)
        for each in found
    ]
    documents = [{**_document(each.right), "state": each.state, "meaning": STATES[each.state]} for each in found]
    show({"rights": documents}, as_json, lambda: table(heads, rows) if rows else "No right is in force.")


def recipients(
    right: Annotated[str, typer.Argument(help="A right, or the disposal of an erasure; none for all.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List who was given the person's data, and which letters to them wait to be sent."""
    from almoner.wiring.recipients import letters

    found = letters(opened(workspace), right)
    heads = ("letter", "right", "case", "recipient", "drafted", "sent")
    rows = [(e.id, e.right_id, e.case_id, e.recipient, e.drafted_at.date(), e.sent_on or "-") for e in found]
    documents = [dict(zip(heads, row, strict=True)) for row in rows]
    show({"letters": documents}, as_json, lambda: table(heads, rows) if rows else "Nobody was given any of it.")


def recipient_letter(
    letter: LetterArgument,
    out: Annotated[Path, typer.Option("--out", help="The PDF to write. It must not be there yet.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a letter to a recipient as tagged PDF. You send it: the product sends nothing."""
    from almoner.wiring.recipients import recipient_letter as made

    content = made(opened(workspace), letter)
    _write_new(out, content)
    show({"letter": letter, "file": str(out)}, as_json, f"Written: {out}\nNext: almoner rights told {letter}")


def told(
    letter: LetterArgument, on: DayOption = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Note that a letter went out. Its words are forgotten."""
    from almoner.wiring.recipients import note_sent

    note_sent(opened(workspace), letter, day(on))
    show({"letter": letter, "sent": True}, as_json, f"Letter {letter} is out.")


def report(
    source: Annotated[str, typer.Argument(help="The source that is to be told.")],
    out: Annotated[Path, typer.Option("--out", help="The CSV to write. It must not be there yet.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what a source has to correct in its own records, as CSV for its steward. It holds personal data."""
    from almoner.wiring.correcting import report_to

    content = report_to(opened(workspace), source)
    _write_new(out, content)
    lines = content.decode("utf-8-sig").count("\r\n") - 1
    said = f"Written: {out}, {lines} line(s). Give it to the source's steward alone, and remove it then."
    show({"source": source, "lines": lines, "file": str(out)}, as_json, said)


def _write_new(out: Path, content: bytes) -> None:
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError("The file can't be written.", where=out.name, why=type(error).__name__) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _show_done(done: CarriedOut, as_json: bool, *, lifted: bool = False) -> None:
    right = done.right
    state = "is lifted" if lifted else "is in force, from the next read on"
    lines = [f"{right.kind.capitalize()} {right.id} {state}."]
    if done.drafts:
        lines.append(f"Given up, to be made anew: extracts {', '.join(done.drafts)}.")
    if done.figures:
        lines.append("Figures that pages show were given up: build them again.")
    if done.link:
        lines.append("Who is who rests on the old value until records are joined anew: almoner link")
    lines += _letters_said(done.letters)
    document = {
        **_document(right), "in_force": not lifted, "letters": list(done.letters), "drafts": list(done.drafts),
        "figures": done.figures, "link": done.link,
    }  # fmt: skip
    show(document, as_json, "\n".join(lines))


def _letters_said(letters: Any) -> list[str]:
    if not letters:
        return ["Nobody outside was given any of it."]
    return [f"Send the letter: almoner rights recipient-letter {each} --out FILE.pdf" for each in letters]


def _document(right: RightInForce) -> dict[str, Any]:
    correction = right.correction
    return {
        "right": right.id, "kind": right.kind, "case": right.case_id, "purposes": list(right.purposes),
        "dataset": correction.dataset if correction else None, "column": correction.column if correction else None,
        "made_by": right.made_by, "made_at": right.made_at,
    }  # fmt: skip


def _what(right: RightInForce) -> str:
    if right.correction is not None:
        return f"{right.correction.dataset}: {right.correction.column}"
    if right.kind == "objection":
        return ", ".join(right.purposes) or "all that can be objected to"
    return f"all but {', '.join(right.purposes)}" if right.purposes else "all"
