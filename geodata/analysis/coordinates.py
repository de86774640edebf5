"""The coordinate doctor: what is wrong with the coordinates of a register, what would mend it, and how sure that is.

A register names a county and gives two numbers. The numbers are read in every way they can be meant
(`geodata.analysis.readings`), and a reading is believed when it is the only one that puts the point into the county.
GCJ-02 and BD-09 move a point by a few hundred metres, which a single point inside its county does not show: they are
decided for the whole file, by a sign test on the points that one reading puts into their county and the other not.
Nothing is changed here; a finding carries the place it proposes and the metres it would move the point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Geod
from scipy.spatial import cKDTree
from scipy.stats import binomtest

from geodata import crs
from geodata.analysis.readings import AS_GIVEN, DATUMS, DOTTED_DMS, STRUCTURAL, Reading

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Outlines of two sources differ by about 11 m in the middle, far more along rivers and new roads.
BORDER_SLACK_M = 250.0
# A whole file is re-read only if chance would do the same in less than 1 of 40 files, for each of two readings.
DATUM_P = 0.025
# Two readings whose places are this near are one place.
SAME_PLACE_M = 1_000.0
# A reading that is the only possible one is proposed even if the place lies this far outside its county, no farther.
STRAY_M = 20_000.0
# Within 300 m of a centroid, but never more than 1 % of the unit's width: by chance that meets 3 of 10,000 points.
CENTROID_M, CENTROID_WIDTHS = 300.0, 0.01
# That minutes and seconds of eight points all stay below 60 by chance: 0.6 to the power of 16 and less.
LEAST_DOTTED = 8
LEAST_SHARED = 3
# No grid of China counts farther: eastings with a zone reach 4.6e7.
LARGEST = 1e9
OK, OUTSIDE, NOWHERE, CENTROID, AMBIGUOUS, SHARED, UNSURE = (
    "ok", "outside_county", "nowhere", "centroid", "ambiguous", "shared_point", "datum_unsure",
)  # fmt: skip
WITHDRAW = "withdraw"
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Counties:
    """Where counties are: codes, and outlines in the equal-area plane of `geodata.crs`, metres, in the same order."""

    codes: npt.NDArray[np.str_]
    plane: npt.NDArray[Any]


@dataclass(frozen=True)
class _Place:
    """A reading of all points: degrees, if it can apply, and if it lies in the declared county (or in any, if none)."""

    reading: Reading
    lon: Floats
    lat: Floats
    inside: Bools

    @property
    def possible(self) -> Bools:
        return np.isfinite(self.lon)


def examine(x: npt.ArrayLike, y: npt.ArrayLike, county: npt.ArrayLike, counties: Counties) -> pd.DataFrame:
    """A finding for every point.

    Parameters
    ----------
    x, y
        The numbers of the columns longitude (easting) and latitude (northing), as given.
    county
        Index into `counties` of the county the register names, -1 where it names none.
    counties
        All counties.

    Returns
    -------
    pandas.DataFrame
        finding
            ok, the id of a reading (gcj02, bd09, swapped, dotted_dms, packed_dm, packed_dms, web_mercator,
            gauss_krueger), centroid, outside_county, nowhere, ambiguous, datum_unsure or shared_point.
        fix
            The reading to apply, `withdraw` (keep the county, give up the point), or "" where there is nothing to
            mend or nobody can tell.
        lon, lat
            WGS-84 degrees as given; not a number where the numbers are no degrees in China.
        fixed_lon, fixed_lat
            Where `fix` puts the point; not a number for `withdraw` and where there is no fix.
        moved_m
            Metres from one to the other, on the ellipsoid; not a number where there was no place before.
        outside_m
            Metres from the point as given to the declared county, 0 inside, not a number without one.
    """
    xs, ys, where = _sane(x), _sane(y), np.asarray(county, dtype=np.int64)
    shapely.prepare(counties.plane)
    tree = shapely.STRtree(counties.plane)
    given = _place(AS_GIVEN, xs, ys, where, counties, tree)
    datums = [_place(reading, xs, ys, where, counties, tree) for reading in DATUMS]
    dotted = _place(DOTTED_DMS, xs, ys, where, counties, tree)
    structural = [_place(reading, xs, ys, where, counties, tree) for reading in STRUCTURAL]
    outside_m = _outside_m(given, where, counties)

    result = _Findings(given, outside_m)
    result.judge_given(where, tree, counties)
    result.judge_readings([dotted], structural, where, counties)
    _whole_file_dotted(result, given, dotted, xs, ys)
    _whole_file_datum(result, given, datums, where)
    result.judge_centroids(_centroids(counties), datums)
    result.judge_shared()
    return result.table()


@dataclass(frozen=True)
class DatumStake:
    """What it would mean if points read as WGS-84 were in another datum: how far they lie off, and over which borders.

    `coming` counts points that would come into the county they name, `leaving` those that would leave it.
    """

    reading: str
    moved_m: float
    coming: int
    leaving: int


def datum_stakes(lon: npt.ArrayLike, lat: npt.ArrayLike, county: npt.ArrayLike, counties: Counties) -> list[DatumStake]:
    """The stake of each datum for points whose register does not say theirs.

    Parameters
    ----------
    lon, lat
        Degrees in China, as given.
    county
        Index into `counties` of the county each point counts for.
    """
    x, y, where = _sane(lon), _sane(lat), np.asarray(county, dtype=np.int64)
    tree = shapely.STRtree(counties.plane)
    given, *others = (_place(reading, x, y, where, counties, tree) for reading in (AS_GIVEN, *DATUMS))
    found = []
    for other in others:
        _, _, metres = _GEOD.inv(given.lon, given.lat, other.lon, other.lat)
        coming, leaving = int((other.inside & ~given.inside).sum()), int((given.inside & ~other.inside).sum())
        found.append(DatumStake(other.reading.id, float(np.median(metres)), coming, leaving))
    return found


class _Findings:
    """Findings as they are made, one array a column; later judgements replace earlier, weaker ones."""

    def __init__(self, given: _Place, outside_m: Floats) -> None:
        count = len(given.lon)
        self.given, self.outside_m = given, outside_m
        self.finding = np.full(count, OK, dtype=object)
        self.fix = np.full(count, "", dtype=object)
        self.lon, self.lat = np.full(count, np.nan), np.full(count, np.nan)

    def judge_given(self, where: Ints, tree: shapely.STRtree, counties: Counties) -> None:
        near = np.nan_to_num(self.outside_m, nan=np.inf) <= BORDER_SLACK_M
        anywhere = _inside_any(self.given.lon, self.given.lat, tree, counties)
        self.finding[~self.given.inside & ~near] = NOWHERE
        self.finding[~self.given.inside & ~near & anywhere & (where >= 0)] = OUTSIDE

    def judge_readings(self, degrees: list[_Place], structural: list[_Place], where: Ints, counties: Counties) -> None:
        """Mend each point that is not where it should be, if one reading alone puts it right."""
        for at in map(int, np.flatnonzero(self.finding != OK)):
            declared = bool(where[at] >= 0)
            fits = [place for place in [*degrees, *structural] if place.inside[at] and (declared or _alone(place))]
            if not fits and not self.given.possible[at]:
                fits = [place for place in structural if _strays_little(place, at, int(where[at]), counties)]
            if not fits:
                continue
            first = fits[0]
            if all(_metres(first, place, at) <= SAME_PLACE_M for place in fits):
                self.mend(np.array([at]), first)
            else:
                self.finding[at] = AMBIGUOUS

    def mend(self, rows: Ints, place: _Place) -> None:
        self.finding[rows] = self.fix[rows] = place.reading.id
        self.lon[rows], self.lat[rows] = place.lon[rows], place.lat[rows]

    def judge_centroids(self, centroids: tuple[cKDTree, Floats], datums: list[_Place]) -> None:
        """A point on the middle of a county, prefecture or province, in any of the three datums, is no address."""
        tree, slack_m = centroids
        found = np.zeros(len(self.finding), dtype=bool)
        for place in [self.given, *datums]:
            rows = np.flatnonzero(place.possible)
            away_m, nearest = tree.query(np.column_stack(crs.equal_area_from_wgs84(place.lon[rows], place.lat[rows])))
            found[rows] |= np.atleast_1d(away_m <= slack_m[nearest])
        self.finding[found], self.fix[found] = CENTROID, WITHDRAW
        self.lon[found] = self.lat[found] = np.nan

    def judge_shared(self) -> None:
        """Three or more rows at one point: a geocoder that knew only the town, perhaps. Said, not mended."""
        points = pd.DataFrame({"lon": self.given.lon.round(6), "lat": self.given.lat.round(6)})
        shared = points.groupby(["lon", "lat"])["lon"].transform("size") >= LEAST_SHARED
        self.finding[shared.to_numpy() & (self.finding == OK)] = SHARED

    def table(self) -> pd.DataFrame:
        moved_m = np.full(len(self.lon), np.nan)
        both = self.given.possible & np.isfinite(self.lon)
        moved_m[both] = _GEOD.inv(self.given.lon[both], self.given.lat[both], self.lon[both], self.lat[both])[2]
        return pd.DataFrame(
            {
                "finding": self.finding.astype(str),
                "fix": self.fix.astype(str),
                "lon": self.given.lon,
                "lat": self.given.lat,
                "fixed_lon": self.lon,
                "fixed_lat": self.lat,
                "moved_m": moved_m,
                "outside_m": self.outside_m,
            }
        )


def _place(reading: Reading, x: Floats, y: Floats, county: Ints, counties: Counties, tree: shapely.STRtree) -> _Place:
    lon, lat = reading.change(x, y)
    inside = np.zeros(len(x), dtype=bool)
    plane_x, plane_y = _plane(lon, lat)
    rows = np.flatnonzero(np.isfinite(lon) & (county >= 0))
    inside[rows] = shapely.contains_xy(counties.plane[county[rows]], plane_x[rows], plane_y[rows])
    if not reading.needs_county:
        free = np.isfinite(lon) & (county < 0)
        inside[free] = _inside_any(lon[free], lat[free], tree, counties)
    return _Place(reading, lon, lat, inside)


def _sane(values: npt.ArrayLike) -> Floats:
    """Numbers; what is larger than any coordinate, which would only overflow, as not a number."""
    numbers = np.asarray(values, dtype=float)
    return np.where(np.abs(numbers) < LARGEST, numbers, np.nan)


def _inside_any(lon: Floats, lat: Floats, tree: shapely.STRtree, counties: Counties) -> Bools:
    """Whether each point lies in any county; `tree` holds the outlines of `counties`."""
    x, y = _plane(lon, lat)
    points = np.flatnonzero(np.isfinite(lon))
    found = np.zeros(len(lon), dtype=bool)
    point_at, box = tree.query(shapely.points(x[points], y[points]))
    rows = points[point_at]
    hit = shapely.contains_xy(counties.plane[box], x[rows], y[rows])
    found[rows[hit]] = True
    return found


def _plane(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    known = np.isfinite(lon)
    x, y = np.full(lon.shape, np.nan), np.full(lon.shape, np.nan)
    x[known], y[known] = crs.equal_area_from_wgs84(lon[known], lat[known])
    return x, y


def _outside_m(place: _Place, county: Ints, counties: Counties) -> Floats:
    """Metres in the equal-area plane (within some per cent) to the declared county, 0 inside, else not a number."""
    x, y = _plane(place.lon, place.lat)
    metres = np.full(len(x), np.nan)
    rows = np.flatnonzero(place.possible & (county >= 0))
    metres[rows] = shapely.distance(shapely.points(x[rows], y[rows]), counties.plane[county[rows]])
    return metres


def _strays_little(place: _Place, at: int, county: int, counties: Counties) -> bool:
    """Whether the only possible reading of a point ends near the county it names. Where it names none, it must hit."""
    if county < 0 or not place.possible[at] or place.reading.needs_county:
        return False
    x, y = crs.equal_area_from_wgs84(place.lon[at], place.lat[at])
    return bool(shapely.distance(shapely.Point(float(x), float(y)), counties.plane[county]) <= STRAY_M)


def _alone(place: _Place) -> bool:
    """Whether a reading can be believed where no county is named."""
    return not place.reading.in_degrees and not place.reading.needs_county


def _metres(one: _Place, other: _Place, at: int) -> float:
    return float(_GEOD.inv(one.lon[at], one.lat[at], other.lon[at], other.lat[at])[2])


def _whole_file_dotted(result: _Findings, given: _Place, dotted: _Place, x: Floats, y: Floats) -> None:
    """Re-read a whole file as degrees.minutes-seconds if every point of eight or more can be and none gets worse."""
    rows = np.flatnonzero(given.possible)
    # Round degrees can be read either way and tell nothing.
    telling = rows[(np.mod(x[rows], 1.0) > 0) & (np.mod(y[rows], 1.0) > 0)]
    if len(telling) < LEAST_DOTTED or not dotted.possible[rows].all():
        return
    if dotted.inside[rows].sum() > given.inside[rows].sum():
        result.mend(rows, dotted)


def _whole_file_datum(result: _Findings, given: _Place, datums: list[_Place], county: Ints) -> None:
    """Re-read a whole file as GCJ-02 or BD-09 if that puts significantly more points into their counties."""
    plain = given.possible & (county >= 0) & np.isin(result.finding, [OK, OUTSIDE])
    gains = [int((place.inside & ~given.inside)[plain].sum()) for place in datums]
    losses = [int((given.inside & ~place.inside)[plain].sum()) for place in datums]
    believed = [
        gain > loss and binomtest(gain, gain + loss, 0.5, alternative="greater").pvalue < DATUM_P
        for gain, loss in zip(gains, losses, strict=True)
    ]
    net = [gain - loss for gain, loss in zip(gains, losses, strict=True)]
    best = int(np.argmax(net))
    if believed[best] and net.count(net[best]) == 1:
        rows = np.flatnonzero(given.possible & np.isin(result.finding, [OK, OUTSIDE]))
        result.mend(rows, datums[best])
        still_out = rows[~datums[best].inside[rows] & (result.outside_m[rows] > BORDER_SLACK_M + SAME_PLACE_M)]
        result.finding[still_out] = OUTSIDE
        return
    hinted = np.any([place.inside for place in datums], axis=0) & (result.finding == OUTSIDE) & (county >= 0)
    result.finding[hinted] = UNSURE


def _centroids(counties: Counties) -> tuple[cKDTree, Floats]:
    """Centroids of counties, prefectures and provinces in the plane, as a tree, and how near is on it, metres."""
    area = shapely.area(counties.plane)
    middle = shapely.get_coordinates(shapely.centroid(counties.plane))
    points, areas = [middle], [np.asarray(area, dtype=float)]
    for digits in (2, 4):
        # The centroid of a whole is the mean of those of its parts, by area.
        _, part = np.unique([code[:digits] for code in counties.codes], return_inverse=True)
        whole = np.bincount(part, weights=area)
        points.append(np.column_stack([np.bincount(part, weights=area * middle[:, axis]) / whole for axis in (0, 1)]))
        areas.append(np.asarray(whole, dtype=float))
    surface = shapely.get_coordinates(shapely.point_on_surface(counties.plane))
    slack_m = np.minimum(CENTROID_M, CENTROID_WIDTHS * np.sqrt(np.concatenate([*areas, area])))
    return cKDTree(np.concatenate([*points, surface])), slack_m
