"""Rules about data: deny by default over purpose × category × form × agreement × retention.

`check_x` raises with a reason, an owner and a remedy; `x_refusal` gives the reason or None. Who asks is for
`permissions`.
"""

from __future__ import annotations

import datetime as dt

from almoner.governance.permit import Permit
from almoner.governance.references import pointing_refusal
from almoner.governance.shared import check_sharing_permit, shared_column_refusal, shared_dataset_refusal
from almoner.kernel.errors import AccessRefused
from almoner.registry.datasets import Column, Dataset
from almoner.registry.governing import Category, Purpose
from almoner.registry.registry import Registry

FORM_RANK = {"aggregate": 0, "pseudonymised": 1, "identifiable": 2}
"""How much a form shows of a person."""


def check_permit(registry: Registry, permit: Permit, now: dt.datetime, *, searching: bool = False) -> Purpose:
    """Refuse a permit that is not in force or asks for more than its purpose gives.

    Raises: AccessRefused.
    """
    purpose = registry.purpose.get(permit.purpose)
    if purpose is None:
        raise _refused(f"Purpose '{permit.purpose}' is not declared.", "It is not in the notice.", "Declare it first.")
    if not permit.in_force(now):
        raise _refused(
            f"Permit {permit.id} is not in force ({permit.state}, until {permit.expires_at:%Y-%m-%d %H:%M} UTC).",
            "Every permit ends.",
            "Ask for a new one: 'almoner permit request'.",
        )
    if FORM_RANK[permit.form] > FORM_RANK[purpose.form]:
        raise _refused(
            f"Purpose '{purpose.name}' gives the {purpose.form} form, not the {permit.form} one.",
            "Data is used in the least identifying form that serves the purpose (UK GDPR Art 5(1)(c)).",
            f"Ask for a permit of the {purpose.form} form.",
        )
    if purpose.scope == "one_person" and not permit.subjects and not searching:
        raise _refused(
            f"Purpose '{purpose.name}' is about one person at a time.", "It never gives a list.", "Name the person."
        )
    check_project(registry, purpose, permit.project, now.date())
    check_sharing_permit(registry, permit, now.date())
    return purpose


def check_project(registry: Registry, purpose: Purpose, named: str | None, today: dt.date) -> None:
    """Refuse, for a purpose that hangs on the project register, unless a running project of that purpose is named.

    Raises: AccessRefused, naming the projects that would do.
    """
    if purpose.project != "required":
        return
    project = registry.project.get(named or "")
    if project is None or project.purpose != purpose.name:
        fitting = [each.name for each in registry.project.values() if each.purpose == purpose.name]
        raise _refused(
            f"Purpose '{purpose.name}' needs a project of the project register.",
            "Research and evaluation need a question, a DPIA and an approver before data.",
            f"Name one of its projects with --project: {', '.join(fitting)}."
            if fitting
            else "Declare one in registry/projects.toml.",
        )
    if not project.starts_on <= today <= project.ends_on:
        raise _refused(
            f"Project '{project.name}' runs from {project.starts_on} to {project.ends_on}.",
            "A project has an end, and its data with it.",
            f"Its approver is {project.approved_by}: extend it in registry/projects.toml.",
        )


def dataset_refusal(  # noqa: PLR0911 -- one line for each reason
    registry: Registry, permit: Permit, dataset: Dataset, today: dt.date
) -> str | None:
    """Say why a permit does not give a dataset at all, or None."""
    if dataset.open:
        return None
    purpose = registry.purpose[permit.purpose]
    owner = registry.source_of(dataset).owner
    if permit.purpose not in dataset.purposes:
        return f"'{dataset.full_name}' is not permitted for purpose '{permit.purpose}' (owner: {owner})"
    agreement = registry.agreement_of(dataset)
    if agreement is None:
        return f"'{dataset.full_name}' has no agreement (owner: {owner})"
    if today > agreement.expires_on:
        return f"agreement '{agreement.name}' lapsed on {agreement.expires_on} (owner: {agreement.owner})"
    if today < agreement.signed_on:
        return f"agreement '{agreement.name}' starts on {agreement.signed_on} (owner: {agreement.owner})"
    if permit.purpose not in agreement.purposes:
        return f"agreement '{agreement.name}' does not permit '{permit.purpose}' (owner: {agreement.owner})"
    project = registry.project.get(permit.project or "")
    if project is not None and project.datasets and dataset.full_name not in project.datasets:
        return f"project '{project.name}' does not name '{dataset.full_name}' (approver: {project.approved_by})"
    if (
        dataset.floor is not None
        and not purpose.joins_records
        and (reason := category_refusal(registry.category[dataset.floor], purpose))
    ):
        return f"that somebody is in '{dataset.full_name}' is itself {dataset.floor}: {reason}"
    if dataset.employer and purpose.scope == "one_person" and not purpose.sees_whereabouts:
        return f"'{dataset.full_name}' is about the council's own staff and never enters the single view"
    return shared_dataset_refusal(registry, permit, dataset)


