"""What codes mean, in the words of the registry's code lists."""

from __future__ import annotations

from almoner.registry.registry import Registry


def meaning_of(registry: Registry, dataset: str, code: str | None) -> str | None:
    """Give a code's meaning where the dataset's code lists explain it."""
    if code is None:
        return None
    for column in registry.dataset(dataset).columns.values():
        if column.codes and code in registry.codes[column.codes].values:
            return registry.codes[column.codes].values[code]
    return code
