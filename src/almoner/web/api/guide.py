"""What programs can ask, as a page for people and as an OpenAPI document. Neither loads anything from elsewhere."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse

from almoner.web.api.document import MEANINGS, openapi_document, operations
from almoner.web.pages import EVERYBODY, Visit, page
from almoner.web.rendering import render


@page("api/", need=EVERYBODY, purpose="Saying what programs can ask")
def api_guide(visit: Visit) -> HttpResponse:
    """Show each address: who may ask, what it takes and what it answers."""
    return render(visit, "api/guide.html", title="For programs", operations=operations(), meanings=MEANINGS)


@page("api/openapi.json", need=EVERYBODY, purpose="Describing the addresses for programs", data=True)
def api_document(visit: Visit) -> HttpResponse:
    """Give the OpenAPI document."""
    return JsonResponse(openapi_document())
