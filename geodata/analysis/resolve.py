"""Asking the time machine: a code or a name of any year since 2000, answered by the table `vintages`."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.analysis.vintages import stem
from geodata.codes import KINDS, Kind
from geodata.errors import UserError
from geodata.text import Text

_LISTED_AT_MOST = 12
_CODE_DIGITS = 6
# Codes of streets and villages begin with the code of their county.
_LONGER_CODES = (9, 12)


@dataclass(frozen=True)
class Target:
    """A county of today and the part of the old place that is counted there.

    `error` is the relative half-width (90 %) of a count carried over: 0 none, None unknown. `boundary_changed` tells a
    real change of the border from another name or number.
    """

    code: str
    name: str
    weight: float
    error: float | None
    kind: Kind
    boundary_changed: bool
    reason: Text


@dataclass(frozen=True)
class Meaning:
    """What a code or a name stood for from `from_year` to `to_year` (None: still), and what that is today."""

    code: str
    name: str
    name_en: str
    prefecture: str
    province: str
    from_year: int
    to_year: int | None
    targets: tuple[Target, ...]

    @property
    def kind(self) -> Kind:
        """The gravest of the changes on the way to today."""
        return max((target.kind for target in self.targets), key=KINDS.index)

    @property
    def place(self) -> str:
        """Code, name, what lies above and the years, for lists a person chooses from."""
        above = self.province if self.prefecture in ("", self.name) else f"{self.province}{self.prefecture}"
        return f"{self.code} {self.name} ({above}, {self.from_year}–{self.to_year or ''})"


@dataclass(frozen=True)
class Resolution:
    """The meaning that was asked for, and earlier meanings of the same code or name for the same place."""

    meaning: Meaning
    others: tuple[Meaning, ...] = ()


class UnknownUnit(UserError):
    """No division since 2000 is called so, or none in the year asked for."""


class AmbiguousUnit(UserError):
    """Several places are called so; `candidates` lists them."""

    def __init__(self, message: str, candidates: Iterable[str], *, value: str) -> None:
        self.candidates = tuple(candidates)
        shown = "; ".join(self.candidates[:_LISTED_AT_MOST])
        super().__init__(message, value=value, expected=f"a code, a year or a province that tells apart: {shown}")


class TimeMachine:
    """The table `vintages` of a release, ready to be asked; `meanings` are all that its codes and names stood for."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self.meanings = tuple(_meanings(table))
        self._by_text: dict[str, list[Meaning]] = {}
        for meaning in self.meanings:
            for text in {meaning.code, *_spellings(meaning)}:
                self._by_text.setdefault(text, []).append(meaning)

    def resolve(self, unit: str, *, year: int | None = None, province: str | None = None) -> Resolution:
        """What `unit` is today.

        Parameters
        ----------
        unit
            A six-digit code (or a longer one of a street or village), a name with or without what lies above it
            (`河北省石家庄市桥东区`), or both (`130207 丰润区`).
        year
            The year whose list is meant. Without it the newest meaning counts, if all meanings are of one place.
        province
            Code or name of the province, to tell equal names apart.

        Raises
        ------
        UnknownUnit, AmbiguousUnit
            With the years in which such a place stood, similar names, or the candidates.
        """
        asked = unicodedata.normalize("NFKC", unit).strip()
        found = self.called(asked)
        if province:
            hint = unicodedata.normalize("NFKC", province).strip()
            found = [m for m in found if m.province.startswith(hint) or m.code[:2] + "0000" == hint]
        if not found:
            raise UnknownUnit("No county since 2000 is called so", value=unit, expected=self._similar(asked))
        if year is not None:
            standing = [m for m in found if m.from_year <= year <= (m.to_year or year)]
            if not standing:
                stood = "; ".join(m.place for m in found[:_LISTED_AT_MOST])
                raise UnknownUnit(f"No county was called so in {year}", value=unit, expected=f"the years of {stood}")
            found = standing
        if len(_lineages(found)) > 1:
            raise AmbiguousUnit("Several places are called so", [m.place for m in found], value=unit)
        newest_first = sorted(found, key=lambda m: (m.to_year is None, m.from_year, m.to_year or 0), reverse=True)
        return Resolution(newest_first[0], tuple(newest_first[1:]))

    def called(self, unit: str) -> list[Meaning]:
        """All meanings of a code or a name, of one place or of several; a whole name wins over one without its kind."""
        asked = unicodedata.normalize("NFKC", unit).strip()
        digits = asked[: len(asked) - len(asked.lstrip("0123456789"))]
        name = asked[len(digits) :].strip()
        if digits:
            code = digits[:_CODE_DIGITS] if len(digits) in _LONGER_CODES else digits
            return [m for m in self._by_text.get(code, []) if not name or name in (m.name, stem(m.name))]
        compact = "".join(name.split())
        return self._by_text.get(compact) or self._by_text.get("~" + compact, [])

    def _similar(self, asked: str) -> str:
        near = difflib.get_close_matches(asked, [text for text in self._by_text if text[0] != "~"], n=5, cutoff=0.5)
        return "one of " + ", ".join(near) if near else "a six-digit county code or the name of a county"


