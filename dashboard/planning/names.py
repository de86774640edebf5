"""Names of units and sites in both languages."""

from __future__ import annotations

from dashboard.planning.places import Site
from dashboard.planning.plan import Name
from dashboard.views.units import Unit, gazetteer
from geodata.store import Reading
from geodata.text import LANGUAGES


def name_of(unit: Unit) -> Name:
    """The names of a unit."""
    return Name(zh=unit.name_zh, en=unit.name_en)


def name_of_site(site: Site) -> Name:
    """The names of a site."""
    return Name(zh=site.name_zh, en=site.name_en)


def place_of(reading: Reading, site: Site, region: Unit) -> Name:
    """The county and what lies above it up to the region: 成都市金堂县 · Jintang County, Chengdu City.

    A site that bears the name of its county stands for it, which is not named again.
    """
    county = gazetteer(reading).find(site.code, "county") if site.code else None
    if county is None:
        return Name(zh="", en="")
    own = [] if (site.name_zh, site.name_en) == (county.name_zh, county.name_en) else [county]
    zh, en = (
        [*(name for name in county.parents(lang) if name != region.name(lang)), *(unit.name(lang) for unit in own)]
        for lang in LANGUAGES
    )
    return Name(zh="".join(zh), en=", ".join(reversed(en)))
