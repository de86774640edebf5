"""The toy release with its settlements set apart: one at each county's point, one 2.9 km east of it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.support.toy_release import write_toy_release


def write_plan_release(data_dir: Path) -> Path:
    """Write it into `data_dir`; the release file comes back."""
    file = write_toy_release(data_dir)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            UPDATE settlements SET lon = units.lon + 0.03 * (settlements.kind = 'rural')::INT, lat = units.lat
            FROM units WHERE units.level = 'county' AND units.code = settlements.code
            """
        )
    return file
