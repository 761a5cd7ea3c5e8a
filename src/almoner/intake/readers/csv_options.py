"""How a delimited file is written, as its dataset declares it.

Nothing is taken from the file: what is not declared has the default, and is never guessed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from almoner.intake.readers.charset import ENCODINGS
from almoner.kernel.errors import RegistryError


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How a delimited file is written.

    In: `header_row` = the header's line (title lines above); `footer` = a pattern for a last record that is
    no data: its group `rows`, if it has one, is the number of records that the supplier states; `ignore` =
    columns that may be there and are not wanted.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    quote: str | None = '"'
    header_row: int = 1
    footer: str | None = None
    ignore: Collection[str] = ()
    block_bytes: int = 8 << 20  # measured: as fast as 16 or 32, with less memory

    def __post_init__(self) -> None:
        for name, character in (("delimiter", self.delimiter), ("quote", self.quote)):
            if character is not None and (len(character) != 1 or not character.isascii() or character in "\r\n\0"):
                raise RegistryError(f"a CSV {name} must be one ASCII character")
        if self.delimiter == self.quote:
            raise RegistryError("a CSV delimiter can't also be the quote")
        if self.encoding not in ENCODINGS:
            raise RegistryError("unknown text encoding", todo=f"Use one of {', '.join(ENCODINGS)}.")
