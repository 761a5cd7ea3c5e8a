"""Judges an extract without references before anybody approves it: could somebody be picked out by what is known?

What it refuses it names by columns and in bands, as the judge of releases does: an exact number would be a figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from almoner.kernel.errors import ShareRefused
from almoner.methods.disclosure.microdata import judge_extract
from almoner.registry.releasing import ReleaseRules
from almoner.registry.sharing import Sharing
from almoner.sharing.reading import Content, known_and_secret

_FEW = 20
"""Fewer records than this are called a few."""


def judge(content: Content, sharing: Sharing, rules: ReleaseRules) -> int | None:
    """Give the size of the smallest group of records that are alike; None where the form shows people anyway.

    Raises: ShareRefused where nobody is in it, somebody could be picked out, or something learnt of them.
    """
    if not content.people:
        raise ShareRefused(
            "Nobody is in this extract.",
            why="Nothing is held of anybody who meets its conditions, or nobody may be shared.",
            todo="Look at the cohort of the agreement, and at what was taken in.",
        )
    if sharing.form != "anonymous":
        return None
    least = sharing.k or rules.k_anonymity
    (table,) = content.tables
    known, secret = known_and_secret(table, sharing)
    if not known or not table.rows:
        raise ShareRefused("Nothing is left by which this extract could be judged.", todo="Ask for more of its fields.")
    judged = judge_extract(known, secret, smallest_class=least, fewest_secrets=rules.l_diversity)
    if judged.lonely.any():
        raise _refused(
            f"{_band(int(judged.lonely.sum()))} share {_listed(known)} with fewer than {least - 1} others",
            f"Ask for fewer fields, or agree on coarser ones: leave out '{_coarsest(known, least)}' first.",
        )
    for name, rows in judged.telling.items():
        if rows.any():
            raise _refused(
                f"whoever knows {_listed(known)} of somebody could learn their '{name}'",
                "Ask for fewer of the fields that are known elsewhere, or leave this one out.",
            )
    return judged.smallest_class


def _refused(what: str, todo: str) -> ShareRefused:
    return ShareRefused(
        f"People could be picked out of this extract: {what}.",
        why="Records without references are about one person each all the same.",
        todo=todo,
    )


def _coarsest(known: Mapping[str, Sequence[str]], least: int) -> str:
    """Name the column without which fewest records stand alone."""

    def lonely(without: str) -> int:
        rest = {name: values for name, values in known.items() if name != without}
        return int(judge_extract(rest, smallest_class=least).lonely.sum()) if rest else 0

    return min(known, key=lonely)


def _band(records: int) -> str:
    return f"fewer than {_FEW} records" if records < _FEW else f"{_FEW} records or more"


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(f"'{name}'" for name in names)
