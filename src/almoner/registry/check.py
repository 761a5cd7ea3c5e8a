"""Checks what the declarations say of one another: every fault at once, each with place, reason and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from almoner.registry.check_datasets import dataset_findings
from almoner.registry.check_expectations import expectation_findings
from almoner.registry.check_measures import measure_findings
from almoner.registry.check_performance import performance_findings
from almoner.registry.check_releasing import release_findings
from almoner.registry.check_sharing import sharing_findings
from almoner.registry.findings import Finding, unknown
from almoner.registry.load import Fault, Loaded, Origin, read_registry
from almoner.registry.registry import Registry


@dataclass(frozen=True)
class CheckResult:
    """The faults of a registry, and the registry if it could be made."""

    registry: Registry | None
    faults: tuple[Fault, ...]


def check_registry(directory: Path) -> CheckResult:
    """Find every fault of the registry below a directory."""
    loaded = read_registry(directory)
    registry = loaded.registry or loaded.rest
    if registry is None:
        return CheckResult(None, _in_order(loaded.faults))
    faults = [*loaded.faults, *_cross_faults(registry, loaded)]
    return CheckResult(loaded.registry if not faults else None, _in_order(faults))


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.where, fault.what)))


def _cross_faults(registry: Registry, loaded: Loaded) -> Iterator[Fault]:
    for finding in (
        *_references(registry),
        *_purpose_findings(registry),
        *_despite_findings(registry),
        *_agreement_findings(registry),
        *release_findings(registry),
        *sharing_findings(registry),
        *(found for dataset in registry.datasets() for found in dataset_findings(registry, dataset)),
        *(found for dataset in registry.datasets() for found in expectation_findings(registry, dataset)),
    ):
        if not any(f"'{name}'" in finding.what for name in loaded.left_out):
            yield _to_fault(finding, loaded.origin)


def _to_fault(finding: Finding, origin: Origin) -> Fault:
    file, line = origin.find(finding.path)
    shown = [str(part) for part in finding.path]
    return Fault(file, line, ".".join(shown), finding.what, finding.why, finding.todo)


def _references(registry: Registry) -> Iterator[Finding]:
    for name, purpose in registry.purpose.items():
        path = ("purpose", name)
        yield from unknown(
            (*path, "lawful_basis"), "lawful basis", purpose.lawful_basis, registry.lawful_basis,
            "a purpose without a lawful basis is unlawful (UK GDPR Art 6)",
        )  # fmt: skip
        for key in ("special_category_condition", "criminal_offence_condition"):
            condition = getattr(purpose, key)
            if condition is not None:
                yield from unknown(
                    (*path, key), "condition", condition, registry.condition, "sensitive data needs a condition"
                )
        for category in purpose.categories:
            yield from unknown(
                (*path, "categories"), "category", category, registry.category, "the purpose could never see it"
            )
    for name, role in registry.role.items():
        for purpose_name in role.purposes:
            yield from unknown(
                ("role", name, "purposes"), "purpose", purpose_name, registry.purpose, "the role would give nothing"
            )
    for name, project in registry.project.items():
        yield from unknown(
            ("project", name, "purpose"), "purpose", project.purpose, registry.purpose, "its permits hang on it"
        )
        for dataset_name in project.datasets:
            known = {dataset.full_name for dataset in registry.datasets()}
            yield from unknown(
                ("project", name, "datasets"), "dataset", dataset_name, known, "the project would see nothing of it"
            )
    for name, recipient in registry.recipient.items():
        path = ("recipient", name)
        yield from unknown(
            (*path, "agreement"), "agreement", recipient.agreement, registry.agreement,
            "nothing may be shared without an agreement",
        )  # fmt: skip
        for purpose_name in recipient.purposes:
            yield from unknown(
                (*path, "purposes"), "purpose", purpose_name, registry.purpose, "a release states its purpose"
            )
        for category in recipient.may_receive:
            yield from unknown(
                (*path, "may_receive"), "category", category, registry.category, "a release is limited to categories"
            )
    yield from measure_findings(registry)
    yield from performance_findings(registry)


def _purpose_findings(registry: Registry) -> Iterator[Finding]:
    for name, purpose in registry.purpose.items():
        kinds = {registry.category[c].kind for c in purpose.categories if c in registry.category}
        wanted = [
            ("special", "special_category_condition", "UK GDPR Art 9(2)"),
            ("criminal", "criminal_offence_condition", "UK GDPR Art 10, DPA 2018 s10(5)"),
        ]
        for kind, key, law in wanted:
            if kind in kinds and getattr(purpose, key) is None:
                yield Finding(
                    ("purpose", name, "categories"), f"sees {kind} category data without a {key}",
                    f"{law} forbids it without a condition", f"add {key}, or take those categories out",
                )  # fmt: skip
            condition = registry.condition.get(getattr(purpose, key) or "")
            if condition is not None and condition.kind != kind:
                yield Finding(
                    ("purpose", name, key), f"condition '{condition.name}' is for {condition.kind} data",
                    f"{law} needs a condition of its own kind", f"use a condition with kind = \"{kind}\"",
                )  # fmt: skip


def _despite_findings(registry: Registry) -> Iterator[Finding]:
    """Whoever sees rows before it is known whose they are can't leave out those who restricted or objected."""
    for name, purpose in registry.purpose.items():
        for key in ("joins_records", "mends_quarantine"):
            if getattr(purpose, key) and not purpose.despite_restriction:
                yield Finding(
                    ("purpose", name, key), f"{key}, but is not declared to go on despite a restriction",
                    "it sees rows before anybody knows whose they are, so that it could leave nobody out",
                    "add despite_restriction = true, and say in the notice why it goes on (UK GDPR Art 18(2))",
                )  # fmt: skip


def _agreement_findings(registry: Registry) -> Iterator[Finding]:
    for name, agreement in registry.agreement.items():
        path = ("agreement", name)
        if agreement.expires_on <= agreement.signed_on:
            yield Finding(
                (*path, "expires_on"), "expires before it was signed", "it would never be in force", "mend the dates"
            )
        for purpose in agreement.purposes:
            yield from unknown(
                (*path, "purposes"), "purpose", purpose, registry.purpose, "the agreement permits nothing by it"
            )
    for name, source in registry.source.items():
        path = ("source", name)
        yield from unknown(
            (*path, "agreement"), "agreement", source.agreement, registry.agreement,
            "without an agreement nothing may be taken in",
        )  # fmt: skip
        yield from unknown(
            (*path, "retention"), "retention rule", source.retention, registry.retention,
            "personal data may not be kept without limit (UK GDPR Art 5(1)(e))",
        )  # fmt: skip
