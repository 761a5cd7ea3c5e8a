"""Judges records that are to leave one by one. What it refuses it names by columns and in bands: a message that told
whether one record stands alone or three would be a figure of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from almoner.governance.policies import FORM_RANK
from almoner.kernel.errors import ReleaseRefused
from almoner.methods.disclosure.microdata import judge_extract
from almoner.registry.governing import Category, Purpose
from almoner.registry.registry import Registry
from almoner.registry.releasing import PUBLIC, ReleaseRules
from almoner.release.draft import Draft, Extract, LabelColumn
from almoner.release.identifying import seems_to_be

_BANDS = ((20, "fewer than 20 records"), (200, "20 to 199 records"))
_MOST_BAND = "200 records or more"
_WIDEST = 3
"""Columns of a combination that is looked for; whoever needs more of them to stand out is found by all together."""


def check_extract(registry: Registry, draft: Draft) -> None:
    """Refuse records that may not go to the recipient, name somebody, or let somebody be picked out.

    Raises: ReleaseRefused.
    """
    if draft.extract is None:
        return
    columns = _columns(draft, draft.extract)
    _refuse(draft, [*_may_not_receive(registry, draft, draft.extract)], "Ask the Data Protection Officer.")
    _refuse(
        draft, [*_identifying(registry, draft.extract, columns)], "Take these columns out, or coarsen what they hold."
    )
    known = {name: columns[name] for name in draft.extract.quasi_identifiers}
    secret = {name: columns[name] for name in draft.extract.sensitive}
    _refuse_lonely(draft, known, registry.release)
    _refuse_telling(draft, known, secret, registry.release)


def _columns(draft: Draft, extract: Extract) -> dict[str, tuple[str, ...]]:
    (table,) = (table for table in draft.tables if table.name == extract.table)
    return {column.name: column.values for column in table.columns if isinstance(column, LabelColumn)}


def _refuse(draft: Draft, reasons: Sequence[str], todo: str) -> None:
    if reasons:
        raise ReleaseRefused(
            f"These records can't leave: {'; '.join(reasons)}.", where=f"draft '{draft.title}'",
            why="Records are about one person each, whatever was taken off them.", todo=todo,
        )  # fmt: skip


def _may_not_receive(registry: Registry, draft: Draft, extract: Extract) -> Iterator[str]:
    purpose = registry.purpose[draft.purpose]
    categories = sorted(set(extract.categories))
    if draft.recipient == PUBLIC:
        if not registry.release.public_microdata:
            yield "extracts of records never go to the public here (public_microdata of [release])"
    else:
        recipient = registry.recipient[draft.recipient]
        if FORM_RANK[recipient.form] < FORM_RANK["pseudonymised"]:
            yield f"'{recipient.name}' receives figures only"
        for name in categories:
            if name in registry.category and name not in recipient.may_receive:
                yield f"'{recipient.name}' may not receive category '{name}'"
    for name in categories:
        if name in registry.category and not _is_seen(registry.category[name], purpose):
            yield f"purpose '{purpose.name}' does not see category '{name}'"


def _is_seen(category: Category, purpose: Purpose) -> bool:
    """Say whether a purpose sees a category; age and sex as declared codes every purpose does."""
    return category.tier == "identity" or category.name in purpose.categories


def _identifying(registry: Registry, extract: Extract, columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    names = (*extract.quasi_identifiers, *extract.sensitive)
    for name, category in zip(names, extract.categories, strict=True):
        declared = registry.category.get(category)
        if declared is None:
            yield f"column '{name}' is of category '{category}', which nobody has declared"
        elif declared.tier == "identity" and name in extract.sensitive:
            yield f"column '{name}' is of category '{category}', which names people unless it is a declared code"
        elif what := seems_to_be(name, columns[name]):
            yield f"column '{name}' looks like {what}"
        elif name in extract.sensitive and _mostly_single(columns[name]):
            yield f"nearly everybody has a value of their own in column '{name}'"


def _mostly_single(values: Sequence[str]) -> bool:
    return sum(count == 1 for count in Counter(values).values()) * 2 > len(values)


def _refuse_lonely(draft: Draft, known: Mapping[str, Sequence[str]], rules: ReleaseRules) -> None:
    """Refuse records that too few others are like, by the fewest columns that show it."""
    least = max(rules.k_anonymity, rules.largest_small + 1)
    if not _lonely(known, least):
        return
    names = next(
        chosen
        for width in (*range(1, min(_WIDEST, len(known)) + 1), len(known))
        for chosen in combinations(known, width)
        if _lonely({name: known[name] for name in chosen}, least)
    )
    _refuse(
        draft,
        [f"by {_listed(names)}, {_band(_lonely(known, least))} share theirs with fewer than {least - 1} others"],
        f"Coarsen '{_coarsest(known, names, least)}' first: larger areas, wider bands, or leave it out.",
    )


def _lonely(known: Mapping[str, Sequence[str]], least: int) -> int:
    return int(judge_extract(known, smallest_class=least).lonely.sum()) if known else 0


def _coarsest(known: Mapping[str, Sequence[str]], names: Sequence[str], least: int) -> str:
    """Name the column without which fewest records stand alone."""
    return min(names, key=lambda name: _lonely({each: known[each] for each in known if each != name}, least))


def _refuse_telling(
    draft: Draft, known: Mapping[str, Sequence[str]], secret: Mapping[str, Sequence[str]], rules: ReleaseRules
) -> None:
    judged = judge_extract(known, secret, smallest_class=1, fewest_secrets=rules.l_diversity)
    reasons = [
        f"by {_listed(tuple(known))}, {_band(int(np.sum(rows)))} have fewer than"
        f" {rules.l_diversity} different values of '{name}' among those who are like them"
        for name, rows in judged.telling.items()
        if rows.any()
    ]
    _refuse(draft, reasons, "Coarsen what is known elsewhere, so that more people are alike, or leave the column out.")


def _band(records: int) -> str:
    return next((words for below, words in _BANDS if records < below), _MOST_BAND)


def _listed(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]} together"
