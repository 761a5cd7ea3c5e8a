"""Holds what is asked for against what was agreed: purpose, form, fields, ages, dates; names what is beyond."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from almoner.governance.policies import check_project
from almoner.governance.shared import lapse_of
from almoner.kernel.errors import NotFound, ShareRefused
from almoner.registry.registry import Registry
from almoner.registry.sharing import Sharing

Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for. fields: none: all that was agreed; form: '': the agreed one; ages: none: all agreed."""

    sharing: str
    purpose: str = ""
    fields: Fields | None = None
    form: str = ""
    ages: str | None = None


def sharing_named(registry: Registry, name: str, kind: str) -> Sharing:
    """Find what is declared to be shared. Raises: NotFound, ShareRefused for one of the other kind."""
    sharing = registry.sharing.get(name)
    if sharing is None:
        raise NotFound(
            f"Nothing is declared to be shared as '{name}'.",
            why="Data goes only where the notice says, and only under an agreement.",
            todo=f"Use one of: {', '.join(_of_kind(registry, kind)) or 'none is declared'} (registry/sharing.toml).",
        )
    if sharing.kind != kind:
        raise ShareRefused(
            f"What is shared as '{name}' is {'for emergencies' if kind == 'routine' else 'no emergency'}.",
            why="An emergency goes out at once, about one person; everything else is approved first.",
            todo=f"Use one of: {', '.join(_of_kind(registry, kind)) or 'none is declared'}.",
        )
    return sharing


def _of_kind(registry: Registry, kind: str) -> list[str]:
    return [each.name for each in registry.sharing.values() if each.kind == kind]


def minimise(registry: Registry, wanted: Wanted, kind: str, today: dt.date) -> tuple[Sharing, Fields, str | None]:
    """Give what is agreed, and of it the fields and ages that are asked for.

    Raises: NotFound; ShareRefused with everything that is beyond the agreement, by name; AccessRefused for a project.
    """
    sharing = sharing_named(registry, wanted.sharing, kind)
    fields = wanted.fields if wanted.fields is not None else sharing.fields
    beyond = [*_beyond(sharing, wanted, fields)]
    lapsed = lapse_of(registry, sharing, today)
    if beyond or lapsed:
        agreement = registry.agreement_for(sharing)
        raise ShareRefused(
            f"This may not go to '{sharing.recipient}': {'; '.join([*([lapsed] if lapsed else []), *beyond])}.",
            where=f"agreement '{agreement.name}', sharing '{sharing.name}'",
            why="No more is shared than was agreed, and only while it is (UK GDPR Art 5(1)(b), (c)).",
            todo=f"Ask for less, or ask {agreement.owner} (owner of the agreement).",
        )
    check_project(registry, registry.purpose[sharing.purpose], sharing.project, today)
    return sharing, {name: tuple(columns) for name, columns in fields.items()}, wanted.ages


def _beyond(sharing: Sharing, wanted: Wanted, fields: Fields) -> Iterator[str]:
    if wanted.purpose and wanted.purpose != sharing.purpose:
        yield f"purpose '{wanted.purpose}' was not agreed, only '{sharing.purpose}'"
    if wanted.form and wanted.form != sharing.form and (wanted.form, sharing.form) != _LESS:
        yield f"the {wanted.form} form was not agreed, only the {sharing.form} one"
    if not any(fields.values()):
        yield "no field is asked for"
    for dataset, columns in fields.items():
        if dataset not in sharing.fields:
            yield f"'{dataset}' is not in the agreement"
            continue
        for column in columns:
            if column not in sharing.fields[dataset]:
                yield f"'{dataset}.{column}' is not in the agreement"
    if wanted.ages is not None and (reason := _beyond_ages(sharing, wanted.ages)):
        yield reason


_LESS = ("pseudonymised", "identifiable")
"""Whoever was promised names may be given less."""


def _beyond_ages(sharing: Sharing, ages: str) -> str | None:
    youngest, oldest = span_of(ages)
    if youngest > oldest:
        return f"ages '{ages}' are none"
    agreed = span_of(sharing.cohort.ages) if sharing.cohort is not None and sharing.cohort.ages else (0, 999)
    if youngest < agreed[0] or oldest > agreed[1]:
        return f"ages {ages} were not agreed, only {agreed[0]}-{agreed[1]}"
    return None


def span_of(ages: str) -> tuple[int, int]:
    """Read a span of ages, such as '16-18'. Raises: ShareRefused."""
    first, _, last = ages.partition("-")
    if not (first.isascii() and last.isascii() and first.isdigit() and last.isdigit() and len(ages) <= len("000-000")):
        raise ShareRefused(f"'{ages[:20]}' is no span of ages.", todo="Write it as 16-18.")
    return int(first), int(last)


def require_key(registry: Registry, recipient: str) -> str:
    """Give a recipient's public key. Raises: ShareRefused where none is declared."""
    key = registry.recipient[recipient].key
    if not key:
        raise ShareRefused(
            f"Recipient '{recipient}' has no public key.",
            where=f"registry: recipient.{recipient}.key",
            why="What leaves is encrypted, so that only the recipient can open it.",
            todo="Ask them for their age public key by a way that proves whose it is, and write it there.",
        )
    return key
