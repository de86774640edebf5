"""Official counts take the place of the estimates they cover; a province's total is shared out among the rest.

What a count does not say stays as the model divides it: rural and urban, ages, both parents away. A unit of which only
the total is official carries the flag `official_total` on both of its parts, so that their sum is as it was given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import ManyErrors, UserError

RURAL, URBAN = "left_behind_children_rural", "left_behind_children_urban"
SINGLE = {"NBS_MIG": "migrant_children", "MCA_LBC": "left_behind_registered", "MOE_LBC": "left_behind_pupils"}
# Measures that are parts of another and follow it: of all left-behind children, of the rural ones, of migrants.
PARTS_OF_ALL = ("left_behind_both_away", "left_behind_aged_0_5", "left_behind_aged_6_11", "left_behind_aged_12_14",
                "left_behind_aged_15_17")  # fmt: skip
PARTS_OF_RURAL = ("left_behind_registered", "left_behind_rural_one_parent", "left_behind_rural_grandparents",
                  "left_behind_rural_other_people", "left_behind_rural_alone")  # fmt: skip
PARTS_OF_MIGRANTS = ("migrant_children_other_county", "migrant_children_other_province")
# The children of a county are themselves estimated from ages 0-14 of the census.
CHILDREN_TOLERANCE = 1.1
# As in the estimates: no more of a county's children who live where they are registered can be left behind.
MOST_LEFT_BEHIND = 0.92
COARSE, FINE = 100.0, 10.0
KEY = ["code", "year", "measure"]
Floats = NDArray[np.float64]


def with_official(
    figures: pd.DataFrame, counties: pd.DataFrame, provinces: pd.DataFrame, province_of: pd.Series, file: Path
) -> pd.DataFrame:
    """`figures` (code, year, measure, value, state, quality) with the counts of a user in them.

    Parameters
    ----------
    counties, provinces
        `etl.place.counts.PlacedCounts`.
    province_of
        Code of the province by county code.

    Raises
    ------
    UserError
        For every count that cannot be: more left-behind children than children, parts that do not make the total, a
        province below the sum of its official counties or above what its other counties can hold. Nothing is changed.
    """
    book = _Book(figures, file)
    # Definitions before what they are parts of: a register's count stays when the rural total changes around it.
    for definition, year in sorted(set(zip(counties["definition"], counties["year"], strict=True))):
        rows = counties[(counties["definition"] == definition) & (counties["year"] == year)]
        if definition == "NBS_LBC":
            book.left_behind(rows, int(year))
        else:
            book.single(rows, SINGLE[definition], int(year))
    for row in provinces.sort_values("row").to_dict("records"):
        members = province_of.index[province_of == row["code"]]
        book.rake(row, [str(code) for code in members])
    if book.errors:
        raise ManyErrors(f"{file} has {len(book.errors)} faults; nothing was imported:", book.errors)
    return book.table()


class _Book:
    """Figures by code, year and measure while counts are written into them, and what was found wrong."""

    def __init__(self, figures: pd.DataFrame, file: Path) -> None:
        self.columns = list(figures.columns)
        self.file = file
        self.errors: list[UserError] = []
        self.rows = {
            (str(r["code"]), int(r["year"]), str(r["measure"])): r for r in figures.to_dict("records")
        }  # fmt: skip
        # What an official count said: a province's total is shared out around it.
        self.fixed: set[tuple[str, int, str]] = set()

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(list(self.rows.values()), columns=self.columns)

    def value(self, code: str, year: int, measure: str) -> float:
        """A number; 0 for what is withheld or not known."""
        value = self.rows.get((code, year, measure), {}).get("value")
        return 0.0 if value is None or np.isnan(value) else float(value)

    def set(self, code: str, year: int, measure: str, value: float, quality: str | None) -> None:
        """A new value; `quality` None keeps the flag, and what is modelled is rounded as the estimates are."""
        before = self.rows.get((code, year, measure), {"quality": "none"})
        flag = quality or before["quality"]
        if not str(flag).startswith("official"):
            value = float(np.round(value / COARSE) * COARSE if value >= COARSE else np.round(value / FINE) * FINE)
        state = "value" if value > 0 else "zero"
        self.rows[code, year, measure] = {
            "code": code, "year": year, "measure": measure, "value": value, "state": state, "quality": flag,
        }  # fmt: skip

    def fault(self, message: str, row: object, column: str, value: object, expected: str) -> None:
        self.errors.append(
            UserError(message, file=self.file, row=int(str(row)), column=column, value=value, expected=expected)
        )

    def single(self, rows: pd.DataFrame, measure: str, year: int) -> None:
        """Counts of a definition that is one measure."""
        for row in rows.to_dict("records"):
            code, count = str(row["code"]), float(row["value"])
            before = self.value(code, year, measure)
            if not self.possible(code, row["row"], count, year):
                continue
            self.set(code, year, measure, count, "official" if row["exact"] else "modelled")
            self.fixed.add((code, year, measure))
            if measure == "migrant_children":
                self.follow(code, year, PARTS_OF_MIGRANTS, before, count)

    def left_behind(self, rows: pd.DataFrame, year: int) -> None:
        """Counts of left-behind children: the total, the rural or the urban ones, or two or three of these."""
        for code, given in rows.groupby("code", sort=True):
            by_scope = {str(row["scope"]): row for row in given.to_dict("records")}
            counts = {scope: float(row["value"]) for scope, row in by_scope.items()}
            first = given.iloc[0]
            rural, urban = self.rural_and_urban(str(code), year, counts)
            if urban < 0 or rural < 0 or abs(counts.get("total", rural + urban) - rural - urban) > 0.5:
                self.fault(
                    "Rural and urban do not make the total", first["row"], "count", counts, "total = rural + urban"
                )
                continue
            if not self.possible(str(code), first["row"], rural + urban, year):
                continue
            exact = bool(given["exact"].all())
            for measure, value, scope in ((RURAL, rural, "rural"), (URBAN, urban, "urban")):
                known = scope in counts or len(counts) > 1
                if known or "total" in counts:
                    flag = "official" if known else "official_total"
                    self.change(str(code), year, measure, value, flag if exact else "modelled")
                    self.fixed.add((str(code), year, measure))

    def rural_and_urban(self, code: str, year: int, counts: dict[str, float]) -> tuple[float, float]:
        """What is given, what follows from it, and else what the model says."""
        rural, urban = self.value(code, year, RURAL), self.value(code, year, URBAN)
        if "rural" in counts and "urban" in counts:
            return counts["rural"], counts["urban"]
        if "total" not in counts:
            return counts.get("rural", rural), counts.get("urban", urban)
        total = counts["total"]
        if "rural" in counts:
            return counts["rural"], total - counts["rural"]
        if "urban" in counts:
            return total - counts["urban"], counts["urban"]
        if rural + urban == 0:
            rural, urban = self.value(code, year, "children_rural"), self.value(code, year, "children")
            urban = max(urban - rural, 1.0)
        share = float(np.round(total * rural / (rural + urban)))
        return share, total - share

    def change(self, code: str, year: int, measure: str, value: float, quality: str | None) -> None:
        """Set the rural or the urban part; what is a part of it or of both follows."""
        before, all_before = (
            self.value(code, year, measure),
            self.value(code, year, RURAL) + self.value(code, year, URBAN),
        )
        self.set(code, year, measure, value, quality)
        value = self.value(code, year, measure)
        if measure == RURAL:
            self.follow(code, year, PARTS_OF_RURAL, before, value)
        self.follow(code, year, PARTS_OF_ALL, all_before, all_before - before + value)

    def follow(self, code: str, year: int, parts: tuple[str, ...], before: float, now: float) -> None:
        """Parts keep their proportion, but for those an official count fixed."""
        for part in parts:
            if before > 0 and (code, year, part) not in self.fixed and self.value(code, year, part) > 0:
                self.set(code, year, part, self.value(code, year, part) * now / before, None)

    def possible(self, code: str, number: object, count: float, year: int) -> bool:
        """Whether a county has as many children; a fault is noted if not."""
        children = self.value(code, year, "children")
        if count > children * CHILDREN_TOLERANCE:
            self.fault("More than there are children", number, "count", round(count),
                       f"at most {children:,.0f}, the children aged 0-17 of {code} in {year}")  # fmt: skip
            return False
        return True

    def rake(self, row: dict[Any, Any], members: list[str]) -> None:
        """Share a province's total out among the counties that no official count fixed."""
        year, total = int(str(row["year"])), float(str(row["value"]))
        measures = {"rural": (RURAL,), "urban": (URBAN,), "total": (RURAL, URBAN)}[str(row["scope"])]
        if row["definition"] != "NBS_LBC":
            measures = (SINGLE[str(row["definition"])],)
        free = [(code, m) for code in members for m in measures if (code, year, m) not in self.fixed]
        fixed = sum(self.value(c, year, m) for c in members for m in measures if (c, year, m) in self.fixed)
        left = total - fixed
        if left < 0:
            self.fault("The counties given here already hold more", row["row"], "count", round(total),
                       f"at least {fixed:,.0f}")  # fmt: skip
            return
        start = np.array([self.value(code, year, m) for code, m in free])
        most = np.array([self.most(code, year, m, measures) for code, m in free])
        if start.sum() == 0 or most.sum() < left:
            self.fault("There is nothing to share this total out by" if start.sum() == 0 else
                       "The other counties cannot hold so many", row["row"], "count", round(total),
                       f"at most {fixed + most.sum():,.0f}")  # fmt: skip
            return
        for (code, measure), value, before in zip(
            free, rounded_to_sum(raked(start, most, left), left), start, strict=True
        ):
            if before == 0:
                continue  # withheld, unknown or none: it stays what it is
            if measure in (RURAL, URBAN):
                self.change(code, year, measure, float(value), None)
            else:
                self.set(code, year, measure, float(value), None)
                if measure == "migrant_children":
                    self.follow(code, year, PARTS_OF_MIGRANTS, float(before), float(value))

    def most(self, code: str, year: int, measure: str, measures: tuple[str, ...]) -> float:
        """The most a county can hold of a measure; 0 where the estimate is none, for a share of nothing is nothing."""
        if self.value(code, year, measure) == 0:
            return 0.0
        children, migrants = self.value(code, year, "children"), self.value(code, year, "migrant_children")
        if measure not in (RURAL, URBAN):
            return children
        room = MOST_LEFT_BEHIND * max(children - migrants, 0.0)
        both = self.value(code, year, RURAL) + self.value(code, year, URBAN)
        share = self.value(code, year, measure) / both
        return max(room * share if len(measures) > 1 else room - both * (1 - share), self.value(code, year, measure))


def raked(start: Floats, most: Floats, total: float) -> Floats:
    """`start` times one factor, no entry above `most`, so that the sum is `total`.

    Raises
    ------
    ValueError
        If `most` adds up to less than `total`.
    """
    if most.sum() < total:
        raise ValueError("the bounds add up to less than the total")
    full = np.zeros(len(start), dtype=np.bool_)
    result = start.astype(np.float64)
    while True:
        free = ~full & (start > 0)
        rest = total - most[full].sum()
        factor = rest / start[free].sum() if free.any() else 0.0
        result = np.where(full, most, start * factor)
        above = free & (result > most)
        if not above.any():
            return result
        full |= above


def rounded_to_sum(values: Floats, total: float) -> Floats:
    """`values` in whole hundreds that add up to `total` in whole hundreds: the largest remainders are rounded up."""
    units = values / COARSE
    down = np.floor(units)
    extra = max(int(np.round(total / COARSE) - down.sum()), 0)
    down[np.argsort(down - units, kind="stable")[:extra]] += 1
    return np.asarray(down * COARSE, dtype=np.float64)
