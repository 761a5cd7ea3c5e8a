"""Finds where practice and notice have come apart. Pure: it compares a registry with facts that it is given.

The public notice is built from the registry, and the gate reads the registry, so most ways to break a promise
are closed. What is left is found here: data from before a declaration changed, promises nobody kept, law that
ran out, and a page that still says what an earlier registry said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from almoner.kernel.errors import NoticeDrift, RegistryError
from almoner.notice import drift_data, drift_law, drift_practice
from almoner.notice.building import BuiltPage
from almoner.notice.drift_kinds import SEVERITIES, Drift, drift
from almoner.notice.held import HeldFacts
from almoner.notice.processing_record import processing_record
from almoner.notice.public_notice import public_notice
from almoner.registry.registry import Registry

Check = Callable[[Registry, HeldFacts], Iterator[Drift]]


def find_drift(registry: Registry, facts: HeldFacts) -> list[Drift]:
    """List every drift, the gravest first."""
    checks: tuple[Check, ...] = (
        drift_data.undeclared,
        drift_data.never_received,
        drift_law.agreements,
        drift_law.bases,
        drift_law.conditions,
        drift_law.retention,
        drift_law.uses,
        drift_practice.shared,
        drift_practice.disposed,
        drift_practice.kept_on,
        drift_practice.stated_retention,
        _pages,
        drift_data.overdue,
        drift_law.purposeless,
        drift_data.unused_categories,
    )
    found = [each for check in checks for each in check(registry, facts)]
    return sorted(dict.fromkeys(found), key=lambda each: SEVERITIES.index(each.severity))


def check_drift(found: Sequence[Drift]) -> None:
    """Fail if any drift is an error; warnings and information pass.

    Raises: NoticeDrift, with the number of errors and the first of them.
    """
    errors = [each for each in found if each.severity == "error"]
    if errors:
        first = errors[0]
        raise NoticeDrift(
            f"The notice and what is held have come apart in {len(errors)} place(s); the first: {first.what}",
            where=first.where,
            why=first.why,
            todo=first.todo,
        )


def _pages(registry: Registry, facts: HeldFacts) -> Iterator[Drift]:
    """Compare what the built pages say with what the registry would have them say today."""
    if facts.built is None:
        return
    if not any(page.page == "notice" for page in facts.built):
        yield drift(
            "notice_not_built",
            "The public notice has not been built.",
            "notice.html",
            "People can read only a notice that stands somewhere.",
            "Run 'almoner notice build'.",
        )
    try:
        digests = {
            "notice": public_notice(registry, as_of=facts.today).digest,
            "processing-record": processing_record(registry, as_of=facts.today).digest,
        }
    except RegistryError:
        # What can't be stated can't be what the pages state; the fault itself is another drift.
        digests = {}
    for page in facts.built:
        if page.digest is None or page.digest != digests.get(page.page):
            yield _outdated(page)


def _outdated(page: BuiltPage) -> Drift:
    return drift(
        "notice_outdated",
        f"'{page.file}' says something other than the registry does today.",
        page.file,
        "It was built from an earlier registry: what people read is not what is done.",
        "Run 'almoner notice build' and publish the new page.",
    )
