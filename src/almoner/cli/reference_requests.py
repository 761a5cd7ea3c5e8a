"""Writes the references of requests from their data: states of a case, clocks, and what may be refused and why."""

from __future__ import annotations

from almoner.requests.casework.exemptions import exemptions
from almoner.requests.casework.machine import Machine, Transition, machine
from almoner.requests.clocks.declared import clocks
from almoner.requests.letters.wording import letter_names

GROUPS = {"foi": "`almoner foi`", "rights": "`almoner rights`"}
WHO = {
    "anybody": "anybody with the right",
    "second": "a second person, who has neither decided nor recorded an exemption or an estimate",
    "fresh": "somebody fresh, who has neither decided nor approved",
}
LAWS = {
    "foi": "Freedom of Information Act 2000", "eir": "Environmental Information Regulations 2004",
    "access": "Subject access: Data Protection Act 2018", "rectification": "Rectification", "erasure": "Erasure",
    "restriction": "Restriction", "portability": "Portability", "objection": "Objection", "any_right": "Any right",
}  # fmt: skip


def case_states_page() -> str:
    """Give the page of kinds, states, outcomes and transitions."""
    told = machine()
    lines = ["# States of a case", "", *_kinds(told), "", *_diagram(told), "", "## States", ""]
    lines += ["| State | Meaning | Open |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {each.meaning} | {'yes' if each.open else 'no'} |" for name, each in told.state.items()]
    lines += ["", "## What may happen", "", "| What happens | From | To | To which cases | Right | Who | Letter |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |", *(_row(each) for each in told.transition)]
    lines += ["", "## Outcomes", "", "| Outcome | Meaning | For | Second person | Needs | Forbids |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for outcome in told.outcome.values():
        lines.append(
            f"| `{outcome.name}` | {outcome.title} | {_names(outcome.kinds)} "
            f"| {'yes' if outcome.second_person else 'no'} | {_plain(outcome.needs)} | {_plain(outcome.forbids)} |"
        )
    lines += ["", f"Letters: {_names(letter_names())}."]
    return "\n".join(lines) + "\n"


def _kinds(told: Machine) -> list[str]:
    lines = [
        "## Kinds",
        "",
        "| Kind | Title | Command | Reference | Clock | Law |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{each.name}` | {each.title} | {GROUPS[each.group]} | `{each.prefix}-…` | `{each.clock}` | {each.source} |"
        for each in told.kind.values()
    ]
    return lines


def _diagram(told: Machine) -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2"]
    for each in told.transition:
        for source in each.sources or ("[*]",):
            if each.to and each.to != source:
                lines.append(f"    {source} --> {each.to}: {each.action}")
    return [*lines, "    received --> approved: decide, where no second person is needed", "```"]


def _row(each: Transition) -> str:
    whom = _names(each.kinds) or ", ".join(GROUPS[group] for group in each.groups) or "all"
    to = f"`{each.to}`" if each.to else "stays"
    return (
        f"| {each.action} | {_names(each.sources) or 'nothing'} | {to} | {whom} | `{each.right}` | {WHO[each.who]} "
        f"| {each.letter or ''} |"
    )


def _names(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _plain(text: str) -> str:
    return {"over_limit": "an estimate above the limit", "exemption": "an exemption"}.get(text, "")


def clocks_page() -> str:
    """Give the page of clocks and of exemptions."""
    lines = [
        "# Clocks and exemptions of requests", "",
        "Each date is explained by the product in words.",
        "Cases that anybody can read and add to are in `tests/spec/clocks/`.", "", "## Clocks", "",
        "| Clock | For | Length | First day | Bank holidays | Starts anew with | Stands still for | Basis | Source |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for each in clocks().values():
        whose = "any part of the United Kingdom" if each.calendar == "any_part" else "the council’s nation"
        first = "that of the event" if each.first_day == "receipt" else "the one after"
        lines.append(
            f"| `{each.name}` | {each.title} | {each.words().lower()} | {first} | {whose} | {', '.join(each.restarts)} "
            f"| {', '.join(each.pauses)} | {each.basis} | {each.source} |"
        )
    lines += ["", "## Exemptions", ""]
    for law, declared in exemptions().items():
        lines += [f"### {LAWS[law]}", "", "| Code | What | Kind | Needs |", "| --- | --- | --- | --- |"]
        for exemption in declared.values():
            needs = [
                *(["the harm"] if exemption.harm else []),
                *(["an opinion"] if exemption.opinion else []),
                *(["the public-interest test"] if exemption.kind == "qualified" else []),
            ]
            told = ", ".join(["a reason", *needs])
            lines.append(f"| `{exemption.code}` | {exemption.title} | {exemption.kind} | {told} |")
        lines.append("")
    return "\n".join(lines)
