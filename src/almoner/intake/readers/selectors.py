"""Reads the paths by which a dataset picks values out of nested records, and applies them to one record.

Nothing of a record is lost silently: a key that no path names, or an element of a list that no path claims,
is reported. The same tree serves JSON (`tenants[tenantNo=1].forename`, `alerts[*]`) and XML
(`Offence/@code`, `Persons/Person[@role='VICTIM']/Surname`): an XML element is handed over as a mapping in
which attributes are '@name' and text is '#text'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from almoner.kernel.errors import RegistryError

TEXT = "#text"
JOINED_BY = " | "
_JSON_STEP = re.compile(r"([^.\[\]]+)(?:\[(?:(\*)|([^\]=]+)=([^\]]*))\])?(?:\.(?=.)|$)")
_XML_STEP = re.compile(r"(@?[\w.\-]+|text\(\))(?:\[(?:(\*)|(@?[\w.\-]+)='([^']*)')\])?(?:/(?=.)|$)")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a name, and of a list by that name `every` element or that with `key` = `value`."""

    name: str
    every: bool = False
    key: str | None = None
    value: str = ""

    @property
    def selects(self) -> bool:
        """Say whether the step chooses among elements."""
        return self.every or self.key is not None


def json_path(path: str) -> tuple[Step, ...]:
    """Read a path such as `household[no=3].dob`. Raises: RegistryError."""
    steps = _steps(_JSON_STEP, path)
    return tuple(Step(s.name, s.every, s.key, s.value.strip("'\"")) for s in steps)


def xml_path(path: str) -> tuple[Step, ...]:
    """Read a path such as `Persons/Person[@role='VICTIM']/@nominalRef`. Raises: RegistryError."""
    steps = _steps(_XML_STEP, path)
    if any(step.name.startswith("@") for step in steps[:-1]):
        raise _bad_path(path)
    return tuple(Step(TEXT) if step.name == "text()" else step for step in steps)


def _steps(pattern: re.Pattern[str], path: str) -> list[Step]:
    steps, position = [], 0
    while position < len(path):
        found = pattern.match(path, position)
        if found is None:
            raise _bad_path(path)
        name, star, key, value = found.groups()
        steps.append(Step(name, star is not None, key, value or ""))
        position = found.end()
    if not steps:
        raise _bad_path(path)
    return steps


def _bad_path(path: str) -> RegistryError:
    return RegistryError(
        f"the path '{path}' can't be read",
        todo="Write JSON paths like list[key=1].name or list[*], XML paths like A/B[@role='X']/C or A/@b.",
    )


@dataclass(slots=True)
class Branch:
    """What is wanted at and below one place of a record."""

    column: str | None = None
    ignored: bool = False
    named: dict[str, Branch] = field(default_factory=dict)
    every: Branch | None = None
    chosen: dict[str, dict[str, Branch]] = field(default_factory=dict)  # key -> value -> branch

    def below(self) -> Iterable[Branch]:
        """Give this branch and those that stand for single elements of it."""
        yield self
        if self.every is not None:
            yield self.every
        for by_value in self.chosen.values():
            yield from by_value.values()


def plant(wanted: Mapping[str, tuple[Step, ...]], ignore: Iterable[tuple[Step, ...]]) -> Branch:
    """Make the tree of all wanted paths (column -> path) and of those that may be there unwanted."""
    root = Branch()
    for column, path in wanted.items():
        branch = root
        for step in path:
            branch = _grow(branch, step)
        if branch.column is not None:
            raise RegistryError(f"the paths '{branch.column}' and '{column}' name the same value")
        branch.column = column
    for path in ignore:
        places = [root]
        for step in path:
            places = [new for branch in places for new in _grow_plain(branch, step)]
        for branch in places:
            _ignore_rest(branch)
    return root


def _grow(branch: Branch, step: Step) -> Branch:
    if step.name == TEXT:
        return branch
    child = branch.named.setdefault(step.name, Branch())
    if step.every:
        child.every = child.every or Branch()
        return child.every
    if step.key is None:
        return child
    element = child.chosen.setdefault(step.key, {}).setdefault(step.value, Branch())
    element.named.setdefault(step.key, Branch(ignored=True))
    return element


