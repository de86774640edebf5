"""Writes the estimates release: CSV files and one YAML, the same bytes for the same workbooks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from geodata.analysis.estimate.rounding import WITHHELD, Ints, Published

MEASURES = {
    "children": "children",
    "children_rural": "children_rural",
    "migrant_children": "migrant",
    "left_behind_children_rural": "left_behind_rural",
    "left_behind_children_urban": "left_behind_urban",
    "left_behind_both_away": "both_away",
}
# Further counts, by the name they have where they are made.
FURTHER = (
    "left_behind_registered",
    "left_behind_aged_0_5",
    "left_behind_aged_6_11",
    "left_behind_aged_12_14",
    "left_behind_aged_15_17",
    "left_behind_rural_one_parent",
    "left_behind_rural_grandparents",
    "left_behind_rural_other_people",
    "left_behind_rural_alone",
    "migrant_children_other_county",
    "migrant_children_other_province",
)
CROSSWALK_COLUMNS = ("year", "census_code", "census_name", "code", "action", "reason")
DECIMALS = 4


def estimate_rows(codes: list[str], quality: list[str], published: Published, further: Mapping[str, Ints],
                  units: pd.DataFrame) -> list[list[str]]:  # fmt: skip
    """One row for every unit of today, in order of code: code, name, measures, further measures, quality.

    further
        Rounded counts by measure, in the order of `codes`.

    A cell is a count, `0` for a true zero, `withheld` for a count above 0 and below 10, empty where nothing is known
    (quality `none`): Hong Kong, Macao, Taiwan and units without census rows.
    """
    at = {code: i for i, code in enumerate(codes)}
    rows = []
    for code, name in zip(units["code"], units["name"], strict=True):
        i = at.get(code)
        if i is None:
            rows.append([code, name, *[""] * (len(MEASURES) + len(FURTHER)), "none"])
            continue
        cells = [int(getattr(published, attribute)[i]) for attribute in MEASURES.values()]
        cells += [int(further[name][i]) for name in FURTHER]
        rows.append([code, name, *("withheld" if cell == WITHHELD else str(cell) for cell in cells), quality[i]])
    return rows


def estimates_csv(rows: list[list[str]]) -> str:
    """The estimates of one year as CSV text."""
    return _csv(("code", "name", *MEASURES, *FURTHER, "quality"), rows)


def crosswalk_csv(links: pd.DataFrame) -> str:
    """The mapping of one census as CSV text, columns of the contract `Crosswalk`."""
    return _csv(CROSSWALK_COLUMNS, links[list(CROSSWALK_COLUMNS)].to_numpy().tolist())


def frame_csv(table: pd.DataFrame) -> str:
    """A table of texts and whole numbers as CSV text; what is unknown is empty."""
    return str(table.to_csv(index=False, lineterminator="\n", float_format="%.0f"))


def metadata_yaml(metadata: Mapping[str, Any]) -> str:
    """Metadata as YAML, numbers rounded so that the last bit of a processor's arithmetic does not show."""
    return yaml.safe_dump(_plain(metadata), allow_unicode=True, sort_keys=False, width=120)


def write_files(files: Mapping[str, str], out_dir: Path) -> list[Path]:
    """Write every file aside, then put all in place, so that a broken run leaves the old release whole."""
    out_dir.mkdir(parents=True, exist_ok=True)
    aside = {out_dir / name: out_dir / f".{name}.new" for name in files}
    for temporary, text in zip(aside.values(), files.values(), strict=True):
        temporary.write_text(text, encoding="utf-8", newline="\n")
    for path, temporary in aside.items():
        temporary.replace(path)
    return list(aside)


def _csv(heads: tuple[str, ...], rows: list[list[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return stream.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) >= 1 else round(value, DECIMALS)
    return value
