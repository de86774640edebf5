"""The tables of a data release, declared once: DDL, checks, documentation and fixtures come from these classes.

A docstring is the caveat a user of the table must know. All coordinates are WGS-84 degrees (EPSG:4326), all lengths
metres or, where the name says so, kilometres.
"""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from geodata.codes import KINDS
from geodata.states import QUALITIES, STATES

# How minutes were found; the first two assume speed and detour, the others rest on a file of the user's.
TRAVEL_METHODS = ("straight_line", "elevation", "friction", "roads", "minutes")
MODES = ("walk", "bicycle", "bus", "car")
RELIEFS = ("flat", "hilly", "mountain", "unknown")
LEVELS = ("nation", "province", "prefecture", "county")
CODE = r"[1-8]\d{5}"
# A year, a month or a day.
DATE = r"\d{4}(-\d\d){0,2}$"
# How evenly access is shared, and whether it follows need.
CURVES = ("lorenz", "concentration")
# How the place of a centre was come by.
COORDINATES = ("as_given", "converted", "fixed", "withdrawn", "none")


class Table(pa.DataFrameModel):
    """Common rules: no unknown column, no missing column, types as declared."""

    class Config:
        strict = True
        coerce = True


class Release(Table):
    """One row: which release this is. `content_sha256` is equal for two releases with equal tables."""

    release_id: Series[str] = pa.Field(unique=True, description="UTC build time and content hash")
    built_at: Series[str] = pa.Field(description="UTC, ISO 8601")
    version: Series[str] = pa.Field(description="version of this software")
    method_version: Series[str] = pa.Field(description="version of the estimation method")
    content_sha256: Series[str] = pa.Field(str_length=64)
    centres_kind: Series[str] = pa.Field(isin=["demonstration", "register"])
    contract: Series[str] = pa.Field(str_length=16, description="fingerprint of this file when the release was built")


class Sources(Table):
    """Where the numbers come from. Shown in the map footer, file headers and the API; never typed a second time."""

    source_id: Series[str] = pa.Field(unique=True)
    role: Series[str] = pa.Field(description="what it gives: figures, boundaries, settlements, centres, method")
    title_zh: Series[str]
    title_en: Series[str]
    producer_zh: Series[str]
    producer_en: Series[str]
    licence_zh: Series[str]
    licence_en: Series[str]
    year: Series[str]
    citation: Series[str]
    url: Series[str] = pa.Field(nullable=True)
    sha256: Series[str] = pa.Field(nullable=True, description="of the file or package data that was read")


class Units(Table):
    """Every nation, province, prefecture and county that is drawn. The key is (level, code): 441900 is both."""

    level: Series[str] = pa.Field(isin=LEVELS)
    code: Series[str] = pa.Field(str_matches=CODE)
    name_zh: Series[str]
    name_en: Series[str] = pa.Field(description="official or romanised name with its kind: Changping District")
    pinyin: Series[str] = pa.Field(description="lower case without tones or blanks: changpingqu")
    initials: Series[str] = pa.Field(description="first letters of the pinyin syllables: cpq")
    kind: Series[str] = pa.Field(isin=["nation", "province", "prefecture", "district", "city", "county"])
    province_code: Series[str] = pa.Field(nullable=True, description="province above; own code at province level")
    prefecture_code: Series[str] = pa.Field(nullable=True, description="code of the prefecture above, for counties")
    counted: Series[bool] = pa.Field(description="false for Hong Kong, Macao, Taiwan: drawn, no data")
    area_km2: Series[float] = pa.Field(gt=0, description="on the WGS-84 ellipsoid")
    lon: Series[float] = pa.Field(in_range={"min_value": 73, "max_value": 136}, description="point on surface")
    lat: Series[float] = pa.Field(in_range={"min_value": 3, "max_value": 54})
    west: Series[float]
    south: Series[float]
    east: Series[float]
    north: Series[float]


class Boundaries(Table):
    """Simplified outlines for downloads, coverage-valid per level. Not for measuring: areas are in `units`."""

    level: Series[str] = pa.Field(isin=LEVELS)
    code: Series[str] = pa.Field(str_matches=CODE)
    wkb: Series[object] = pa.Field(description="WKB MultiPolygon, EPSG:4326")


