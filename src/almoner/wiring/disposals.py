"""Opens what disposal works with: journal, ledger and holds, and what the records themselves hold of persons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from almoner.disposal.ports import PersonRecords
from almoner.store.barred import Referrer
from almoner.wiring.casework import gathered_of
from almoner.wiring.shares import shares_of
from almoner.wiring.web_records import access_reviews_of, caseloads_of, reports_of, rights_of
from almoner.wiring.workspace import Workspace

if TYPE_CHECKING:
    from almoner.records.disposals import OrmDisposals

WRITERS = ("retention", "intake", "link", "serving")
"""Everybody who writes into the lake: a disposal goes alone."""


def referrer_of(workspace: Workspace) -> Referrer:
    """Give what makes references under the workspace's key."""
    return Referrer(workspace.ring.derived("disposal.references"))


def disposals_of(workspace: Workspace) -> OrmDisposals:
    """Open the journal, the ledger and the holds."""
    _ = workspace.records  # makes the records ready
    from almoner.records.disposals import OrmDisposals

    return OrmDisposals(workspace.ring.derived("disposal.journal"), referrer_of(workspace))


def persons_of(workspace: Workspace) -> PersonRecords:
    """Open what the records themselves hold of persons."""
    _ = workspace.records
    from almoner.records.answers import OrmAnswers
    from almoner.records.persons import OrmPersons
    from almoner.records.samples import OrmSamples

    derived = workspace.ring.derived
    answers = OrmAnswers(derived("review.records"), derived("review.pair"))
    samples = OrmSamples(derived("review.sample.records"))
    return OrmPersons(
        answers, samples, reports_of(workspace), caseloads_of(workspace), access_reviews_of(workspace),
        shares_of(workspace),
        rights_of(workspace),
        gathered_of(workspace),
    )  # fmt: skip


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Keep everybody else from writing. Raises: Busy where somebody is."""
    with ExitStack() as stack:
        for name in WRITERS:
            stack.enter_context(workspace.lake.catalogue.lease(name))
        yield
