"""The release log and what was released: each file is given out only while it is what was published."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.web.pages import EVERYBODY, Visit, page
from almoner.web.rendering import render
from almoner.wiring.publishing import public_files, public_release, public_releases, published_file

KINDS = {
    "csv": "text/csv; charset=utf-8", "json": "application/json", "html": "text/html; charset=utf-8",
    "pdf": "application/pdf", "md": "text/markdown; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@page("releases/", need=EVERYBODY, purpose="Showing what was published, and what was taken back")
def release_log(visit: Visit) -> HttpResponse:
    """Show the release log."""
    found = public_releases(visit.site.workspace)
    return render(visit, "public/release_log.html", title="Published figures", releases=found)


@page("releases/<str:release_id>/", need=EVERYBODY, purpose="Showing a release and its files")
def release_page(visit: Visit, release_id: str) -> HttpResponse:
    """Show a release."""
    found = public_release(visit.site.workspace, release_id)
    return render(
        visit, "public/release.html", title=found.title, release=found, rules=visit.site.workspace.registry.release,
        files=public_files(visit.site.workspace, found), purpose=visit.site.workspace.registry.purpose[found.purpose],
    )  # fmt: skip


@page("releases/<str:release_id>/files/<str:name>", need=EVERYBODY, purpose="Giving out a published file")
def release_file(visit: Visit, release_id: str, name: str) -> HttpResponse:
    """Give out a file of a release, to be kept and not to be run."""
    content = published_file(visit.site.workspace, release_id, name)
    answer = HttpResponse(content, content_type=KINDS.get(name.rpartition(".")[2], "application/octet-stream"))
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
