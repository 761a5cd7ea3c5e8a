"""Writes what the person is given: a document to read (tagged PDF), one for programs (JSON) and tables (CSV).

It is told the entries that may go out and nothing else, so that nothing that is left out can get into it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from almoner.charts.paper import typeset
from almoner.charts.wording import never_a_formula
from almoner.registry.registry import Registry
from almoner.requests.clocks.wording import day_words
from almoner.requests.subject_access.held import AboutDataset, HeldEntry
from almoner.requests.subject_access.reviewing import REMOVED, Review

MADE_AT = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: when a pack was made stands in it, and its bytes stay the same."""
OTHER_SECTIONS = {
    "link": (
        "How we joined your records",
        "We join records that are about the same person. This says how we came to each of yours.",
    ),
    "look": (
        "Who looked at your records, when and why",
        "We say in what role somebody looked. Work on everybody’s records together, such as statistics, is not listed"
        " here: our privacy notice describes it.",
    ),
    "disclosure": ("To whom data about you went", "These people or organisations outside received data about you."),
    "matter": ("What else we hold about you", "Requests, restrictions and reported mistakes."),
}
NONE = {
    "link": "No record of yours was joined to another.",
    "look": "Nobody is recorded as having looked.",
    "disclosure": "We have no record that data about you went to anybody outside.",
    "matter": "Nothing else.",
}
RIGHTS = (
    "You may ask us to correct what is wrong, to erase data or to restrict how we use it, and you may object to a use.",
    "You may complain to us, and to the Information Commissioner (ico.org.uk), at any time.",
    "No decision about you is made by a program alone, and nothing here is a score or a prediction about you.",
)


@dataclass(frozen=True)
class Pack:
    """What goes out, ready to be written. entries: those that may."""

    reference: str
    review: Review
    registry: Registry
    made_on: dt.date

    def files(self) -> dict[str, bytes]:
        """Write every file of the pack."""
        given = self.review.given()
        records = [each for each in given if each.section == "record"]
        return {
            "your-data.pdf": typeset(
                "almoner.requests", "subject_access/pack.typ", self._document(given), self.made_on
            ),
            "your-data.json": json.dumps(self._machine_readable(given), ensure_ascii=False, indent=1).encode(),
            "records.csv": _csv(RECORD_HEADS, self._record_rows(records)),
            **{
                f"{name}.csv": _csv(("number", "field", "value"), _rows(given, section))
                for section, name in TABLES.items()
            },
        }

    def archive(self) -> bytes:
        """Pack the files into one."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files().items():
                archive.writestr(zipfile.ZipInfo(name, MADE_AT), content, zipfile.ZIP_DEFLATED)
        return out.getvalue()

    # ── to read ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _document(self, given: Sequence[HeldEntry]) -> dict[str, Any]:
        controller = self.registry.controller
        opening = [
            f"Our reference: {self.reference}. Made on {day_words(self.made_on)}, from what we held on"
            f" {day_words(dt.datetime.fromisoformat(self.review.gathered.gathered_at).date())}.",
            "This is what we hold about you: each record as we hold it and in plain words, where it comes from, what we"
            " use it for and on what legal ground, to whom it went, how long we keep it, and who looked at it.",
            f"Where you read {REMOVED}, it was about somebody else, or the law lets or makes us leave it out.",
        ]
        return {
            "title": "The data that we hold about you",
            "colour": controller.brand_colour,
            "sender": [controller.title, *[line.strip() for line in controller.address.split(",")]],
            "reference": self.reference,
            "opening": opening,
            "sections": [self._records(given), *(_section(given, name) for name in OTHER_SECTIONS), self._rights()],
        }

    def _records(self, given: Sequence[HeldEntry]) -> dict[str, Any]:
        parts = []
        for name, entries in _by_dataset(given).items():
            told = self.review.gathered.datasets[name]
            shown = [_entry(f"Record {number}", each) for number, each in enumerate(entries, start=1)]
            parts.append(_part(f"{told.source}: {told.title}", _about(told), shown, bullets=list(told.logic)))
        return {
            "title": "Your records",
            "opening": [] if parts else ["We hold no record that we may give you."],
            "parts": parts,
        }

    def _rights(self) -> dict[str, Any]:
        officer = self.registry.data_protection_officer
        lines = [*RIGHTS, f"Our Data Protection Officer: {officer.title}, {officer.email}."]
        return {"title": "Your rights", "opening": lines, "parts": []}

    # ── for programs ─────────────────────────────────────────────────────────────────────────────────────────────

    def _machine_readable(self, given: Sequence[HeldEntry]) -> dict[str, Any]:
        gathered = self.review.gathered
        return {
            "reference": self.reference,
            "controller": self.registry.controller.title,
            "gathered_at": gathered.gathered_at,
            "person": {
                "name": gathered.name,
                "date_of_birth": gathered.born,
                "former_references": list(gathered.followed),
            },
            "datasets": {name: vars(gathered.datasets[name]) for name in _by_dataset(given)},
            "records": [_plain(each) for each in given if each.section == "record"],
            **{
                name.replace("-", "_"): [_plain(e) for e in given if e.section == section]
                for section, name in TABLES.items()
            },
            "rights": list(RIGHTS),
        }

    def _record_rows(self, records: Sequence[HeldEntry]) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for number, entry in enumerate(records, start=1):
            told = self.review.gathered.datasets[entry.about]
            start = (
                str(number),
                told.source,
                told.title,
                " ".join(entry.held_on),
                _yes(entry.current),
                entry.keep_until,
            )
            rows += [(*start, each.title, each.text, each.meaning) for each in entry.fields]
        return rows


RECORD_HEADS = ("record", "source", "dataset", "held_on", "current", "keep_until", "field", "value", "in_plain_words")
TABLES = {"link": "links", "look": "who-looked", "disclosure": "who-received", "matter": "other-matters"}
"""The sections beside the records, and what their tables are called."""


def _by_dataset(given: Sequence[HeldEntry]) -> dict[str, list[HeldEntry]]:
    found: dict[str, list[HeldEntry]] = {}
    for entry in given:
        if entry.section == "record":
            found.setdefault(entry.about, []).append(entry)
    return found


def _section(given: Sequence[HeldEntry], name: str) -> dict[str, Any]:
    title, opening = OTHER_SECTIONS[name]
    entries = [each for each in given if each.section == name]
    shown = [_entry(f"{number}. {each.title}", each) for number, each in enumerate(entries, start=1)]
    if name == "link":
        shown = _links_together(entries)
    parts = [_part("What is recorded", [], shown)] if shown else []
    return {"title": title, "opening": [opening] if parts else [NONE[name]], "parts": parts}


def _links_together(entries: Sequence[HeldEntry]) -> list[dict[str, Any]]:
    """Say once for the records of a dataset that were joined in the same way how they were, and which they are."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for entry in entries:
        told = {each.title: each.text for each in entry.fields}
        record = told.pop("Record", "")
        alike.setdefault((entry.title, *(f"{title}: {text}" for title, text in told.items())), []).append(record)
    return [
        {"title": title, "lines": [*(line.split(": ", 1) for line in lines), ["Records", ", ".join(records)]]}
        for (title, *lines), records in alike.items()
    ]


