"""How the minutes of a release were found, what they assume, and the standards they are held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.views.origin import travel_source
from geodata.analysis.access.travel import DETOUR, Assumed, Mode, Relief
from geodata.catalogue.service_types import load_service_types
from geodata.store import Reading, queries, remembered
from geodata.text import Language


@dataclass(frozen=True)
class TravelUsed:
    """How minutes were found. `assumed` is None where a file says them; `standards_min` by type of centre."""

    method: str
    assumed: Assumed | None
    snap_within_m: float | None
    standards_min: Mapping[str, float]


@remembered(at_most=1)
def travel_used(reading: Reading) -> TravelUsed:
    """What the release says of its minutes."""
    row = queries.travel(reading).iloc[0]
    assumed = None
    if row["mode"] is not None:
        detour: dict[Relief, float] = {relief: float(row[f"detour_{relief}"]) for relief in DETOUR}
        assumed = Assumed(cast("Mode", row["mode"]), float(row["speed_km_h"]), detour)
    pairs = [pair.split(":") for pair in row["standards_min"].split(",") if pair]
    moved = None if pd.isna(row["snap_within_m"]) else float(row["snap_within_m"])
    return TravelUsed(row["method"], assumed, moved, {kind: float(limit) for kind, limit in pairs})


def travel_answer(reading: Reading, lang: Language) -> dict[str, Any]:
    """What was used, as a program reads it."""
    used, source = travel_used(reading), travel_source(reading, lang)
    assumed = used.assumed
    return {
        "method": used.method,
        "title": source.title if source else None,
        "mode": assumed.mode if assumed else None,
        "speed_km_h": assumed.speed_km_h if assumed else None,
        "detour": dict(assumed.detour) if assumed else None,
        "snap_within_m": used.snap_within_m,
        "standards_min": dict(used.standards_min),
    }


def standards_text(reading: Reading, lang: Language) -> str:
    """Within how many minutes children are in reach, by type where types differ; empty without standards."""
    standards = travel_used(reading).standards_min
    kinds = load_service_types()
    named = [(kinds[kind].name.to(lang) if kind in kinds else kind, limit) for kind, limit in standards.items()]
    if not named:
        return ""
    if len({limit for _, limit in named}) == 1:
        kind = t("format.list_separator", lang).join(name for name, _ in named)
        return t("reach.standard", lang, minutes=_minutes(named[0][1]), kind=kind)
    parts = [t("reach.standard", lang, minutes=_minutes(limit), kind=name) for name, limit in named]
    return t("format.list_separator", lang).join(parts)


def _minutes(limit: float) -> str:
    return fmt.number(limit, 0 if limit == int(limit) else 1)
