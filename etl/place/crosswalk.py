"""From census rows to today's counties. Every mapping is one row with its action and reason.

One rule stands in code: a row whose code and name are both those of a county of today is that county. All else (21
codes name another place than in the other census, so a code alone proves nothing) stands, case by case, in
`etl/corrections/crosswalk_<year>.csv`. A census row that neither the rule nor the table covers stops the build.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from geodata.errors import ManyErrors, UserError

CORRECTIONS_DIR = Path(__file__).resolve().parent.parent / "corrections"
# kept       same code, same name
# renamed    same place under another name or kind (county became district), with or without a new code
# recoded    same place, same name, new code
# merged     became a part of a larger county
# folded     a development zone or forest district without an outline, counted in its host
# undivided  a prefecture-level city without counties
# split      shared between several counties of today
ACTIONS = ("kept", "renamed", "recoded", "merged", "folded", "undivided", "split")
COLUMNS = ("census_code", "census_name", "prefecture", "code", "name", "action", "share", "note_zh", "note_en")
KEPT = ("代码和名称均与今日一致", "same code and name as today")
SHARE_TOLERANCE = 1e-9

# Code, name, and the prefecture where no code is printed.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Case:
    """One row of the curated table; `row` counts as a spreadsheet does."""

    row: int
    census_code: str
    census_name: str
    prefecture: str
    code: str
    name: str
    action: str
    share: float | None
    note_zh: str
    note_en: str


def read_cases(path: Path) -> list[Case]:
    """The curated cases; all unreadable rows are reported together as a `UserError`."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            heads, rows = tuple(reader.fieldnames or ()), list(reader)
    except FileNotFoundError:
        raise UserError("The table of curated mappings is missing", file=path) from None
    if heads != COLUMNS:
        raise UserError("Wrong column heads", file=path, row=1, value=",".join(heads), expected=",".join(COLUMNS))
    cases, errors = [], []
    for number, row in enumerate(rows, 2):
        if row["action"] not in ACTIONS or row["action"] == "kept":
            errors.append(UserError("Unknown action", file=path, row=number, column="action", value=row["action"],
                                    expected="one of " + ", ".join(ACTIONS[1:])))  # fmt: skip
            continue
        try:
            share = float(row["share"]) if row["share"] else None
        except ValueError:
            errors.append(UserError("Not a share", file=path, row=number, column="share", value=row["share"],
                                    expected="a number between 0 and 1, or nothing"))  # fmt: skip
            continue
        cases.append(Case(number, share=share, **{key: row[key] for key in COLUMNS if key != "share"}))
    if errors:
        raise ManyErrors("The table of curated mappings has rows that cannot be used:", errors)
    return cases


def link(leaves: pd.DataFrame, units: pd.DataFrame, year: int, weights: pd.Series | None = None,
         path: Path | None = None) -> pd.DataFrame:  # fmt: skip
    """Map every census leaf to today's counties.

    Parameters
    ----------
    leaves
        code, name, prefecture; the index tells a row apart (`CensusTable.leaves`).
    units
        code, name of today's counties.
    weights
        Children aged 0-14 by today's code; shares of splits for which the table gives none. Needed only for those.

    Returns
    -------
    leaf (index in `leaves`), year, census_code, census_name, code, action, share, reason (Chinese, then English).
    The shares of a leaf add up to one. Raises `UserError` for a row without a mapping and for a case without a row.
    """
    path = path or CORRECTIONS_DIR / f"crosswalk_{year}.csv"
    names = dict(zip(units["code"], units["name"], strict=True))
    cases = read_cases(path)
    _check_targets(cases, names, path)
    by_key: dict[Key, list[Case]] = {}
    for case in cases:
        by_key.setdefault((case.census_code, case.census_name, case.prefecture), []).append(case)
    links: list[tuple[object, ...]] = []
    unmapped: dict[int, str] = {}
    used = set()
    for leaf, code, name, prefecture in leaves[["code", "name", "prefecture"]].itertuples():
        key = (code, name, "" if code else prefecture)
        if key in by_key:
            used.add(key)
            for case, share in zip(by_key[key], _shares(by_key[key], weights, path), strict=True):
                links.append((leaf, year, code, name, case.code, case.action, share, _reason(case, share)))
        elif names.get(code) == name:
            links.append((leaf, year, code, name, code, "kept", 1.0, " | ".join(KEPT)))
        else:
            unmapped[int(leaf)] = f"{code} {name}".strip()
    _check_fit(unmapped, {key: by_key[key][0].row for key in by_key.keys() - used}, year, path)
    return pd.DataFrame(
        links, columns=["leaf", "year", "census_code", "census_name", "code", "action", "share", "reason"]
    )