def _part(
    title: str, opening: list[str], entries: list[dict[str, Any]], bullets: list[str] | None = None
) -> dict[str, Any]:
    return {"title": title, "opening": opening, "bullets": bullets or [], "entries": entries}


def _about(told: AboutDataset) -> list[str]:
    partner = "a partner of the Council" if told.organisation == "partner" else "the Council"
    lines = [
        f"Where it comes from: {told.source} ({partner}).",
        f"What we use it for: {'; '.join(told.purposes)}.",
        f"Legal ground: {'; '.join(told.bases)}.",
        f"How long we keep it: {told.retention}.",
    ]
    lines += (
        [f"Who may receive some of it, where it is necessary: {'; '.join(told.may_go_to)}."] if told.may_go_to else []
    )
    return lines + (["What we make of it:"] if told.logic else [])


def _entry(title: str, entry: HeldEntry) -> dict[str, Any]:
    lines = [[each.title, f"{each.text} ({each.meaning})" if each.meaning else each.text] for each in entry.fields]
    if entry.section == "record":
        days = [dt.date.fromisoformat(day) for day in entry.held_on]
        span = day_words(days[0]) if len(days) == 1 else f"{day_words(days[0])} to {day_words(days[-1])}"
        lines.append(["Held so", f"{span}{'' if entry.current else '; an earlier version, or over'}"])
        if entry.keep_until:
            lines.append(["Kept until", entry.keep_until])
    return {"title": title, "lines": lines}


def _plain(entry: HeldEntry) -> dict[str, Any]:
    fields = [{"name": f.name, "title": f.title, "value": f.text, "in_plain_words": f.meaning} for f in entry.fields]
    document: dict[str, Any] = {"title": entry.title, "fields": fields}
    if entry.section == "record":
        document |= {
            "dataset": entry.about,
            "held_on": list(entry.held_on),
            "current": entry.current,
            "keep_until": entry.keep_until,
        }
    return document


def _rows(given: Sequence[HeldEntry], section: str) -> list[tuple[str, ...]]:
    entries = [each for each in given if each.section == section]
    return [(str(number), f.title, f.text) for number, each in enumerate(entries, start=1) for f in each.fields]


def _csv(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([[never_a_formula(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
