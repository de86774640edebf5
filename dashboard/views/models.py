"""What a page, a file or an answer is made from: frozen, complete, and without a word of Dash or Plotly.

Texts are in the language of the view unless a field names its language. Values are rounded as they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from dashboard import format as fmt
from dashboard.state import ViewState
from geodata.catalogue import Indicator
from geodata.codes import Level
from geodata.states import Quality, State
from geodata.text import Language
from geodata.units import Unit

# 0 none, 1 some, 2 grave: what the map hatches or fades. See `dashboard.views.intervals`.
Doubt = Literal[0, 1, 2]


@dataclass(frozen=True, slots=True)
class Source:
    """Where numbers come from, as the release records it."""

    id: str
    role: str
    title: str
    producer: str
    year: str
    licence: str
    citation: str
    url: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """Which release the numbers are from. `built_on` is the day in words, `built_at` the moment in ISO 8601."""

    id: str
    built_at: str
    built_on: str
    version: str
    method_version: str
    demonstration: bool
    centres_label: str


@dataclass(frozen=True)
class Interval:
    """How sure a modelled figure is: 5th to 95th percentile of the draws, rounded as the figure is.

    `text` is both bounds without unit, empty where they are next to one: written when first read, for colours need none
    of the thousands. `half_width_percent` is half of the interval per figure; a change has none. Ranks, 1 the highest,
    are among the units of the level that are ranked; `alike` counts those that are not clearly different from this one.
    """

    low: float
    high: float
    narrow: bool
    half_width_percent: int | None
    doubt: Doubt
    rank_best: int | None
    rank_worst: int | None
    alike: int | None
    style: Indicator = field(repr=False)
    lang: Language = field(repr=False)

    @cached_property
    def text(self) -> str:
        return "" if self.narrow else fmt.interval(self.low, self.high, self.style, self.lang)


@dataclass(frozen=True, slots=True)
class ValueRow:
    """The figure of one unit. `value` is empty unless the state is value or zero; `display` carries no unit.

    `note` says in a sentence why there is no figure, where a reason is known. `members` counts the counties below and
    `members_known` those with a shown figure; both are 1 or 0 for a county itself.
    """

    code: str
    level: Level
    name_zh: str
    name_en: str
    province_code: str | None
    province_zh: str | None
    province_en: str | None
    prefecture_zh: str | None
    prefecture_en: str | None
    value: float | None
    state: State
    quality: Quality
    display: str
    note: str | None
    members: int
    members_known: int
    interval: Interval | None = None
    assumed: tuple[float, float] | None = None


@dataclass(frozen=True)
class ValueTable:
    """Figures of one indicator, year and level, sorted by code; `nation` is the same figure for the country."""

    indicator: Indicator
    year: int
    level: Level
    standard_km: int | None
    unit: str
    rows: tuple[ValueRow, ...]
    nation: ValueRow

    def row(self, code: str) -> ValueRow | None:
        """The row of a unit, or None when the level has no such unit."""
        return next((row for row in self.rows if row.code == code), None)


@dataclass(frozen=True, slots=True)
class LegendClass:
    """One class of the map. Both bounds are inclusive: values are rounded, so classes neither touch nor overlap."""

    low: float
    high: float
    label: str
    colour_light: str
    colour_dark: str
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of the small histogram. The first and last bar are open: they hold the tails too."""

    low: float
    high: float
    count: int
    class_index: int


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many units are in a state, with its name and what it means."""

    state: State
    label: str
    meaning: str
    count: int


@dataclass(frozen=True, slots=True)
class DoubtLegend:
    """Legend entry of uncertain units: how many are in `some` and in `grave` doubt."""

    label: str
    meaning: str
    faded: str
    some: int
    grave: int


@dataclass(frozen=True)
class UnitMap:
    """Everything a map, its legend, its table twin, its exports and its text alternative say.

    `class_index` runs parallel to `table.rows`: the place in `classes`, or -1 for zero, no data and withheld. So does
    `remarks`, what the colour says beyond the figure; it is empty where colours are those of the figures.
    """

    state: ViewState
    title: str
    subtitle: str
    indicator_name: str
    unit: str
    meaning: str
    definition: str
    caveat: str | None
    notices: tuple[str, ...]
    boundary_notice: str
    years: tuple[int, ...]
    standards_km: tuple[int, ...]
    table: ValueTable
    classes: tuple[LegendClass, ...]
    class_index: tuple[int, ...]
    histogram: tuple[Bin, ...]
    states: tuple[StateCount, ...]
    doubt: DoubtLegend | None
    quality_labels: dict[Quality, str]
    sources: tuple[Source, ...]
    release: ReleaseInfo
    summary: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit as it is named in lists and paths. `parents` goes from the province down, in the view's language."""

    code: str
    level: Level
    level_label: str
    name: str
    name_zh: str
    name_en: str
    kind: str
    parents: tuple[str, ...]
    lon: float
    lat: float
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PanelFigure:
    """One indicator in one year for one unit; `text` is the display with its unit."""

    indicator_id: str
    name: str
    theme: str
    theme_name: str
    group: str | None
    year: int
    standard_km: int | None
    unit: str
    unit_id: Unit
    value: float | None
    state: State
    quality: Quality
    quality_label: str
    display: str
    text: str
    note: str | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Rank:
    """Place among the units of the same level, highest value first; units with equal values share the best place."""

    scope: Literal["nation", "province"]
    scope_name: str
    place: int
    of: int
    text: str


@dataclass(frozen=True, slots=True)
class NearestCentre:
    """A centre that is the nearest one for some settlements of the unit, with the mean distance of their children."""

    centre_id: str
    name: str
    type_id: str
    type_name: str
    distance_m: float
    distance: str
    settlements: int
    demonstration: bool


@dataclass(frozen=True)
class UnitPanel:
    """What is known about one unit. `figure` is the indicator of the view; `figures` are all, in menu order.

    `certainty` says how sure the figure is, `rank_certainty` its rank, `trend_sentence` whether it rose or fell, and
    `break_note` why its years cannot be compared.
    """

    unit: UnitName
    path: tuple[UnitName, ...]
    kind_label: str
    level_label: str
    area_km2: float
    area: str
    counted: bool
    figure: PanelFigure
    certainty: tuple[str, ...]
    trend_sentence: str | None
    break_note: str | None
    ranks: tuple[Rank, ...]
    rank_certainty: str | None
    rank_note: str | None
    figures: tuple[PanelFigure, ...]
    trend: tuple[PanelFigure, ...]
    distribution: tuple[float, ...]
    definition: str
    caveat: str | None
    sources: tuple[Source, ...]
    centres: tuple[NearestCentre, ...]
    centres_notice: str | None
    release: ReleaseInfo


@dataclass(frozen=True)
class About:
    """The release, its sources and its build report, for the page that explains the atlas."""

    release: ReleaseInfo
    sources: tuple[Source, ...]
    report: tuple[ReportLine, ...]
    boundary_notice: str
    disclosure_notice: str
    centres_notice: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line of the build report: what was read or summed, what was expected, whether it holds."""

    step: str
    item: str
    value: str
    expected: str | None
    ok: bool