class Tiles(Table):
    """Vector tiles of the base map, gzip-compressed MVT: one pyramid a layer, so that no level is sent twice.

    Layers: county, prefecture, province (areas, the integer feature id is the division code) and borders (lines, each
    stretch once, ids of `codes.BORDER_IDS`). y counts from the north (XYZ). A tile that is not listed is empty.
    """

    layer: Series[str] = pa.Field(isin=["county", "prefecture", "province", "borders"])
    z: Series[int]
    x: Series[int]
    y: Series[int]
    data: Series[object]


class Figures(Table):
    """Measures per county and year. `value` is empty when the state is no_data or withheld; ratios never stand here.

    Modelled counts are rounded to 100 (under 100 to 10); a modelled count above 0 and below 10 is withheld.
    """

    code: Series[str] = pa.Field(str_matches=CODE)
    year: Series[int] = pa.Field(isin=[2010, 2020])
    measure: Series[str] = pa.Field(description="id in geodata/catalogue/measures")
    value: Series[float] = pa.Field(ge=0, nullable=True)
    state: Series[str] = pa.Field(isin=STATES)
    quality: Series[str] = pa.Field(isin=QUALITIES)


class Intervals(Table):
    """How sure a modelled figure is: 5th to 95th percentile of the draws, by indicator, so that ratios have theirs too.

    A unit, year or indicator without a row has no interval: official counts, distances, and what nobody knows. Rounded
    as the figure is; where rounding leaves the figure outside, as in the nation, the bound is moved to it. Ranks are
    among the units of the level that are ranked (urban districts are not), 1 the highest.
    """

    level: Series[str] = pa.Field(isin=LEVELS)
    code: Series[str] = pa.Field(str_matches=CODE)
    year: Series[int] = pa.Field(isin=[2010, 2020])
    indicator: Series[str] = pa.Field(description="id in geodata/catalogue/indicators")
    low: Series[float] = pa.Field(description="5 % of the draws lie below")
    high: Series[float] = pa.Field(description="5 % of the draws lie above")
    rank_best: Series[float] = pa.Field(ge=1, nullable=True, description="empty where a unit is not ranked")
    rank_worst: Series[float] = pa.Field(ge=1, nullable=True)
    alike: Series[float] = pa.Field(ge=0, nullable=True, description="ranked units not clearly different from this one")


class Settlements(Table):
    """Demand points inside counties. `children` spreads the county's children over its settlements, total conserved."""

    settlement_id: Series[str] = pa.Field(unique=True)
    name_zh: Series[str] = pa.Field(nullable=True)
    name_en: Series[str]
    code: Series[str] = pa.Field(str_matches=CODE, description="county the point lies in")
    lon: Series[float]
    lat: Series[float]
    kind: Series[str] = pa.Field(isin=["urban", "rural", "county_point"], description="county_point: none known")
    children: Series[float] = pa.Field(ge=0, description="children aged 0-17 of 2020, unrounded, for weighting only")
    nearest_centre_id: Series[str] = pa.Field(nullable=True)
    distance_m: Series[float] = pa.Field(ge=0, nullable=True, description="ellipsoidal, to the nearest open centre")
    relief: Series[str] = pa.Field(isin=RELIEFS, description="of the ground nearby; unknown without heights")
    moved_m: Series[float] = pa.Field(
        ge=0,
        nullable=True,
        description="to the cell it is timed from, where its own on a surface is a barrier",
    )


