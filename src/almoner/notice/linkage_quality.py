"""The linkage quality report: how often records are joined wrongly or not at all, for whom, and how that is known.

It is made from one run's measured document and the registry's names, and reads nothing about anybody. It must never
show a figure without its interval and its day, nor one of a few people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from almoner.notice.blocks import Block, Document, Section, Terms, bullets, one_line, text
from almoner.notice.linkage_figures import day_text, figure_text, figures_table
from almoner.notice.phrases import on_day
from almoner.registry.registry import Registry

CLASS_TITLES = {
    "own number": "both bear the same number of their own system, or one gives such a number and no name",
    "birthday": "both give a whole birthday",
    "name and place": "both give a full forename and an address or postcode",
    "initial and place": "both give at least an initial and an address or postcode",
    "less": "less than that",
}
"""What two records give to go by, best first."""

LIMITS = (
    "Numbers are only held by some services. Records with a number stand for records without: some of them were "
    "linked as if they said no more than a record without a number does, but their slips are still those of services "
    "that hold numbers.",
    "For the trial, people lost all their numbers at once. In the run itself a number often holds a person's other "
    "records together, so recall is likely to be somewhat better than these figures say, not worse.",
    "A number that was itself written down wrongly counts as an error of linkage.",
    "Recall is among people of whom two records hold the same kind of number. Of people known to one service alone "
    "nothing is said.",
)


def quality_report(
    registry: Registry,
    quality: Mapping[str, Any],
    run: Mapping[str, int],
    ethnic: Sequence[Mapping[str, Any]] | None,
    *,
    as_of: dt.date,
) -> Document:
    """Make the report.

    In: quality as linkage.quality_document writes it; run = counts of the run, as link gives them; ethnic =
    (name, people, precision, recall, below) by ethnic group, None where it was not asked for.
    """
    sections = [_summary(quality, run), _method(quality), _classes(quality), _sources(registry, quality)]
    sections += [_people(quality), _ethnic(ethnic, quality), _reviews(quality), _limits()]
    return Document(
        page="linkage-quality",
        title="Linkage quality report",
        council=one_line(registry.controller.title),
        service=one_line(registry.controller.service),
        brand_colour=registry.controller.brand_colour,
        sections=tuple(Section(n, anchor, title, blocks) for n, (anchor, title, blocks) in enumerate(sections, 1)),
        registry_digest=registry.digest,
        as_of=as_of,
    )


_Part = tuple[str, str, tuple[Block, ...]]
_Row = tuple[str, Mapping[str, Any]]


def _summary(quality: Mapping[str, Any], run: Mapping[str, int]) -> _Part:
    blocks: list[Block] = [
        text(
            "Records about the same person are joined. Two things can go wrong: records of two people are joined, or "
            "records of one person are left apart. Precision is the share of joined pairs of records that are "
            "rightly joined; recall is the share of pairs of one person's records that were joined."
        )
    ]
    unit = quality.get("unit", "people")
    if quality.get("precision") and quality.get("recall"):
        blocks.append(
            Terms(
                (
                    ("Precision", (figure_text(quality["precision"], unit),)),
                    ("Recall", (figure_text(quality["recall"], unit),)),
                    ("As of", (day_text(quality),)),
                    ("Source", (f"{quality['method']}.",)),
                    ("Intervals", (f"{quality['confidence']:.0%}, in brackets, with the {unit} they rest on",)),
                )
            )
        )
    else:
        blocks.append(text(f"The quality of this run could not be measured: {quality.get('why_not') or 'no reason'}."))
    counted = {
        "records": "Records",
        "persons": "People",
        "households": "Households",
        "families": "Families",
        "relationships": "Stated relationships",
        "relationship_conflicts": "Of these contradictory, and not used",
        "review_queue": "Open questions",
    }
    blocks.append(Terms(tuple((title, (f"{run[name]:,}",)) for name, title in counted.items() if name in run)))
    below = [each for each in quality.get("groups", ()) if each["below"]]
    blocks.append(
        text(
            f"Of {len(quality.get('groups', ()))} groups of sources, ages and sexes, {len(below)} have an interval "
            "that lies wholly below the figure for all. They are marked in the tables."
        )
    )
    return "summary", "In short", tuple(blocks)


def _method(quality: Mapping[str, Any]) -> _Part:
    """Say how it was measured, and the bias there is in it."""
    blocks: list[Block] = [
        text(
            "Nobody told the system who is who. Where two records both hold the same kind of number (NHS, National "
            "Insurance, pupil or learner number), the number says whether they are one person."
        ),
        text(
            "The system itself joins by these numbers, so that its links agree with them proves little. They are "
            "therefore held out: a part of the records was linked once more, by the same model, with every number "
            "removed, and only then compared with the numbers. That stands for all pairs that share no kind of number."
        ),
        bullets(
            (
                "As linked: pairs that share a kind of number, as the run left them. The bias is all in their favour.",
                "Held out: the same people, linked without numbers.",
                "All pairs: both put together, each class of evidence in proportion to what the run joined.",
            )
        ),
    ]
    if "as_linked" in quality:
        rows = [("As linked", quality["as_linked"]), ("Held out", quality["held_out"])]
        rows.append(("All pairs", quality["combined"]))
        blocks.append(figures_table(_caption("How well pairs are joined", quality), "Pairs", rows))
        blocks.append(
            text(
                f"{quality['vouched_pairs']:,} pairs hold the same number; {quality['tried_mentions']:,} mentions of "
                "people were linked again. Intervals are Wilson's, with a person's pairs as one observation; those of "
                "several strata are put together by their limits."
            )
        )
    return "method", "How it was measured", tuple(blocks)


def _classes(quality: Mapping[str, Any]) -> _Part:
    rows = [(CLASS_TITLES.get(each["name"], each["name"]), each) for each in quality.get("classes", ())]
    blocks = tuple(_table("Held out, by evidence", "Evidence", rows, quality))
    return "evidence", "By what two records give to go by", blocks


def _sources(registry: Registry, quality: Mapping[str, Any]) -> _Part:
    titles = {dataset.full_name: one_line(dataset.title) for dataset in registry.datasets()}
    found = [each for each in quality.get("groups", ()) if each["by"] == "source"]
    rows = [(titles.get(each["name"], each["name"]), each) for each in found]
    words = text(
        "All pairs of which one record is of the dataset. A dataset without numbers is judged by records that were "
        "made to say as little as its own do."
    )
    return "sources", "By source", (words, *_table("Pairs by dataset", "Dataset", rows, quality))


def _people(quality: Mapping[str, Any]) -> _Part:
    blocks: list[Block] = []
    for by, head in (("age", "Age"), ("sex", "Sex")):
        rows = [(each["name"], each) for each in quality.get("groups", ()) if each["by"] == by]
        blocks += _table(f"Pairs by {by} of the person", head, sorted(rows, key=_age_order), quality)
    return "people", "By age and sex", tuple(blocks)


def _ethnic(ethnic: Sequence[Mapping[str, Any]] | None, quality: Mapping[str, Any]) -> _Part:
    title = ("ethnic-group", "By ethnic group")
    if ethnic is None:
        said = text(
            "Not part of this report. Linkage never sees anybody's ethnic group; whoever may monitor equality can "
            "have these figures made, as counts alone."
        )
        return (*title, (said,))
    if not ethnic:
        return (*title, (text("Nothing that was received says the ethnic group of anybody who could be tried."),))
    words = text(
        "Held out, as above, for people of whom a source gives an ethnic group. The group was brought in for these "
        "counts alone, for equality monitoring, and never reaches the linking of records. Groups that are small, or "
        "would give a small one away, are withheld."
    )
    rows = [(each["name"], each) for each in ethnic]
    return (*title, (words, *_table("Held out, by ethnic group", "Ethnic group", rows, quality)))


def _reviews(quality: Mapping[str, Any]) -> _Part:
    title = ("reviews", "By people's decisions")
    found = quality.get("reviews")
    if not found:
        said = text("Nobody has decided a random sample of this run's pairs yet, so nothing is estimated from one.")
        return (*title, (said,))
    words = text(
        f"Of {found.get('drawn', 0):,} pairs drawn at random {_drawn_on(found)}, people have decided "
        f"{found['decided']:,}. "
        "Each pair stands for as many as it had to be drawn from, and the figures are those of the run it was drawn "
        f"from, before anything was corrected; {found['bands_unseen']} bands have pairs, but no decision, and are "
        "taken as not known. Recall is among pairs that were joined or thought worth a question."
    )
    caption = f"Random sample of pairs, with {quality.get('confidence', 0.95):.0%} intervals"
    return (*title, (words, figures_table(caption, "Pairs", [("All", found)], "decided pairs")))


def _drawn_on(found: Mapping[str, Any]) -> str:
    day = found.get("drawn_on")
    return f"on {on_day(dt.date.fromisoformat(day))}" if day else "on a day that is not known"


def _limits() -> _Part:
    return "limits", "What these figures do not say", (bullets(LIMITS),)


def _table(caption: str, head: str, rows: list[_Row], quality: Mapping[str, Any]) -> Iterator[Block]:
    if rows:
        yield figures_table(_caption(caption, quality), head, rows)
    else:
        yield text("There is nothing to measure this by.")


def _caption(words: str, quality: Mapping[str, Any]) -> str:
    return f"{words}, as of {day_text(quality)}, with {quality.get('confidence', 0.95):.0%} intervals"


def _age_order(row: tuple[str, Any]) -> tuple[int, str]:
    name = row[0]
    digits = "".join(letter for letter in name.split(" ")[0] if letter.isdigit())
    return (0 if name.startswith("under") else int(digits) if digits else 999, name)
