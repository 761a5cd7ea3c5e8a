"""The OpenAPI document of the addresses for programs: made from their declarations, so it says what they do."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from almoner.web.api.routes import API
from almoner.web.pages import PAGES, Page
from almoner.web.problems import MEDIA_TYPE, ROOT

PROBLEM = {
    "title": "Problem", "type": "object", "description": "A failure (RFC 9457). It holds nothing that was sent.",
    "required": ["type", "title", "status", "detail", "why", "todo", "faults"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "why": {"type": "string"}, "todo": {"type": "string"},
        "faults": {"type": "array", "items": {
            "type": "object", "required": ["field", "fault"], "additionalProperties": False,
            "properties": {"field": {"type": "string"}, "fault": {"type": "string"}},
        }},
    },
}  # fmt: skip
MEANINGS = {
    400: "It can't be done as it was asked, or can't be read.",
    401: "Nobody has signed in, or the session is over.",
    403: "Not with these roles or this permit, or without the session's token. It is logged.",
    404: "There is no such thing, or not in this session.",
    405: "Not by this method.",
    409: "Not now: something else is going on.",
    415: "What was sent is not application/json.",
    422: "What was sent is not of the shape that is asked for.",
    503: "Something does not work here.",
}
"""What a failure means, by its status."""


@dataclass(frozen=True)
class Field:
    """Something that an address takes: where it stands, whether it must be there, and what it is."""

    name: str
    place: str
    required: bool
    kind: str
    description: str


@dataclass(frozen=True)
class Operation:
    """An address as it is told to people."""

    page: Page
    method: str
    path: str
    description: str
    fields: tuple[Field, ...]
    answer: str


@cache
def openapi_document() -> dict[str, Any]:
    """Make the document."""
    made: dict[str, Any] = copy.deepcopy(dict(API.get_openapi_schema(path_prefix=ROOT)))
    made["components"]["schemas"]["Problem"] = PROBLEM
    made["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session",
                    "description": "The session of somebody who has signed in with a browser."},
        "token": {"type": "apiKey", "in": "header", "name": "X-CSRFToken",
                  "description": "The token that 'session' gives, with its cookie: whatever is sent needs it."},
    }  # fmt: skip
    for path, method, operation in _each(made):
        page = PAGES[operation["operationId"]]
        sends = method == "post"
        told = [400, *([] if page.need.kind == "nothing" else [401]), 403, 404, 405, 409, 422, 503]
        for status in sorted({*told, *([415] if sends else [])}):
            operation["responses"][str(status)] = {
                "description": MEANINGS[status],
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        operation["responses"] = {str(status): each for status, each in operation["responses"].items()}
        if page.need.kind != "nothing":
            operation["security"] = [{"session": [], **({"token": []} if sends else {})}]
        operation["x-needs"] = str(page.need).replace("`", "'")
        operation["x-leaves-in-the-log"] = page.audit
        operation["x-shows-people"] = page.personal
        assert path.startswith(ROOT)
    return made


def operations() -> list[Operation]:
    """List the addresses as people read of them."""
    made = openapi_document()
    found = []
    for path, method, operation in _each(made):
        fields = [
            Field(each["name"], {"query": "address", "path": "path"}[each["in"]], each["required"],
                  _kind(each["schema"]), each.get("description", ""))
            for each in operation["parameters"]
        ]  # fmt: skip
        fields += _sent(made, operation)
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        found.append(
            Operation(PAGES[operation["operationId"]], method.upper(), path, operation["description"], tuple(fields),
                      _answer(made, answer))
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.page.need.kind != "nothing", each.path))


def _each(made: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, each) for path, methods in made["paths"].items() for method, each in methods.items()]


def _sent(made: dict[str, Any], operation: dict[str, Any]) -> list[Field]:
    if "requestBody" not in operation:
        return []
    shape = _resolved(made, operation["requestBody"]["content"]["application/json"]["schema"])
    return [
        Field(name, "document", name in shape.get("required", ()), _kind(each), each.get("description", ""))
        for name, each in shape["properties"].items()
    ]


def _resolved(made: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (
        made["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    )
    return found


def _answer(made: dict[str, Any], schema: dict[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in _resolved(made, schema)["properties"])


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{each}`" if each else "nothing" for each in schema["enum"])
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None:
        return f"{schema['type']}, {least:,} to {most:,}"
    longest = schema.get("maxLength")
    return f"{schema.get('type', 'text')}{f', at most {longest} characters' if longest else ''}"