class Centres(Table):
    """Service centres. Rows of the demonstration register carry demonstration = true and are no real places.

    A centre without lon and lat is known by its county alone: it counts for the county's coverage and for no distance.
    """

    centre_id: Series[str] = pa.Field(unique=True)
    name_zh: Series[str]
    name_en: Series[str]
    programme: Series[str] = pa.Field(nullable=True, description="who runs it, in the register's own words")
    type: Series[str] = pa.Field(description="id in geodata/catalogue/service_types.yaml")
    services: Series[str] = pa.Field(description="comma-separated ids of services")
    lon: Series[float] = pa.Field(nullable=True, in_range={"min_value": 73, "max_value": 136})
    lat: Series[float] = pa.Field(nullable=True, in_range={"min_value": 3, "max_value": 54})
    crs: Series[str] = pa.Field(nullable=True, description="the system the register declared, if it did")
    coordinates: Series[str] = pa.Field(
        isin=COORDINATES, description="withdrawn: the numbers were no place, or the middle of a county"
    )
    code: Series[str] = pa.Field(str_matches=CODE, description="county named by the register, else of the point")
    address: Series[str] = pa.Field(nullable=True)
    opened: Series[str] = pa.Field(nullable=True, str_matches=DATE)
    closed: Series[str] = pa.Field(nullable=True, str_matches=DATE)
    capacity: Series[float] = pa.Field(ge=0, nullable=True, description="children at a time")
    staff: Series[float] = pa.Field(ge=0, nullable=True, description="people")
    status: Series[str] = pa.Field(isin=["open", "planned", "closed"])
    verified: Series[str] = pa.Field(nullable=True, str_matches=DATE, description="when somebody last looked")
    source: Series[str] = pa.Field(nullable=True, description="where the register has the row from")
    licence: Series[str] = pa.Field(nullable=True)
    demonstration: Series[bool]


class Crosswalk(Table):
    """How each census row reached today's boundaries, with the reason."""

    year: Series[int] = pa.Field(isin=[2010, 2020])
    census_code: Series[str] = pa.Field(nullable=True, description="as printed; empty where the census gives none")
    census_name: Series[str]
    code: Series[str] = pa.Field(str_matches=CODE, description="today's county")
    action: Series[str] = pa.Field(description="kept, renamed, recoded, merged, folded, undivided, split")
    reason: Series[str]


class Vintages(Table):
    """What each county of each year since 2000 is today, one row a county of today it leads to; weights add up to 1.

    Years are those of the lists: a change may show one list later than it took force. Townships that moved without a
    change of any county's code or name are not in the lists and not here.
    """

    code: Series[str] = pa.Field(str_matches=CODE, description="in the years from_year to to_year")
    name: Series[str]
    name_en: Series[str] = pa.Field(description="in pinyin by rule; of today's counties as in `units`")
    prefecture: Series[str] = pa.Field(description="name of the prefecture above, empty where there is none")
    province: Series[str]
    from_year: Series[int] = pa.Field(ge=2000)
    to_year: Series[float] = pa.Field(nullable=True, description="empty while it still stands")
    to_code: Series[str] = pa.Field(str_matches=CODE, description="today's county")
    to_name: Series[str]
    weight: Series[float] = pa.Field(gt=0, le=1, description="part of the old place that is counted there")
    error: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="relative, 90 %; 0: exact, empty: unknown")
    kind: Series[str] = pa.Field(isin=KINDS)
    boundary_changed: Series[bool] = pa.Field(description="false: only another name or number")
    reason_zh: Series[str]
    reason_en: Series[str]


class Flows(Table):
    """Both ends of migrating families, modelled: where parents of left-behind children live, where migrants are from.

    A row runs from where a family is registered (origin) to where the movers live (destination). Level county: only
    left-behind children, the destination no nearer than its scope. Level prefecture: the main places by name, an empty
    destination (or origin) stands for all others together. Multiples of ten that add up to `figures`.
    """

    year: Series[int] = pa.Field(isin=[2010, 2020])
    level: Series[str] = pa.Field(isin=["province", "prefecture", "county"])
    origin: Series[str] = pa.Field(str_matches=CODE, nullable=True, description="empty: all origins that are not named")
    scope: Series[str] = pa.Field(
        isin=["same_county", "same_province", "other_province"],
        description="the movers crossed townships of a county, counties of a province, or provinces",
    )
    destination: Series[str] = pa.Field(str_matches=CODE, nullable=True, description="empty: all that are not named")
    left_behind_children: Series[float] = pa.Field(ge=0, nullable=True, description="at the origin, aged 0-17")
    migrant_children: Series[float] = pa.Field(ge=0, nullable=True, description="at the destination, aged 0-17")
    quality: Series[str] = pa.Field(isin=QUALITIES)


