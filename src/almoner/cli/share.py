"""`almoner share`: extracts for recipients, from asking to the recipient's confirmation that they are destroyed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table

if TYPE_CHECKING:
    from almoner.sharing.extracts import Disclosure, Share
    from almoner.sharing.sealed_file import SealedFile

ShareArgument = Annotated[str, typer.Argument(help="The extract, as 'almoner share list' names it.")]
SharingArgument = Annotated[str, typer.Argument(help="What is declared to be shared: a name of registry/sharing.toml.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept with the extract.")]
OutOption = Annotated[Path, typer.Option("--out", help="The folder into which the encrypted file is written.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Share with recipients what was agreed, approved and logged.", no_args_is_help=True)
    group.command("agreed")(agreed)
    group.command("ask")(ask)
    group.command("check")(check)
    group.command("approve")(approve)
    group.command("refuse")(refuse)
    group.command("withdraw")(withdraw)
    group.command("send")(send)
    group.command("emergency")(emergency)
    group.command("review")(review)
    group.command("confirm-destroyed")(confirm_destroyed)
    group.command("due")(due)
    group.command("list")(list_all)
    group.command("show")(show_one)
    group.command("disclosed")(disclosed)
    app.add_typer(group, name="share")


def agreed(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List what the registry declares to be shared: with whom, for what, in which form, until when."""
    registry = opened(workspace).registry
    found = [
        {
            "sharing": each.name, "title": each.title, "recipient": each.recipient, "kind": each.kind,
            "purpose": each.purpose, "form": each.form, "agreement": registry.agreement_for(each).name,
            "until": registry.agreement_for(each).expires_on, "review_on": each.review_on,
            "keep_days": each.keep_days, "fields": each.fields, "key": bool(registry.recipient[each.recipient].key),
        }
        for each in registry.sharing.values()
    ]  # fmt: skip
    heads = ("sharing", "recipient", "kind", "purpose", "form", "until", "keep_days")
    rows = [[each[head] for head in heads] for each in found]
    show({"agreed": found}, as_json, lambda: table(heads, rows) if rows else "Nothing is declared to be shared.")