def reviewing_refusal(  # noqa: PLR0911 -- one line for each reason
    registry: Registry, permit: Permit, dataset: Dataset, today: dt.date, names: tuple[str, ...] = ()
) -> str | None:
    """Say why a permit does not tell which rows of a dataset miss what is expected of them, or None.

    No value is shown, so categories and floor do not matter; the supplier's agreement has to name the purpose.
    """
    if not registry.purpose[permit.purpose].mends_quarantine:
        return f"purpose '{permit.purpose}' does not review the quality of data"
    if unknown := [name for name in names if name not in dataset.expectations]:
        return f"nothing is expected of '{dataset.full_name}' under the name {', '.join(unknown)}"
    if dataset.open:
        return None
    agreement = registry.agreement_of(dataset)
    owner = registry.source_of(dataset).owner
    if agreement is None:
        return f"'{dataset.full_name}' has no agreement (owner: {owner})"
    if not agreement.signed_on <= today <= agreement.expires_on:
        return f"agreement '{agreement.name}' is not in force (owner: {agreement.owner})"
    if permit.purpose not in agreement.purposes:
        return f"agreement '{agreement.name}' does not permit '{permit.purpose}' (owner: {agreement.owner})"
    return None


def category_refusal(category: Category, purpose: Purpose) -> str | None:
    """Say why a purpose does not see a category, or None."""
    if category.kind == "not_personal":
        return None
    if category.name not in purpose.categories:
        return f"purpose '{purpose.name}' does not see category '{category.name}'"
    if category.kind == "special" and purpose.special_category_condition is None:
        return f"purpose '{purpose.name}' has no condition for special category data (UK GDPR Art 9)"
    if category.kind == "criminal" and purpose.criminal_offence_condition is None:
        return f"purpose '{purpose.name}' has no condition for criminal offence data (UK GDPR Art 10)"
    return None


def column_refusal(registry: Registry, permit: Permit, column: Column) -> str | None:
    """Say why a permit does not give a column of a dataset that it gives, or None."""
    category = registry.category[column.category]
    if permit.form != "identifiable" and category.tier == "identity":
        return f"'{column.name}' identifies, and the permit is {permit.form}"
    return category_refusal(category, registry.purpose[permit.purpose])


def identity_refusal(registry: Registry, permit: Permit, kinds: frozenset[str]) -> str | None:
    """Say why a permit does not give standardised identity of these kinds ('surname', 'uprn', …), or None.

    The categories are those which the registry gives to columns that identify so.
    """
    if permit.form != "identifiable":
        return f"the permit is {permit.form}"
    purpose = registry.purpose[permit.purpose]
    columns = (column for dataset in registry.datasets() for column in dataset.columns.values())
    needed = {column.category for column in columns if column.identifies in kinds}
    missing = sorted(name for name in needed if category_refusal(registry.category[name], purpose))
    return f"purpose '{purpose.name}' does not see: {', '.join(missing)}" if missing else None


def check_columns(
    registry: Registry, permit: Permit, dataset: Dataset, columns: tuple[str, ...], today: dt.date
) -> None:
    """Refuse unless the permit gives every one of these columns of a dataset.

    Raises: AccessRefused with all reasons.
    """
    whole = dataset_refusal(registry, permit, dataset, today)
    unknown = [name for name in columns if name not in dataset.columns]
    if unknown:
        raise _refused(
            f"'{dataset.full_name}' has no column {', '.join(unknown)}.",
            "What is not declared can't be read.",
            f"Its columns: {', '.join(dataset.columns)}.",
        )
    refusals = [whole] if whole else []
    if not refusals:
        found = (_refusal_of(registry, permit, dataset, name) for name in columns)
        refusals = [reason for reason in found if reason]
    if refusals:
        source = registry.source_of(dataset)
        raise _refused(
            f"The gate refuses: {'; '.join(refusals)}.",
            "Data is used only as the notice, the agreement and the purpose say.",
            f"If it is needed, ask {source.owner} (owner of '{source.title}') and the Data Protection Officer.",
        )


def readable_columns(registry: Registry, permit: Permit, dataset: Dataset, today: dt.date) -> tuple[str, ...]:
    """List the columns of a dataset that a permit gives: none if it gives the dataset not at all."""
    if dataset_refusal(registry, permit, dataset, today) is not None:
        return ()
    return tuple(name for name in dataset.columns if _refusal_of(registry, permit, dataset, name) is None)


def _refusal_of(registry: Registry, permit: Permit, dataset: Dataset, name: str) -> str | None:
    by_kind = column_refusal(registry, permit, dataset.columns[name])
    by_kind = by_kind or shared_column_refusal(registry, permit, dataset, name)
    return by_kind or pointing_refusal(registry, permit, dataset, name)


def _refused(what: str, why: str, todo: str) -> AccessRefused:
    return AccessRefused(what, why=why, todo=todo)
