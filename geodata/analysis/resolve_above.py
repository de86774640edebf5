"""Asking the time machine for prefectures and provinces: what a code or a name above the counties is today.

The lists name the prefecture above each county, and the first four digits of a county's code are its prefecture's: a
prefecture is what its counties are. A prefecture that took another name while no county of it changed code or name is
known by its present name only; provinces have not changed since 2000.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geodata.analysis.resolve import AmbiguousUnit, Meaning, TimeMachine, UnknownUnit
from geodata.analysis.vintages import stem
from geodata.codes import Kind

# Drawn and named, but in no list of the mainland.
NOT_LISTED = {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}
# What codes above counties are called that are no prefecture: districts and counties of a municipality, counties that
# hang directly below a province. The names tell nothing apart, so that only the code is understood.
SECTIONS = {"01": "市辖区", "02": "县", "03": "市"}
DIRECT = "省直辖县级行政区划"
_ENDINGS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "地区", "盟", "市")


@dataclass(frozen=True)
class Share:
    """A unit of today: `counties` of its `of` counties of today hold what belonged to the unit that was asked for."""

    code: str
    name: str
    counties: int
    of: int


@dataclass(frozen=True)
class Above:
    """A prefecture or province as it stood from `from_year` to `to_year` (None: still), and what that is today.

    `year` is the year whose counties were followed to today, `counties` are the codes of these counties today.
    """

    level: Literal["prefecture", "province"]
    code: str
    name: str
    province: str
    from_year: int
    to_year: int | None
    year: int
    targets: tuple[Share, ...]
    counties: frozenset[str]

    @property
    def kind(self) -> Kind:
        """How it became what it is: one unit of today, a part of one, or several."""
        if len(self.targets) > 1:
            return "split"
        if not self.targets:
            return "same"
        (target,) = self.targets
        if target.counties < target.of:
            return "enlarged" if _short(target.name) == _short(self.name) else "merged"
        if target.name == self.name:
            return "same" if target.code == self.code else "recoded"
        return "upgraded" if _short(target.name) == _short(self.name) else "renamed"

    @property
    def place(self) -> str:
        """Code, name, province and years, for lists a person chooses from."""
        above = f"{self.province}, " if self.province not in ("", self.name) else ""
        return f"{self.code} {self.name} ({above}{self.from_year}–{self.to_year or ''})"


@dataclass(frozen=True)
class Answer:
    """What was asked for, at any level, and other meanings of the same code or name for the same place."""

    meaning: Meaning | Above
    others: tuple[Meaning | Above, ...] = ()


@dataclass(frozen=True)
class _Run:
    """A code above counties under one name."""

    code: str
    name: str
    province: str
    from_year: int
    to_year: int | None


class HigherUnits:
    """Prefectures and provinces in the table `vintages` of a release."""

    def __init__(self, table: pd.DataFrame) -> None:
        printed = table["reason_en"].str.startswith("as the census prints it")
        rows = table[~printed].assign(
            last=table["to_year"].fillna(np.inf), prefix=table["code"].str[:4], head=table["code"].str[:2]
        )
        self._newest = int(max(table["from_year"].max(), table["to_year"].max()))
        self._runs = [*_prefectures(rows), *_provinces(rows)]
        self._rows = {str(start): there for key in ("prefix", "head") for start, there in rows.groupby(key)}
        self._whole = [(run, _spellings(run, run.name)) for run in self._runs]
        self._short = [(run, _spellings(run, _short(run.name))) for run in self._runs if len(_short(run.name)) > 1]
        self._names = {run.code: run.name for run in self._runs if run.to_year is None}
        today = rows[rows["to_year"].isna()]
        # An undivided city is county and prefecture at once.
        self._names |= {code: name for code, name in zip(today["code"], today["name"], strict=True) if code[4:] == "00"}
        reached = rows["to_code"].drop_duplicates()
        self._sizes = {
            str(start): int(count) for width in (2, 4) for start, count in reached.str[:width].value_counts().items()
        }

    def find(self, unit: str, year: int | None = None, province: str | None = None) -> tuple[list[Above], bool]:
        """All that `unit` may mean, newest first, and whether it was called by its whole name or code.

        Parameters are those of `TimeMachine.resolve`.
        """
        asked = "".join(unicodedata.normalize("NFKC", unit).split())
        digits = asked[: len(asked) - len(asked.lstrip("0123456789"))]
        name = asked[len(digits) :]
        found = [run for run, names in self._whole if digits in ("", run.code) and (not name or name in names)]
        exact = bool(found) or not name
        if not exact:
            found = [run for run, names in self._short if digits in ("", run.code) and name in names]
        if year is not None:
            found = [run for run in found if run.from_year <= year <= (run.to_year or year)]
        if province:
            hint = unicodedata.normalize("NFKC", province).strip()
            found = [run for run in found if run.province.startswith(hint) or run.code[:2] + "0000" == hint]
        found.sort(key=lambda run: (run.to_year is None, run.from_year), reverse=True)
        return [self._above(run, year) for run in found], exact

    def _above(self, run: _Run, year: int | None) -> Above:
        at = min(year if year is not None else run.to_year or self._newest, self._newest)
        is_province = run.code.endswith("0000")
        prefix = run.code[:2] if is_province else run.code[:4]
        rows = self._rows.get(prefix)
        counties: frozenset[str] = frozenset()
        if rows is not None:
            counties = frozenset(rows.loc[(rows["from_year"] <= at) & (rows["last"] >= at), "to_code"])
        reached = Counter(code[: len(prefix)] for code in counties)
        targets = tuple(
            Share(code, self._names.get(code, run.name), count, self._sizes[start])
            for start, count in sorted(reached.items(), key=lambda item: (-item[1], item[0]))
            for code in [f"{start:0<6}"]
        )
        return Above(
            level="province" if is_province else "prefecture",
            code=run.code,
            name=run.name,
            province=run.province,
            from_year=run.from_year,
            to_year=run.to_year,
            year=at,
            targets=targets,
            counties=counties,
        )


def resolve_any(
    counties: TimeMachine, higher: HigherUnits, unit: str, *, year: int | None = None, province: str | None = None
) -> Answer:
    """What `unit` is today, be it a county, a prefecture or a province; the county where a code is both.

    Raises
    ------
    UnknownUnit, AmbiguousUnit
        As `TimeMachine.resolve`; units that share no county of today are different places.
    """
    above, exact = higher.find(unit, year, province)
    try:
        found = counties.resolve(unit, year=year, province=province)
    except AmbiguousUnit as error:
        if not above:
            raise
        if not exact:
            raise AmbiguousUnit(error.message, [*error.candidates, *(one.place for one in above)], value=unit) from None
        return _only(above, unit)
    except UnknownUnit:
        if not above:
            raise
        return _only(above, unit)
    reached = {target.code for target in found.meaning.targets}
    is_whole = found.meaning.name in unit or unit.strip()[:1].isdigit()
    if exact and above and not is_whole:
        return _only(above, unit)
    apart = [] if is_whole and not exact else [one for one in above if not reached & one.counties]
    if apart:
        raise AmbiguousUnit(
            "Several places are called so", [found.meaning.place, *(one.place for one in apart)], value=unit
        )
    return Answer(found.meaning, (*found.others, *(one for one in above if reached & one.counties)))


def _only(above: list[Above], unit: str) -> Answer:
    first, *others = above
    if any(first.level != other.level or not first.counties & other.counties for other in others):
        raise AmbiguousUnit("Several places are called so", [one.place for one in above], value=unit)
    return Answer(first, tuple(others))


def _prefectures(rows: pd.DataFrame) -> Iterator[_Run]:
    """Codes of four digits by their names in order: a name ends with the last county listed under it alone."""
    listed = rows[~rows["code"].str.endswith("00") & ~rows["prefix"].str.endswith("00")]
    for prefix, there in listed.groupby("prefix"):
        province = str(there["province"].iloc[-1])
        names = [_called(str(prefix), name, province) for name in there["prefecture"]]
        ends = there.groupby(names)["last"].max().sort_values(kind="stable")
        start = int(there["from_year"].min())
        for name, end in ends.items():
            if end < start:
                continue
            yield _Run(f"{prefix}00", str(name), province, start, None if np.isinf(end) else int(end))
            start = start if np.isinf(end) else int(end) + 1


def _provinces(rows: pd.DataFrame) -> Iterator[_Run]:
    first = int(rows["from_year"].min())
    names = rows.groupby("head")["province"].last()
    listed = {f"{head}0000": str(name) for head, name in names.items()}
    for code, name in (listed | NOT_LISTED).items():
        yield _Run(code, name, name, first, None)


def _called(prefix: str, prefecture: str, province: str) -> str:
    """The name of a prefecture, or what stands in its place where there is none."""
    if prefecture not in ("", province, *SECTIONS.values()):
        return prefecture
    return SECTIONS.get(prefix[2:]) or DIRECT


def _spellings(run: _Run, name: str) -> tuple[str, ...]:
    if run.name in (*SECTIONS.values(), DIRECT):
        return ()
    return (name,) if run.name == run.province else (name, run.province + name, _short(run.province) + name)


def _short(name: str) -> str:
    """A name without its kind: 吉林省 and 吉林市 are both 吉林."""
    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    return name.removesuffix(ending) if ending and len(name) > len(ending) + 1 else stem(name)
