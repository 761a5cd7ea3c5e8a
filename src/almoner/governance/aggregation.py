"""What a permit for aggregates may see: counts, sums and means of groups; never a row of somebody.

The rule is static and errs on the side of no: the last step groups, shows group keys and plain aggregates only, and no
step gives a reference to a person or a row another name.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import SqlglotError

from almoner.kernel.errors import AccessRefused
from almoner.kernel.steps import Step

REFERENCES = frozenset(
    {"row_id", "record_key", "record_id", "person_ref", "household_ref", "person_id", "household_id", "other_ref"}
)
"""Columns that point to one person, household or row."""

_AGGREGATES = (exp.Count, exp.Sum, exp.Avg, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop)
"""Aggregates that no single row shines through. Least, greatest, median, lists and texts let one through."""


def check_aggregate(steps: Sequence[Step]) -> None:
    """Refuse steps whose result could hold a row of somebody.

    In: the steps of a run; none for a plain read. Raises: AccessRefused.
    """
    if not steps:
        raise _refused("a plain read", "gives rows")
    for step in steps:
        tree = _parsed(step)
        if _renames_reference(tree):
            raise _refused(f"step '{step.name}'", "gives a reference to a person or row another name")
    last = steps[-1]
    if reason := _shows_rows(_parsed(last)):
        raise _refused(f"step '{last.name}'", reason)


def _parsed(step: Step) -> exp.Expr:
    try:
        return sqlglot.parse_one(step.sql, read="duckdb")
    except SqlglotError:
        raise _refused(f"step '{step.name}'", "can't be read, so not be checked") from None


def _shows_rows(tree: exp.Expr) -> str | None:
    if not isinstance(tree, exp.Select):
        return "is not one SELECT"
    keys = _group_keys(tree)
    if any(key.find(exp.Column) and _references(key) for key in keys):
        return "groups by person or row"
    for shown in tree.selects:
        bare = shown.unalias()
        if bare.find(exp.Window):
            return "looks at rows through a window"
        if bare in keys:
            continue
        if _references(bare) and not isinstance(bare, exp.Count):
            return "shows a reference to a person or row"
        if not _is_plain_aggregate(bare):
            return "shows what is neither a group key nor a count, sum or mean"
    return None


def _group_keys(tree: exp.Select) -> list[exp.Expr]:
    group = tree.args.get("group")
    if group is None:
        return []
    if group.args.get("all"):
        return [each.unalias() for each in tree.selects if not each.find(exp.AggFunc)]
    keys = []
    for key in group.expressions:
        positional = isinstance(key, exp.Literal) and not key.is_string
        keys.append(tree.selects[int(key.this) - 1].unalias() if positional else key)
    aliases = {each.alias: each.unalias() for each in tree.selects if each.alias}
    return [aliases.get(key.name, key) if isinstance(key, exp.Column) and not key.table else key for key in keys]


def _is_plain_aggregate(bare: exp.Expr) -> bool:
    """Say whether every column in an expression lies within an allowed aggregate."""
    outer = [found for found in bare.find_all(exp.AggFunc) if not found.find_ancestor(exp.AggFunc)]
    if any(not isinstance(found, _AGGREGATES) for found in outer) or bare.find(exp.AnonymousAggFunc, exp.Subquery):
        return False
    columns = [column for column in bare.find_all(exp.Column) if not column.find_ancestor(*_AGGREGATES)]
    unknown = [f for f in bare.find_all(exp.Anonymous) if not f.find_ancestor(*_AGGREGATES)]
    return bool(outer) and not columns and not unknown


def _references(tree: exp.Expr) -> bool:
    return any(column.name.lower() in REFERENCES for column in tree.find_all(exp.Column))


def _renames_reference(tree: exp.Expr) -> bool:
    if any(alias.args.get("columns") for alias in tree.find_all(exp.TableAlias)):
        return True
    if any(star.args.get("rename") for star in tree.find_all(exp.Star)):
        return True
    if any(_renames_by_position(union) for union in tree.find_all(exp.SetOperation)):
        return True
    for select in tree.find_all(exp.Select):
        for shown in select.selects:
            bare = shown.unalias()
            counted = bare.find(exp.Count) is not None
            if _references(bare) and not counted and shown.alias_or_name.lower() not in REFERENCES:
                return True
    return False


def _renames_by_position(union: exp.SetOperation) -> bool:
    """Say whether a later SELECT of a union puts a reference where the first has a column of another name."""
    names = union.named_selects
    for branch in (union.left, union.right):
        bare_branch = branch.unnest()
        shown = bare_branch.selects if isinstance(bare_branch, exp.Query) else []
        if any(each.is_star for each in shown):
            return True  # which column stands where can't be told
        for name, each in zip(names, shown, strict=False):
            bare = each.unalias()
            if _references(bare) and bare.find(exp.Count) is None and name.lower() not in REFERENCES:
                return True
    return False


def _refused(what: str, because: str) -> AccessRefused:
    return AccessRefused(
        f"The permit is for aggregates only, and {what} {because}.",
        why="The purpose sees counts, never people.",
        todo="Group the result into counts, sums or means, or use a purpose whose form is pseudonymised.",
    )
