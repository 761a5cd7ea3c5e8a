"""Writes the reference of sharing from its data: states of an extract, and what may happen in which."""

from __future__ import annotations

from almoner.sharing.machine import machine

WHO = {
    "anybody": "anybody with the right",
    "second": "a second person, who has neither asked for it, nor checked, nor sent it",
}


def extract_states_page() -> str:
    """Give the page of states and transitions."""
    told = machine()
    lines = ["# States of an extract", "", "```mermaid", "stateDiagram-v2"]
    for each in told.transition:
        for source in each.sources or ("[*]",):
            if each.to and each.to != source:
                lines.append(f"    {source} --> {each.to}: {each.action}")
    lines += ["```", "", "## States", "", "| State | Meaning | Open |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {each.meaning} | {'yes' if each.open else 'no'} |" for name, each in told.state.items()]
    lines += ["", "## What may happen", "", "| What happens | From | To | Right | Who |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for each in told.transition:
        sources = ", ".join(f"`{name}`" for name in each.sources) or "nothing"
        to = f"`{each.to}`" if each.to else "the same"
        lines.append(f"| `{each.action}` | {sources} | {to} | `{each.right}` | {WHO[each.who]} |")
    lines += [
        "",
        "`almoner share check` leads to `checked`, or by `fail` back to `requested`. What was `sent` has to be",
        "destroyed on the day that was agreed: `almoner share due` lists it until it is `confirmed`.",
    ]
    return "\n".join(lines) + "\n"
