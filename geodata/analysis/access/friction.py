"""Minutes over a friction surface: the least-cost path from every cell to the nearest of several places.

A friction surface (as those of WHO or the Malaria Atlas Project) says for each cell how many minutes a metre takes. One
step goes to one of eight neighbours and costs the metres between the two centres times the mean of both frictions.
Cells know their metres: a cell of half a minute of arc is 926 m high everywhere, but 926 m wide only at the equator and
584 m at 51 N. Taking degree cells for squares is off by 6 % on the mean for China.

Cells that are not a number, not above zero or infinite are barriers; what lies behind them stays unreachable. A place
on a barrier enters by the nearest cell that can be crossed, if there is one within a stated distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.analysis.access.friction_kernels import CELL, Cells, search
from geodata.analysis.access.travel import SPEED_KM_H, TravelTable, is_within
from geodata.analysis.distance import geodesic_m

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# The way to the nearest cell that can be crossed is gone on foot.
WALK_KM_H = SPEED_KM_H["walk"]
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


@dataclass(frozen=True)
class Placed:
    """Where places enter a surface: the cell (-1: outside, or farther than allowed from any that can be crossed).

    `moved_m` is the way from the place to the middle of that cell where its own is a barrier, not a number elsewhere.
    """

    cell: Ints
    moved_m: Floats

    @property
    def walk_min(self) -> Floats:
        """Minutes on foot to the cell for the places that were moved, else 0."""
        return np.nan_to_num(self.moved_m) / (WALK_KM_H * 1_000.0 / 60.0)


def put_on_surface(
    minutes_a_metre: npt.NDArray[np.floating], grid: Grid, x: npt.ArrayLike, y: npt.ArrayLike, *, within_m: float
) -> Placed:
    """The cell each place enters the surface by: its own, or where that is a barrier the nearest that can be crossed.

    A shore or a cell without data is no sentence to be unreachable; but who lives farther than `within_m` from the
    middle of any cell that can be crossed stays where he is, on a barrier. `x`, `y` in the system of the grid; metres
    are geodesic, or those of the plane.
    """
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    cell, moved = grid.cell(xs, ys), np.full(len(xs), np.nan)
    surface = np.asarray(minutes_a_metre)
    own = surface.ravel()[cell]
    on_barrier = (cell >= 0) & ~(np.isfinite(own) & (own > 0))
    for place in np.flatnonzero(on_barrier).tolist():
        found, metres = _nearest_passable(surface, grid, xs[place], ys[place], int(cell[place]), within_m)
        if found >= 0:
            cell[place], moved[place] = found, metres
    return Placed(cell, moved)


def _nearest_passable(
    surface: npt.NDArray[np.floating], grid: Grid, x: float, y: float, at: int, within_m: float
) -> tuple[int, float]:
    """The nearest cell that can be crossed and the metres to its middle; -1 if there is none within `within_m`."""
    row, column = divmod(at, grid.columns)
    wide, high = (within_m / step for step in _cell_metres(grid, row))
    rows = slice(max(row - int(high) - 1, 0), min(row + int(high) + 2, grid.rows))
    columns = slice(max(column - int(wide) - 1, 0), min(column + int(wide) + 2, grid.columns))
    near = surface[rows, columns]
    i, j = np.nonzero(np.isfinite(near) & (near > 0))
    if not len(i):
        return -1, np.nan
    i, j = i + rows.start, j + columns.start
    to_x, to_y = grid.left + (j + 0.5) * grid.step_x, grid.top + (i + 0.5) * grid.step_y
    if grid.metric:
        metres = np.hypot(to_x - x, to_y - y)
    else:
        metres = geodesic_m(np.full(len(i), x), np.full(len(i), y), to_x, to_y)
    best = int(np.argmin(metres))
    return (int(i[best] * grid.columns + j[best]), float(metres[best])) if metres[best] <= within_m else (-1, np.nan)


def _cell_metres(grid: Grid, row: int) -> tuple[float, float]:
    """Width and height of a cell of this row."""
    if grid.metric:
        return abs(grid.step_x), abs(grid.step_y)
    lat = np.array([grid.top + grid.step_y * (row + 0.5)])
    zero = np.zeros(1)
    wide = geodesic_m(zero, lat, zero + abs(grid.step_x), lat)
    high = geodesic_m(zero, lat, zero, lat - abs(grid.step_y) * np.sign(lat + 1e-9))
    return float(wide[0]), float(high[0])


def pairs_within(
    minutes_a_metre: npt.NDArray[np.floating], grid: Grid, points: Placed, places: Placed, limits_min: Floats
) -> TravelTable:
    """Minutes between points and places, only of pairs within the limit of the place; exactly at it is within.

    Around each place the surface is searched as far as its quickest cell could lead within the limit. Points that were
    moved walk to the surface first; places that were moved stand where they were moved to.
    """
    surface = np.asarray(minutes_a_metre)
    usable = surface[np.isfinite(surface) & (surface > 0)]
    found: list[tuple[Ints, Ints, Floats]] = []
    row, column = np.divmod(points.cell, grid.columns)
    for place in np.flatnonzero((places.cell >= 0) & (len(usable) > 0)).tolist():
        limit = float(limits_min[place])
        far_m = limit / float(usable.min())
        at_row, at_column = divmod(int(places.cell[place]), grid.columns)
        wide, high = _cell_metres(grid, at_row)
        # Meridians draw together polewards: a little wider than the cells of the place's own row say.
        reach_rows, reach_columns = int(far_m / high) + 2, int(1.2 * far_m / wide) + 2
        top, left = max(at_row - reach_rows, 0), max(at_column - reach_columns, 0)
        bottom = min(at_row + reach_rows + 1, grid.rows)
        right = min(at_column + reach_columns + 1, grid.columns)
        inside = np.flatnonzero(
            (points.cell >= 0) & (row >= top) & (row < bottom) & (column >= left) & (column < right)
        )
        if not len(inside):
            continue
        part = Grid(bottom - top, right - left, grid.left + left * grid.step_x, grid.top + top * grid.step_y,
                    grid.step_x, grid.step_y, grid.metric)  # fmt: skip
        target = np.array([(at_row - top) * part.columns + at_column - left])
        cost = least_cost(surface[top:bottom, left:right], part, target).minutes
        took = cost[row[inside] - top, column[inside] - left] + points.walk_min[inside]
        kept = is_within(took, limit)
        found.append((inside[kept], np.full(int(kept.sum()), place), took[kept]))
    empty = np.empty(0, np.int64)
    origin, destination, minutes = (
        np.concatenate([empty if at < 2 else np.empty(0), *(one[at] for one in found)]) for at in range(3)
    )
    return TravelTable.of(origin, destination, minutes, len(points.cell), len(places.cell))


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
