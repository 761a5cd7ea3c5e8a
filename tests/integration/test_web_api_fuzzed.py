"""Schemathesis asks every address for programs, as each role, for what its document allows and for what it does not.

No failure of ours comes of it: every answer has a status, a kind and a shape that the document declares, and what was
refused is not said again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from almoner.web.site import Site
from tests.integration.test_web_api import opened_handle
from tests.web_visits import BROWSER, HOST, Visitor, served
from tests.workspace_builder import finished_workspace

pytestmark = [pytest.mark.integration, pytest.mark.slow]
load_all_checks()
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip
EXAMPLES = {"worker": 10, "officer": 5, "steward": 3, "": 2}
"""Visitors, with how often each address is asked by them, rightly and wrongly each."""
ALWAYS_THE_SAME = 1
SETUP = {"generation": {"with-security-parameters": False}}
"""Session and token are those of the visitor: what happens without is tested beside the addresses."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a workspace."""
    with served(finished_workspace(tmp_path_factory.mktemp("fuzzed") / "workspace")) as site:
        yield site


Application = Callable[[dict[str, Any], Any], Any]


def as_visitor(visitor: Visitor) -> Application:
    """Give the application as a browser reaches it in which somebody has signed in: over https, with their session."""
    from django.core.handlers.wsgi import WSGIHandler

    handler = WSGIHandler()
    token = visitor.get("/api/session").json().get("token", "")
    known = {
        "wsgi.url_scheme": "https", "HTTP_HOST": HOST, "SERVER_NAME": HOST, "HTTP_X_CSRFTOKEN": token,
        "HTTP_ORIGIN": f"https://{HOST}",
        "HTTP_COOKIE": "; ".join(f"{name}={each.value}" for name, each in visitor.client.cookies.items()),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in BROWSER.items()},
    }  # fmt: skip
    return lambda environment, start: handler({**environment, **known}, start)


@pytest.mark.parametrize("actor", EXAMPLES)
def test_no_document_and_no_question_makes_it_fail(site: Site, actor: str) -> None:
    from almoner.web.api.document import openapi_document

    visitor = Visitor(site, actor)
    known = {"handle": opened_handle(visitor)} if actor == "worker" else {}
    schema = schemathesis.openapi.from_dict(openapi_document(), config=schemathesis.Config.from_dict(SETUP))
    schema.app = as_visitor(visitor)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        can_be_wrong = bool(operation.body or operation.query)  # any text may stand in a path
        often = EXAMPLES[actor] if can_be_wrong or operation.path_parameters else ALWAYS_THE_SAME
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if can_be_wrong else (GenerationMode.POSITIVE,):
            asked += asked_often(operation, mode, often, known)
    assert asked > 40


def asked_often(operation: Any, mode: GenerationMode, often: int, known: dict[str, str]) -> int:
    """Ask an address; give how often."""
    named = {each.name for each in operation.path_parameters}
    count = 0

    @settings(max_examples=often, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        nonlocal count
        count += 1
        if mode is GenerationMode.POSITIVE and count % 2:
            case.path_parameters.update({name: value for name, value in known.items() if name in named})
        answer = case.call_and_validate(checks=CHECKS)
        assert b"Traceback" not in answer.content

    ask()
    return count


def test_a_failure_of_ours_would_be_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from almoner.web.api.document import openapi_document

    monkeypatch.setattr("almoner.web.api.governing.landed", lambda _: [{"rows_in": "many"}])
    schema = schemathesis.openapi.from_dict(openapi_document(), config=schemathesis.Config.from_dict(SETUP))
    schema.app = as_visitor(Visitor(site, "officer"))
    with pytest.raises(BaseExceptionGroup):
        asked_often(schema["/api/governance/deliveries"]["GET"], GenerationMode.POSITIVE, 2, {})
