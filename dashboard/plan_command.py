"""`python -m dashboard plan`: a plan from the command line, as a workbook, GeoJSON or a two-page brief."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from dashboard.export.plan_files import PLAN_FORMATS
from dashboard.i18n import t
from dashboard.planning import words
from dashboard.planning.find import one_named
from dashboard.planning.make import Maker, question_places
from dashboard.planning.plan import ObjectiveUnit, Plan, PlanProgress
from dashboard.planning.request import (
    ACTIONS,
    CANDIDATES,
    EXISTING,
    FAIRNESS,
    NEEDS,
    PLAN_MODELS,
    RULES,
    PlanRequest,
    read_request,
)
from dashboard.planning.solving import unit_of
from dashboard.views.units import gazetteer
from geodata.analysis.siting import SitingError
from geodata.catalogue import load_catalogue
from geodata.errors import UserError
from geodata.settings import data_dir
from geodata.store import Reading, Store
from geodata.store.draws import StoredDraws, draws_file, read_draws
from geodata.text import LANGUAGES, Language

Say = Callable[[str], None]


def plan_command(arguments: Sequence[str], say: Say, tell: Say) -> int:
    """Make a plan and write it; `say` takes the answer, `tell` the progress. 0, or 2 for a bad question.

    Raises
    ------
    UserError
        If the question, the release or the file cannot be used.
    """
    given = _parser().parse_args(arguments)
    lang: Language = given.lang
    form = given.out.suffix.lower().lstrip(".") if given.out else None
    if form is not None and form not in PLAN_FORMATS:
        raise UserError("This kind of file is not written", file=given.out, expected=" or ".join(PLAN_FORMATS))
    reading = open_release(given.release)
    request = _request(given, reading)
    unit = unit_of(request)
    told = _Told(tell, lang, unit)
    try:
        plan = Maker(reading, load_catalogue(), request, tell=told).whole(draws_beside())
    except SitingError as error:
        raise UserError(" ".join(text.to(lang) for text in error.texts)) from error
    if given.out and form:
        given.out.write_bytes(PLAN_FORMATS[form].write(plan, reading, lang))
    say(_summary(plan, lang))
    if given.out:
        say(str(given.out))
    return 0


def open_release(given: Path | None) -> Reading:
    """A release file, or the current one of a data folder (that of the settings unless given).

    Raises
    ------
    UserError
        If there is no release there.
    """
    if given is not None and given.is_file():
        return Reading(given)
    return Store(given or data_dir()).reading()


def draws_beside() -> StoredDraws | None:
    """The draws of 2020 in the data folder, if they were made."""
    return read_draws(2020) if draws_file(2020).exists() else None


class _Told:
    """Says a new phase, and within one only a changed sentence."""

    def __init__(self, tell: Say, lang: Language, unit: ObjectiveUnit) -> None:
        self.tell, self.lang, self.unit, self.last = tell, lang, unit, ""

    def __call__(self, progress: PlanProgress) -> None:
        text = t(f"plan.phase.{progress.phase}", self.lang, done=progress.done, of=progress.of, running=0)
        if progress.phase == "solve":
            text = words.progress(progress, self.unit, self.lang)
        if text != self.last:
            self.last = text
            self.tell(text)


def _request(given: argparse.Namespace, reading: Reading) -> PlanRequest:
    query = {
        "region": _region(given.region, reading),
        "budget": str(given.budget),
        "standard_km": f"{given.standard:g}",
        "model": given.model,
        "candidates": "own" if given.list else given.candidates,
        "need": given.need,
        "existing": given.existing,
        "actions": ",".join(given.actions),
        "fair": given.fair,
        "time_limit_s": f"{given.time:g}",
        "seed": str(given.seed),
    }
    for name in ("capacity", "full_km", "backup_percent", "extend_km", "money", "cost_upgrade", "cost_extend", "quota",
                 "weight"):  # fmt: skip
        if (value := getattr(given, name)) is not None:
            query[name] = f"{value:.10g}"
    try:
        own = given.list.read_text(encoding="utf-8-sig") if given.list else None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("This list cannot be read", file=given.list, expected="a CSV file in UTF-8") from error
    return _with_conditions(read_request(query, own), given, reading)


def _with_conditions(request: PlanRequest, given: argparse.Namespace, reading: Reading) -> PlanRequest:
    """The request with its places by id, each said as an id or as a name."""
    asked = {rule: getattr(given, rule) for rule in RULES if getattr(given, rule)}
    if not asked:
        return request
    # Whether centres count is for the question to say; they are to be found here either way.
    places = question_places(reading, load_catalogue(), request.model_copy(update={"existing": "kept"}))
    ids: dict[str, tuple[str, ...]] = {
        rule: tuple(
            dict.fromkeys(one_named(reading, places, text, "centre" if rule == "close" else "site") for text in texts)
        )
        for rule, texts in asked.items()
    }
    return request.model_copy(update=ids)


def _region(text: str, reading: Reading) -> str:
    """A code as it is; a name becomes the code of the only unit that bears it."""
    if text.isdigit():
        return text
    units = gazetteer(reading).levels
    fits = {
        unit.code: f"{unit.name_zh} {unit.name_en} {unit.code}"
        for listed in units.values()
        for unit in listed
        if text.lower()
        in {unit.name_zh, *(unit.name(lang).lower() for lang in LANGUAGES), unit.short_name("en").lower()}
    }
    if len(fits) == 1:
        return next(iter(fits))
    expected = "; ".join(list(fits.values())[:8]) or "a division code or name"
    raise UserError("No unit or several have this name", key="region", value=text, expected=expected)


def _summary(plan: Plan, lang: Language) -> str:
    lines = [words.heading(plan, lang), words.subtitle(plan, lang), words.certificate(plan, lang)]
    if notice := words.demonstration(plan, lang):
        lines.append(notice)
    before, after = words.coverage(plan.before, lang), words.coverage(plan.after, lang)
    lines += [f"{t('plan.before', lang)}: {before}", f"{t('plan.after', lang)}: {after}"]
    lines += [text for text in (words.served(plan, lang), words.rule(plan, lang), words.worst(plan, lang)) if text]
    lines += words.conditions(plan, lang)
    lines += [
        f"{site.order:>4}  {words.say(site.name, lang)}  {words.say(site.place, lang)}  +{words.adds(site, lang)}"
        for site in plan.sites[:30]
    ]
    if len(plan.sites) > 30:
        lines.append("   …")
    return "\n".join([*lines, *words.robust(plan, lang), words.solver(plan, lang)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboard plan", description="Where the next centres should stand, and how good that plan is."
    )
    parser.add_argument("--release", type=Path, help="release file or data folder (default: the current release)")
    parser.add_argument("--region", default="100000", help="division code or name (default: the nation)")
    parser.add_argument("--budget", type=int, default=18, metavar="SITES", help="new sites (default 18)")
    parser.add_argument("--standard", type=float, default=30.0, metavar="KM", help="distance standard (default 30)")
    parser.add_argument("--model", choices=PLAN_MODELS, default=PLAN_MODELS[0])
    parser.add_argument("--candidates", choices=CANDIDATES[:2], default=CANDIDATES[0])
    parser.add_argument("--list", type=Path, metavar="CSV", help="your own candidates: id, name, lon, lat[, cost]")
    parser.add_argument("--actions", nargs="+", choices=ACTIONS, default=["build"], help="what may be done")
    parser.add_argument("--money", type=float, help="all together cost at most (a new site: 1, or its cost)")
    parser.add_argument("--need", choices=NEEDS, default=NEEDS[0])
    parser.add_argument("--existing", choices=EXISTING, default=EXISTING[0])
    numbers = (
        ("capacity", "CHILDREN", "models with limited places: children a centre can serve (default 1000)"),
        ("full-km", "KM", "gradual_cover: counts fully within (default: half the standard)"),
        ("backup-percent", "PERCENT", "backup_cover: what the second centre counts (default 50)"),
        ("extend-km", "KM", "extend: how far an extended centre reaches (default: 1.5 standards)"),
        ("cost-upgrade", "COST", "what an upgrade costs beside the 1 of a new site (default 0.5)"),
        ("cost-extend", "COST", "what an extension costs (default 0.3)"),
        ("quota", "PERCENT", "fair quota: at least so much of every area (default 20)"),
        ("weight", "TIMES", "fair weighted: what a child in the worst-off area counts (default 3)"),
    )
    parser.add_argument("--fair", choices=FAIRNESS, default=FAIRNESS[0], help="fairness between areas (max_cover)")
    for name, unit, text in numbers:
        parser.add_argument(f"--{name}", type=float, metavar=unit.replace("PERCENT", "PERCENT"), help=text)
    places = (
        ("force", "candidates, by id or name, at which a site must be opened (extend:CENTRE for a work)"),
        ("forbid", "candidates at which no site may be opened"),
        ("close", "existing centres to close on purpose"),
    )
    for name, text in places:
        parser.add_argument(f"--{name}", nargs="+", default=[], metavar="PLACE", help=text)
    parser.add_argument("--time", type=float, default=60.0, metavar="S", help="time limit of the search (default 60)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument("--out", type=Path, help="plan.xlsx, plan.geojson or plan.pdf (and plan.json)")
    return parser
