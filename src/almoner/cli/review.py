"""`almoner review`: people decide what the machine could not, and their decisions last.

What records say is written to standard output for the person who decides, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from almoner.cli.explain import records_text, side_by_side_document, side_by_side_text
from almoner.cli.opening import JsonOption, WorkspaceOption, opened, say, show, table
from almoner.wiring.link_words import said_of

if TYPE_CHECKING:
    from almoner.wiring.deciding import Decided
    from almoner.wiring.workspace import Workspace

WhyOption = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision and in the audit log.")]
LookOption = Annotated[str, typer.Option("--reason", help="Why you look; it is kept in the audit log.")]
LOOKING = "Reviewing uncertain links"
DRAWING = "Drawing a sample of links to judge them by"
ANSWER = "Answer: almoner review decide QUESTION same|different|unsure --reason '…'"
VERDICTS = ("same", "different", "unsure")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Decide about uncertain links; decisions outlast every run.", no_args_is_help=True)
    group.command("next")(next_questions)
    group.command("sample")(sample)
    group.command("list")(list_questions)
    group.command("decide")(decide)
    group.command("merge")(merge)
    group.command("unmerge")(unmerge)
    group.command("apart")(apart)
    group.command("stats")(stats)
    group.command("history")(history)
    app.add_typer(group, name="review")


def next_questions(
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="How many questions to show.")] = 1,
    from_sample: Annotated[
        bool, typer.Option("--sample", help="Ask about the random sample, blind: only what the records say.")
    ] = False,
    reason: LookOption = LOOKING,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the question whose answer changes the most: both records side by side, and what speaks for and against."""
    from almoner.wiring.explaining import explain_questions
    from almoner.wiring.reviewing import question_id

    if from_sample:
        _next_of_sample(opened(workspace), count, reason, as_json)
        return
    found = explain_questions(opened(workspace), count, reason)
    documents = []
    for question, shown in found:
        document = side_by_side_document(shown, blind=True)
        documents.append({"question": question_id(question.pair), "records_to_move": question.value, **document})

    def text() -> str:
        if not found:
            return "No question is waiting for you."
        parts = [
            f"Question {question_id(question.pair)}\n\n{side_by_side_text(shown, blind=True)}"
            for question, shown in found
        ]
        return "\n\n".join([*parts, ANSWER])

    show({"questions": documents}, as_json, text)


def _next_of_sample(workspace: Workspace, count: int, reason: str, as_json: bool) -> None:
    """Show sampled pairs: what the records say, and nothing that would tell how they stand."""
    from almoner.wiring.reviewing import question_id, record_text
    from almoner.wiring.sampling import blind_questions

    waiting, found = blind_questions(workspace, count, reason)
    documents, texts = [], []
    for each in found:
        name, names = question_id(each.pair), (record_text(each.left), record_text(each.right))
        left, right = ({"record": record, **said_of(said)} for record, said in zip(names, each.said, strict=True))
        documents.append({"question": name, "left": left, "right": right})
        texts.append(f"Question {name}\n\n{records_text(names, each.said)}")
    told = "\n\n".join([*texts, f"{waiting:,} sampled pairs wait for you.", ANSWER])
    show({"waiting": waiting, "questions": documents}, as_json, told if found else "No sampled pair waits for you.")


