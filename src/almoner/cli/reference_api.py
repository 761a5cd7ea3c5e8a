"""Writes the reference of the addresses for programs, from the OpenAPI document that the application serves."""

from __future__ import annotations

HEAD = """# Addresses for programs

What the pages show, as JSON: with the same permits, refusals and audit. A running application describes them in
OpenAPI at `/api/openapi.json`, and to people at `/api/`. [How to use them](../how-to/use-the-api.md); who may ask which
stands in [Pages](pages.md), where they are pages like any other.
"""
FAILURES = """## Failures

A failure is a document of the kind `application/problem+json` (RFC 9457): `title`, `detail`, `why`, `todo`, and in
`faults` which fields were wrong. It holds nothing that was sent.

| Status | Meaning |
| ---: | --- |"""


def api_page() -> str:
    """Give the page: each address with what it needs, takes and answers."""
    from almoner.web.declared import all_pages

    all_pages()
    from almoner.web.api.document import MEANINGS, operations

    lines = [HEAD]
    for each in operations():
        lines += [f"## `{each.method} {each.path}`", "", f"{each.page.purpose}. {each.description}", ""]
        log = f"; leaves `{each.page.audit}` in the audit log" if each.page.audit else ""
        lines.append(f"- Needs {each.page.need}{log}{'; shows people' if each.page.personal else ''}.")
        for field in each.fields:
            need = ", required" if field.required else ""
            told = f": {field.description}" if field.description else ""
            lines.append(f"- Takes `{field.name}` in the {field.place} ({field.kind}{need}){told}")
        lines += [f"- Answers {each.answer}.", ""]
    rows = [f"| {status} | {meaning} |" for status, meaning in MEANINGS.items()]
    return "\n".join([*lines, FAILURES, *rows]) + "\n"
