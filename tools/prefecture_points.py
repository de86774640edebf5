"""Where the children of every prefecture live: the mean place of its settlements, weighted by their children.

    python tools/prefecture_points.py

Reads the settlements (GeoNames, CC BY 4.0) of the current release and writes `geodata/reference/prefecture_points.csv`,
WGS-84 degrees to two decimals (about one kilometre): distances between prefectures are all they serve for.
"""

from __future__ import annotations

import csv
import sys

from geodata.settings import REFERENCE_DIR, data_dir
from geodata.store import Store

FILE = REFERENCE_DIR / "prefecture_points.csv"
# A settlement without children still says where people live, if nothing else does.
LEAST_WEIGHT = 1e-6
QUESTION = """
    SELECT unit.prefecture_code,
           round(sum(place.lon * weight) / sum(weight), 2),
           round(sum(place.lat * weight) / sum(weight), 2)
    FROM (SELECT code, lon, lat, children + $least AS weight FROM settlements) AS place
    JOIN units AS unit ON unit.level = 'county' AND unit.code = place.code
    WHERE unit.prefecture_code IS NOT NULL
    GROUP BY unit.prefecture_code
    ORDER BY unit.prefecture_code
"""


def main() -> None:
    """Write the file."""
    rows = Store(data_dir()).reading().cursor().execute(QUESTION, {"least": LEAST_WEIGHT}).fetchall()
    with FILE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["code", "lon", "lat"])
        writer.writerows(rows)
    sys.stdout.write(f"{len(rows)} prefectures: {FILE}\n")


if __name__ == "__main__":
    main()
