"""Releases that await a second person: what leaves is seen by somebody who has made none of it."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.kernel.errors import NotFound
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.public.releases import KINDS
from almoner.web.rendering import render
from almoner.wiring.releasing import approving_office_of, book_of

NEED = right("release_approve")


@page("governance/releases/", need=right("release", "release_approve"), purpose="Seeing what is to leave",
      audit="release.list")  # fmt: skip
def release_approvals(visit: Visit) -> HttpResponse:
    """List releases in every state."""
    visit.workspace.note("release.list")
    found = book_of(visit.workspace).releases()
    return render(visit, "governance/releases.html", title="Releases", releases=found)


@page("governance/releases/<str:release_id>/", need=NEED, purpose="Approving what leaves", audit="release.preview",
      forms=True, fresh=True)  # fmt: skip
def release_approval(visit: Visit, release_id: str) -> HttpResponse:
    """Show what would be published; take the approval of exactly that."""
    office = approving_office_of(visit.workspace)
    found, error, words = office.find(release_id), "", visit.field("words", 500)
    if visit.posted:
        if visit.field("looked") != "yes" or len(words) < 10:
            error = "Confirm that you have looked at every file, and say what you looked at"
        else:
            office.approve(release_id, visit.field("digest"), words)
            return go_to("release_approvals")
    return render(
        visit, "governance/release.html", title="Approve a release", release=found,
        files=sorted(office.preview(release_id)),
        own=visit.visitor.actor in found.editors, steps=book_of(visit.workspace).steps(release_id), error=error,
        words=words, status=400 if error else 200,
    )  # fmt: skip


@page("governance/releases/<str:release_id>/preview/<str:name>", need=NEED, purpose="Looking at what would leave",
      audit="release.preview", personal=True, fresh=True)  # fmt: skip
def release_preview(visit: Visit, release_id: str, name: str) -> HttpResponse:
    """Give out a file of a draft to whoever may approve it."""
    files = approving_office_of(visit.workspace).preview(release_id)
    if name not in files:
        raise NotFound("There is no such file.")
    answer = HttpResponse(files[name], content_type=KINDS.get(name.rpartition(".")[2], "application/octet-stream"))
    answer["Content-Disposition"] = f'attachment; filename="unreleased-{name}"'
    return answer
