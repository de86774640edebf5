"""What all files share: the columns of a row and the lines that say what the numbers are and where they come from."""

from __future__ import annotations

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.views.models import UnitMap, ValueRow

COLUMNS = (
    "code",
    "name_zh",
    "name_en",
    "province_zh",
    "province_en",
    "prefecture_zh",
    "prefecture_en",
    "value",
    "state",
    "quality",
    "display",
    "low",
    "high",
    "half_width_percent",
    "rank_best",
    "rank_worst",
    "alike",
    "assumed_low",
    "assumed_high",
    "counties",
    "counties_known",
)


def cells(row: ValueRow, decimals: int) -> tuple[str | int | float | None, ...]:
    """The cells of one row in the order of `COLUMNS`; whole numbers as such, nothing where there is no number."""
    sure = row.interval
    return (
        row.code,
        row.name_zh,
        row.name_en,
        row.province_zh,
        row.province_en,
        row.prefecture_zh,
        row.prefecture_en,
        fmt.plain(row.value, decimals),
        row.state,
        row.quality,
        row.display,
        fmt.plain(sure.low, decimals) if sure else None,
        fmt.plain(sure.high, decimals) if sure else None,
        sure.half_width_percent if sure else None,
        sure.rank_best if sure else None,
        sure.rank_worst if sure else None,
        sure.alike if sure else None,
        fmt.plain(row.assumed[0], decimals) if row.assumed else None,
        fmt.plain(row.assumed[1], decimals) if row.assumed else None,
        row.members,
        row.members_known,
    )


def origin(view: UnitMap, address: str) -> list[tuple[str, str]]:
    """What the numbers are and where they come from, label and text, in the language of the view."""
    lang = view.state.lang
    table = view.table
    lines = [
        ("title", view.title),
        ("meaning", view.meaning),
        ("definition", view.definition),
        ("year", str(table.year)),
        ("level", t(f"levels.{table.level}", lang)),
        ("unit", view.unit),
    ]
    if table.standard_km:
        lines.append(("standard", t("format.kilometres", lang, number=table.standard_km)))
    if view.caveat:
        lines.append(("caveat", view.caveat))
    if view.doubt:
        lines.append(("intervals", t("interval.export", lang)))
    if any(row.assumed for row in table.rows):
        lines.append(("assumed", t("reach.assumed_export", lang)))
    lines += [("notice", notice) for notice in view.notices]
    lines += [("disclosure", t("notice.disclosure", lang)), ("boundary", view.boundary_notice)]
    lines.append(("centres", view.release.centres_label))
    for source in view.sources:
        where = f" {source.url}" if source.url else ""
        text = f"{source.title}. {source.producer}, {source.year}. {source.citation}{where}"
        lines += [("source", text), ("licence", f"{source.id}: {source.licence}")]
    lines += [
        ("release", view.release.id),
        ("built_at", view.release.built_at),
        ("method_version", view.release.method_version),
        ("address", address),
    ]
    return [(t(f"export.{key}", lang), " ".join(text.split())) for key, text in lines]
