"""A plan as GeoJSON: proposed sites as points with their reasons, origin and certificate as members of their own."""

from __future__ import annotations

import json

from dashboard.planning import words
from dashboard.planning.plan import Plan
from geodata.text import LANGUAGES


def plan_geojson(plan: Plan) -> bytes:
    """A FeatureCollection in WGS-84, one feature a site in the order of opening, in both languages."""
    features = [
        {
            "type": "Feature",
            "id": site.order,
            "geometry": {"type": "Point", "coordinates": [site.lon, site.lat]},
            "properties": site.model_dump(exclude={"lon", "lat"})
            | {f"why_{lang}": words.reasons(site, lang) for lang in LANGUAGES},
        }
        for site in plan.sites
    ]
    metadata = {
        **{f"title_{lang}": words.heading(plan, lang) for lang in LANGUAGES},
        **{f"certificate_{lang}": words.certificate(plan, lang) for lang in LANGUAGES},
        **{
            f"fairness_{lang}": [text for text in (words.rule(plan, lang), words.worst(plan, lang)) if text]
            for lang in LANGUAGES
        },
        **{f"conditions_{lang}": words.conditions(plan, lang) for lang in LANGUAGES},
        **{f"notice_{lang}": words.demonstration(plan, lang) for lang in LANGUAGES},
        **{f"assumptions_{lang}": words.assumptions(plan, lang) for lang in LANGUAGES},
        **plan.model_dump(mode="json", exclude={"sites"}),
    }
    content = {"type": "FeatureCollection", "metadata": metadata, "features": features}
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
