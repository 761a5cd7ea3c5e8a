"""People's rights in force: decisions of cases carried out, what became of corrections at their sources, lifting."""

from __future__ import annotations

from django.http import HttpResponse

from almoner.governance.in_force import objected_to
from almoner.kernel.errors import AlmonerError, NotFound, RequestRefused, UsageError
from almoner.web.pages import Visit, go_to, page, right
from almoner.web.rendering import render
from almoner.wiring.correcting import STATES, Wrong, correct, in_force, look_at, report_to
from almoner.wiring.recipients import letters_about, note_sent
from almoner.wiring.rights import CarriedOut, lift, object_to, restrict

NEED = right("carry_out")
KINDS = {
    "objection": "An objection: to purposes that they named, or to all that can be objected to",
    "restriction": "A restriction: only storage, and what the law leaves, goes on",
    "correction": "A correction: a value in a record is wrong",
}
LEAST_WORDS = 10


@page("governance/rights-in-force/", need=NEED, purpose="Seeing which of people’s rights are in force",
      audit="rights.list", personal=True)  # fmt: skip
def rights_in_force(visit: Visit) -> HttpResponse:
    """List the rights in force; says of none whose it is."""
    found = in_force(visit.workspace)
    registry = visit.workspace.registry
    behind = {each.right.correction.dataset.partition(".")[0] for each in found
              if each.right.correction and each.state in ("in force", "to review")}  # fmt: skip
    return render(
        visit, "governance/rights_in_force.html", title="Rights in force", found=found, states=STATES,
        behind=sorted(behind & set(registry.source)), registry=registry,
    )  # fmt: skip


@page("governance/rights-in-force/carry-out/", need=NEED, purpose="Carrying out a decision on somebody’s right",
      forms=True, personal=True, fresh=True)  # fmt: skip
def right_carried_out(visit: Visit) -> HttpResponse:
    """Take what is to be carried out: from the next read on it holds."""
    registry, errors = visit.workspace.registry, dict[str, str]()
    names = ("case", "kind", "person", "dataset", "record", "column", "value", "reason")
    typed = {name: visit.field(name, 2000 if name in ("value", "reason") else 200) for name in names}
    chosen = [name for name in visit.request.POST.getlist("purpose") if name in registry.purpose]
    if visit.posted:
        errors = _missing(typed)
        if not errors:
            try:
                done = _carried_out(visit, typed, chosen)
                return go_to("right_in_force", right_id=done.right.id)
            except (UsageError, RequestRefused, NotFound) as error:
                errors["case"] = _said(error)
    return render(
        visit, "governance/right_carried_out.html", title="Carry out a decision", typed=typed, chosen=chosen,
        kinds=KINDS, errors=errors, objected=objected_to(registry), registry=registry,
        datasets=[each for each in registry.datasets() if not each.open and not each.anonymised],
        status=400 if errors else 200,
    )  # fmt: skip


def _missing(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not typed["case"]:
        errors["case"] = "Enter the reference of the case"
    if typed["kind"] not in KINDS:
        errors["kind"] = "Select what is carried out"
    if len(typed["reason"]) < LEAST_WORDS:
        errors["reason"] = "Say why, in a few words"
    if typed["kind"] == "correction":
        wanted = {"dataset": "Select whose record is wrong", "record": "Enter the source’s own key of the record",
                  "column": "Enter the column that is wrong"}  # fmt: skip
        errors.update({name: text for name, text in wanted.items() if not typed[name]})
    return errors


def _carried_out(visit: Visit, typed: dict[str, str], chosen: list[str]) -> CarriedOut:
    workspace, case, reason, person = visit.workspace, typed["case"], typed["reason"], typed["person"]
    if typed["kind"] == "objection":
        return object_to(workspace, case, chosen, reason, person)
    if typed["kind"] == "restriction":
        return restrict(workspace, case, chosen, reason, person)
    if typed["dataset"] not in {each.full_name for each in workspace.registry.datasets()}:
        raise UsageError("No such dataset is declared.", todo="Select one.")
    wrong = Wrong(typed["dataset"], typed["record"], typed["column"], typed["value"])
    return correct(workspace, case, wrong, reason, person)


@page("governance/rights-in-force/<str:right_id>/", need=NEED, purpose="Seeing one right, and lifting it",
      audit="rights.show", forms=True, personal=True)  # fmt: skip
def right_in_force(visit: Visit, right_id: str) -> HttpResponse:
    """Show a right with what it says; take that it is lifted, or that a letter to a recipient went out."""
    errors, words = dict[str, str](), visit.field("words", 500)
    if visit.posted and (letter := visit.field("letter", 20)):
        note_sent(visit.workspace, letter)
        return go_to("right_in_force", right_id=right_id)
    if visit.posted:
        try:
            lift(visit.workspace, right_id, words)
            return go_to("rights_in_force")
        except UsageError as error:
            errors["words"] = _said(error)
    found = look_at(visit.workspace, right_id)
    return render(
        visit, "governance/right_in_force.html", title="A right in force", standing=found, states=STATES, words=words,
        errors=errors, letters=letters_about(visit.workspace, right_id), registry=visit.workspace.registry,
        status=400 if errors else 200,
    )  # fmt: skip


@page("governance/rights-in-force/source/<str:source>/", need=NEED, purpose="Telling a source what it has to correct",
      audit="rights.report", personal=True, fresh=True)  # fmt: skip
def corrections_for_source(visit: Visit, source: str) -> HttpResponse:
    """Give out the report to a source's steward."""
    answer = HttpResponse(report_to(visit.workspace, source), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="corrections.csv"'
    return answer


def _said(error: AlmonerError) -> str:
    return f"{error.message} {error.todo}".strip()
