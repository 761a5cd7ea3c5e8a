"""Why something may be refused: the declared list, and what each reason needs before it may be relied on."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from almoner.kernel.errors import RequestRefused, UsageError

CITED = (
    ("s", "Section ", " of the Freedom of Information Act 2000"),
    ("reg ", "Regulation ", " of the Environmental Information Regulations 2004"),
    ("Sch ", "Schedule ", " to the Data Protection Act 2018"),
    ("Art ", "Article ", " of the UK GDPR"),
)
"""How a code begins → how the law is named in a letter, before and after."""
LEAST_WORDS = 3
"""A reason of fewer words explains nothing."""


@dataclass(frozen=True)
class Exemption:
    """A reason for refusing. opinion: of a qualified or professional person, which has to be named."""

    code: str
    law: str
    title: str
    kind: Literal["absolute", "qualified"]
    harm: bool = False
    opinion: bool = False

    def words(self) -> str:
        """Name it as letters do: 'Section 43(2) of the Freedom of Information Act 2000 (commercial interests)'."""
        before, after = next((told[1:] for told in CITED if self.code.startswith(told[0])), ("", ""))
        start = next((told[0] for told in CITED if self.code.startswith(told[0])), "")
        cited = f"{before}{self.code.removeprefix(start)}{after}".replace(" para ", ", paragraph ")
        return f"{cited} ({self.title[0].lower()}{self.title[1:]})"


@functools.cache
def exemptions() -> Mapping[str, Mapping[str, Exemption]]:
    """Read the list: law → code → exemption."""
    text = resources.files("almoner.requests.casework").joinpath("exemptions.toml").read_text("utf-8")
    return {
        law: {code: Exemption(code, law, **each) for code, each in declared.items()}
        for law, declared in tomllib.loads(text).items()
    }


def exemptions_under(laws: Sequence[str]) -> dict[str, Exemption]:
    """Give the exemptions of some laws by their code."""
    return {code: each for law in laws for code, each in exemptions()[law].items()}


def find_exemption(laws: Sequence[str], code: str) -> Exemption:
    """Find an exemption. Raises: UsageError, naming those there are."""
    known = exemptions_under(laws)
    if code not in known:
        raise UsageError(
            "No such exemption can be relied on here.",
            why="What may be refused, and why, is declared by law.",
            todo=f"Use one of: {'; '.join(known)}." if known else "Say in the decision why.",
        )
    return known[code]


@dataclass(frozen=True)
class Grounds:
    """Why an exemption is relied on. In favour, against, balance: of the public interest."""

    reason: str
    harm: str = ""
    in_favour: str = ""
    against: str = ""
    balance: str = ""
    opinion: str = ""


def check_grounds(exemption: Exemption, grounds: Grounds) -> None:
    """Refuse an exemption for which something has not been said.

    Raises: RequestRefused, naming all that is missing.
    """
    wanted = {"the reason why it applies (--reason)": grounds.reason}
    if exemption.harm:
        wanted["the harm that disclosure would do (--harm)"] = grounds.harm
    if exemption.opinion:
        wanted["whose opinion was taken, and when (--opinion)"] = grounds.opinion
    if exemption.kind == "qualified":
        wanted["what speaks for disclosure (--for-disclosure)"] = grounds.in_favour
        wanted["what speaks against it (--against-disclosure)"] = grounds.against
        wanted["which weighs more, and why (--balance)"] = grounds.balance
    missing = [name for name, words in wanted.items() if len(words.split()) < LEAST_WORDS]
    if missing:
        raise RequestRefused(
            f"{exemption.code} can't be relied on yet.",
            why=f"Not said, in at least {LEAST_WORDS} words: {'; '.join(missing)}.",
            todo="A refusal has to give its reasons"
            + (", and to weigh the public interest." if exemption.kind == "qualified" else "."),
        )
