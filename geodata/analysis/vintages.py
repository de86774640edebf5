"""The administrative time machine: what a division of any year since 2000 is today, and with which weight.

A list of counties stands for each year. From one list to the next a place is kept, renamed, recoded, made a district or
a city (all of which only change what it is called), or its border changes: merged, split, adjusted. The steps are
composed, so that the weights of a place always add up to one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geodata.codes import KINDS, ONLY_CALLED_OTHERWISE, Kind

# Half-width of a 90 % interval in standard deviations.
Z_90 = 1.645
_SUFFIXES = ("自治县", "自治旗", "特区", "市区", "县", "市", "区", "旗")

# Code and name: a code alone may stand for two places in two years.
Place = tuple[str, str]
Lists = Mapping[int, frozenset[Place]]


@dataclass(frozen=True)
class Change:
    """What is known about one change: in the list of `year`, `old` has become (a part of) `new`.

    `share` is the part of the children of `old` that went to `new`; None: all, or for a split by today's children.
    """

    year: int
    old: Place
    new: Place
    kind: Kind
    share: float | None = None
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Step:
    """One arrow of the way to today: target, weight, kind, and the sentences that say why."""

    place: Place
    weight: float
    kind: Kind
    reasons: tuple[tuple[str, str], ...] = ()


class Gaps(ValueError):
    """Places that no rule and no known change carries on: (year, place) as a list."""

    def __init__(self, places: Sequence[tuple[int, Place]]) -> None:
        self.places = tuple(places)
        super().__init__(f"{len(self.places)} places lead nowhere, the first {self.places[:5]}")


def ways_to_today(
    lists: Lists, changes: Iterable[Change], children: Mapping[str, float]
) -> dict[int, dict[Place, tuple[Step, ...]]]:
    """For each year but the newest, every place with its steps to the places of the newest list.

    Parameters
    ----------
    lists
        The places of each year. The newest year is that of today's outlines.
    changes
        What no rule can know. A change overrides the rules for its old place.
    children
        Children of today by code, by which a split without shares is divided.

    Raises
    ------
    Gaps
        If a place disappears and neither a rule nor a change says where to.
    """
    years = sorted(lists)
    known: dict[tuple[int, Place], list[Change]] = defaultdict(list)
    for change in changes:
        known[change.year, change.old].append(change)
    ways: dict[int, dict[Place, tuple[Step, ...]]] = {
        years[-1]: {place: (Step(place, 1.0, "same"),) for place in lists[years[-1]]}
    }
    gaps: list[tuple[int, Place]] = []
    for before, after in zip(reversed(years[:-1]), reversed(years[1:]), strict=True):
        later = ways[after]
        mass = _mass(later, children)
        found = _by_rule(lists[before], lists[after], after)
        ways[before] = {}
        for place in sorted(lists[before]):
            if (after, place) in known:
                steps = _by_change(known[after, place], mass)
            elif place in found:
                steps = [found[place]]
            else:
                gaps.append((after, place))
                continue
            ways[before][place] = _composed(steps, later)
    if gaps:
        raise Gaps(gaps)
    return {year: _with_enlarged(ways[year]) for year in years[:-1]}


def share_error(weights: npt.ArrayLike, growth_sd: float) -> npt.NDArray[np.float64]:
    """Relative half-width (90 %) of a count carried over with an estimated weight; 0 where all of it goes.

    The weight is that of today's children. Neighbouring counties grow apart: if the log of their growth since then
    has the standard deviation `growth_sd`, the log of a share w has about `√2 · growth_sd · (1 − w)`. At most 1.
    """
    weight = np.asarray(weights, dtype=np.float64)
    error: npt.NDArray[np.float64] = np.minimum(1.0, Z_90 * np.sqrt(2.0) * growth_sd * (1.0 - weight))
    return error


def growth_spread(before: npt.ArrayLike, after: npt.ArrayLike, group: Sequence[str]) -> float:
    """Standard deviation of the log growth of counties around the mean of their `group` (the prefecture).

    Groups of one tell nothing and stay out; so do counts of none.
    """
    first, second = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    usable = (first > 0) & (second > 0)
    growth = np.log(second[usable] / first[usable])
    members: dict[str, list[float]] = defaultdict(list)
    for name, value in zip(np.asarray(group)[usable], growth, strict=True):
        members[str(name)].append(float(value))
    squares = sum(float(np.sum((np.array(g) - np.mean(g)) ** 2)) for g in members.values() if len(g) > 1)
    freedom = sum(len(g) - 1 for g in members.values() if len(g) > 1)
    return float(np.sqrt(squares / freedom)) if freedom else 0.0


def stem(name: str) -> str:
    """A name without its kind: 密云县 and 密云区 are both 密云. A name of two characters keeps its first."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return name


def _by_rule(before: frozenset[Place], after: frozenset[Place], year: int) -> dict[Place, Step]:
    """What the two lists tell by themselves: kept; same name and other code; same stem; same code and other name."""
    steps = {place: Step(place, 1.0, "same") for place in before & after}
    gone, come = set(before - after), set(after - before)
    for kind, key in _RULES:
        old_by, new_by = _grouped(gone, key), _grouped(come, key)
        for found, olds in old_by.items():
            news = new_by.get(found, [])
            if len(olds) == 1 and len(news) == 1:
                steps[olds[0]] = Step(news[0], 1.0, kind, (_said(kind, news[0], year),))
                gone.discard(olds[0])
                come.discard(news[0])
    return steps


