"""`almoner find`, `almoner person` and `almoner household`, for the front line."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table

if TYPE_CHECKING:
    from almoner.single_view.person import PersonView

PurposeOption = Annotated[str, typer.Option("--purpose", help="The declared purpose you act for.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why you need to look; it is kept in the audit log.")]
ReasonOrPermit = Annotated[
    str,
    typer.Option(
        "--reason",
        help="Why you need to look; it is kept in the audit log. Required unless --permit gives a permit.",
        show_default=False,
    ),
]
PermitOption = Annotated[str | None, typer.Option("--permit", help="A granted permit, e.g. from break-glass.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("find")(find)
    app.command("person")(person)
    app.command("household")(household)


def find(
    reason: ReasonOption,
    name: Annotated[
        str,
        typer.Argument(
            metavar="[TEXT]",
            help="A name, and anything else that is known: date of birth, postcode, number, house and street.",
        ),
    ] = "",
    born: Annotated[
        str | None, typer.Option("--born", help="Date of birth: 1987-03-21, 21/03/1987, March 1987 or 1987.")
    ] = None,
    postcode: Annotated[str, typer.Option("--postcode", help="Of their address; its first part will do.")] = "",
    address: Annotated[str, typer.Option("--address", help="House and street, or the street.")] = "",
    number: Annotated[
        str,
        typer.Option("--number", help="NHS, National Insurance, pupil or learner number, phone, or a service's own."),
    ] = "",
    sex: Annotated[str, typer.Option("--sex", help="F or M.")] = "",
    record: Annotated[
        str, typer.Option("--record", help="SOURCE/DATASET/RECORD: whose record this is, where that is sure.")
    ] = "",
    purpose: PurposeOption = "front_line",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for one person. Tolerates misspellings; gives a few candidates, the likeliest first, never a list."""
    from almoner.single_view.dates import read_born
    from almoner.single_view.finding import Wanted
    from almoner.wiring.looking_up import look_for

    wanted = Wanted(name, read_born(born) if born else None, postcode, address, number, sex, record)
    found = look_for(opened(workspace), wanted, purpose, reason)

    def text() -> str:
        heads = ("person", "name", "born", "sex", "address", "postcode", "what matches")
        rows = [
            (
                c.person_id, f"{c.forename or '?'} {c.surname or '?'}", c.date_of_birth or "not known",
                c.sex or "not known",
                "withheld" if c.withheld else c.address or "not known", "" if c.withheld else c.postcode or "",
                c.matched,
            )
            for c in found
        ]  # fmt: skip
        return table(heads, rows) if rows else "Nobody answers to this. 'Not found' is not 'not involved'."

    show({"candidates": [asdict(each) for each in found]}, as_json, text)


def person(
    person_id: Annotated[str, typer.Argument(help="A person id, from 'almoner find'.")],
    purpose: PurposeOption = "front_line",
    reason: ReasonOrPermit = "",
    permit_id: PermitOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one person: facts by service, each with source, as-of date and match confidence; and the coverage."""
    from almoner.wiring.looking_up import look_up

    view = look_up(opened(workspace), person_id, purpose, reason, permit_id)
    show(asdict(view), as_json, lambda: _text(view))


def household(
    person_id: Annotated[str, typer.Argument(help="A person id, from 'almoner find'.")],
    on: Annotated[str | None, typer.Option("--on", help="The day, YYYY-MM-DD.", show_default="today")] = None,
    purpose: PurposeOption = "front_line",
    reason: ReasonOrPermit = "",
    permit_id: PermitOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show with whom a person lived on a day: what is known, may be shown and is sure."""
    from almoner.wiring.looking_up import look_up_household

    day = _day(on) or dt.datetime.now(dt.UTC).date()
    found = look_up_household(opened(workspace), person_id, day, purpose, reason, permit_id)

    def text() -> str:
        place = f"{found.address or 'address not known'} {found.postcode or ''}".strip()
        said = {
            "withheld": "DO NOT DISCLOSE: address and household are withheld.",
            "not known": "Where they lived on that day is not known, or not sure, or may not be shown.",
            "communal": f"{place}: a communal establishment. Who else lived there is not shown.",
        }
        if found.state != "known":
            return said[found.state]
        title = f"{place} on {found.on}" + (f", household {found.household_id}" if found.household_id else "")
        return "\n".join(_people(title, found.members) or [title, "  nobody else is known to have lived there"])

    show(asdict(found), as_json, text)


def _day(text: str | None) -> dt.date | None:
    from almoner.kernel.errors import UsageError

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("The day is not YYYY-MM-DD.", todo="Write it like 1987-03-21.") from error


_WENT = {
    "split": "came out of",
    "merged": "was joined into",
    "moved": "gave up a record that now is of",
}


def _text(view: PersonView) -> str:
    who = view.identity
    lines = [
        f"{who['forename'] or '?'} {who['surname'] or '?'}   {who['person_id']}",
        f"born {who['date_of_birth'] or 'not known'}   sex {who['sex'] or 'not known'}   {who['record_count']} records",
    ]
    if view.withheld:
        lines.append("DO NOT DISCLOSE: address, household, school and practice are withheld.")
    else:
        lines.append(
            f"{who['address'] or 'address not known'} {who['postcode'] or ''}   (last seen {who['last_seen_on']})"
        )
    lines.extend(_people("Household", view.household))
    for each in view.relations:
        role = f"is their {each['kind']}" if not each["of_them"] else f"they are {each['kind']} of"
        lines.append(f"  {role}: {each['forename'] or '?'} {each['surname'] or '?'} ({each['source']})")
    if view.family:
        lines.append("Family, as services have recorded it")
    for each in view.family:
        home = {True: "same address", False: "another address", None: "address not compared"}[each["same_home"]]
        name = f"{each['forename'] or '?'} {each['surname'] or '?'}, born {each['date_of_birth'] or 'not known'}"
        lines.append(f"  {each['relation']}: {name}; {home} ({each['source']})")
    for event in view.history:
        lines.append(f"  this id {_WENT[event['kind']]} {event['other_person_id']} on {event['happened_on']}")
    for source, facts in view.services.items():
        lines.append(f"\n{source}")
        for fact in facts:
            span = " to ".join(str(day) for day in (fact.from_on, fact.to_on) if day) or "undated"
            sure = f"{fact.match_probability:.1%}" if fact.match_probability is not None else "not applicable"
            extra = f" ({fact.detail})" if fact.detail else ""
            worker = f"; contact {fact.professional}" if fact.professional else ""
            lines.append(f"  {fact.what}{extra}: {span}{worker}   [as of {fact.as_of}; match {sure}]")
    if view.left_out:
        lines.append("\nNot shown")
        lines.extend(f"  {sentence}" for sentence in view.left_out)
    lines.append("\nCoverage")
    lines.extend(f"  {c.source}, {c.title}: {c.state}" + (f", to {c.to}" if c.to else "") for c in view.coverage)
    return "\n".join(lines)


def _people(title: str, people: list[dict[str, object]]) -> list[str]:
    if not people:
        return []
    return [
        title,
        *(f"  {p['forename'] or '?'} {p['surname'] or '?'}, born {p['date_of_birth'] or 'not known'}" for p in people),
    ]
