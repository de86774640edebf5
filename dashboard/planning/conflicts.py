"""What in a question conflicts with what, said in both languages with what would make it feasible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashboard.i18n import t
from dashboard.planning import words
from dashboard.planning.request import PlanRequest
from geodata.analysis.siting import SitingError
from geodata.text import LANGUAGES, Language, Text

# Models in which nothing depends on how far a single centre reaches.
_NO_STANDARD = frozenset({"p_median", "p_centre", "capacitated_median"})


def conflict(key: str, **values: object) -> Text:
    """The sentence `plan.conflict.<key>`: numbers as on the page, `model` and `candidates` by name, a `Text` as is."""
    texts = {lang: t(f"plan.conflict.{key}", lang, **_shown(values, lang)) for lang in LANGUAGES}
    return Text(zh=texts["zh"], en=texts["en"])


def _shown(values: Mapping[str, object], lang: Language) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in values.items():
        if name == "model":
            shown[name] = t(f"plan.models.{value}", lang)
        elif name == "candidates":
            shown[name] = t(f"plan.candidate_kinds.{value}", lang)
        elif isinstance(value, Text):
            shown[name] = value.to(lang)
        else:
            shown[name] = words.short(value) if isinstance(value, float) else value
    return shown


def refuse_conflicts(request: PlanRequest) -> None:
    """Look for conflicts that can be seen without a release.

    Raises
    ------
    SitingError
        With a sentence for each conflict.
    """
    found = [*_numbers(request), *_actions(request), *_fairness(request)]
    if found:
        raise SitingError(found)


def _numbers(asked: PlanRequest) -> Iterator[Text]:
    model = asked.model
    if asked.capacity is not None and not asked.is_capacitated:
        yield conflict("capacity_unused", capacity=asked.capacity, model=model)
    if asked.full_km is not None and model != "gradual_cover":
        yield conflict("full_unused", km=asked.full_km, model=model)
    if model == "gradual_cover" and asked.full_to_km > asked.standard_km:
        yield conflict("full_beyond", full=asked.full_to_km, standard=asked.standard_km)
    if asked.backup_percent is not None and model != "backup_cover":
        yield conflict("backup_unused", percent=asked.backup_percent, model=model)
    if asked.money is not None and model == "p_centre":
        yield conflict("money_centre", money=asked.money, model=model)


def _actions(asked: PlanRequest) -> Iterator[Text]:
    works = [action for action in asked.actions if action != "build"]
    if "upgrade" in works and not asked.is_capacitated:
        yield conflict("upgrade_useless", model=asked.model)
    if "extend" in works and asked.model in _NO_STANDARD:
        yield conflict("extend_useless", model=asked.model)
    if "extend" in works and asked.extends_to_km <= asked.standard_km:
        yield conflict("extend_short", extended=asked.extends_to_km, standard=asked.standard_km)
    if works and asked.existing == "ignored":
        yield conflict("works_ignored")
    for action, given in (("upgrade", asked.cost_upgrade), ("extend", asked.cost_extend), ("extend", asked.extend_km)):
        if given is not None and action not in works:
            yield conflict(f"{action}_unused", value=given)


def _fairness(asked: PlanRequest) -> Iterator[Text]:
    if asked.fair != "none" and asked.model != "max_cover":
        yield conflict("fair_model", model=asked.model)
    if asked.quota is not None and asked.fair != "quota":
        yield conflict("quota_unused", quota=asked.quota)
    if asked.weight is not None and asked.fair != "weighted":
        yield conflict("weight_unused", weight=asked.weight)
