"""`almoner sar`: everything held on somebody who asks for it, reviewed, and given to them as an encrypted pack."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show, table
from almoner.cli.requests_shown import done_document, show_done, show_list
from almoner.cli.requests_words import CaseArgument, DayOption, FileOption, ReasonOption, day, written
from almoner.kernel.errors import UsageError

if TYPE_CHECKING:
    from almoner.requests.casework.office import Done
    from almoner.requests.subject_access.held import Gathered, Redaction
    from almoner.requests.subject_access.reviewing import Review

RedactionArgument = Annotated[
    str, typer.Argument(help="The redaction, as 'redactions' numbers it; one place of it: 12.3.")
]
CONTEXTS = 3
"""How many places of a redaction the list shows."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Subject access: gather everything held on a person, review what is somebody else's, give it to them.",
        no_args_is_help=True,
    )
    for name, command in (
        ("list", list_cases), ("verify", verify), ("gather", gather), ("show", show_gathered),
        ("redactions", redactions), ("lift", lift), ("redact", redact), ("opinion", opinion), ("pack", pack),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="sar")


def list_cases(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the cases of subject access, the one that is due first at the top. Says of none who asks."""
    from almoner.wiring.subject_access import access_cases

    show_list(access_cases(opened(workspace)), as_json)


def verify(
    case: CaseArgument,
    capacity: Annotated[str, typer.Option("--as", help="As whom they ask: self, agent or parent.")],
    words: Annotated[
        str, typer.Option("--words", help="What you have seen that proves who they are, and their right.")
    ] = "",
    file: FileOption = None,
    competence: Annotated[
        str,
        typer.Option(
            "--competence", help="Of a child whose parent asks: what shows they can't decide alone, or agree."
        ),
    ] = "",
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note how the requester's identity and right to ask were checked. Nothing is gathered before."""
    from almoner.requests.subject_access.entitled import verify as note
    from almoner.wiring.casework import office_of

    done = note(office_of(opened(workspace)), case, capacity, written(words, file), competence=competence, on=day(on))
    show_done(done, as_json, "rights", f"It is noted. Next: almoner sar gather {case}")


def gather(
    case: CaseArgument,
    person: Annotated[str, typer.Option("--person", help="Whose data it is, where the case does not say.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Gather everything held on the person of a case, and keep it under the case's own key."""
    from almoner.wiring.subject_access import gather as collect

    done, review = collect(opened(workspace), case, person)
    _show_review(done, review, as_json)


def _show_review(done: Done, review: Review, as_json: bool) -> None:
    document = {**done_document(done), **_summary(review)}
    show(document, as_json, lambda: _summary_text(done.case.id, review))


def _summary(review: Review) -> dict[str, Any]:
    gathered = review.gathered
    sections: dict[str, int] = {}
    for entry in gathered.entries:
        sections[entry.section] = sections.get(entry.section, 0) + 1
    return {
        "person": gathered.person_id, "former_ids": list(gathered.followed), "gathered_at": gathered.gathered_at,
        "gathered_by": gathered.gathered_by, "whereabouts_protected": gathered.protected,
        "datasets": sorted({each.about for each in gathered.entries if each.section == "record"}), "entries": sections,
        "redactions": len(review.redactions), "lifted": sorted(review.lifted), "opinions_missing": review.missing(),
        "opinions": [{**vars(each)} for each in review.opinions.values()],
        "withheld": [vars(each) for each in review.withheld()], "notes": list(gathered.notes),
        "decisions": [vars(each) for each in review.decisions],
    }  # fmt: skip


def _summary_text(case: str, review: Review) -> str:
    told = _summary(review)
    counted = ", ".join(f"{count:,} {name}{'' if count == 1 else 's'}" for name, count in told["entries"].items())
    lines = [f"{case}: gathered {told['gathered_at']} by {told['gathered_by']}: {counted}."]
    if told["former_ids"]:
        lines.append(
            f"The records of {', '.join(told['former_ids'])} are now those of {told['person']}: it was followed."
        )
    if told["whereabouts_protected"]:
        lines.append(
            "Where this person lives must not be revealed: it is left out everywhere, and check where you send this."
        )
    lines += ["", "Withheld, with reasons (for the file, never for the requester)"]
    rows = [(each.about, each.times, each.title, each.because) for each in review.withheld()]
    lines.append(table(("what", "times", "words", "because"), rows) if rows else "Nothing.")
    lines += ["", "Notes for the file", *(f"  {note}" for note in told["notes"])]
    for missing in told["opinions_missing"]:
        lines.append(f"Held until an opinion is recorded: almoner sar opinion {case} {missing} no-harm|harm --words …")
    lines.append(f"Next: almoner sar redactions {case}, then almoner rights decide {case}")
    return "\n".join(lines)


def show_gathered(
    case: CaseArgument,
    entries: Annotated[
        bool, typer.Option("--entries", help="Also everything that was gathered, with its addresses.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was gathered for a case: how much, what is withheld and why, what is still missing."""
    from almoner.wiring.subject_access import look_at, require_gathered

    review = require_gathered(look_at(opened(workspace), case))
    document = _summary(review) | ({"gathered": review.gathered.document()["entries"]} if entries else {})
    lines = [_summary_text(case, review)]
    if entries:
        lines += ["", *_entry_lines(review.gathered)]
    show(document, as_json, lambda: "\n".join(lines))


def _entry_lines(gathered: Gathered) -> list[str]:
    lines = []
    for number, entry in enumerate(gathered.entries):
        about = gathered.datasets[entry.about].source + ", " if entry.about in gathered.datasets else ""
        lines.append(f"{entry.section}/{number}  {about}{entry.title}  {' '.join(entry.held_on)}")
        for each in entry.fields:
            plain = f" ({each.meaning})" if each.meaning else ""
            lines.append(f"    {each.name}  {each.title}: {each.text}{plain}")
    return lines


def redactions(
    case: CaseArgument,
    only: Annotated[str, typer.Argument(help="One redaction: all of its places.", show_default=False)] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what is left out, why, and where it stands."""
    from almoner.requests.subject_access.redactions import context
    from almoner.wiring.subject_access import look_at, require_gathered

    review = require_gathered(look_at(opened(workspace), case))
    texts = {at: field.text for at, _, field in review.gathered.texts()}
    found = [each for each in review.redactions if not only or each.id == only]
    documents = []
    for each in found:
        shown = [(n, p, context(texts[p.at], p)) for n, p in enumerate(each.places, start=1)]
        kept = shown if only else shown[:CONTEXTS]
        documents.append({
            "id": each.id, "kind": each.kind, "words": each.words, "because": each.because, "times": len(each.places),
            "in_force": len(review.in_force(each)),
            "places": [
                {"place": f"{each.id}.{n}", "at": place.at, "before": around[0], "words": around[1], "after": around[2]}
                for n, place, around in kept
            ],
        })  # fmt: skip
    show({"redactions": documents}, as_json, lambda: _redaction_text(documents, found) if found else "None.")


def _redaction_text(documents: list[dict[str, Any]], found: list[Redaction]) -> str:
    lines = []
    for each in documents:
        state = "" if each["in_force"] == each["times"] else f", {each['times'] - each['in_force']} lifted"
        lines.append(
            f"{each['id']}. {each['words']}  [{each['kind']}: {each['because']}; {each['times']} place(s){state}]"
        )
        lines += [f"    {p['place']}  {p['at']}: {p['before']}[{p['words']}]{p['after']}" for p in each["places"]]
    lines.append(f"{len(found):,} redaction(s).")
    return "\n".join(lines)


def lift(
    case: CaseArgument, redaction: RedactionArgument, reason: ReasonOption, workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Lift a redaction: the person is given what stands there."""
    from almoner.requests.subject_access.deciding import lift as lifted
    from almoner.wiring.subject_access import reviewed

    office, review = reviewed(opened(workspace), case)
    show_done(lifted(office, case, review, redaction, reason), as_json, "sar", f"Redaction {redaction} is lifted.")


def redact(
    case: CaseArgument,
    reason: ReasonOption,
    file: FileOption = None,
    at: Annotated[str, typer.Option("--at", help="An entry, or a field of it, as 'show --entries' addresses it.")] = "",
    again: Annotated[str, typer.Option("--again", help="A redaction that was lifted.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave more out: words (in a --file, so that they stand in no history), an entry, or what was lifted."""
    from almoner.requests.subject_access.deciding import redact_again, redact_at, redact_words
    from almoner.wiring.subject_access import reviewed

    if sum(map(bool, (file, at, again))) != 1:
        raise UsageError("Say once what is to be left out.", todo="Give --file, --at or --again.")
    words = written("", file) if file else ""
    office, review = reviewed(opened(workspace), case)
    if again:
        done = redact_again(office, case, review, again, reason)
    else:
        done = redact_at(office, case, review, at, reason) if at else redact_words(office, case, review, words, reason)
    show_done(done, as_json, "sar", "It is left out.")


def opinion(
    case: CaseArgument,
    service: Annotated[str, typer.Argument(help="The service, as 'show' names it, for example nhs_gp:health.")],
    verdict: Annotated[str, typer.Argument(help="no-harm, or harm.")],
    words: Annotated[str, typer.Option("--words", help="Who has said so, and what; better in a --file.")] = "",
    file: FileOption = None,
    on: Annotated[str | None, typer.Option("--on", help="The day on which it was given; else today.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note a professional's opinion: whether giving a service's data would do serious harm to anybody."""
    from almoner.requests.subject_access.deciding import note_opinion
    from almoner.wiring.subject_access import reviewed

    if verdict not in ("harm", "no-harm"):
        raise UsageError("There is no such opinion.", todo="Say harm or no-harm.")
    office, review = reviewed(opened(workspace), case)
    done = note_opinion(
        office,
        case,
        review,
        service,
        harm=verdict == "harm",
        words=written(words, file),
        given_on=day(on) or office.today(),
    )
    show_done(done, as_json, "sar", f"The opinion on {service} is noted.")


def pack(
    case: CaseArgument,
    out: Annotated[Path, typer.Option("--out", help="The encrypted file to write (.zip.age); never written over.")],
    recipient: Annotated[str, typer.Option("--recipient", help="Their public key of age: age1…")] = "",
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="A file with a passphrase, or - for standard input.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make the pack of an approved case: PDF, JSON and CSV, encrypted for delivery."""
    from almoner.wiring.subject_access import make_pack

    if bool(recipient) == (passphrase_file is not None):
        raise UsageError("Say once for whom it is encrypted.", todo="Give --recipient or --passphrase-file.")
    passphrase = written("", passphrase_file) if passphrase_file is not None else ""
    if out.exists():
        raise UsageError("The file is there already.", where=out.name, todo="Name a new one.")
    content = make_pack(opened(workspace), case, recipient=recipient, passphrase=passphrase)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    say(
        "Open it with age, or any program that reads age files. Tell the passphrase another way than you send the file."
    )
    sys.stdout.write(f"{out}\n")