def sample(
    size: Annotated[int, typer.Option("--size", min=20, max=10_000, help="How many pairs to draw.")] = 200,
    reason: Annotated[str, typer.Option("--reason", help="Why you draw; it is kept in the audit log.")] = DRAWING,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a random sample of pairs, by which precision and recall are told once people have decided about it.

    It takes the place of the sample before. Of one run, the same size gives the same sample. Shows no record.
    """
    from almoner.linkage.quality_reviews import EDGES
    from almoner.wiring.sampling import draw_sample

    drawn = draw_sample(opened(workspace), size, reason)
    heads = ("probability", "joined", "pairs", "drawn")
    rows = [
        (f"{EDGES[band]:.1%} to {EDGES[band + 1]:.1%}", "yes" if joined else "no", each.pairs, each.wanted)
        for each in drawn.strata
        for band, joined in (each.stratum,)
    ]
    strata = [dict(zip(heads, row, strict=True)) for row in rows]
    document = {"sample": drawn.name, "pairs": drawn.pairs, "drawn_before": drawn.drawn_before, "strata": strata}
    before = " It had been drawn before." if drawn.drawn_before else ""
    told = f"Sample {drawn.name} has {drawn.pairs:,} pairs.{before} Next: almoner review next --sample"
    show(document, as_json, lambda: f"{table(heads, rows, counts=('pairs', 'drawn'))}\n{told}")


def list_questions(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 20,
    reason: LookOption = LOOKING,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the questions that wait for you, the most valuable first. Shows no record."""
    from almoner.wiring.reviewing import question_id, waiting_questions

    found = waiting_questions(opened(workspace), reason)
    rows = [(question_id(each.pair), round(each.value, 2), f"{each.probability:.1%}") for each in found[:limit]]
    heads = ("question", "records_to_move", "probability")
    document = {"waiting": len(found), "questions": [dict(zip(heads, row, strict=True)) for row in rows]}
    show(document, as_json, lambda: f"{table(heads, rows)}\n{len(found):,} questions wait for you.")


def decide(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="QUESTION|RECORD RECORD VERDICT",
            help="A question, or two records as SOURCE/DATASET/RECORD; then same, different or unsure.",
        ),
    ],
    reason: WhyOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question, or decide about two records: same, different or unsure. Holds from the next 'almoner link'."""
    from almoner.kernel.errors import UsageError
    from almoner.wiring.deciding import decide as keep

    verdict = names[-1]
    if verdict not in VERDICTS:
        raise UsageError("The answer is none of same, different, unsure.", todo="Write it last.")
    _kept(keep(opened(workspace), tuple(names[:-1]), verdict, reason), as_json)  # type: ignore[arg-type]


def merge(
    one: Annotated[str, typer.Argument(help="A person id.")],
    other: Annotated[str, typer.Argument(help="The id of whom they are one with.")],
    reason: WhyOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide that two people are one. Holds from the next 'almoner link'."""
    from almoner.wiring.deciding import merge as keep

    _kept(keep(opened(workspace), one, other, reason), as_json)


def unmerge(
    person: Annotated[str, typer.Argument(help="A person id.")],
    record: Annotated[
        list[str],
        typer.Option("--record", help="A record that is somebody else's, as SOURCE/DATASET/RECORD. Repeat it."),
    ],
    reason: WhyOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide that some records are not this person's. Holds from the next 'almoner link'."""
    from almoner.wiring.deciding import unmerge as keep

    _kept(keep(opened(workspace), person, record, reason), as_json)


def apart(
    one: Annotated[str, typer.Argument(help="A person id.")],
    other: Annotated[str, typer.Argument(help="The id of somebody else, however alike.")],
    reason: WhyOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide that two people are not the same. Holds from the next 'almoner link'."""
    from almoner.wiring.deciding import keep_apart

    _kept(keep_apart(opened(workspace), one, other, reason), as_json)


def stats(reason: LookOption = LOOKING, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Count questions, answers, second reviews, disputes, and what stands."""
    from almoner.wiring.reviewing import statistics

    counted = statistics(opened(workspace), reason)
    show(counted, as_json, lambda: "\n".join(f"{name:<20}{value:>12,}" for name, value in counted.items()))


def history(reason: LookOption = LOOKING, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List what was decided: by whom, when and why. Pairs under blind review are left out."""
    from almoner.wiring.reviewing import history as decided

    rows = decided(opened(workspace), reason)
    heads = ("act", "at", "actor", "kind", "verdict", "pairs", "reason")

    def text() -> str:
        shown = [[f"{row[h]:%Y-%m-%d %H:%M}" if h == "at" else row[h] for h in heads] for row in rows]
        return table(heads, shown, counts=("pairs",)) if rows else "Nothing was decided yet."

    show({"decisions": rows}, as_json, text)


def _kept(decided: Decided, as_json: bool) -> None:
    for warning in decided.warnings:
        say(warning)
    document: dict[str, Any] = {
        "act": decided.act, "verdict": decided.verdict, "pairs": decided.pairs, "state": decided.state,
        "warnings": list(decided.warnings),
    }  # fmt: skip
    disputed = " You and a colleague disagree: nothing stands until a third person has answered."
    told = disputed if decided.state == "disputed" else " It holds from the next 'almoner link'."
    show(document, as_json, f"Decision {decided.act} is kept.{told}")
