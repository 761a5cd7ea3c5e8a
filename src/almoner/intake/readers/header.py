"""Compares the columns that a file has with those that its dataset declares, and refuses what differs.

A file is never half understood: a missing, extra or duplicate column refuses all of it. What a file puts in
its header line may be data (a header left out), so names are shown only where the line is surely a header.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

from almoner.intake.readers.batch import Wanted
from almoner.kernel.errors import DeliveryRefused

SHOWN_NAMES = 30
_LONGEST_NAME = 64
_MOST_DIGITS = 4
_LAYOUT = "Ask the supplier for the declared layout, or change the dataset's columns in the registry."


def fold(name: str) -> str:
    """Give the form in which two column names are compared."""
    return name.strip().casefold()


def shown(name: str) -> str:
    """Give a name as a message may show it: a long one, or one full of digits, might be a value."""
    name = name.strip()
    if not name:
        return "(no name)"
    if len(name) > _LONGEST_NAME or sum(map(str.isdigit, name)) > _MOST_DIGITS or not name.isprintable():
        return f"(a name of {len(name)} characters)"
    return f"'{name}'"


def place_columns(
    found: Sequence[str], wanted: Mapping[str, Wanted], ignore: Collection[str], where: str
) -> dict[str, int | None]:
    """Find each wanted column in a header.

    Out: wanted name -> index in `found`, None for an optional column that the file does not have.
    Raises: DeliveryRefused, listing every missing, extra and duplicate column.
    """
    places: dict[str, int] = {}
    for index, name in enumerate(found):
        places.setdefault(fold(name), index)
    declared = {fold(name) for name in wanted}
    ignored = {fold(name) for name in ignore}
    missing = [name for name, want in wanted.items() if want.required and fold(name) not in places]
    extra = [name for name in found if fold(name) not in declared and fold(name) not in ignored]
    counts = Counter(fold(name) for name in found if fold(name) not in ignored)
    duplicate = [name for name, count in counts.items() if count > 1]
    if missing or extra or duplicate:
        anything_known = bool((declared | ignored) & set(places) - {""})
        raise _layout_refused(missing, extra, duplicate, anything_known, where)
    return {name: places.get(fold(name)) for name in wanted}


def refuse_paths(missing: Sequence[str], extra: Sequence[str], unseen: Sequence[str], where: str) -> DeliveryRefused:
    """Make the refusal of a file whose records (JSON, XML) have other paths than those declared.

    In: `unseen` = declared paths that no record has: what an extra one may have been renamed from.
    """
    return _layout_refused(missing, extra, [], True, where, unseen)


def _layout_refused(
    missing: Sequence[str],
    extra: Sequence[str],
    duplicate: Sequence[str],
    name_extras: bool,
    where: str,
    renamed_from: Sequence[str] | None = None,
) -> DeliveryRefused:
    if not name_extras:
        return DeliveryRefused(
            "none of the declared columns is in the header",
            where=where,
            why=f"missing: {_listed(map(shown, missing)) or 'none'}; found: {len(extra)}, not named here",
            todo="Check that the header is there and on the declared row. " + _LAYOUT,
        )
    parts = []
    if missing:
        parts.append(f"{len(missing)} missing: {_listed(_with_closest(missing, extra))}")
    if extra:
        parts.append(f"{len(extra)} not declared: {_listed(_with_closest(extra, renamed_from or missing))}")
    if duplicate:
        parts.append(f"{len(duplicate)} more than once: {_listed(map(shown, duplicate))}")
    todo = f"{_LAYOUT} To leave a column out, list it at the feed: ignore = [{_listed(map(shown, extra))}]."
    return DeliveryRefused(
        "the file's columns are not those declared", where=where, why="; ".join(parts), todo=todo if extra else _LAYOUT
    )


def _with_closest(names: Iterable[str], others: Sequence[str]) -> list[str]:
    folded = {fold(other): other for other in others}
    texts = []
    for name in names:
        close = get_close_matches(fold(name), list(folded), n=1, cutoff=0.6)
        texts.append(shown(name) + (f" (perhaps {shown(folded[close[0]])})" if close else ""))
    return texts


def _listed(texts: Iterable[str]) -> str:
    """Join names for a message, so many that a wide file stays readable."""
    all_of_them = list(texts)
    rest = len(all_of_them) - SHOWN_NAMES
    return ", ".join(all_of_them[:SHOWN_NAMES]) + (f" and {rest} more" if rest > 0 else "")