def ask(
    sharing: SharingArgument,
    reason: ReasonOption,
    field: Annotated[
        list[str] | None, typer.Option("--field", help="Only this, as DATASET:COLUMN or resident:age; again for more.")
    ] = None,
    ages: Annotated[str | None, typer.Option("--ages", help="Only people of these ages, such as 16-18.")] = None,
    form: Annotated[str, typer.Option("--form", help="pseudonymised, where names were agreed.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="The purpose, if it is to be held against it.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for an extract. Anything beyond the agreement is refused by name."""
    from almoner.sharing.minimising import Wanted
    from almoner.wiring.sharing import office_of

    wanted = Wanted(sharing, purpose, _fields(field), form, ages)
    made = office_of(opened(workspace)).ask(wanted, reason)
    show(_share(made), as_json, f"Extract {made.id} is asked for.\nNext: almoner share check {made.id}")


def check(share: ShareArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Read, count and judge an extract. Nobody is shown a row of it."""
    from almoner.wiring.sharing import office_of

    made = office_of(opened(workspace)).check(share)
    alike = f", at least {made.smallest_class} alike" if made.smallest_class else ""
    text = f"Extract {made.id}: {made.people:,} people, {made.rows:,} rows{alike}. Version {made.version}."
    show(
        _share(made),
        as_json,
        f"{text}\nNext, by a second person: almoner share approve {made.id} --version {made.version} --reason WHY",
    )


def approve(
    share: ShareArgument,
    version: Annotated[int, typer.Option("--version", help="The version that was looked at, as 'show' gives it.")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve exactly what was checked. Never for who has asked for it or checked it."""
    from almoner.wiring.sharing import approving_office_of

    made = approving_office_of(opened(workspace)).approve(share, version, reason)
    show(_share(made), as_json, f"Extract {made.id} is approved.\nNext: almoner share send {made.id} --out FOLDER")


def refuse(
    share: ShareArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Refuse an extract."""
    from almoner.wiring.sharing import approving_office_of

    made = approving_office_of(opened(workspace)).refuse(share, reason)
    show(_share(made), as_json, f"Extract {made.id} is refused.")


def withdraw(
    share: ShareArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take an extract back that has not been sent."""
    from almoner.wiring.sharing import office_of

    made = office_of(opened(workspace)).withdraw(share, reason)
    show(_share(made), as_json, f"Extract {made.id} is withdrawn.")


def send(share: ShareArgument, out: OutOption, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Write the file that only the recipient can open, once it is logged for everybody in it. Again, if it was lost."""
    from almoner.wiring.sharing import office_of, require_place

    office = office_of(opened(workspace))
    require_place(out)
    _written(office.send(share), out, as_json)


def emergency(
    sharing: SharingArgument,
    person: Annotated[str, typer.Option("--person", help="The person's id, as 'almoner find' gives it.")],
    reason: ReasonOption,
    out: OutOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Share what is held of one person at once, to protect somebody or by law. A second person reviews it."""
    from almoner.wiring.sharing import emergency_office_of, require_place

    office = emergency_office_of(opened(workspace))
    require_place(out)
    _written(office.emergency(sharing, person, reason), out, as_json)


def review(
    share: ShareArgument,
    finding: Annotated[str, typer.Argument(help="justified or not_justified.")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Review what went out in an emergency. Never for who has sent it."""
    from almoner.wiring.sharing import approving_office_of

    made = approving_office_of(opened(workspace)).review(share, finding, reason)
    show(_share(made), as_json, f"Extract {made.id} is reviewed: {made.finding.replace('_', ' ')}.")


def confirm_destroyed(
    share: ShareArgument,
    words: Annotated[str, typer.Option("--words", help="Who confirmed it, how, and when.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep that the recipient has confirmed destruction."""
    from almoner.wiring.sharing import office_of

    made = office_of(opened(workspace)).confirm_destroyed(share, words)
    show(_share(made), as_json, f"Extract {made.id} is confirmed to be destroyed.")


def due(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List destruction to be confirmed, emergencies to be reviewed, and agreements to be looked at; what is overdue."""
    from almoner.wiring import sharing

    found = sharing.due(opened(workspace))
    heads = ("by", "what", "name", "recipient", "owner", "")
    rows = [(each.by, each.what, each.name, each.recipient, each.owner, "OVERDUE" if each.overdue else "")
            for each in found]  # fmt: skip
    show({"due": [vars(each) for each in found]}, as_json, lambda: table(heads, rows) if rows else "Nothing is due.")


def list_all(
    everything: Annotated[bool, typer.Option("--all", help="Also what is over.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List extracts, the newest first."""
    from almoner.wiring.sharing import listed_shares

    found = listed_shares(opened(workspace), all_states=everything)
    heads = ("extract", "state", "sharing", "recipient", "people", "rows", "asked by", "approved by", "destroy by")
    rows = [(s.id, s.state, s.sharing, s.recipient, s.people, s.rows, s.requested_by, s.approved_by or "",
             s.destroy_by or "") for s in found]  # fmt: skip
    show({"extracts": [_share(each) for each in found]}, as_json,
         lambda: table(heads, rows, counts=("people", "rows")) if rows else "There are no extracts.")  # fmt: skip


def show_one(share: ShareArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show an extract: what is in it by name and number, why, and what happened to it. No row of it."""
    from almoner.wiring.sharing import shown_share

    shown = shown_share(opened(workspace), share)
    found, words, steps = shown.share, shown.words, shown.steps
    happened = [
        {"action": s.action, "state": s.state, "by": s.actor, "at": s.at, "facts": s.facts, "words": s.words}
        for s in steps
    ]

    def text() -> str:
        told = {name: value for name, value in _share(found).items() if value not in (None, "", {})}
        lines = [f"{name:<16}{value}" for name, value in told.items() if name != "fields"]
        lines += [f"{'field':<16}{dataset}: {', '.join(columns)}" for dataset, columns in found.fields.items()]
        lines.append(f"{'reason':<16}{words.reason if words else 'destroyed'}")
        done = [(f"{s.at:%Y-%m-%d %H:%M}", s.action, s.state, s.actor, s.words) for s in steps]
        return "\n".join([*lines, "", table(("at", "what", "state", "by", "words"), done)])

    show({**_share(found), "reason": words.reason if words else None, "steps": happened}, as_json, text)


def disclosed(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what of a person went to whom, when and under what agreement: for answering them about themselves."""
    from almoner.wiring.sharing import disclosed_of

    found = disclosed_of(opened(workspace), person)
    heads = ("sent", "recipient", "purpose", "agreement", "form", "extract", "still held", "")
    rows = [
        (f"{d.sent_at:%Y-%m-%d}", d.recipient_title, d.purpose, d.agreement, d.form, d.share,
         f"until {d.destroy_by}" if d.still_held else "no", "" if d.surely else "under an id that was shared then")
        for d in found
    ]  # fmt: skip
    show({"disclosures": [_disclosure(each) for each in found]}, as_json,
         lambda: table(heads, rows) if rows else "Nothing of them was shared.")  # fmt: skip


def _fields(given: list[str] | None) -> dict[str, tuple[str, ...]] | None:
    from almoner.kernel.errors import UsageError

    if not given:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for each in given:
        dataset, colon, column = each.partition(":")
        if not (dataset and colon and column):
            raise UsageError(f"'{each}' names no field.", todo="Write it as DATASET:COLUMN, or resident:age.")
        found[dataset] = (*found.get(dataset, ()), column)
    return {name: tuple(dict.fromkeys(columns)) for name, columns in found.items()}


def _written(file: SealedFile, out: Path, as_json: bool) -> None:
    from almoner.wiring.sharing import write_sealed

    path = write_sealed(out, file)
    text = f"{path}\nSHA-256 {file.digest}\nGive it to {file.recipient}, and the digest by another way."
    show({"extract": file.share, "file": str(path), "sha256": file.digest}, as_json, text)


def _share(share: Share) -> dict[str, Any]:
    return {
        "extract": share.id, "state": share.state, "version": share.version, "sharing": share.sharing,
        "recipient": share.recipient, "agreement": share.agreement, "purpose": share.purpose,
        "project": share.project, "form": share.form, "kind": share.kind, "fields": share.fields, "ages": share.ages,
        "people": share.people, "rows": share.rows, "smallest_class": share.smallest_class,
        "requested_by": share.requested_by, "requested_at": share.requested_at, "approved_by": share.approved_by,
        "sent_by": share.sent_by, "sent_at": share.sent_at, "sha256": share.file_digest,
        "destroy_by": share.destroy_by, "confirmed_at": share.confirmed_at, "review_by": share.review_by,
        "reviewed_by": share.reviewed_by, "finding": share.finding,
    }  # fmt: skip


def _disclosure(told: Disclosure) -> dict[str, Any]:
    return {**vars(told), "still_held": told.still_held}
