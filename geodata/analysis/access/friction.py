"""Minutes over a friction surface: the least-cost path from every cell to the nearest of several places.

A friction surface (as those of WHO or the Malaria Atlas Project) says for each cell how many minutes a metre takes. One
step goes to one of eight neighbours and costs the metres between the two centres times the mean of both frictions.
Cells know their metres: a cell of half a minute of arc is 926 m high everywhere, but 926 m wide only at the equator and
584 m at 51 N. Taking degree cells for squares is off by 6 % on the mean for China.

Cells that are not a number, not above zero or infinite are barriers; what lies behind them stays unreachable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.analysis.access.friction_kernels import CELL, Cells, search
from geodata.analysis.distance import geodesic_m

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# More buckets than this cost more to walk through than they save.
_MOST_BUCKETS = 1 << 16


@dataclass(frozen=True)
class Grid:
    """Where the cells of a raster lie. Row 0 is the northernmost if `step_y` is negative, as in most GeoTIFFs.

    Attributes
    ----------
    left, top
        Outer corner of cell (0, 0): WGS-84 degrees, or metres of a plane if `metric`.
    step_x, step_y
        Size of a cell in the same unit, with sign.
    metric
        True for a projected raster, whose cells measure the same everywhere.
    """

    rows: int
    columns: int
    left: float
    top: float
    step_x: float
    step_y: float
    metric: bool = False

    def cell(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Ints:
        """Position of the cell each place lies in, row by row; -1 outside the raster or without coordinates."""
        column = np.floor((np.asarray(x, dtype=float) - self.left) / self.step_x)
        row = np.floor((np.asarray(y, dtype=float) - self.top) / self.step_y)
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return np.where(inside, np.nan_to_num(row) * self.columns + np.nan_to_num(column), -1).astype(np.int64)

    def step_metres(self) -> Floats:
        """Shape (rows, 3): metres from a cell of each row to its neighbour in the row, below, and below aside.

        What lies below the last row is not a number.
        """
        lat = self.top + self.step_y * (np.arange(self.rows) + 0.5)
        below = np.append(lat[1:], np.nan)
        if self.metric:
            wide, high = abs(self.step_x), abs(self.step_y)
            steps = np.tile([wide, high, float(np.hypot(wide, high))], (self.rows, 1))
            steps[-1, 1:] = np.nan
            return steps
        here, aside = np.zeros(self.rows), np.full(self.rows, self.step_x)
        return np.column_stack(
            [
                geodesic_m(here, lat, aside, lat),
                geodesic_m(here, lat, here, below),
                geodesic_m(here, lat, aside, below),
            ]
        )


@dataclass(frozen=True)
class CostSurface:
    """For every cell the minutes to the nearest place (infinite: unreachable) and which place that is (-1: none)."""

    minutes: npt.NDArray[np.float64]
    place: npt.NDArray[np.int32]


def least_cost(minutes_a_metre: npt.NDArray[np.floating], grid: Grid, places: Ints) -> CostSurface:
    """Least minutes from every cell to the nearest of `places` (positions of cells, as `Grid.cell` gives them).

    Travel costs the same in both directions. Places at -1 or on a barrier cannot be reached. Method: Dijkstra's search
    with a queue of buckets (Dial 1969; re-scanned as in Meyer & Sanders 2003), so that the answer is exact whatever the
    width of a bucket. Of places equally near the one found first counts, which is deterministic. At work it takes 16
    bytes a cell beside what it returns (12).

    Raises
    ------
    ValueError
        If the surface is not of the grid's shape.
    """
    if minutes_a_metre.shape != (grid.rows, grid.columns):
        raise ValueError(f"the surface is {minutes_a_metre.shape}, the grid {(grid.rows, grid.columns)}")
    friction = np.asarray(minutes_a_metre, dtype=np.float32)
    usable = np.isfinite(friction) & (friction > 0)
    cells = np.zeros((grid.rows + 2, grid.columns + 2), dtype=CELL)
    cells["minutes"], cells["place"] = -np.inf, -1
    inner = cells[1:-1, 1:-1]
    inner["minutes"][usable], inner["friction"][usable] = np.inf, friction[usable]
    targets = np.asarray(places, dtype=np.int64)
    if usable.any() and len(targets):
        row, column = np.divmod(targets, grid.columns)
        # Who is nowhere stands in the corner of the rim, a barrier.
        at = np.where(targets >= 0, (row + 1) * (grid.columns + 2) + column + 1, 0)
        _search(cells.ravel(), grid, friction[usable], at)
    return CostSurface(np.where(usable, inner["minutes"], np.inf), inner["place"].copy())


def _search(cells: Cells, grid: Grid, friction: npt.NDArray[np.float32], targets: Ints) -> None:
    steps = grid.step_metres()
    least, greatest = float(friction.min()) * float(np.nanmin(steps)), float(friction.max()) * float(np.nanmax(steps))
    # With a bucket as wide as the least step, no step ends in the bucket it started from.
    width = max(least, greatest / _MOST_BUCKETS)
    # A power of two, so that the ring of buckets closes without a division.
    buckets = 1 << (int(greatest / width) + 3).bit_length()
    aside, below, slant = steps.T
    above, slant_up = np.append(np.nan, below[:-1]), np.append(np.nan, slant[:-1])
    around = np.column_stack([slant_up, above, slant_up, aside, aside, slant, below, slant])
    rim = np.full((1, around.shape[1]), np.nan)
    search(cells, np.vstack([rim, around, rim]), grid.columns + 2, targets, buckets, 1.0 / width)
