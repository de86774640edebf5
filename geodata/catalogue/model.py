"""The shape of a catalogue entry: frozen, unknown keys refused."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from geodata.codes import Level
from geodata.text import Text
from geodata.units import Unit

Better = Literal["lower", "higher", "neither"]
Theme = Literal["children", "left_behind", "migrant", "access"]
Group = Literal["age", "arrangement"]
THEMES: tuple[Theme, ...] = ("left_behind", "migrant", "children", "access")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Entry):
    """A column of the figures mart: what is counted, per county and year. Never a ratio."""

    id: str
    name: Text
    meaning: Text
    unit: Literal["children", "child_km", "child_minutes", "places", "posts", "seats"]
    sources: tuple[str, ...] = Field(min_length=1)


class Change(_Entry):
    """A change between two years: relative for counts (percent), a difference for shares (points)."""

    start: int
    end: int

    @model_validator(mode="after")
    def _in_order(self) -> Change:
        if self.start >= self.end:
            raise ValueError("start must come before end")
        return self


class Indicator(_Entry):
    """One thing a map can show: `per * sum(numerator) / sum(denominator)`, or the sum alone.

    Ratios are never stored, so that a roll-up to prefecture, province, nation or any selection is the ratio of the
    sums and never a mean of ratios. Indicators of one `group` are parts of a whole, shown side by side.
    """

    id: str
    order: int = 100
    theme: Theme
    name: Text
    meaning: Text
    definition: Text
    caveat: Text | None = None
    numerator: tuple[str, ...] = Field(min_length=1)
    denominator: tuple[str, ...] = ()
    per: float = 1.0
    unit: Unit
    decimals: int = Field(ge=0, le=3)
    better: Better
    palette: str
    years: tuple[int, ...] = Field(min_length=1)
    standards_km: tuple[int, ...] = ()
    change: Change | None = None
    group: Group | None = None
    rollup: Literal["sum"] = "sum"

    @field_validator("numerator", "denominator", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _standard_is_used(self) -> Indicator:
        marked = any("{standard_km}" in measure for measure in (*self.numerator, *self.denominator))
        if marked != bool(self.standards_km):
            raise ValueError("standards_km and the mark {standard_km} in a numerator go together")
        if self.change and self.years != (self.change.end,):
            raise ValueError("a change is shown at the year it ends: years must be [change.end]")
        return self

    @property
    def is_ratio(self) -> bool:
        """Whether the figure is a ratio of sums (a share, a mean) rather than a count."""
        return bool(self.denominator)

    def measures(self, standard_km: int | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The measure ids above and below the line, with the distance standard put in."""
        return (
            tuple(name.format(standard_km=standard_km) for name in self.numerator),
            tuple(name.format(standard_km=standard_km) for name in self.denominator),
        )


class AccessFigure(_Entry):
    """A figure of the table `access`: does not add up over counties, so it is offered at the `levels` it was found at.

    `classes` says of a figure that is a class what each of its values means.
    """

    id: str
    order: int = 100
    name: Text
    meaning: Text
    definition: Text
    caveat: Text | None = None
    unit: Unit
    decimals: int = Field(ge=0, le=3)
    better: Better
    palette: str | None = None
    levels: tuple[Level, ...] = Field(min_length=1)
    classes: dict[int, Text] = {}


class Palette(_Entry):
    """A colour-blind-safe ramp from low to high, for light and dark pages, as #rrggbb."""

    id: str
    kind: Literal["sequential", "diverging"]
    light: tuple[str, ...] = Field(min_length=3)
    dark: tuple[str, ...] = Field(min_length=3)

    @field_validator("light", "dark")
    @classmethod
    def _colours(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for colour in value:
            if len(colour) != 7 or colour[0] != "#" or any(c not in "0123456789abcdefABCDEF" for c in colour[1:]):
                raise ValueError(f"{colour!r} is not a colour such as #1f6f8b")
        return value


class Catalogue(_Entry):
    """Everything that can be shown, by id, in menu order."""

    indicators: dict[str, Indicator]
    measures: dict[str, Measure]
    palettes: dict[str, Palette]
    access: dict[str, AccessFigure] = {}

    @model_validator(mode="after")
    def _all_refer_to_what_exists(self) -> Catalogue:
        for indicator in self.indicators.values():
            if indicator.palette not in self.palettes:
                raise ValueError(f"{indicator.id}: palette {indicator.palette!r} is not one of {sorted(self.palettes)}")
            for standard_km in indicator.standards_km or (None,):
                for measure in sum(indicator.measures(standard_km), ()):
                    if measure not in self.measures:
                        raise ValueError(f"{indicator.id}: measure {measure!r} is not one of {sorted(self.measures)}")
        for figure in self.access.values():
            if figure.palette is not None and figure.palette not in self.palettes:
                raise ValueError(f"{figure.id}: palette {figure.palette!r} is not one of {sorted(self.palettes)}")
        return self