def _check_fit(unmapped: dict[int, str], unused: dict[Key, int], year: int, path: Path) -> None:
    """Refuse census rows without a county and cases without a census row, all at once."""
    expected = f"a row in {path.name} that says where it belongs"
    errors = [
        UserError("This census row has no county of today", row=row, value=value, expected=expected)
        for row, value in unmapped.items()
    ] + [
        UserError("This case fits no census row", file=path, row=row, value=" ".join(key).strip())
        for key, row in sorted(unused.items())
    ]
    if errors:
        raise ManyErrors(f"The census rows of {year} and the table of mappings do not fit:", errors)


def _check_targets(cases: list[Case], names: dict[str, str], path: Path) -> None:
    errors = [
        UserError(
            "This is no county of today",
            file=path,
            row=case.row,
            column="code",
            value=f"{case.code} {case.name}",
            expected=f"{case.code} {names[case.code]}" if case.code in names else "a code in today's boundaries",
        )
        for case in cases
        if names.get(case.code) != case.name
    ]
    if errors:
        raise ManyErrors("The table of mappings names counties that today's boundaries do not have:", errors)


def _shares(cases: list[Case], weights: pd.Series | None, path: Path) -> list[float]:
    if len(cases) == 1 and cases[0].share is None:
        return [1.0]
    given = [case.share for case in cases if case.share is not None]
    if len(given) == len(cases):
        shares = [float(share) for share in given]
    elif given or weights is None:
        raise UserError("Give every share of this split, or none", file=path, row=cases[0].row, column="share")
    else:
        parts = [float(weights[case.code]) for case in cases]
        shares = [part / sum(parts) for part in parts]
    if abs(sum(shares) - 1) > SHARE_TOLERANCE or min(shares) < 0:
        raise UserError(
            "The shares of a split must add up to one", file=path, row=cases[0].row, column="share", value=shares
        )
    return shares


def _reason(case: Case, share: float) -> str:
    zh = case.note_zh or {"renamed": f"今称{case.name}"}.get(case.action, "")
    en = case.note_en or {"renamed": "renamed"}.get(case.action, "")
    if case.action == "split":
        zh, en = f"{zh}（{share:.1%}）", f"{en} ({share:.1%})"
    return f"{zh} | {en}"


def to_units(leaves: pd.DataFrame, links: pd.DataFrame, counts: list[str], rates: dict[str, str]) -> pd.DataFrame:
    """Add census leaves up to today's counties.

    counts
        Columns that are added, times the share.
    rates
        Column of a rate -> column of the count that weighs it; blank rates stay out of the mean.

    Returns one row a county that has a census row, index = code, with `counts`, `rates`, and `exact`: whether no
    census row was split to make it.
    """
    at = leaves.loc[links["leaf"]].reset_index(drop=True)
    share = links["share"].to_numpy()
    parts = at[counts].mul(share, axis=0)
    for rate, weight in rates.items():
        known = at[rate].notna().to_numpy()
        parts[f"{rate}_weight"] = np.where(known, at[weight] * share, 0.0)
        parts[rate] = np.where(known, at[rate].fillna(0.0) * at[weight] * share, 0.0)
    sums = parts.groupby(links["code"].to_numpy(), sort=True).sum()
    for rate in rates:
        weight_sum = sums.pop(f"{rate}_weight")
        sums[rate] = (sums[rate] / weight_sum).where(weight_sum > 0)
    sums["exact"] = ~sums.index.isin(links.loc[links["action"] == "split", "code"])
    return sums.rename_axis("code")
