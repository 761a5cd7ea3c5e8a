"""`almoner retention`: what falls due, what is disposed of and certified, and legal holds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show, table

if TYPE_CHECKING:
    from almoner.disposal.ports import Disposal, Hold
    from almoner.wiring.retention import FallsDue

DisposalArgument = Annotated[str, typer.Argument(help="The disposal, as 'almoner retention list' names it.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Dispose of what is past its time, with proof; legal holds.", no_args_is_help=True)
    group.command("due")(due)
    group.command("run")(run)
    group.command("approve")(approve)
    group.command("decline")(decline)
    group.command("erase")(erase)
    group.command("hold")(hold)
    group.command("release-hold")(release_hold)
    group.command("list")(list_all)
    group.command("certify")(certify)
    app.add_typer(group, name="retention")


def due(
    on: Annotated[str | None, typer.Option("--on", help="As of this day, YYYY-MM-DD; else today.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what falls due, why, whom it concerns and what depends on it. Changes nothing."""
    from almoner.wiring.retention import depends, falls_due

    opening = opened(workspace)
    found = falls_due(opening, _day(on))
    rests = depends(opening)

    def text() -> str:
        heads = ("rule", "action", "dataset", "deliveries", "rows", "undated", "held", "people", "gone")
        rows = [
            (each.rule, each.action, of.dataset, len(of.work.emptied), of.rows, of.undated, of.held, each.people,
             each.people_gone)
            for each in found for of in each.datasets
        ]  # fmt: skip
        if not rows:
            return "Nothing falls due."
        laid = table(heads, rows, counts=heads[3:])
        counts = {name.replace("_", " "): len(names) for name, names in rests.items()}
        return "\n".join([laid, *(f"{count} {name} may rest on records like these." for name, count in counts.items())])

    show({"due": [_due(each) for each in found], "depends": rests}, as_json, text)


