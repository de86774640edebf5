"""A server that starts loads no compiled kernels, no solver and no statistics, which weigh seconds."""

from __future__ import annotations

import subprocess
import sys

from geodata.settings import PROJECT_DIR

HEAVY = ("esda", "geopandas", "highspy", "libpysal", "numba", "pandera", "scipy.optimize", "scipy.stats")


def test_the_dashboard_starts_without_what_weighs_seconds() -> None:
    program = f"import sys, dashboard.__main__; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
