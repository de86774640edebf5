"""The centres of a unit as its register has them: how many are open, in how many counties, how many without a place.

A centre that is known by its county alone counts here and for no distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.state import ANY, Only
from dashboard.views.nearest import register
from dashboard.views.units import gazetteer
from geodata.codes import Level
from geodata.store import Reading, Store, queries
from geodata.text import Language


@dataclass(frozen=True)
class Coverage:
    """Open centres of a unit and the counties with any; `text` says both, `unplaced_text` what has no place, if any.

    `datum_text` says of how many places nobody knows the coordinate system: they may lie half a kilometre off.
    """

    centres: int
    unplaced: int
    counties: int
    counties_covered: int
    text: str
    unplaced_text: str | None
    datum_text: str | None


def coverage(source: Store | Reading, level: Level, code: str, lang: Language, only: Only = ANY) -> Coverage | None:
    """The open centres of a unit, of a type and with a service if chosen; None for a unit that there is not."""
    reading = source.reading()
    known = gazetteer(reading)
    unit = known.find(code, level)
    if unit is None or not unit.counted:
        return None
    inside = known.groups[unit.level] == known.place(unit)
    counted = np.array([county.counted for county in known.levels["county"]]) & inside
    centres, table = register(reading), queries.centres(reading)
    fits = [
        is_open and only.centre_type in (None, kind) and (only.service is None or only.service in services)
        for is_open, kind, services in zip(centres.open, centres.type, centres.services, strict=True)
    ]
    at = np.array([known.places.get(("county", one), -1) for one in table["code"]], dtype=np.intp)
    own = np.array(fits, dtype=bool) & (at >= 0) & inside[at]
    unplaced = int((own & np.isnan(centres.lon)).sum())
    unsaid = int((own & (table["coordinates"] == "as_given").to_numpy() & table["crs"].isna().to_numpy()).sum())
    numbers = {"centres": int(own.sum()), "counties": int(counted.sum()), "covered": len(np.unique(at[own]))}
    written = {name: fmt.number(count, 0) for name, count in numbers.items()}
    form = "reach.register_county" if unit.level == "county" else "reach.register"
    return Coverage(
        centres=numbers["centres"],
        unplaced=unplaced,
        counties=numbers["counties"],
        counties_covered=numbers["covered"],
        text=t(form, lang, **written),
        datum_text=t("reach.datum_unsaid", lang, count=fmt.number(unsaid, 0)) if unsaid else None,
        unplaced_text=t("reach.unplaced", lang, count=fmt.number(unplaced, 0)) if unplaced else None,
    )