def run(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Dispose of what is due; finish what was stopped half-way; what the schedule reviews waits for a second person."""
    from almoner.wiring.retention import run_retention

    done = run_retention(opened(workspace), say)
    lines = [_said(each) for each in done]
    show({"disposals": [_disposal(each) for each in done]}, as_json, "\n".join(lines) or "Nothing is due.")


def approve(
    disposal: DisposalArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Approve a disposal that waits. Never for who has planned it; 'almoner retention run' then carries it out."""
    from almoner.wiring import retention

    done = retention.approve(opened(workspace), disposal, reason)
    show(_disposal(done), as_json, f"Disposal {done.id} is approved.\nNext: almoner retention run")


def decline(
    disposal: DisposalArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Decline a disposal that waits. The next run plans it again: to keep records longer, place a hold."""
    from almoner.wiring import retention

    done = retention.decline(opened(workspace), disposal, reason)
    show(_disposal(done), as_json, f"Disposal {done.id} is declined.\nTo keep the records: almoner retention hold")


def erase(
    person: Annotated[str, typer.Argument(help="The person's id.")],
    case: Annotated[str, typer.Option("--case", help="The case in which it was decided. It names nobody.")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase one person from every file, and keep them out from now on. Refused while a legal hold is on."""
    from almoner.wiring import erasing

    done = erasing.erase(opened(workspace), person, reason, case)
    show(_disposal(done), as_json, _said(done))


def hold(
    reason: ReasonOption,
    person: Annotated[str | None, typer.Option("--person", help="Everything that is held of this person.")] = None,
    dataset: Annotated[str | None, typer.Option("--dataset", help="Everything in this dataset.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Everything that this retention rule governs.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The last day, YYYY-MM-DD; else until released.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Place a legal hold: it outranks the schedule and erasure."""
    from almoner.kernel.errors import UsageError
    from almoner.wiring import holding

    given = [(kind, name) for kind, name in (("person", person), ("dataset", dataset), ("rule", rule)) if name]
    if len(given) != 1:
        raise UsageError("Say what is held.", todo="Give --person, --dataset or --rule; one of them.")
    ((kind, target),) = given
    made = holding.hold(opened(workspace), kind, target, reason, _day(until))  # type: ignore[arg-type]
    show(_hold(made), as_json, f"Hold {made.id} is on{f' until {made.until}' if made.until else ''}.")


def release_hold(
    hold: Annotated[str, typer.Argument(help="The hold, as 'almoner retention list' names it.")],
    reason: ReasonOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Release a legal hold before its day."""
    from almoner.wiring import holding

    holding.release_hold(opened(workspace), hold, reason)
    show({"hold": hold, "released": True}, as_json, f"Hold {hold} is released.")


def list_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List legal holds and disposals."""
    from almoner.wiring import holding, retention

    opening = opened(workspace)
    held, disposed = holding.holds(opening), retention.disposals(opening)

    def text() -> str:
        parts = []
        if held:
            rows = [(h.id, h.kind, h.target, h.made_by, f"{h.made_at:%Y-%m-%d}", _ends(h), h.reason) for h in held]
            parts.append(table(("hold", "kind", "what", "by", "since", "until", "reason"), rows))
        if disposed:
            lines = [(d.id, d.kind, d.subject, d.state, d.rows, d.made_by, d.approved_by or "") for d in disposed]
            parts.append(table(("disposal", "kind", "of", "state", "rows", "by", "approved"), lines, counts=("rows",)))
        return "\n\n".join(parts) or "There are no holds and no disposals."

    show({"holds": [_hold(each) for each in held], "disposals": [_disposal(each) for each in disposed]}, as_json, text)


def certify(disposal: DisposalArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Give the certificate of a disposal: files, digests and counts, never what was in them."""
    from almoner.wiring.retention import certified

    found = certified(opened(workspace), disposal)

    def text() -> str:
        heads = ("of", "kind", "subject", "action", "ordered_by", "approved_by", "finished_at", "rows", "people",
                 "files_removed", "bytes_cleared", "backups_expire_by")  # fmt: skip
        lines = [f"Certificate of disposal {found['certificate']}"]
        lines += [f"{head:<18}{found[head]}" for head in heads if found[head] is not None]
        for step, told in found["steps"].items():
            lines += [
                f"removed  {step}: {each.get('file', each.get('delivery'))} {each['digest']}"
                for each in told.get("removed", ())
            ]
            lines += [f"written  {step}: {each['file']} {each['digest']}" for each in told.get("written", ())]
            lines += [f"tell     {each['recipient']}: {each['extract']}" for each in told.get("to_be_told", ())]
        return "\n".join([*lines, "Outside its reach:", *(f"  {each}" for each in found["outside"])])

    show(found, as_json, text)


def _day(text: str | None) -> dt.date | None:
    from almoner.kernel.errors import UsageError

    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError("That is no day.", todo="Write it as 2027-03-31.") from None


def _ends(hold: Hold) -> str:
    if hold.released_at is not None:
        return f"released {hold.released_at:%Y-%m-%d}"
    return str(hold.until or "released")


def _said(disposal: Disposal) -> str:
    if disposal.state == "awaiting":
        return f"Disposal {disposal.id} waits for a second person: almoner retention approve {disposal.id}"
    return f"Disposal {disposal.id} is done: almoner retention certify {disposal.id}"


def _due(found: FallsDue) -> dict[str, Any]:
    datasets = [
        {"dataset": of.dataset, "deliveries": len(of.work.emptied), "rows": of.rows, "undated": of.undated,
         "held": of.held}
        for of in found.datasets
    ]  # fmt: skip
    return {
        "rule": found.rule, "title": found.title, "action": found.action, "authority": found.authority,
        "people": found.people, "people_gone": found.people_gone, "datasets": datasets,
    }  # fmt: skip


def _disposal(made: Disposal) -> dict[str, Any]:
    return {
        "disposal": made.id, "kind": made.kind, "of": made.subject, "action": made.action, "state": made.state,
        "rows": made.rows, "people": made.people, "made_by": made.made_by, "made_at": made.made_at,
        "approved_by": made.approved_by, "finished_at": made.finished_at,
    }  # fmt: skip


def _hold(made: Hold) -> dict[str, Any]:
    return {
        "hold": made.id, "kind": made.kind, "target": made.target, "reason": made.reason, "made_by": made.made_by,
        "made_at": made.made_at, "until": made.until, "released_by": made.released_by,
        "released_at": made.released_at,
    }  # fmt: skip
