"""Every address for programs is declared here, as a page is: who may ask, for which purpose, what it leaves in the log.

An address is a page like any other, so whoever is not allowed is refused before anything is read; django-ninja only
reads what was sent, checks what is answered and describes both. Must never let a value that was sent into a failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from almoner.web.pages import Need, Page, Visit, add_page
from almoner.web.problems import ROOT, problem

API = NinjaAPI(
    title="Almoner", version="1", openapi_url=None, docs_url=None, urls_namespace="api",
    description="What the pages show, for programs, with the same permits, refusals and audit.",
)  # fmt: skip
FAULTS = {
    "missing": "is missing", "extra_forbidden": "is not known", "string_too_long": "is too long",
    "string_too_short": "is too short", "string_pattern_mismatch": "is not written as it must be",
    "greater_than_equal": "is too small", "less_than_equal": "is too large", "literal_error": "is none of the words",
    "enum": "is none of the words", "string_unicode": "has characters that are none",
}  # fmt: skip
"""What is wrong with a value, by pydantic's name for it, in words that hold nothing of it."""
OTHERWISE = "is not of the right kind"
UNREADABLE = "The document can't be read."

View = Callable[..., Any]


def route(
    path: str, *, need: Need, purpose: str, answers: Any, audit: str = "", post: bool = False, personal: bool = False
) -> Callable[[View], View]:
    """Declare an address for programs. Its name is the function's.

    In: path: below ROOT. answers: the shape of the document. post: it takes a document, else it is only asked for.
    """
    part = path.partition("/")[0]

    def declare(view: View) -> View:
        name, methods = view.__name__, ("POST",) if post else ("GET",)
        API.api_operation(
            [*methods], "/" + re.sub(r"<str:(\w+)>", r"{\1}", path), response=answers, operation_id=name,
            summary=purpose, tags=[part], url_name=name,
        )(view)  # fmt: skip

        def answer(visit: Visit, /, **named: str) -> HttpResponse:
            return _run(name, visit, named)

        add_page(Page(name, ROOT[1:] + path, answer, need, purpose, audit, methods, personal, fresh=False, data=True))
        return view

    return declare


def visit_of(request: HttpRequest) -> Visit:
    """Give the visit that a request is."""
    return cast(Visit, cast(Any, request).visit)


@cache
def _operations() -> dict[str, Callable[..., HttpResponse]]:
    return {each.name: each.callback for each in API.urls[0] if each.name}


def _run(name: str, visit: Visit, named: dict[str, str]) -> HttpResponse:
    request = visit.request
    cast(Any, request).visit = visit
    if request.method == "HEAD":
        request.method = "GET"
    if request.method == "POST" and request.content_type != "application/json":
        return problem(415, "That is no document", cause="content_type")
    return _operations()[name](request, **named)


@API.exception_handler(ValidationError)
def _misshapen(request: HttpRequest, error: Any) -> HttpResponse:
    """Say which of the declared fields are wrong, and how; never what was in them, nor the name of another."""
    declared = _names_of(visit_of(request).page.name)
    faults = []
    for each in error.errors:
        names = [str(part) for part in each["loc"] if str(part) in declared]
        faults.append((names[-1] if names else "", FAULTS.get(each["type"], OTHERWISE)))
    return problem(422, "That can't be understood", cause="shape", faults=list(dict.fromkeys(faults)))


@API.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code, UNREADABLE, cause="document")


@API.exception_handler(Http404)
def _nothing_there(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(404, "There is nothing at this address")


@cache
def _names_of(name: str) -> frozenset[str]:
    """Name every field that an address takes."""
    document: dict[str, Any] = API.get_openapi_schema(path_prefix=ROOT)
    operation = next(
        each for path in document["paths"].values() for each in path.values() if each["operationId"] == name
    )
    named = {each["name"] for each in operation["parameters"]}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    reference = body.get("$ref", "").rpartition("/")[2]
    return frozenset(named | set(document["components"]["schemas"].get(reference, body).get("properties", {})))
