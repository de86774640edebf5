"""Where nobody says the coordinate system and counties cannot tell it: the doctor says so, and what hangs on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from etl.pipeline.register import RegisterChoice, check_lines, datum_unsaid, note_register, places_of
from etl.place.doctor import CountyNames, place_centres
from etl.report import Report
from geodata import crs
from geodata.analysis.coordinates import datum_stakes
from tests.support.drawn_counties import SIDE, SOUTH, WEST, drawn_boundaries

NAMES: CountyNames = places_of(drawn_boundaries())
HEAD = "centre_id,name,type,county,lon,lat,crs,status"
# Inside the first county of the drawing and far from its borders.
LON, LAT = [116.1, 116.2, 116.3], [40.2, 40.25, 40.3]


def register(tmp_path: Path, datum: str, lon: list[float] = LON, lat: list[float] = LAT) -> RegisterChoice:
    code = NAMES.table["code"].iloc[0]
    rows = [
        f"c{at},甲,childrens_place,{code},{x:.6f},{y:.6f},{datum},open"
        for at, (x, y) in enumerate(zip(lon, lat, strict=True))
    ]
    file = tmp_path / "centres.csv"
    file.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return RegisterChoice(file)


def said(choice: RegisterChoice) -> str:
    return "\n".join(check_lines(choice, choice.read(), NAMES))


def test_what_nobody_says_and_nothing_tells_is_asked_with_what_hangs_on_it(tmp_path: Path) -> None:
    lines = said(register(tmp_path, ""))
    assert "3 places do not say theirs and counties cannot tell it" in lines
    assert "GCJ-02 (Amap, Tencent)" in lines
    assert "BD-09 (Baidu)" in lines
    assert "constants: {crs: GCJ-02}" in lines


@pytest.mark.parametrize("datum", ["WGS-84", "GCJ-02", "高德"])
def test_who_says_the_system_is_not_asked(tmp_path: Path, datum: str) -> None:
    assert "do not say theirs" not in said(register(tmp_path, datum))


def test_the_build_report_counts_them(tmp_path: Path) -> None:
    choice = register(tmp_path, "")
    raw = choice.read()
    placed = place_centres(raw.table, NAMES, apply_fixes=False)
    assert len(datum_unsaid(placed)) == 3
    report = Report()
    note_register(report, raw, placed)
    (line,) = [row for row in report.rows if "coordinate system not said" in str(row["item"])]
    assert line["value"] == "3"


def test_stakes_are_the_shifts_of_the_datums_and_the_borders_they_cross() -> None:
    outlines = NAMES.outlines
    lon, lat = np.array(LON), np.array(LAT)
    gcj, bd = datum_stakes(lon, lat, np.zeros(3, dtype=int), outlines)
    for stake, change, least, most in ((gcj, crs.wgs84_from_gcj02, 300, 700), (bd, crs.wgs84_from_bd09, 700, 1_700)):
        there = crs.equal_area_from_wgs84(*change(lon, lat))
        here = crs.equal_area_from_wgs84(lon, lat)
        metres = np.hypot(there[0] - here[0], there[1] - here[1])
        assert stake.moved_m == pytest.approx(float(np.median(metres)), rel=0.02)
        assert least < stake.moved_m < most
        assert (stake.coming, stake.leaving) == (0, 0)
    # Ten metres inside the western border: read as GCJ-02 a point near Beijing moves half a kilometre to the west.
    edge = datum_stakes([WEST + 0.0001], [SOUTH + SIDE / 2], [0], outlines)
    assert (edge[0].coming, edge[0].leaving) == (0, 1)
