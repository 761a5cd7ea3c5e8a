"""Failures as documents (RFC 9457, application/problem+json): the same words that a page would say, for programs.

Must never hold a value that was sent: a refused value may be somebody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from almoner.kernel.errors import AlmonerError

MEDIA_TYPE = "application/problem+json"
ROOT = "/api/"
"""Below this programs are answered, not people: with documents, failures among them."""
AT_THE_TERMINAL = ("almoner ", "registry/")
"""What only helps at the command line is not said to a browser or a program."""


def wants_documents(request: HttpRequest) -> bool:
    """Say whether a request is answered with documents."""
    return request.path.startswith(ROOT) and request.path != ROOT


def for_readers(words: str) -> str:
    """Give a hint, unless it is one for the command line."""
    return "" if any(each in words for each in AT_THE_TERMINAL) else words


def problem(
    status: int,
    title: str,
    error: AlmonerError | None = None,
    *,
    cause: str = "",
    faults: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """Make the document of a failure. In: faults: a field's name as it is declared, and what is wrong with it."""
    cause = cause or (error.cause if error is not None else "")
    said: dict[str, Any] = {
        "type": f"{ROOT}#{cause}" if cause else "about:blank",
        "title": title,
        "status": status,
        "detail": error.message if error is not None else "",
        "why": for_readers(error.why) if error is not None else "",
        "todo": for_readers(error.todo) if error is not None else "",
        "faults": [{"field": name, "fault": fault} for name, fault in faults],
    }
    answer = JsonResponse(said, status=status, content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer
