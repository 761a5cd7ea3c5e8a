"""Whether figures may go to a recipient for a purpose at all: agreements, purposes, projects. Knows no figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from almoner.governance.policies import FORM_RANK, check_project
from almoner.kernel.errors import NotFound, ReleaseRefused
from almoner.registry.governing import Agreement
from almoner.registry.registry import Registry
from almoner.registry.releasing import PUBLIC

PUBLIC_TITLE = "The public"


def agreement_with(registry: Registry, recipient: str) -> str:
    """Name the agreement under which a recipient receives.

    Raises: NotFound for a recipient who is not declared; ReleaseRefused where nothing may be published.
    """
    if recipient == PUBLIC:
        if not registry.release.publication_agreement:
            raise ReleaseRefused(
                "Nothing may be published here.",
                where="registry [release]",
                why="No agreement permits releases to the public.",
                todo="Declare an agreement for it, and name it as release.publication_agreement.",
            )
        return registry.release.publication_agreement
    if recipient not in registry.recipient:
        raise NotFound(
            f"No recipient '{recipient}' is declared.",
            why="Data goes only to those whom the notice names.",
            todo=f"Use one of: {', '.join(sorted([PUBLIC, *registry.recipient]))}.",
        )
    return registry.recipient[recipient].agreement


def recipient_title(registry: Registry, recipient: str) -> str:
    """Give the name of a recipient as people read it."""
    return PUBLIC_TITLE if recipient == PUBLIC else registry.recipient[recipient].title


def check_sharing(
    registry: Registry, recipient: str, purpose: str, project: str | None, datasets: Sequence[str], today: dt.date
) -> None:
    """Refuse unless the recipient may receive figures made from these datasets for this purpose, today.

    Raises: ReleaseRefused with all reasons; NotFound; AccessRefused for a project that is missing or over.
    """
    agreement = agreement_with(registry, recipient)
    if purpose not in registry.purpose:
        raise NotFound(f"Purpose '{purpose}' is not declared.", todo=f"Use one of: {', '.join(registry.purpose)}.")
    check_project(registry, registry.purpose[purpose], project, today)
    reasons = [*_recipient_refusals(registry, recipient, purpose)]
    reasons += _agreement_refusals(registry.agreement[agreement], purpose, today)
    for name in datasets:
        reasons += _dataset_refusals(registry, name, purpose, today)
    if reasons:
        owner = registry.agreement[agreement].owner
        raise ReleaseRefused(
            f"This may not go to '{recipient}' for purpose '{purpose}': {'; '.join(dict.fromkeys(reasons))}.",
            where=f"agreement '{agreement}'",
            why="What leaves is bound by the agreements under which it came and goes.",
            todo=f"Ask {owner} (owner of the agreement) and the Data Protection Officer.",
        )


def _recipient_refusals(registry: Registry, recipient: str, purpose: str) -> Iterator[str]:
    if recipient == PUBLIC:
        return
    declared = registry.recipient[recipient]
    if purpose not in declared.purposes:
        yield f"the recipient is not declared for it (only for: {', '.join(declared.purposes)})"
    if FORM_RANK[declared.form] < FORM_RANK["aggregate"]:
        yield "the recipient receives no figures"


def _agreement_refusals(agreement: Agreement, purpose: str, today: dt.date) -> Iterator[str]:
    if today > agreement.expires_on:
        yield f"agreement '{agreement.name}' lapsed on {agreement.expires_on}"
    if today < agreement.signed_on:
        yield f"agreement '{agreement.name}' starts on {agreement.signed_on}"
    if purpose not in agreement.purposes:
        yield f"agreement '{agreement.name}' does not permit it"


def _dataset_refusals(registry: Registry, name: str, purpose: str, today: dt.date) -> Iterator[str]:
    dataset = registry.dataset(name)
    if dataset.open:
        return
    if purpose not in dataset.purposes:
        yield f"'{name}' does not serve it"
    agreement = registry.agreement_of(dataset)
    if agreement is None:
        yield f"'{name}' has no agreement"
        return
    yield from _agreement_refusals(agreement, purpose, today)
