"""What may be wrong with declarations about what recipients may have: each is held against everything it hangs on."""

from __future__ import annotations

from collections.abc import Iterator

import pyrage

from almoner.registry.datasets import Dataset
from almoner.registry.findings import Finding, unknown
from almoner.registry.governing import Purpose, Recipient
from almoner.registry.registry import Registry
from almoner.registry.sharing import RESIDENT, RESIDENT_FIELDS, Sharing

_RANK = {"aggregate": 0, "anonymous": 1, "pseudonymised": 1, "identifiable": 2}
"""How much a form shows of a person: an extract without references still has a row for each."""
_URGENT = ("6(1)(c)", "6(1)(d)")
"""Bases under which somebody's data goes out at once. Source: UK GDPR Art 6(1)(c), (d)."""

Path = tuple[str, ...]


def sharing_findings(registry: Registry) -> Iterator[Finding]:
    """Yield what is wrong with recipients' keys and with what they may have."""
    for name, recipient in registry.recipient.items():
        if recipient.key and not _is_key(recipient.key):
            yield Finding(
                ("recipient", name, "key"), "is no age public key: a character of it is wrong",
                "nobody could open what is sent", "copy it again from what the recipient gave",
            )  # fmt: skip
    for name, sharing in registry.sharing.items():
        yield from _sharing(registry, ("sharing", name), sharing)


def _is_key(text: str) -> bool:
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return False
    return True


def _sharing(registry: Registry, path: Path, sharing: Sharing) -> Iterator[Finding]:
    yield from unknown(
        (*path, "recipient"), "recipient", sharing.recipient, registry.recipient, "nobody would receive it"
    )
    yield from unknown(
        (*path, "purpose"), "purpose", sharing.purpose, registry.purpose, "data is shared for a stated purpose only"
    )
    if sharing.agreement:
        yield from unknown(
            (*path, "agreement"), "agreement", sharing.agreement, registry.agreement,
            "nothing may be shared without an agreement",
        )  # fmt: skip
    recipient, purpose = registry.recipient.get(sharing.recipient), registry.purpose.get(sharing.purpose)
    if recipient is None or purpose is None:
        return
    yield from _permitted(registry, path, sharing, recipient, purpose)
    yield from _kind(registry, path, sharing, purpose)
    yield from _cohort(registry, path, sharing, recipient, purpose)
    for dataset in sharing.fields:
        yield from _fields(registry, path, sharing, recipient, purpose, dataset)
    yield from _anonymous(path, sharing)


def _permitted(
    registry: Registry, path: Path, sharing: Sharing, recipient: Recipient, purpose: Purpose
) -> Iterator[Finding]:
    """Find what recipient, agreement or purpose does not give."""
    if purpose.name not in recipient.purposes:
        yield Finding(
            (*path, "purpose"), f"recipient '{recipient.name}' is not declared for '{purpose.name}'",
            "the notice would not say so", "add the purpose to the recipient, or use one of its own",
        )  # fmt: skip
    agreement = registry.agreement.get(sharing.agreement or recipient.agreement)
    if agreement is not None and purpose.name not in agreement.purposes:
        yield Finding(
            (*path, "purpose"), f"agreement '{agreement.name}' does not permit '{purpose.name}'",
            "what leaves is bound by its agreement", "agree on the purpose first, or use another",
        )  # fmt: skip
    for who, form in ((f"recipient '{recipient.name}'", recipient.form), (f"purpose '{purpose.name}'", purpose.form)):
        if _RANK[sharing.form] > _RANK[form]:
            yield Finding(
                (*path, "form"), f"{who} gets the {form} form at the most",
                "data is used in the least identifying form that serves (UK GDPR Art 5(1)(c))",
                f"use a form that shows no more than {form}",
            )  # fmt: skip
    project = registry.project.get(sharing.project or "")
    if (purpose.project == "required" or sharing.project) and (project is None or project.purpose != purpose.name):
        yield Finding(
            (*path, "project"), f"names no project of purpose '{purpose.name}'",
            "research needs a question, a DPIA and an approver before data", "name one of registry/projects.toml",
        )  # fmt: skip


