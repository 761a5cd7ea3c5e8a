"""Writes the reference of the web application's pages: who may open which, from their declarations and the starter."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

HEAD = """# Pages of the web application

Each page declares who may open it, for what, and what opening it leaves in the audit log; whoever is not let in is
refused, and the refusal is logged. This is for the starter registry: [Permissions](permissions.md) says how roles come
by rights and purposes. **Shows people**: no browser and no proxy keeps a copy. What a page shows of a person the gate
decides, not the page.
"""


def pages_page() -> str:
    """Give the page: declarations, and the matrix of pages by roles."""
    from almoner.registry import load_registry
    from almoner.web.declared import all_pages
    from almoner.web.visitor import Visitor

    with as_file(files("almoner.registry") / "starter") as starter:
        roles: dict[str, Any] = load_registry(starter).role
    pages = sorted(all_pages().values(), key=lambda each: each.path)
    lines = [HEAD, "## Declarations", "", "| Page | Address | For | Needs | Leaves in the log | Shows people |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for each in pages:
        path = f"`/{each.path.replace('str:', '')}`"
        needs = f"{each.need}{', and a recent sign-in' if each.fresh else ''}"
        log = f"`{each.audit}`" if each.audit else "nothing"
        shows = "yes" if each.personal else "no"
        lines.append(f"| `{each.name}` | {path} | {each.purpose} | {needs} | {log} | {shows} |")
    names = list(roles)
    lines += [
        "",
        "## Who may open which",
        "",
        f"| Page | nobody | no role | {' | '.join(f'`{name}`' for name in names)} |",
    ]
    lines.append(f"| --- | {' | '.join(':-:' for _ in range(len(names) + 2))} |")
    whom = [Visitor(), Visitor("somebody")]
    whom += [Visitor("x", frozenset({n}), frozenset(r.rights), frozenset(r.purposes)) for n, r in roles.items()]
    for each in pages:
        lines.append(f"| `{each.name}` | {' | '.join('✓' if each.need.met_by(who) else '·' for who in whom)} |")
    return "\n".join(lines) + "\n"
