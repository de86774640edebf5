"""Service centres: the points of the map with their cards, and the ones nearest to a unit's children."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard import format as fmt
from dashboard.i18n import has_text, t
from dashboard.state import ANY, Only, ViewState
from dashboard.views.centre_models import CentreCard, CentresLayer, CentreType
from dashboard.views.models import NearestCentre
from dashboard.views.units import gazetteer
from geodata.catalogue import Catalogue, Indicator
from geodata.catalogue.service_types import ServiceType, load_service_types
from geodata.store import Reading, Store, queries, remembered
from geodata.text import Language


def centres_layer(source: Store | Reading, _catalogue: Catalogue, state: ViewState) -> CentresLayer:
    """All centres, in the order of their ids, with a legend in menu order."""
    return centres_layer_of(source, state.lang)


def some_centres(layer: CentresLayer, only: Only, status: str | None) -> CentresLayer:
    """The centres of `layer` of a type, with a service and in a state of work; None stands for any."""
    return replace(
        layer,
        centres=tuple(
            centre
            for centre in layer.centres
            if only.centre_type in (None, centre.type_id)
            and (only.service is None or only.service in centre.service_ids)
            and status in (None, centre.status)
        ),
    )


def centres_named(only: Only, lang: Language) -> str:
    """Which centres count, in words: Children's Places with family education."""
    kinds = load_service_types()
    kind = kinds[only.centre_type].name.to(lang) if only.centre_type else t("reach.any", lang)
    if only.service is None:
        return kind
    return t("reach.with_service", lang, kind=kind, service=t(f"service.{only.service}", lang))


def figure_named(indicator: Indicator, only: Only, lang: Language) -> str:
    """The indicator's name and, if not all centres count, which do."""
    name = indicator.name.to(lang)
    return name if only == ANY else t("reach.only", lang, indicator=name, centres=centres_named(only, lang))


def nearest_centres(
    reading: Reading, codes: tuple[str, ...], at_most: int, lang: Language
) -> tuple[NearestCentre, ...]:
    """The centres nearest to the settlements of the counties `codes`, nearest first."""
    cards = {centre.id: centre for centre in centres_layer_of(reading, lang).centres}
    rows = queries.nearest_centres(reading, codes, at_most)
    found = []
    for centre_id, distance_m, settlements in rows.itertuples(index=False, name=None):
        centre = cards[centre_id]
        found.append(
            NearestCentre(
                centre_id=centre_id,
                name=centre.name,
                type_id=centre.type_id,
                type_name=centre.type_name,
                distance_m=float(distance_m),
                distance=fmt.distance(float(distance_m), lang),
                settlements=int(settlements),
                demonstration=centre.demonstration,
            )
        )
    return tuple(found)


@remembered(at_most=2)
def centres_layer_of(reading: Reading, lang: Language) -> CentresLayer:
    """All centres in one language."""
    types = load_service_types()
    cards = tuple(_card(reading, row, types, lang) for row in queries.centres(reading).to_dict("records"))
    counts = Counter(card.type_id for card in cards)
    return CentresLayer(
        types=tuple(
            CentreType(kind.id, kind.name.to(lang), kind.meaning.to(lang), kind.colour, kind.shape, counts[kind.id])
            for kind in types.values()
            if counts[kind.id]
        ),
        centres=cards,
        notice=t("notice.demonstration", lang) if any(card.demonstration for card in cards) else None,
    )


def _card(reading: Reading, row: Mapping[Any, Any], types: dict[str, ServiceType], lang: Language) -> CentreCard:
    county = gazetteer(reading).find(row["code"], "county")
    above = [*county.parents(lang), county.name(lang)] if county else []
    place = "".join(above) if lang == "zh" else ", ".join(reversed(above))
    service_ids = tuple(name.strip() for name in (row["services"] or "").split(",") if name.strip())
    services = tuple(_service(name, lang) for name in service_ids)
    capacity = _people(row["capacity"], lang)
    status_label = t(f"status.{row['status']}", lang)
    is_located = not math.isnan(row["lon"])
    lines = [
        ("centre.programme", row["programme"]),
        ("centre.place", place),
        ("centre.address", row["address"]),
        ("centre.coordinates", None if is_located else t("centre.county_only", lang)),
        ("centre.services", t("format.list_separator", lang).join(services)),
        ("centre.capacity", capacity),
        ("centre.staff", _people(row["staff"], lang)),
        ("centre.status", status_label),
        ("centre.opened", row["opened"]),
        ("centre.closed", row["closed"]),
        ("centre.verified", row["verified"]),
        ("centre.source", row["source"]),
    ]
    return CentreCard(
        id=row["centre_id"],
        name=row[f"name_{lang}"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        type_id=row["type"],
        type_name=types[row["type"]].name.to(lang),
        services=services,
        service_ids=service_ids,
        lon=row["lon"] if is_located else None,
        lat=row["lat"] if is_located else None,
        code=row["code"],
        place=place,
        capacity=capacity,
        status=row["status"],
        status_label=status_label,
        demonstration=bool(row["demonstration"]),
        rows=tuple((t(key, lang), text) for key, text in lines if text),
        notice=t("notice.demonstration", lang) if row["demonstration"] else None,
        # The kinds at the head of the menu are the rarest and lie on top.
        rank=len(types) - list(types).index(row["type"]),
    )


def _service(name: str, lang: Language) -> str:
    """A service in words; a register of the user's may name services that no locale knows, which stay as written."""
    return t(f"service.{name}", lang) if has_text(f"service.{name}", lang) else name


def _people(count: float | None, lang: Language) -> str | None:
    if count is None or math.isnan(count):
        return None
    return t("format.places", lang, number=fmt.number(count, 0))
