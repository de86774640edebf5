"""The files of a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.export.plan_geojson import plan_geojson
from dashboard.export.plan_pdf import plan_pdf
from dashboard.export.plan_xlsx import plan_xlsx
from dashboard.planning.plan import Plan
from geodata.store import Reading
from geodata.text import Language


@dataclass(frozen=True)
class PlanFormat:
    """A kind of file: what writes it from the plan, the release (outlines for the map) and the language."""

    mimetype: str
    write: Callable[[Plan, Reading, Language], bytes]


PLAN_FORMATS: dict[str, PlanFormat] = {
    "xlsx": PlanFormat(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda plan, _reading, lang: plan_xlsx(plan, lang),
    ),
    "geojson": PlanFormat("application/geo+json", lambda plan, _reading, _lang: plan_geojson(plan)),
    "pdf": PlanFormat("application/pdf", plan_pdf),
    "json": PlanFormat("application/json", lambda plan, _reading, _lang: plan.model_dump_json(indent=1).encode()),
}


def plan_file_name(plan: Plan, kind: str) -> str:
    """`plan_510000_20_sites_20km_20260502T080000-0a1b2c3d.pdf`: plain letters, the release inside."""
    asked = plan.request
    standard = f"{asked.standard_km:g}".replace(".", "p")
    return f"plan_{asked.region}_{len(plan.sites)}_sites_{standard}km_{plan.origin.release}.{kind}"