def comparable(table: pd.DataFrame, code: str, years: tuple[int, int]) -> tuple[bool, Text]:
    """Whether the county `code` of today may be compared between two years, and why or why not.

    It may when every place that `table` (the table `vintages`) leads to it from either year went there whole: then
    old counts add up to it exactly. A place that was divided by an estimate, or lost a part of unknown size, breaks it.
    """
    last = table["to_year"].fillna(np.inf)
    reached = table[(table["to_code"] == code)]
    for year in years:
        rows = reached[(reached["from_year"] <= year) & (last.loc[reached.index] >= year)]
        if rows.empty:
            return False, Text(zh=f"{year}年名录中没有可以对应的区划", en=f"No division of {year} leads here.")
        broken = rows[rows["kind"].isin(["split", "adjusted"])]
        if len(broken):
            row = broken.iloc[0]
            return False, Text(
                zh=f"{year}年的{row['name']}（{row['code']}）：{row['reason_zh']}",
                en=f"{row['name_en']} ({row['name']}, {row['code']}) of {year}: {row['reason_en']}.",
            )
    return True, Text(zh="旧区划可以整体加总到今日辖区", en="The former divisions add up to the county of today.")


def _meanings(table: pd.DataFrame) -> list[Meaning]:
    targets: dict[tuple[str, str, str, str, str, int, int | None], list[Target]] = {}
    for row in table.to_dict("records"):
        to_year = None if pd.isna(row["to_year"]) else int(row["to_year"])
        above = (row["prefecture"], row["province"])
        key = (row["code"], row["name"], row["name_en"], *above, int(row["from_year"]), to_year)
        targets.setdefault(key, []).append(
            Target(
                code=row["to_code"],
                name=row["to_name"],
                weight=float(row["weight"]),
                error=None if pd.isna(row["error"]) else float(row["error"]),
                kind=row["kind"],
                boundary_changed=bool(row["boundary_changed"]),
                reason=Text(zh=row["reason_zh"] or "未变", en=row["reason_en"] or "unchanged"),
            )
        )
    return [Meaning(*key, tuple(found)) for key, found in targets.items()]


def _spellings(meaning: Meaning) -> set[str]:
    """A name alone and with what lies above it; without its kind (密云) behind a tilde, so that whole names win."""
    above = {"", meaning.prefecture, meaning.province, meaning.province + meaning.prefecture}
    short = stem(meaning.name)
    return {text + meaning.name for text in above} | {"~" + text + short for text in above if len(short) > 1}


def _lineages(meanings: list[Meaning]) -> list[set[str]]:
    """The counties of today that the meanings lead to, joined where they overlap: one set a place."""
    lineages: list[set[str]] = []
    for meaning in meanings:
        reached = {target.code for target in meaning.targets}
        joined = [lineage for lineage in lineages if lineage & reached]
        lineages = [lineage for lineage in lineages if not lineage & reached]
        lineages.append(reached.union(*joined))
    return lineages
