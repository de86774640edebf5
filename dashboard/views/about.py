"""What the page on sources and method says about the release."""

from __future__ import annotations

from dashboard.i18n import t
from dashboard.state import ViewState
from dashboard.views.models import About, ReportLine
from dashboard.views.origin import all_sources, release_info
from geodata.catalogue import Catalogue
from geodata.store import Reading, Store, queries


def about(source: Store | Reading, _catalogue: Catalogue, state: ViewState) -> About:
    """The release, its sources and its build report."""
    reading = source.reading()
    release = release_info(reading, state.lang)
    return About(
        release=release,
        sources=all_sources(reading, state.lang),
        report=tuple(
            ReportLine(row["step"], row["item"], row["value"], row["expected"], bool(row["ok"]))
            for row in queries.build_report(reading).to_dict("records")
        ),
        boundary_notice=t("notice.boundary", state.lang),
        disclosure_notice=t("notice.disclosure", state.lang),
        centres_notice=t("notice.demonstration" if release.demonstration else "footer.register", state.lang),
    )