def _kind(registry: Registry, path: Path, sharing: Sharing, purpose: Purpose) -> Iterator[Finding]:
    if sharing.kind == "routine":
        if sharing.cohort is None:
            yield Finding((*path, "cohort"), "is missing", "nobody could tell of whom data goes out", "say of whom")
        if purpose.scope == "one_person":
            yield Finding(
                (*path, "purpose"), f"'{purpose.name}' is about one person at a time",
                "an extract is about many", "use another purpose, or declare it for emergencies",
            )  # fmt: skip
        return
    if sharing.cohort is not None:
        yield Finding(
            (*path, "cohort"), "an emergency has none", "it is about the one person who is named", "take it out"
        )
    if sharing.form != "identifiable":
        yield Finding(
            (*path, "form"), "nobody helps whom they can't identify", "an emergency is about one person",
            'write form = "identifiable"',
        )  # fmt: skip
    basis = registry.lawful_basis.get(purpose.lawful_basis)
    if basis is not None and not any(article in basis.article for article in _URGENT):
        yield Finding(
            (*path, "purpose"), f"'{purpose.name}' rests on {basis.article}",
            "only a duty in law or somebody's vital interests go before approval (UK GDPR Art 6(1)(c), (d))",
            "use a purpose with such a basis",
        )  # fmt: skip


def _cohort(
    registry: Registry, path: Path, sharing: Sharing, recipient: Recipient, purpose: Purpose
) -> Iterator[Finding]:
    cohort = sharing.cohort
    if cohort is None:
        return
    here = (*path, "cohort")
    dataset = _dataset(registry, cohort.dataset)
    if dataset is None:
        yield from unknown((*here, "dataset"), "dataset", cohort.dataset, _names(registry), "it says of whom")
        return
    yield from _serves(here, dataset, purpose)
    if cohort.person:
        yield from unknown(
            (*here, "person"), "person slot", cohort.person, dataset.people, "nobody would be found by it"
        )
    if not dataset.people:
        yield Finding((*here, "dataset"), f"'{dataset.full_name}' names nobody", "it can't say of whom", "use another")
    for where in cohort.where:
        yield from unknown((*here, "where"), "column", where.column, dataset.columns, "the condition would fail")
    told = [dataset.columns[each.column].category for each in cohort.where if each.column in dataset.columns]
    for category in dict.fromkeys((*told, *((dataset.floor,) if dataset.floor else ()))):
        yield from _receives(here, f"who is in it is told to be '{category}'", category, recipient, purpose, registry)


def _fields(
    registry: Registry, path: Path, sharing: Sharing, recipient: Recipient, purpose: Purpose, name: str
) -> Iterator[Finding]:
    here, columns = (*path, "fields", name), sharing.fields[name]
    if name == RESIDENT:
        areas = tuple(each.postcode_column for each in registry.geography.values())
        for column in columns:
            yield from unknown(here, "field of a resident", column, (*RESIDENT_FIELDS, *areas), "it is not known")
            if not _tells(registry, column) & set(recipient.may_receive):
                yield Finding(
                    here, f"'{column}' is of a kind that recipient '{recipient.name}' may not receive",
                    "no more is shared than was agreed (UK GDPR Art 5(1)(c))", "take it out, or agree on it first",
                )  # fmt: skip
        return
    dataset = _dataset(registry, name)
    if dataset is None:
        yield from unknown(here, "dataset", name, _names(registry), "nothing of it could be shared")
        return
    yield from _serves(here, dataset, purpose)
    if name in sharing.people:
        whom = sharing.people[name]
        yield from unknown((*path, "people", name), "person slot", whom, dataset.people, "no row would be found by it")
    if dataset.floor:
        yield from _receives(here, f"being in it is '{dataset.floor}'", dataset.floor, recipient, purpose, registry)
    for column in columns:
        yield from unknown(here, "column", column, dataset.columns, "it could not be shared")
        if column not in dataset.columns:
            continue
        category = dataset.columns[column].category
        declared = registry.category.get(category)
        if declared is not None and declared.tier == "identity" and sharing.form != "identifiable":
            yield Finding(
                here, f"'{column}' identifies people, and the form is {sharing.form}",
                "it would undo the form", f"take '{column}' out, or agree on the identifiable form",
            )  # fmt: skip
        yield from _receives(here, f"'{column}' is '{category}'", category, recipient, purpose, registry)


