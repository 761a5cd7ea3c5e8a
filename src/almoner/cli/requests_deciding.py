"""How a case comes to its end at the command line: exemptions, decision, second person, answer, review, Regulator."""

from __future__ import annotations

from typing import Annotated

import typer

from almoner.cli.opening import JsonOption, WorkspaceOption, opened, show, table
from almoner.cli.requests_shown import show_done
from almoner.cli.requests_words import (
    CaseArgument,
    DayOption,
    FileOption,
    NotOfPeopleOption,
    QueryOption,
    ReasonOption,
    ReleaseOption,
    day,
    written,
)
from almoner.kernel.errors import UsageError

TellOption = Annotated[str, typer.Option("--words", help="What the requester is told; better in a --file.")]


def add_deciding(group: typer.Typer) -> None:
    """Add the commands to a group."""
    for command, called in (
        ("exempt", exempt), ("decide", decide), ("approve", approve), ("return", send_back), ("answer", answer),
        ("supplement", supplement), ("review", review), ("conclude", conclude), ("regulator", regulator),
        ("ruled", ruled), ("close", close), ("withdraw", withdraw), ("exemptions", exemptions),
    ):  # fmt: skip
        group.command(command)(called)


def exempt(
    case: CaseArgument,
    code: Annotated[str, typer.Argument(help="The exemption, as 'exemptions' names it, for example 's43(2)'.")],
    reason: ReasonOption,
    harm: Annotated[str, typer.Option("--harm", help="What harm disclosure would do.")] = "",
    for_disclosure: Annotated[str, typer.Option("--for-disclosure", help="What speaks for disclosure.")] = "",
    against_disclosure: Annotated[str, typer.Option("--against-disclosure", help="What speaks against it.")] = "",
    balance: Annotated[str, typer.Option("--balance", help="Which weighs more, and why.")] = "",
    opinion: Annotated[str, typer.Option("--opinion", help="Whose opinion was taken, and when.")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="Rely on it no longer.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rely on an exemption, with its reasons and, where it is qualified, the public-interest test."""
    from almoner.requests.casework.exemptions import Grounds
    from almoner.requests.casework.handling import drop_exemption
    from almoner.requests.casework.handling import exempt as rely
    from almoner.wiring.casework import office_of

    office = office_of(opened(workspace))
    grounds = Grounds(reason, harm, for_disclosure, against_disclosure, balance, opinion)
    done = drop_exemption(office, case, code, reason) if drop else rely(office, case, code, grounds)
    show_done(done, as_json, "", f"Exemptions of {case}: {', '.join(done.case.exemptions) or 'none'}.")


def exemptions(
    kind: Annotated[str, typer.Argument(help="A kind of case, for example foi, eir or subject_access.")],
    as_json: JsonOption = False,
) -> None:
    """List the exemptions that a kind of case may rely on."""
    from almoner.requests.casework.exemptions import exemptions_under
    from almoner.requests.casework.machine import machine

    if kind not in machine().kind:
        raise UsageError("There is no such kind of case.", todo=f"Use one of: {', '.join(machine().kind)}.")
    found = exemptions_under(machine().kind[kind].laws)
    rows = [(code, each.kind, "yes" if each.harm else "", each.title) for code, each in found.items()]
    show({"exemptions": [vars(each) for each in found.values()]}, as_json,
         lambda: table(("code", "kind", "needs harm", "title"), rows) if rows else "None.")  # fmt: skip


def decide(
    case: CaseArgument,
    outcome: Annotated[str, typer.Argument(help="granted, partly, refused, not_held, over_limit, vexatious, …")],
    words: TellOption = "",
    file: FileOption = None,
    advice: Annotated[str, typer.Option("--advice", help="How they could ask for less (section 16).")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose an outcome with the words of the answer. What refuses or discloses waits for a second person."""
    from almoner.requests.casework.deciding import decide as propose
    from almoner.wiring.casework import office_of

    show_done(propose(office_of(opened(workspace)), case, outcome, written(words, file), advice), as_json, "")


def approve(
    case: CaseArgument,
    version: Annotated[int, typer.Option("--version", help="The version that 'show' showed you.")],
    reason: Annotated[str, typer.Option("--reason", help="What you looked at; it is kept with the case.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a decision exactly as you have looked at it. Never for who has had a part in it."""
    from almoner.requests.casework.deciding import approve as agree
    from almoner.wiring.casework import approving_office_of

    show_done(agree(approving_office_of(opened(workspace)), case, version, reason), as_json, "")


def send_back(
    case: CaseArgument, reason: ReasonOption, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Send a decision back: it is worked on again."""
    from almoner.requests.casework.deciding import send_back as back
    from almoner.wiring.casework import approving_office_of

    show_done(back(approving_office_of(opened(workspace)), case, reason), as_json, "")


def answer(
    case: CaseArgument,
    release: ReleaseOption = None,
    query: QueryOption = None,
    figures_not_of_people: NotOfPeopleOption = "",
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the answer that was approved. Figures about people come from a release or a checked answer."""
    from almoner.requests.casework.deciding import Sources
    from almoner.requests.casework.deciding import answer as give
    from almoner.wiring.casework import office_of

    sources = Sources(release or (), query or (), figures_not_of_people)
    show_done(give(office_of(opened(workspace)), case, sources, day(on)), as_json, _group(case))


def supplement(
    case: CaseArgument,
    words: TellOption = "",
    file: FileOption = None,
    release: ReleaseOption = None,
    query: QueryOption = None,
    figures_not_of_people: NotOfPeopleOption = "",
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give more after a review or a ruling of the Regulator."""
    from almoner.requests.casework.deciding import Sources
    from almoner.requests.casework.deciding import supplement as give
    from almoner.wiring.casework import office_of

    sources = Sources(release or (), query or (), figures_not_of_people)
    done = give(office_of(opened(workspace)), case, written(words, file), sources, day(on))
    show_done(done, as_json, _group(case))


def review(
    case: CaseArgument,
    words: Annotated[str, typer.Option("--words", help="What the requester is not content with.")] = "",
    file: FileOption = None,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a review: the requester is not content with the answer."""
    from almoner.requests.casework.deciding import ask_review
    from almoner.wiring.casework import office_of

    show_done(ask_review(office_of(opened(workspace)), case, written(words, file), day(on)), as_json, _group(case))


def conclude(
    case: CaseArgument,
    outcome: Annotated[str, typer.Argument(help="upheld, partly_changed or changed.")],
    words: TellOption = "",
    file: FileOption = None,
    release: ReleaseOption = None,
    query: QueryOption = None,
    figures_not_of_people: NotOfPeopleOption = "",
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Conclude a review, as somebody who had no part in the answer."""
    from almoner.requests.casework.deciding import Sources, conclude_review
    from almoner.wiring.casework import approving_office_of

    sources = Sources(release or (), query or (), figures_not_of_people)
    office = approving_office_of(opened(workspace))
    show_done(conclude_review(office, case, outcome, written(words, file), sources, day(on)), as_json, _group(case))


def regulator(
    case: CaseArgument,
    reference: Annotated[str, typer.Option("--reference", help="The Regulator's own reference.")],
    reply_by: Annotated[str | None, typer.Option("--reply-by", help="The day by which it wants our reply.")] = None,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note that the Regulator looks at a case."""
    from almoner.requests.casework.deciding import to_regulator
    from almoner.wiring.casework import office_of

    done = to_regulator(office_of(opened(workspace)), case, reference, day(reply_by), day(on))
    show_done(done, as_json, _group(case))


def ruled(
    case: CaseArgument,
    ruling: Annotated[str, typer.Argument(help="upheld, partly, not_upheld or no_decision.")],
    words: Annotated[str, typer.Option("--words", help="What was ruled, in short.")] = "",
    file: FileOption = None,
    act_by: Annotated[str | None, typer.Option("--act-by", help="The day by which we have to act.")] = None,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note how the Regulator ruled, and by when we have to act."""
    from almoner.requests.casework.deciding import ruled as note
    from almoner.wiring.casework import office_of

    done = note(office_of(opened(workspace)), case, ruling, written(words, file), day(act_by), day(on))
    show_done(done, as_json, _group(case))


def close(case: CaseArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Close a case. Refused while it rests on figures that were never published."""
    from almoner.requests.casework.deciding import close as end
    from almoner.wiring.casework import office_of

    show_done(end(office_of(opened(workspace)), case), as_json, _group(case))


def withdraw(
    case: CaseArgument,
    reason: ReasonOption,
    on: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note that the requester has taken the request back."""
    from almoner.requests.casework.deciding import withdraw as take_back
    from almoner.wiring.casework import office_of

    show_done(take_back(office_of(opened(workspace)), case, reason, day(on)), as_json, _group(case))


def _group(case: str) -> str:
    """Name the group of commands of a case by its reference."""
    return "foi" if case.startswith(("FOI-", "EIR-")) else "rights"
