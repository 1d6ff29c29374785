"""The design of a trial: who is treated with what, for how long, and what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from omemsim.processes.placed import AT_ONE_PLACE
from omemsim.schedule import Work
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import FIRST_PROJECT, Tactic

__all__ = [
    "AGES",
    "ASSIGN",
    "AT_PLACES",
    "FEWEST",
    "HOURS",
    "LIAISON",
    "LONGEST",
    "MONITORING",
    "OF_HOURS",
    "OUTCOMES",
    "SPANS",
    "STOCKS",
    "UNITS",
    "ZONES",
    "TrialDesign",
    "group_problems",
    "place_problems",
    "windows",
    "worst_count",
]

UNITS = ("neighbourhoods", "places", "groups")
ASSIGN = ("random", "pairs", "worst")
HOURS = ("moved", "added")
ZONES = ("treated", "catchment", "elsewhere")
LIAISON, MONITORING = Work(Tactic.LIAISON), Work(Tactic.MONITOR_AT_RISK_GROUPS)
OF_HOURS = (LIAISON, MONITORING)
TO_GROUPS = (*OF_HOURS, Work.CASEWORK, Work.TARGET_HARDENING)
AT_PLACES = tuple(work.name.lower() for work in AT_ONE_PLACE)
AT_GROUPS = tuple(work.name.lower() for work in TO_GROUPS)
SOON = 13  # weeks after the end that are looked at by themselves
SPANS = {"baseline": 4, "weeks": 1, "follow": 0, "window": 0}  # how many weeks each is at least
LONGEST = 1040  # weeks of a span
FEWEST = 4  # units: fewer leave no standard error
AGES = ("15-24", "25-44", "45-64", "65+")
GROUP_KINDS = ("age", "victims", "acute")
WORST = "worst"
OUTCOMES = (
    "victimization",
    "crime",
    "violence",
    "reported_crime",
    "recorded_crime",
    "public_calls",
)
STOCKS = ("trust", "fear", "efficacy", "vigilance")  # of residents, or means of neighbourhoods


@dataclass(frozen=True)
class TrialDesign:
    """The design of a trial.

    Attributes
    ----------
    what, dose : as of an intervention. Doses are hours a week per 1,000 residents 15+, or shares;
        at places hours a week at each place; for groups see `group_doses`.
    units : of `UNITS`; share : of neighbourhoods or of the pool that are treated, in (0, 1).
    assign : random; pairs, matched by baseline, one of each at random; worst, those with the
        highest baseline outcome, as practice often does.
    baseline, weeks, follow : weeks before, of treatment, and after it.
    outcome : of `OUTCOMES` or, for neighbourhoods and groups, `STOCKS`.
    places : worst:K, the pool of places with most recorded crime; or ids, a comma between them.
    window : weeks at the end of the baseline whose recorded crime ranks places; 0 is all of it.
    radius : of places' catchments, in metres; 0 takes the places next to them.
    group : age:15-24, victims:13 (of so many weeks) or acute.
    hours : of `HOURS`.
    """

    what: str = "targeted_enforcement"
    dose: float = 4.0
    units: str = "neighbourhoods"
    share: float = 0.5
    assign: str = "random"
    baseline: int = WEEKS_PER_YEAR
    weeks: int = WEEKS_PER_YEAR // 2
    follow: int = WEEKS_PER_YEAR
    outcome: str = "victimization"
    places: str = "worst:20"
    window: int = 0
    radius: float = 0.0
    group: str = "victims:13"
    hours: str = "moved"

    @property
    def is_count(self) -> bool:
        """Return whether the outcome is a number of events."""
        return self.outcome in OUTCOMES

    @property
    def place_names(self) -> list[str]:
        """Return the places that are named; none if they are the worst."""
        named = "" if worst_count(self.places) is not None else self.places
        return [name.strip() for name in named.split(",") if name.strip()]

    @property
    def ranked(self) -> int:
        """Return over how many weeks of the baseline recorded crime ranks places."""
        return self.window or self.baseline

    def check(self) -> None:
        """Check all of it.

        Raises
        ------
        InputError
            With everything that is wrong.
        """
        known = {
            "what": ([x.name.lower() for x in Work], self.what),
            "units": (UNITS, self.units),
            "assign": (ASSIGN, self.assign),
            "outcome": ((*OUTCOMES, *STOCKS), self.outcome),
            "hours": (HOURS, self.hours),
        }
        problems = [
            f"{key} = {value!r}: must be one of {', '.join(names)}.{nearest(value, names)}"
            for key, (names, value) in known.items()
            if value not in names
        ]
        if not 0 < self.share < 1:
            problems.append(f"share = {self.share:g}: must be between 0 and 1, as 0.5.")
        if not 0 <= self.radius < math.inf:
            problems.append(f"radius = {self.radius:g}: must be metres, 0 or more, as 200.")
        if self.assign == "pairs" and self.share != 0.5:
            problems.append("assign=pairs treats one of two: leave share= out, or share=0.5.")
        problems += self._hours_problems() + self._unit_problems()
        if problems:
            raise InputError(*problems)

    def _hours_problems(self) -> list[str]:
        work = Work.__members__.get(self.what.upper())
        if self.hours == "added" and work is not None and work >= FIRST_PROJECT:
            return [f"hours=added: {self.what} takes no hours of the police; leave hours= out."]
        return []

    def _unit_problems(self) -> list[str]:
        usual, problems = TrialDesign(), []
        is_known = self.what.upper() in Work.__members__
        if self.units == "places":
            if is_known and self.what not in AT_PLACES:
                problems.append(
                    f"units=places: {self.what} acts on a whole neighbourhood, not at places; "
                    f"these act at places: {', '.join(AT_PLACES)}. Or units=neighbourhoods."
                )
            if self.outcome in STOCKS:
                problems.append(
                    f"units=places: {self.outcome} is known by neighbourhood; at places one counts "
                    f"{', '.join(OUTCOMES)}."
                )
            problems += place_problems(self)
        elif (self.places, self.window, self.radius) != (usual.places, usual.window, usual.radius):
            problems.append(
                f"places=, window= and radius= say which places are dosed, and units is "
                f"{self.units}: write units=places, or leave them out."
            )
        if self.units == "groups":
            if is_known and self.what not in AT_GROUPS:
                problems.append(
                    f"units=groups: {self.what} cannot be done with single residents; these can: "
                    f"{', '.join(AT_GROUPS)}. Or units=neighbourhoods."
                )
            problems += group_problems(self)
        elif self.group != usual.group:
            problems.append(
                f"group= says which residents are dosed, and units is {self.units}: write "
                "units=groups, or leave it out."
            )
        return problems


def windows(design: TrialDesign) -> dict[str, tuple[int, int]]:
    """Return the spans of weeks that are measured, from the trial's first week: name -> ends."""
    found = {"during": (0, design.weeks)}
    end = design.weeks + design.follow
    if design.follow > SOON:
        found[f"{SOON} weeks after"] = (design.weeks, design.weeks + SOON)
        found["later"] = (design.weeks + SOON, end)
    elif design.follow:
        found["after"] = (design.weeks, end)
    return found