def _tells(registry: Registry, field: str) -> set[str]:
    """Name the categories of which one has to be agreed for a field of a resident: what it is made of, or of places."""
    kind = {"age": "date_of_birth", "sex": "sex"}.get(field, "postcode")
    columns = (column for dataset in registry.datasets() for column in dataset.columns.values())
    found = {column.category for column in columns if column.identifies == kind}
    if kind == "postcode":
        found |= {name for name, category in registry.category.items() if category.kind == "not_personal"}
    return found


def _receives(
    path: Path, what: str, category: str, recipient: Recipient, purpose: Purpose, registry: Registry
) -> Iterator[Finding]:
    """Find a category that the recipient may not receive, or the purpose does not see."""
    declared = registry.category.get(category)
    if declared is None or declared.kind == "not_personal":
        return
    if category not in recipient.may_receive:
        yield Finding(
            path, f"{what}, which recipient '{recipient.name}' may not receive",
            "no more is shared than was agreed (UK GDPR Art 5(1)(c))", "take it out, or agree on it first",
        )  # fmt: skip
    if category not in purpose.categories:
        yield Finding(
            path, f"{what}, which purpose '{purpose.name}' does not see",
            "the gate would refuse it", "take it out, or use a purpose that sees it",
        )  # fmt: skip


def _serves(path: Path, dataset: Dataset, purpose: Purpose) -> Iterator[Finding]:
    if not dataset.open and purpose.name not in dataset.purposes:
        yield Finding(
            path, f"'{dataset.full_name}' does not serve purpose '{purpose.name}'",
            "the gate would refuse it", "agree on the purpose with its supplier first",
        )  # fmt: skip
    if dataset.open or dataset.anonymised:
        yield Finding(path, f"'{dataset.full_name}' is about nobody", "an extract is about people", "take it out")


def _anonymous(path: Path, sharing: Sharing) -> Iterator[Finding]:
    given = {column for columns in sharing.fields.values() for column in columns}
    for name in sharing.sensitive:
        yield from unknown((*path, "sensitive"), "field", name, given, "it is not in the extract")
    if sharing.form != "anonymous":
        if sharing.sensitive or sharing.k is not None:
            yield Finding(
                path, "has k or sensitive fields, and is not anonymous", "they say how records without a reference are"
                " checked", 'write form = "anonymous", or take them out',
            )  # fmt: skip
        return
    if len(sharing.shared_columns()) > 1:
        yield Finding(
            (*path, "fields"), "names more than one dataset", "without a reference their rows could not be joined",
            "take one dataset, beside what 'resident' tells",
        )  # fmt: skip
    if len(given) != sum(len(columns) for columns in sharing.fields.values()):
        yield Finding((*path, "fields"), "names a field twice", "one would hide the other", "take one of them out")
    if given <= set(sharing.sensitive):
        yield Finding(
            (*path, "sensitive"), "names every field", "then nothing is left by which k could be judged",
            "leave out what is known of people elsewhere",
        )  # fmt: skip


def _dataset(registry: Registry, name: str) -> Dataset | None:
    return next((each for each in registry.datasets() if each.full_name == name), None)


def _names(registry: Registry) -> list[str]:
    return [each.full_name for each in registry.datasets()]
