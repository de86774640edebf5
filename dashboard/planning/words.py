"""A plan in words: the same sentences on the page, in the workbook and in the brief."""

from __future__ import annotations

from dashboard import format as fmt
from dashboard.i18n import t
from dashboard.planning.plan import Count, Coverage, Name, ObjectiveUnit, Plan, PlanProgress, PlanSite
from dashboard.planning.request import MOST_FOR_ALTERNATIVES, RULES
from geodata.text import Language


def say(name: Name, lang: Language) -> str:
    """A name in one language."""
    return name.zh if lang == "zh" else name.en


def count(value: Count, lang: Language) -> str:
    """A count of children: 12,300, 0, or that it is withheld."""
    return t("plan.withheld", lang) if value is None else fmt.number(value, 0)


def short(value: float) -> str:
    """A number that was asked for, as short as it is: 30, 2.5, 1,000."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def amount(value: float | None, unit: ObjectiveUnit, lang: Language) -> str:
    """An objective or bound with its unit."""
    if value is None:
        return "–"
    return t(f"plan.unit.{unit}", lang, number=fmt.number(value, 1 if unit == "km" else 0))


def percent(gap: float | None) -> str:
    """A relative gap: 0.8%; small ones with more digits, so that none is taken for nothing."""
    if gap is None:
        return "–"
    value = 100 * gap
    return f"{fmt.number(value, 1 if value >= 0.1 else 3)}%"


def heading(plan: Plan, lang: Language) -> str:
    """18 new sites in Sichuan Province."""
    works = sum(site.action != "build" for site in plan.sites)
    new = len(plan.sites) - works
    if works:
        key = "heading_works" if new else "heading_only_works"
    else:
        key = "heading_one" if new == 1 else "heading_sites"
    counts = {"sites": fmt.number(new, 0), "works": fmt.number(works, 0)}
    return t(f"plan.{key}", lang, region=say(plan.region, lang), **counts)


def subtitle(plan: Plan, lang: Language) -> str:
    """Model, need, standard and candidates in one line."""
    asked = plan.request
    return t(
        "plan.subtitle",
        lang,
        model=t(f"plan.models.{asked.model}", lang),
        need=t(f"plan.needs.{asked.need}", lang),
        km=f"{asked.standard_km:g}",
        candidates=t(f"plan.candidate_kinds.{asked.candidates}", lang),
    )


def certificate(plan: Plan, lang: Language) -> str:
    """How good the plan is proven to be."""
    found = plan.certificate
    key = found.status if found.bound is not None and found.gap is not None else "unbounded"
    objective, bound = (amount(value, found.unit, lang) for value in (found.objective, found.bound))
    return t(f"plan.proof.{key}", lang, objective=objective, bound=bound, gap=percent(found.gap))


def rule(plan: Plan, lang: Language) -> str | None:
    """The rule of fairness that the plan keeps, and its price."""
    asked, found = plan.request, plan.fair
    if asked.fair == "none" or found is None:
        return None
    quota, weight = short(asked.least_percent), short(asked.heaviest)
    text = [t(f"plan.rule_{asked.fair}", lang, quota=quota, weight=weight)]
    if found.price_percent is not None:
        text.append(t("plan.rule_price", lang, price=fmt.number(found.price_percent, 1)))
    elif asked.fair != "weighted":
        text.append(t("plan.rule_quick", lang))
    return joined(text, lang)


def served(plan: Plan, lang: Language) -> str | None:
    """How many children have a place today and with the plan, where places are limited."""
    if plan.served_after is None:
        return None
    after = coverage(plan.served_after, lang)
    if plan.served_before is None:
        return t("plan.served_then", lang, after=after)
    return t("plan.served_both", lang, before=coverage(plan.served_before, lang), after=after)


def worst(plan: Plan, lang: Language) -> str | None:
    """The area worst off today and with the plan."""
    found = plan.fair
    if found is None:
        return None
    percents = (found.worst_before_percent, found.worst_percent, found.most_percent)
    before, after, most = (fmt.number(percent, 1) for percent in percents)
    now, then = say(found.worst_before, lang), say(found.worst, lang)
    return t("plan.worst", lang, before_area=now, before=before, area=then, after=after, most=most)


def conditions(plan: Plan, lang: Language) -> tuple[str, ...]:
    """What was asked of single places, a sentence a rule, and what it costs."""
    text = []
    for rule in RULES:
        listed = tuple(one.name for one in plan.conditions if one.rule == rule)
        if listed:
            text.append(t(f"plan.condition_{rule}", lang, places=names(listed, lang)))
    idle = tuple(one.name for one in plan.conditions if not one.counts)
    if idle:
        text.append(t("plan.condition_idle", lang, places=names(idle, lang)))
    if plan.conditions_price_percent is not None:
        key = "condition_price" if plan.conditions_price_percent >= 0.01 else "condition_free"
        text.append(t(f"plan.{key}", lang, price=fmt.number(plan.conditions_price_percent, 2)))
    return tuple(text)


def solver(plan: Plan, lang: Language) -> str:
    """Solver, seed and time."""
    found = plan.certificate
    return t("plan.solver", lang, solver=found.solver, seed=found.seed, seconds=fmt.number(found.seconds, 1))


def need(plan: Plan, lang: Language) -> str:
    """The need of the region with its interval."""
    found = plan.need
    value = t("state.no_data", lang) if found.total is None else fmt.number(found.total, 0)
    label = t(f"plan.needs.{found.indicator}", lang)
    text = [t("plan.need_text", lang, need=label, region=say(plan.region, lang), value=value)]
    if found.low is not None and found.high is not None and found.low < found.high:
        low, high = fmt.number(found.low, 0), fmt.number(found.high, 0)
        text.append(t("plan.need_interval", lang, low=low, high=high))
    if found.unknown_counties:
        key = "need_unknown_one" if found.unknown_counties == 1 else "need_unknown"
        text.append(t(f"plan.{key}", lang, count=found.unknown_counties))
    return joined(text, lang)


def coverage(found: Coverage, lang: Language) -> str:
    """1,791,700 (39.3%)."""
    return t("plan.coverage", lang, count=count(found.children, lang), percent=fmt.number(found.percent, 1))


def coverage_interval(found: Coverage, lang: Language) -> str | None:
    """37.7% to 41.2% over the draws."""
    if found.low_percent is None or found.high_percent is None:
        return None
    low, high = fmt.number(found.low_percent, 1), fmt.number(found.high_percent, 1)
    return t("plan.coverage_interval", lang, low=low, high=high)


def beyond(plan: Plan, lang: Language) -> str:
    """Who is still beyond the standard with the plan."""
    placed, covered = plan.need.placed, plan.after.children
    left = None if placed is None or covered is None else max(placed - covered, 0)
    share = fmt.number(100 - plan.after.percent, 1)
    return t("plan.coverage", lang, count=count(left, lang), percent=share)


def adds(site: PlanSite, lang: Language) -> str:
    """What a site adds: children who get a place there where places are limited, else children within the standard."""
    return count(site.adds if site.serves is None else site.serves, lang)


def reasons(site: PlanSite, lang: Language) -> str:
    """Why a site is proposed, in sentences."""
    if site.action == "upgrade":
        # It reaches nobody more than the centre does already.
        places = t("plan.reason_serves", lang, serves=count(site.serves, lang))
        return joined([*(t(f"plan.reason_{key}", lang) for key in _firsts(site)), places], lang)
    text = [t(f"plan.reason_{key}", lang) for key in _firsts(site)]
    text.append(t("plan.reason_adds", lang, adds=count(site.adds, lang), order=site.order))
    if site.serves is not None:
        text.append(t("plan.reason_serves", lang, serves=count(site.serves, lang)))
    if site.alone != site.adds:
        text.append(t("plan.reason_alone", lang, alone=count(site.alone, lang)))
    if site.shares_with and site.already != 0:
        others = names(site.shares_with, lang, at_most=2)
        reached, already = count(site.reached, lang), count(site.already, lang)
        text.append(t("plan.reason_shared", lang, reached=reached, already=already, others=others))
    elif site.already == 0:
        text.append(t("plan.reason_first", lang, reached=count(site.reached, lang)))
    if site.runner_up is not None:
        text.append(_next_best(site, say(site.runner_up, lang), lang))
    if site.chosen_in_draws is not None:
        text.append(t("plan.reason_draws", lang, percent=fmt.number(100 * site.chosen_in_draws, 0)))
    return joined(text, lang)


def _firsts(site: PlanSite) -> list[str]:
    """That it was asked for, and what is done at a centre."""
    return [*(["forced"] if site.forced else []), *([site.action] if site.action != "build" else [])]


def _next_best(site: PlanSite, name: str, lang: Language) -> str:
    if site.forced and site.forgone != 0:
        return t("plan.reason_forgone", lang, name=name, forgone=count(site.forgone, lang))
    if site.flip == 0:
        return t("plan.reason_equal", lang, name=name)
    return t("plan.reason_runner", lang, name=name, flip=count(site.flip, lang))


def alternatives(plan: Plan, lang: Language) -> tuple[str, ...]:
    """Plans nearly as good, a sentence each, and how thoroughly they were looked for."""
    looked = plan.alternatives_looked
    if looked == "none":
        key = "alternatives_many" if len(plan.sites) > MOST_FOR_ALTERNATIVES else "alternatives_stopped"
        return (t(f"plan.{key}", lang, most=MOST_FOR_ALTERNATIVES),)
    found = tuple(
        t(
            "plan.alternative",
            lang,
            loss=fmt.number(other.loss_percent, 2),
            opens=names(other.opens, lang, at_most=6),
            instead=names(other.instead_of, lang, at_most=6),
        )
        for other in plan.alternatives
    )
    if looked == "part":
        return (*found, t("plan.alternatives_part", lang))
    return found or (t("plan.no_alternatives" if looked == "whole" else "plan.no_promising", lang),)


def robust(plan: Plan, lang: Language) -> tuple[str, ...]:
    """What the draws say, or how to get draws."""
    found, asked = plan.robust, plan.request
    if plan.robust_slow_seconds is not None:
        return (t("plan.robust_slow", lang, seconds=fmt.number(plan.robust_slow_seconds, 0)),)
    if found is None:
        return (t("plan.robust_unsolved" if plan.has_draws else "plan.robust_none", lang),)
    text = [t("plan.robust_text", lang, draws=found.draws, core=len(found.core), sites=len(plan.sites))]
    if found.kept_percent is not None:
        key = "robust_quota" if asked.fair == "quota" else "robust_room"
        kept, quota = fmt.number(found.kept_percent, 0), short(asked.least_percent)
        text.append(t(f"plan.{key}", lang, kept=kept, quota=quota))
    if found.least_low_percent is not None and found.least_high_percent is not None:
        low, high = fmt.number(found.least_low_percent, 1), fmt.number(found.least_high_percent, 1)
        text.append(t("plan.robust_least", lang, low=low, high=high))
    mean, worst = fmt.number(found.mean_regret_percent, 1), fmt.number(found.max_regret_percent, 1)
    key = "robust_regret_least" if asked.fair == "max_min" else "robust_regret"
    text.append(t(f"plan.{key}", lang, mean=mean, worst=worst))
    least = fmt.number(found.least_regret_percent, 1)
    if found.least_regret_different and least != worst:
        key = "robust_better_one" if found.least_regret_different == 1 else "robust_better"
        text.append(t(f"plan.{key}", lang, different=found.least_regret_different, least=least))
    if asked.draws_take_time or asked.fair in ("quota", "max_min"):
        text.append(t("plan.robust_short", lang))
    return tuple(text)


def assumptions(plan: Plan, lang: Language) -> tuple[str, ...]:
    """What the plan takes for granted."""
    asked = plan.request
    keys = ["line", "county_point" if plan.by_county else "spread"]
    if asked.candidates == "counties" and "build" in asked.actions:
        keys.append("county")
    keys += ["modelled", "capacity" if asked.is_capacitated else "whole"]
    keys += {"gradual_cover": ["gradual"], "backup_cover": ["backup"]}.get(asked.model, [])
    keys += [action for action in asked.actions if action != "build"]
    if asked.actions != ("build",) or asked.money is not None:
        keys.append("cost")
    if asked.money is not None:
        keys.append("money")
    values = {
        "km": short(asked.standard_km), "full": short(asked.full_to_km), "second": short(asked.second_percent),
        "first": short(100 - asked.second_percent), "room": short(asked.room), "extended": short(asked.extends_to_km),
        "upgrade": short(asked.cost_of("upgrade")), "extend": short(asked.cost_of("extend")),
        "money": short(asked.money or 0.0),
    }  # fmt: skip
    text = [t(f"plan.assumption_{key}", lang, **values) for key in keys]
    kept = asked.existing == "kept"
    key = "assumption_existing_one" if plan.existing == 1 else "assumption_existing"
    existing = t(f"plan.{key}", lang, count=fmt.number(plan.existing, 0))
    text.append(existing if kept else t("plan.assumption_ignored", lang))
    if plan.unplaced:
        text.append(t("plan.assumption_unplaced", lang, count=fmt.number(plan.unplaced, 0)))
    return (*conditions(plan, lang), *text, t("plan.assumption_rounded", lang), t("notice.boundary", lang))


def demonstration(plan: Plan, lang: Language) -> str | None:
    """That existing centres are no real places, where they are not."""
    is_shown = plan.origin.centres_kind == "demonstration" and plan.request.existing == "kept"
    return t("plan.demo", lang) if is_shown else None


def progress(found: PlanProgress, unit: ObjectiveUnit, lang: Language) -> str:
    """The best plan so far and its gap."""
    seconds = fmt.number(found.seconds, 0)
    if found.best is None:
        return t("plan.progress_start", lang, seconds=seconds)
    best, bound = amount(found.best, unit, lang), amount(found.bound, unit, lang)
    return t("plan.progress", lang, best=best, bound=bound, gap=percent(found.gap), seconds=seconds)


def names(listed: tuple[Name, ...], lang: Language, at_most: int = 12) -> str:
    """Names in a list, the first few of them."""
    shown = [say(name, lang) for name in listed[:at_most]]
    more = [f"… ({len(listed)})"] if len(listed) > at_most else []
    return t("format.list_separator", lang).join([*shown, *more])


def joined(sentences: list[str], lang: Language) -> str:
    """Sentences one after the other."""
    return ("" if lang == "zh" else " ").join(sentences)
