"""Opens the log of what went to recipients, and says of a person what did: for subject access and for rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from almoner.disposal.concerned import files_of, scanned
from almoner.governance.pseudonyms import person_pseudonyms
from almoner.sharing.extracts import Disclosure, Share
from almoner.store.case_keys import CaseKeys
from almoner.wiring.casework import KEY_FOLDER
from almoner.wiring.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from almoner.records.sharing import OrmShares

_BECAME = ("merged", "moved", "split")
"""What may have happened to an id under which somebody's records stood before."""


def shares_of(workspace: Workspace) -> OrmShares:
    """Open the extracts of a workspace with their keys."""
    _ = workspace.records  # makes the records ready
    from almoner.records.sharing import OrmShares

    derived = workspace.ring.derived
    keys = CaseKeys(workspace.root / KEY_FOLDER, derived("sharing.cases"))
    return OrmShares(keys, derived("sharing.log"), pseudonyms_of(workspace))


def pseudonyms_of(workspace: Workspace) -> Callable[[str, Sequence[str]], list[str]]:
    """Give what makes pseudonyms under the key of a scope, as the gate does."""

    def made(scope: str, persons: Sequence[str]) -> list[str]:
        ids = pa.chunked_array([pa.array(persons, pa.string())])
        found: list[str] = person_pseudonyms(ids, workspace.ring.derived(f"pseudonym:{scope}")).to_pylist()
        return found

    return made


def disclosures_of(workspace: Workspace, person_id: str) -> list[Disclosure]:
    """List what of a person went to whom, when and under what, the newest first; also under ids that they had before.

    For whoever answers a person about themselves: the caller says by which right. The log says that it was looked up.
    Where ids were split or records moved since, also what was sent under the other's id: `surely` is False then.
    """
    shares = shares_of(workspace)
    workspace.note("share.disclosures", subjects=(person_id,))
    found = shares.disclosed(known_before(workspace, person_id))
    return [_disclosure(workspace, share, surely=surely) for share, surely in found]


def recipients_of(workspace: Workspace, person_id: str) -> list[Disclosure]:
    """List what recipients still hold of a person: who has to be told of a correction, erasure or restriction.

    Source: UK GDPR Art 19.
    """
    return [each for each in disclosures_of(workspace, person_id) if each.still_held]


def known_before(workspace: Workspace, person_id: str) -> list[tuple[str, bool]]:
    """Give a person's id, and the ids under which their records stood before, each with whether surely.

    An id that was merged into theirs was theirs. What was sent under one from which their records were parted held
    them or not: when it was parted, no event says.
    """
    spine = workspace.lake.catalogue.spine()
    columns = ("kind", "person_id", "other_person_id")
    events: list[tuple[str, str, str]] = []
    for table in scanned(workspace.lake, files_of(spine, "person_event"), columns) if spine else ():
        told = (table.column(name).to_pylist() for name in columns)
        events += [each for each in zip(*told, strict=True) if each[0] in _BECAME and each[2] is not None]
    earlier = [(other, person, False) if kind == "split" else (person, other, kind == "merged")
               for kind, person, other in events]  # fmt: skip
    found = {person_id: True}
    while True:
        more = {
            before: found[after] and sure
            for before, after, sure in sorted(earlier, key=lambda each: each[2])
            if after in found and not found.get(before, False)
        }
        more = {name: sure for name, sure in more.items() if sure or name not in found}
        if not more:
            return list(found.items())
        found |= more


def _disclosure(workspace: Workspace, share: Share, *, surely: bool) -> Disclosure:
    declared = workspace.registry.recipient.get(share.recipient)
    return Disclosure(
        share=share.id, recipient=share.recipient, recipient_title=declared.title if declared else share.recipient,
        sharing=share.sharing, purpose=share.purpose, agreement=share.agreement, form=share.form,
        emergency=share.kind == "emergency", fields=share.fields, sent_at=share.sent_at or share.requested_at,
        destroy_by=share.destroy_by, destroyed_on=share.confirmed_at.date() if share.confirmed_at else None,
        surely=surely,
    )  # fmt: skip