def _grow_plain(branch: Branch, step: Step) -> list[Branch]:
    if branch.ignored:
        return []
    child = branch.named.setdefault(step.name, Branch())
    return [child, *(element for element in child.below() if element is not child)]


def _ignore_rest(branch: Branch) -> None:
    """Let pass what no wanted path claims at this place: all of it, or the elements that nothing chooses."""
    if branch.chosen:
        branch.every = branch.every or Branch(ignored=True)
    elif branch.column is None and not branch.named and branch.every is None:
        branch.ignored = True


class Picked:
    """The values of one record, and what was wrong with it.

    In: `joint` between the names of a path in messages, `text_key` under which a mapping holds an element's
    text.
    """

    __slots__ = ("_joint", "_text_key", "extra", "fault", "values")

    def __init__(self, joint: str, text_key: str | None) -> None:
        self._joint = joint
        self._text_key = text_key
        self.values: dict[str, str] = {}
        self.extra: set[str] = set()
        self.fault: tuple[str, str, str] | None = None  # path, code, message

    def take(self, branch: Branch, value: Any, path: str) -> None:
        """Take what is wanted from a value: None, text, a truth value, a mapping or a list of these."""
        if value is None or branch.ignored:
            return
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, dict):
            if branch.chosen or branch.every is not None:
                self._elements(branch, [value], path)
            else:
                self._mapping(branch, value, path)
        elif isinstance(value, list):
            self._elements(branch, value, path)
        elif branch.column is not None:
            self._put(branch.column, value)
        elif branch.every is not None or branch.chosen:
            self._elements(branch, [value], path)
        else:
            self._wrong(path, "unexpected_shape", "a single value, where an object is declared")

    def _mapping(self, branch: Branch, value: dict[str, Any], path: str) -> None:
        if value and not branch.named and self._text_key not in value:
            self._wrong(path, "unexpected_shape", "an object, where a single value is declared")
            return
        for key, inner in value.items():
            if key == self._text_key and branch.column is not None:
                self._put(branch.column, inner)
                continue
            child = branch.named.get(key)
            if child is not None and child.column is not None and isinstance(inner, str):
                self._put(child.column, inner)  # by far the most frequent: no path is needed
                continue
            name = "text()" if key == self._text_key else key
            place = f"{path}{self._joint}{name}" if path else name
            if child is None:
                self.extra.add(place)
            else:
                self.take(child, inner, place)

    def _elements(self, branch: Branch, elements: list[Any], path: str) -> None:
        unclaimed, met = 0, set()
        for element in elements:
            if element is None:
                continue
            found = self._choice(branch, element)
            if found is None or (id(found) in met and found is not branch.every):
                unclaimed += 1
                continue
            met.add(id(found))
            self.take(found, element, path)
        if unclaimed:
            self._wrong(path, "unclaimed_element", f"{unclaimed} element(s) that no declared path claims")

    def _choice(self, branch: Branch, element: Any) -> Branch | None:
        if branch.chosen and isinstance(element, dict):
            for key, by_value in branch.chosen.items():
                found = by_value.get(self._plain(element.get(key)))
                if found is not None:
                    return found
        if branch.every is not None:
            return branch.every
        if branch.chosen or isinstance(element, list):
            return None
        return branch

    def _plain(self, value: Any) -> str:
        if isinstance(value, dict):
            value = value.get(self._text_key)
        return value if isinstance(value, str) else ""

    def _put(self, column: str, value: str) -> None:
        before = self.values.get(column)
        if value:
            self.values[column] = value if before is None else before + JOINED_BY + value

    def _wrong(self, path: str, code: str, message: str) -> None:
        if self.fault is None:
            self.fault = (path, code, message)


def is_present(record: Mapping[str, Any], path: tuple[Step, ...]) -> bool:
    """Say whether a record has the place that a path names, be it empty. In: a path without selectors."""
    value: Any = record
    for step in path:
        if value is None or step.name == TEXT:
            return True
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict) or step.name not in value:
            return False
        value = value[step.name]
    return True
