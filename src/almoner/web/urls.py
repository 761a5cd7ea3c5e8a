"""The addresses: one for each declared page, and no other."""

from __future__ import annotations

from django.urls import path

from almoner.web import failures, home
from almoner.web.analysts import answers, asking, drawing, permits, workspaces
from almoner.web.api import governing, guide, people, public, signed_in
from almoner.web.figures import compare, measures, profiles, quality, style
from almoner.web.front_line import caseload, contesting, emergency, household, mistakes, place, record, search, urgent
from almoner.web.governance import (
    access,
    audit_log,
    deliveries,
    emergencies,
    feedback_read,
    links,
    mistakes_read,
    notice_drift,
    overview,
    permits_in_force,
    registry_pages,
    release_approval,
    rights_carried_out,
    sharing,
    subject_access,
    work,
)
from almoner.web.pages import PAGES
from almoner.web.public import feedback, notice, releases, statements, transparency
from almoner.web.signing_in import local, oidc, session

DECLARING = (
    home, notice, feedback, releases, transparency, statements, session, local, oidc, search, record, household,
    emergency, mistakes, overview, registry_pages, notice_drift, deliveries, audit_log, emergencies, release_approval,
    mistakes_read, feedback_read, style, measures, compare, profiles, quality,
    asking, answers, drawing, workspaces, permits, permits_in_force,
    guide, public, signed_in, people, governing,
    caseload, place, contesting, links, access, subject_access, rights_carried_out, work, sharing, urgent,
)  # fmt: skip
"""Modules that declare pages."""

urlpatterns = [path(each.path, each.answer, name=each.name) for each in PAGES.values()]

handler400 = failures.bad_request
handler403 = failures.forbidden
handler404 = failures.not_found
handler500 = failures.server_error