# A name or a stem counts within its province only: 新华区 stands in four of them.
_RULES: tuple[tuple[Kind, Callable[[Place], str]], ...] = (
    ("recoded", lambda place: place[0][:2] + place[1]),
    ("upgraded", lambda place: place[0][:2] + stem(place[1])),
    ("renamed", lambda place: place[0]),
)


def _grouped(places: Iterable[Place], key: Callable[[Place], str]) -> dict[str, list[Place]]:
    groups: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(places):
        groups[key(place)].append(place)
    return groups


def _by_change(changes: Sequence[Change], mass: Mapping[Place, float]) -> list[Step]:
    """The steps of one place whose change is known; shares that are not given follow today's children."""
    shares = [change.share for change in changes]
    if None in shares:
        parts = [mass[change.new] for change in changes]
        shares = [part / sum(parts) if sum(parts) > 0 else 1 / len(parts) for part in parts]
    news = [change.new for change in changes]
    return [
        Step(change.new, float(share or 0.0), change.kind, (_said(change.kind, change.new, change.year, news, change),))
        for change, share in zip(changes, shares, strict=True)
    ]


def _mass(ways: Mapping[Place, tuple[Step, ...]], children: Mapping[str, float]) -> dict[Place, float]:
    """Today's children of each place of a year. Places that share a county of today are taken to share it evenly."""
    sharing: dict[Place, int] = defaultdict(int)
    for steps in ways.values():
        for step in steps:
            sharing[step.place] += 1
    return {
        place: sum(step.weight * children.get(step.place[0], 0.0) / sharing[step.place] for step in steps)
        for place, steps in ways.items()
    }


def _composed(steps: Iterable[Step], later: Mapping[Place, tuple[Step, ...]]) -> tuple[Step, ...]:
    """`steps` into the next list, carried on to today; what reaches the same place on two ways is added up."""
    weights: dict[Place, float] = defaultdict(float)
    kinds: dict[Place, Kind] = {}
    reasons: dict[Place, dict[tuple[str, str], None]] = defaultdict(dict)
    for first in steps:
        for rest in later.get(first.place, ()):  # nothing only where a gap is about to be reported
            weights[rest.place] += first.weight * rest.weight
            kinds[rest.place] = max(kinds.get(rest.place, "same"), first.kind, rest.kind, key=KINDS.index)
            reasons[rest.place] |= dict.fromkeys((*first.reasons, *rest.reasons))
    return tuple(Step(place, weights[place], kinds[place], tuple(reasons[place])) for place in sorted(weights))


def _with_enlarged(ways: dict[Place, tuple[Step, ...]]) -> dict[Place, tuple[Step, ...]]:
    """A place that is only called otherwise, but shares its county of today with others, is a part of it."""
    sharing: dict[Place, int] = defaultdict(int)
    for steps in ways.values():
        for step in steps:
            sharing[step.place] += 1
    return {
        place: tuple(
            replace(step, kind="enlarged", reasons=(*step.reasons, _ENLARGED))
            if step.kind in ONLY_CALLED_OTHERWISE and sharing[step.place] > 1
            else step
            for step in steps
        )
        for place, steps in ways.items()
    }


_ENLARGED = ("今日辖区另含其他旧区划", "today it also holds other former divisions")


def _said(
    kind: Kind, new: Place, year: int, news: Sequence[Place] = (), change: Change | None = None
) -> tuple[str, str]:
    """Why, in Chinese and English. `year` is that of the first list that shows the change."""
    code, name = new
    among_zh = "、".join(f"{name}（{code}）" for code, name in news)
    among_en = ", ".join(f"{name} ({code})" for code, name in news)
    said = {
        "same": ("", ""),
        "renamed": (f"{year}年名录起称{name}", f"listed as {name} since {year}"),
        "recoded": (f"{year}年名录起代码为{code}", f"listed under {code} since {year}"),
        "upgraded": (f"{year}年名录起为{name}（{code}）", f"became {name} ({code}) in the list of {year}"),
        "merged": (f"{year}年名录起并入{name}（{code}）", f"merged into {name} ({code}) in the list of {year}"),
        "folded": (f"没有自己的边界，计入{name}（{code}）", f"has no outline of its own, counted in {name} ({code})"),
        "adjusted": (
            f"{year}年名录起有一部分划出，数量不详，全部计入{name}（{code}）",
            f"a part of unknown size left in the list of {year}; all is counted in {name} ({code})",
        ),
        "split": (
            f"{year}年名录起分属{among_zh}" + ("" if change and change.share else "，按今日儿童数分摊"),
            f"divided in the list of {year} between {among_en}"
            + ("" if change and change.share else ", shared by the children of today"),
        ),
    }  # fmt: skip
    zh, en = said[kind]
    note_zh, note_en = (change.note_zh, change.note_en) if change else ("", "")
    return zh + (f"：{note_zh}" if note_zh else ""), en + (f": {note_en}" if note_en else "")