class Travel(Table):
    """One row: how minutes were found and what they assume. Empty what the method does not use.

    `standards_min`: within how many minutes of a centre of each type children are in its reach, as `type:60,type:30`.
    """

    method: Series[str] = pa.Field(isin=TRAVEL_METHODS)
    mode: Series[str] = pa.Field(isin=MODES, nullable=True)
    speed_km_h: Series[float] = pa.Field(gt=0, nullable=True)
    detour_flat: Series[float] = pa.Field(ge=1, nullable=True)
    detour_hilly: Series[float] = pa.Field(ge=1, nullable=True)
    detour_mountain: Series[float] = pa.Field(ge=1, nullable=True)
    detour_unknown: Series[float] = pa.Field(ge=1, nullable=True)
    snap_within_m: Series[float] = pa.Field(ge=0, nullable=True, description="places on barriers are moved so far")
    standards_min: Series[str]


class Minutes(Table):
    """Minutes from settlements to the quickest open centre of one type that has just these services.

    Infinite: none can be reached; empty: nobody knows. Only where a file says the minutes: along the straight line
    they follow from `settlements` and `travel`. Those to the centres of a type, or with a service, are the least of
    the rows.
    """

    settlement_id: Series[str]
    type: Series[str] = pa.Field(description="id in geodata/catalogue/service_types.yaml")
    services: Series[str] = pa.Field(description="comma-separated ids, sorted")
    minutes: Series[float] = pa.Field(ge=0, nullable=True)


class Access(Table):
    """What of access does not add up over counties (2020): pooled anew at every level, or ranked among counties.

    `figure` is an id in geodata/catalogue/access, or in geodata/catalogue/indicators: then `value` is the indicator's
    own, beside its bounds. `low` and `high` are, of minutes and what rests on them, favourable and unfavourable
    assumptions (no probability), of the rank the best and the worst in nine of ten draws of the weights. A unit of
    which a figure is not known has a row that says so.
    """

    level: Series[str] = pa.Field(isin=LEVELS)
    code: Series[str] = pa.Field(str_matches=CODE)
    figure: Series[str] = pa.Field(description="id in geodata/catalogue/access or geodata/catalogue/indicators")
    value: Series[float] = pa.Field(ge=0, nullable=True)
    low: Series[float] = pa.Field(ge=0, nullable=True)
    high: Series[float] = pa.Field(ge=0, nullable=True)
    state: Series[str] = pa.Field(isin=STATES)
    quality: Series[str] = pa.Field(isin=QUALITIES)


class Equity(Table):
    """How evenly places in reach are shared among children (2020): curves by cumulative shares, with their index.

    Lorenz: settlements by places for each child, least first; `index` is the Gini coefficient. Concentration: by the
    left-behind share of their county, least first; above 0 access goes where left-behind children are. A unit without
    any place in reach has no rows.
    """

    level: Series[str] = pa.Field(isin=["nation", "province"])
    code: Series[str] = pa.Field(str_matches=CODE)
    curve: Series[str] = pa.Field(isin=CURVES)
    step: Series[int] = pa.Field(ge=0, description="point along the curve, from 0")
    people: Series[float] = pa.Field(in_range={"min_value": 0, "max_value": 1}, description="share of children")
    access: Series[float] = pa.Field(in_range={"min_value": 0, "max_value": 1}, description="share of places they have")
    index: Series[float] = pa.Field(in_range={"min_value": -1, "max_value": 1}, description="the same in all its rows")


class BuildReport(Table):
    """What the build read, accepted and rejected, and how sums reconcile with printed totals."""

    step: Series[str]
    item: Series[str]
    value: Series[str]
    expected: Series[str] = pa.Field(nullable=True)
    ok: Series[bool]


TABLES: dict[str, type[Table]] = {
    "release": Release,
    "sources": Sources,
    "units": Units,
    "boundaries": Boundaries,
    "tiles": Tiles,
    "figures": Figures,
    "intervals": Intervals,
    "settlements": Settlements,
    "centres": Centres,
    "crosswalk": Crosswalk,
    "vintages": Vintages,
    "flows": Flows,
    "travel": Travel,
    "minutes": Minutes,
    "access": Access,
    "equity": Equity,
    "build_report": BuildReport,
}
