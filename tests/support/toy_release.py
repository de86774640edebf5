"""A small country as text, written as a release by the contract alone: no ETL, no package data.

Two provinces, three prefectures, eleven counties of the mainland and one place that was not counted. A letter is a
county, a square a tenth of a degree, `*` a centre in the county of the letter left of it. The figures hold every
state, ties, an urban district, a county below no prefecture (K), an undivided city whose code is both county and
prefecture (H), and a raw count from 1 to 9 that only the disclosure gate keeps from sight (E).
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import shapely
from shapely import box

from geodata.contracts.fingerprint import contract_fingerprint
from geodata.contracts.release import TABLES
from tests.support.toy_access import toy_access
from tests.support.toy_vintages import toy_vintages

RELEASE_ID = "20260502T080000-0a1b2c3d"
SQUARE_DEG = 0.1
WEST, NORTH = 104.0, 31.0

DRAWING = """
AABBCC
A*BBC*
DDEEFF
DDEE*F
GGHHII
G*HHII
JJKKII
JJKKLL
"""

# letter, code, name_zh, name_en, pinyin, initials, kind, prefecture
COUNTIES = """
A 510104 锦江区     Jinjiang_District       jinjiangqu     jjq  district 510100
B 510105 青羊区     Qingyang_District       qingyangqu     qyq  district 510100
C 510121 金堂县     Jintang_County          jintangxian    jtx  county   510100
D 510722 三台县     Santai_County           santaixian     stx  county   510700
E 510726 北川羌族自治县 Beichuan_Qiang_Autonomous_County beichuanqiangzuzizhixian bcqzzzx county 510700
F 510781 江油市     Jiangyou_City           jiangyoushi    jys  city     510700
G 341202 颍州区     Yingzhou_District       yingzhouqu     yzq  district 341200
H 341900 独立市     Duli_City               dulishi        dls  city     341900
I 341221 临泉县     Linquan_County          linquanxian    lqx  county   341200
J 341225 阜南县     Funan_County            funanxian      fnx  county   341200
K 349001 直管市     Zhiguan_City            zhiguanshi     zgs  city     -
L 810001 中西区     Central_and_Western     zhongxiqu      zxq  district -
"""

PREFECTURES = """
510100 成都市 Chengdu  chengdushi  cds
510700 绵阳市 Mianyang mianyangshi mys
341200 阜阳市 Fuyang   fuyangshi   fys
341900 独立市 Duli     dulishi     dls
"""

PROVINCES = """
510000 四川省         Sichuan   sichuansheng sc
340000 安徽省         Anhui     anhuisheng   ah
810000 香港特别行政区 Hong_Kong xianggangtebiexingzhengqu xgtbxzq
"""

MEASURES = (
    "children",
    "children_rural",
    "migrant_children",
    "left_behind_children_rural",
    "left_behind_children_urban",
    "left_behind_both_away",
    "children_measured",
    "children_km",
    "children_beyond_5km",
    "children_beyond_10km",
    "children_beyond_30km",
)
ACCESS = MEASURES[6:]

# Cells: a number, 0 a true zero, w withheld, - no data. Columns as MEASURES; 2010 has no access figures.
FIGURES = {
    2020: """
A 90000 0     30000 0     1500 600  90000 180000 0    0    0
B 60000 0     20000 0     1500 500  60000 300000 9000 0    0
C 40000 20000 2000  9000  2000 4000 40000 400000 8000 2000 0
D 80000 60000 1000  24000 3000 9000 80000 900000 7000 4000 500
E 12000 9000  7     3000  w    1000 12000 240000 6000 5000 w
F 50000 20000 4000  8000  2500 3000 50000 250000 1000 0    0
G 70000 10000 9000  2000  4000 1500 70000 70000  0    0    0
H 30000 5000  6000  1000  1000 500  30000 90000  w    0    0
I 99000 80000 500   36000 4000 12000 99000 1980000 60000 50000 9000
J 85000 70000 w     30000 3000 9000 85000 1700000 50000 40000 7000
K 20000 0     0     0     0    0    20000 40000  0    0    0
L -     -     -     -     -    -    -     -      -    -    -
""",
    2010: """