def worst_count(places: str) -> int | None:
    """Return K of ``worst:K``; None if the word names places, or K is no number."""
    kind, colon, number = places.partition(":")
    is_count = kind.strip() == WORST and bool(colon) and number.strip().isdecimal()
    return int(number) if is_count else None


def place_problems(design: TrialDesign) -> list[str]:
    """Return what is wrong with the words that say which places are dosed."""
    problems, many = [], worst_count(design.places)
    if many is not None and many < FEWEST:
        problems.append(
            f"places = {design.places!r}: a trial needs {FEWEST} places or more, as worst:20."
        )
    names = [] if many is not None else design.place_names
    problems += [
        f"places = {name!r}: must be worst:K, as worst:20, or ids of places with commas between "
        "them: a neighbourhood, a slash, and a place's number in it, as 3/12,5/1."
        for name in names
        if not name.rpartition("/")[0] or not name.rpartition("/")[2].strip().isdecimal()
    ]
    if many is None and not names:
        problems.append("places = '': name places, as 3/12,5/1, or worst:20.")
    if many is None and design.assign != "random":
        problems.append(
            "assign= says how a pool is split; named places are all treated, and each is compared "
            "with the place closest in recorded crime. Leave assign= out, or take places=worst:20."
        )
    if design.window > design.baseline:
        problems.append(
            f"window = {design.window}: longer than the baseline of {design.baseline} weeks, in "
            "which crime is recorded; make baseline= longer, or window= shorter."
        )
    return problems


def group_problems(design: TrialDesign) -> list[str]:
    """Return what is wrong with the word that says which residents are dosed."""
    kind, _, value = design.group.partition(":")
    if kind not in GROUP_KINDS:
        hint = nearest(kind, GROUP_KINDS)
        return [
            f"group = {design.group!r}: no such group.{hint} There are age:15-24 (or "
            f"{', '.join(AGES[1:])}), victims:13 (of the last 13 weeks of the baseline), and acute "
            "(at acutely elevated risk)."
        ]
    if kind == "age" and value not in AGES:
        return [f"group = {design.group!r}: must be age: and one of {', '.join(AGES)}."]
    if kind == "victims" and not (value.isdecimal() and 1 <= int(value) <= design.baseline):
        return [
            f"group = {design.group!r}: must be victims: and a number of weeks from 1 to the "
            f"{design.baseline} of the baseline, as victims:{min(13, design.baseline)}."
        ]
    if kind == "acute" and value:
        return [f"group = {design.group!r}: acute takes no number; write group=acute."]
    return []
