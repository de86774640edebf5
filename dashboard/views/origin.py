"""Where numbers come from and which release they are of, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.views.models import ReleaseInfo, Source
from geodata.catalogue import Catalogue, Indicator
from geodata.store import Reading, queries
from geodata.text import Language

ROLES = ("figures", "method", "settlements", "centres", "travel", "boundaries", "divisions")
TRAVEL = "travel"
# Sources of the county figures behind the estimates, which an indicator names only as `estimates`.
BEHIND_ESTIMATES = ("figures", "method")


def all_sources(reading: Reading, lang: Language) -> tuple[Source, ...]:
    """Every source of the release, in the order of `ROLES`."""
    found = [
        Source(
            id=row["source_id"],
            role=row["role"],
            title=row[f"title_{lang}"],
            producer=row[f"producer_{lang}"],
            year=row["year"],
            licence=row[f"licence_{lang}"],
            citation=row["citation"],
            url=row["url"],
            sha256=row["sha256"],
        )
        for row in queries.sources(reading).to_dict("records")
    ]
    # The estimates are this project's own: they come before what they were made from. A new role comes last.
    order = {role: place for place, role in enumerate(ROLES)}
    return tuple(
        sorted(found, key=lambda source: (source.id != "estimates", order.get(source.role, len(ROLES)), source.id))
    )


def sources_of(
    reading: Reading, catalogue: Catalogue, indicator: Indicator, standard_km: int | None, lang: Language
) -> tuple[Source, ...]:
    """What the figures of one indicator rest on, and the outlines they are drawn in."""
    above, below = indicator.measures(standard_km)
    named = {source for name in (*above, *below) for source in catalogue.measures[name].sources}
    roles = {"boundaries", *(BEHIND_ESTIMATES if "estimates" in named else ())}
    return tuple(source for source in all_sources(reading, lang) if source.id in named or source.role in roles)


def travel_source(reading: Reading, lang: Language) -> Source | None:
    """How the minutes of the release were found; with a hash if a file says so, None in a release without minutes."""
    return next((source for source in all_sources(reading, lang) if source.id == TRAVEL), None)


def travel_notice(sources: Iterable[Source], lang: Language) -> tuple[str, ...]:
    """The sentence that stands wherever minutes do: how they were found. Empty where no minutes are among `sources`."""
    return tuple(t("reach.travel_by", lang, method=source.title) for source in sources if source.id == TRAVEL)


def release_info(reading: Reading, lang: Language) -> ReleaseInfo:
    """Which release is open."""
    row = reading.release
    return ReleaseInfo(
        id=row.release_id,
        built_at=row.built_at,
        built_on=fmt.date(row.built_at, lang),
        version=row.version,
        method_version=row.method_version,
        demonstration=row.centres_kind == "demonstration",
        centres_label=t(f"centres_kind.{row.centres_kind}", lang),
    )