A 80000 0     15000 0     1000 500
B 60000 0     25000 0     2000 700
C 45000 30000 1000  12000 1500 5000
D 95000 80000 500   30000 2000 9500
E -     -     -     -     -    -
F 55000 30000 2000  10000 1500 3500
G 65000 20000 4000  3000  3000 1500
H 25000 9000  1000  1500  500  w
I 110000 99000 w    40000 2000 14000
J 90000 80000 500   27000 3000 9500
K 20000 0     0     0     0    0
L -     -     -     -     -    -
""",
}

# id, name_zh, name_en, type, services, county, capacity, status
CENTRES = """
c01 锦江儿童友好空间 Jinjiang_Child-Friendly_Space child_friendly_space healthcare,education_support A - open
c02 金堂儿童中心     Jintang_Children's_Centre     childrens_centre     education_support C 46 open
c03 江油儿童之家     Jiangyou_Children's_Place     childrens_place      family_education E - open
c04 颍州儿童之家     Yingzhou_Children's_Place     childrens_place      family_education G 30 planned
"""

# level, code, year, indicator, low, high, rank_best, rank_worst, alike; - where a unit is not ranked (districts).
INTERVALS = """
county     510104 2020 left_behind_share   20.0 55.0 - - -
county     510121 2020 left_behind_share   25.0 60.0 1 4 3
county     510121 2010 left_behind_share   30.0 70.0 1 5 3
prefecture 510100 2020 left_behind_share   15.0 45.0 1 2 1
nation     100000 2020 left_behind_children 250000 250000 1 1 0
"""

# level, origin, scope, destination, left-behind children, migrant children, quality
FLOWS = """
province   510000 same_county    510000 20000 9000  modelled
province   510000 same_province  510000 15000 20000 modelled
province   510000 other_province 340000 25500 8000  modelled
province   340000 same_county    340000 30000 4000  modelled
province   340000 same_province  340000 21000 6000  modelled
province   340000 other_province 510000 30000 48000 modelled
prefecture 510700 same_county    510700 9000  1000  modelled_weak
prefecture 510700 same_province  510100 12000 15000 modelled_weak
prefecture 510700 same_province  510700 1000  -     modelled_weak
prefecture 510700 other_province 341200 8000  3000  modelled_weak
prefecture 510700 other_province -      10500 -     modelled_weak
prefecture -      other_province 510700 -     400   modelled_weak
county     510722 same_county    510722 5000  -     modelled_weak
county     510722 same_province  -      10000 -     modelled_weak
county     510722 other_province -      12000 -     modelled_weak
"""

SOURCES = """
estimates  method      分县估计 County_estimates This_atlas 2026 CC-BY-4.0
geonames   settlements 地名库   GeoNames         GeoNames   2026 CC-BY-4.0
centres    centres     演示名录 Demonstration_register This_atlas 2026 CC0-1.0
boundaries boundaries  行政边界 Boundaries       Amap       2024 No_redistribution
census_2020 figures    第七次人口普查 Seventh_census NBS 2020 MIT
"""


def write_toy_release(data_dir: Path, release_id: str = RELEASE_ID, centres_kind: str = "demonstration") -> Path:
    """Write the toy release into `data_dir` as the ETL would, `CURRENT` last; the release file comes back."""
    file = data_dir / "releases" / f"{release_id}.duckdb"
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        for name, frame in tables(release_id, centres_kind).items():
            schema = TABLES[name].to_schema()
            types = {column: _sql_type(str(field.dtype)) for column, field in schema.columns.items()}
            connection.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in types.items())})")
            if len(frame):
                connection.append(name, schema.validate(frame)[list(types)])
    aside = data_dir / ".CURRENT"
    aside.write_text(release_id, encoding="utf-8")
    aside.replace(data_dir / "CURRENT")
    return file


def tables(release_id: str = RELEASE_ID, centres_kind: str = "demonstration") -> dict[str, pd.DataFrame]:
    """All tables of the contract."""
    shapes = _shapes()
    return {
        "release": pd.DataFrame([_release(release_id, centres_kind)]),
        "sources": _sources(),
        "units": _units(shapes),
        "boundaries": pd.DataFrame(
            [
                {"level": level, "code": code, "wkb": shapely.to_wkb(_multi(shape))}
                for (level, code), shape in shapes.items()
            ]
        ),
        "tiles": _tiles(),
        "figures": _figures(),
        "intervals": _intervals(),
        "settlements": _settlements(),
        "centres": _centres(demonstration=centres_kind == "demonstration"),
        "crosswalk": pd.DataFrame(),
        "vintages": toy_vintages(county_rows()),
        "flows": _flows(),
        **toy_access(),
        "build_report": pd.DataFrame(
            [{"step": "sums", "item": "children 2020", "value": "636,000", "expected": "636,000", "ok": True}]
        ),
    }


def county_rows() -> list[dict[str, str]]:
    """The counties of the text table, by letter."""
    names = ["letter", "code", "name_zh", "name_en", "pinyin", "initials", "kind", "prefecture"]
    return [dict(zip(names, line.split(), strict=True)) for line in COUNTIES.strip().splitlines()]


def cells(year: int) -> dict[str, dict[str, str]]:
    """The figures of a year as they stand in the text: code -> measure -> cell. Missing columns are no data."""
    code_of, found = {row["letter"]: row["code"] for row in county_rows()}, {}
    for line in FIGURES[year].strip().splitlines():
        letter, *values = line.split()
        found[code_of[letter]] = dict.fromkeys(MEASURES, "-") | dict(zip(MEASURES, values, strict=False))
    return found


def _release(release_id: str, centres_kind: str) -> dict[str, str]:
    return {
        "release_id": release_id,
        "built_at": "2026-05-02T08:00:00+00:00",
        "version": "0.1.0",
        "method_version": "1",
        "content_sha256": "0" * 64,
        "centres_kind": centres_kind,
        "contract": contract_fingerprint(),
    }


def _intervals() -> pd.DataFrame:
    names = list(TABLES["intervals"].to_schema().columns)
    rows = [line.replace(" -", " nan").split() for line in INTERVALS.strip().splitlines()]
    table = pd.DataFrame(rows, columns=names)
    return table.astype(dict.fromkeys(names[4:], float) | {"year": int})


def _flows() -> pd.DataFrame:
    names = ("level", "origin", "scope", "destination", "left_behind_children", "migrant_children", "quality")
    rows = [line.split() for line in FLOWS.strip().splitlines()]
    table = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows]).replace("-", None)
    return table.assign(year=2020, **{name: table[name].astype(float) for name in names[4:6]})


def _sources() -> pd.DataFrame:
    names = ("source_id", "role", "title_zh", "title_en", "producer_en", "year", "licence_en")
    rows = []
    for line in SOURCES.strip().splitlines():
        source_id, *words = line.split()
        row = dict(zip(names, [source_id, *(word.replace("_", " ") for word in words)], strict=True))
        row |= {"producer_zh": row["producer_en"], "licence_zh": row["licence_en"]}
        rows.append({**row, "citation": f"{row['producer_en']}, {row['title_en']}", "url": None, "sha256": None})
    return pd.DataFrame(rows)


def _shapes() -> dict[tuple[str, str], shapely.Geometry]:
    squares: dict[str, list[shapely.Geometry]] = {}
    for row, line in enumerate(DRAWING.strip().splitlines()):
        owner = ""
        for column, letter in enumerate(line):
            owner = owner if letter == "*" else letter
            # Rounded, or the noise of floats would leave slivers between neighbours.
            west, east = (round(WEST + step * SQUARE_DEG, 6) for step in (column, column + 1))
            north, south = (round(NORTH - step * SQUARE_DEG, 6) for step in (row, row + 1))
            squares.setdefault(owner, []).append(box(west, south, east, north))
    shapes = {}
    above: dict[tuple[str, str], list[shapely.Geometry]] = {}
    for county in county_rows():
        shape = shapely.union_all(squares[county["letter"]])
        shapes["county", county["code"]] = shape
        above.setdefault(("province", county["code"][:2] + "0000"), []).append(shape)
        above.setdefault(("nation", "100000"), []).append(shape)
        if county["prefecture"] != "-":
            above.setdefault(("prefecture", county["prefecture"]), []).append(shape)
    return shapes | {key: shapely.union_all(parts) for key, parts in above.items()}


def _multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    return shape if isinstance(shape, shapely.MultiPolygon) else shapely.MultiPolygon([shape])


def _units(shapes: dict[tuple[str, str], shapely.Geometry]) -> pd.DataFrame:
    rows = [_unit("nation", ["100000", "中国", "China", "zhongguo", "zg"], "nation", None, None)]
    rows += [
        _unit("province", line.split(), "province", line.split()[0], None) for line in PROVINCES.strip().splitlines()
    ]
    rows += [
        _unit("prefecture", line.split(), "prefecture", line[:2] + "0000", line.split()[0])
        for line in PREFECTURES.strip().splitlines()
    ]
    for county in county_rows():
        words = [county[name] for name in ("code", "name_zh", "name_en", "pinyin", "initials")]
        prefecture = None if county["prefecture"] == "-" else county["prefecture"]
        rows.append(_unit("county", words, county["kind"], words[0][:2] + "0000", prefecture))
    for row in rows:
        shape = shapes[row["level"], row["code"]]
        point = shape.representative_point()
        west, south, east, north = shape.bounds
        row |= {"area_km2": shape.area * 10_000, "lon": point.x, "lat": point.y}
        row |= {"west": west, "south": south, "east": east, "north": north}
    return pd.DataFrame(rows)


def _unit(level: str, words: list[str], kind: str, province: str | None, prefecture: str | None) -> dict[str, Any]:
    code, name_zh, name_en, pinyin, initials = words
    return {
        "level": level,
        "code": code,
        "name_zh": name_zh,
        "name_en": name_en.replace("_", " "),
        "pinyin": pinyin,
        "initials": initials,
        "kind": kind,
        "province_code": province,
        "prefecture_code": prefecture if level != "prefecture" else None,
        "counted": not code.startswith("81"),
    }


def _figures() -> pd.DataFrame:
    district = {row["code"] for row in county_rows() if row["kind"] == "district"}
    rows = []
    for year in FIGURES:
        for code, measures in cells(year).items():
            for measure, cell in measures.items():
                state = {"0": "zero", "-": "no_data", "w": "withheld"}.get(cell, "value")
                modelled = "modelled_weak" if code in district else "modelled"
                quality = "demonstration" if measure in ACCESS else modelled
                rows.append(
                    {
                        "code": code,
                        "year": year,
                        "measure": measure,
                        "value": float(cell) if state in ("value", "zero") else None,
                        "state": state,
                        "quality": "none" if state == "no_data" else quality,
                    }
                )
    return pd.DataFrame(rows)


def _tiles() -> pd.DataFrame:
    layers = ("county", "prefecture", "province", "borders")
    rows = [(layer, 0, 0, 0) for layer in layers] + [("county", 4, 12, 6)]
    return pd.DataFrame(
        [
            {"layer": layer, "z": z, "x": x, "y": y, "data": gzip.compress(f"{layer}/{z}/{x}/{y}".encode(), mtime=0)}
            for layer, z, x, y in rows
        ]
    )


def _settlements() -> pd.DataFrame:
    """Two settlements a county of the mainland; the nearest centres of C are c02 (1 km, 3 children of 4) and c01."""
    nearest = {"A": "c01", "B": "c01", "C": "c02", "D": "c03", "E": "c03", "F": "c03"}
    rows = []
    for county in county_rows():
        letter, code = county["letter"], county["code"]
        if letter == "L":
            continue
        centre = nearest.get(letter)
        for number, (weight, metres) in enumerate([(30.0, 1_000.0), (10.0, 9_000.0)]):
            second = letter == "C" and number == 1
            rows.append(
                {
                    "settlement_id": f"{code}-{number}",
                    "name_zh": None,
                    "name_en": f"{county['name_en']} {number}",
                    "code": code,
                    "lon": WEST,
                    "lat": NORTH,
                    "kind": "rural" if number else "urban",
                    "children": weight,
                    "nearest_centre_id": "c01" if second else centre,
                    "distance_m": metres if centre else None,
                }
            )
    return pd.DataFrame(rows).assign(relief="unknown", moved_m=float("nan"))


def _centres(*, demonstration: bool) -> pd.DataFrame:
    code_of = {row["letter"]: row["code"] for row in county_rows()}
    names = ("centre_id", "name_zh", "name_en", "type", "services", "code", "capacity", "status")
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(CENTRES.strip().splitlines()):
        row: dict[str, Any] = dict(zip(names, line.split(), strict=True))
        row["name_en"] = row["name_en"].replace("_", " ")
        row["code"] = code_of[row["code"]]
        row["capacity"] = None if row["capacity"] == "-" else float(row["capacity"])
        row |= {"lon": WEST + 0.15, "lat": NORTH - 0.15 - number / 10, "coordinates": "as_given"}
        rows.append(dict.fromkeys(TABLES["centres"].to_schema().columns) | row | {"demonstration": demonstration})
    return pd.DataFrame(rows)


def _sql_type(dtype: str) -> str:
    if dtype.startswith("str"):
        return "VARCHAR"
    return {"float64": "DOUBLE", "int64": "BIGINT", "bool": "BOOLEAN", "object": "BLOB"}[dtype]
