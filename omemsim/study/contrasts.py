"""What a comparison's table says in words: better, worse, about the same, or cannot tell.

One list of measures, `HEADLINES`, has words, for better and for worse alike.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omemsim.language.names import OUTCOMES
from omemsim.language.sentences import Effect, Frequency, Worlds
from omemsim.present import text
from omemsim.present.text import counted
from omemsim.study.rare_events import unseen_share
from omemsim.study.statistics import (
    SMALLEST_ON_INDEX,
    SMALLEST_PART,
    Difference,
    smallest_difference,
    verdict_words,
)
from omemsim.vocabulary.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from omemsim.recording import Recording

__all__ = [
    "FIRST",
    "HEADLINES",
    "MAY_BE_CHANCE",
    "SMALL",
    "About",
    "Contrast",
    "about",
    "check_outcome",
    "contrasts",
    "effect_of",
    "frequency_of",
    "headlines",
    "in_brief",
    "in_words",
    "mismatch",
    "none_seen",
    "plain_words",
    "sentence",
    "verdict",
]

# What words are given for, whichever way it goes, and what tables and figures show.
HEADLINES = (
    *("victimization", "violence", "disorder", "public_calls", "recorded_crime", "fear", "trust"),
    *("capacity", "community_led", "utilization", "waiting_list", "police_cost", "agency_cost"),
    *("share_red", "share_green_or_blue", "share_blue", "upgrades", "downgrades"),
)
# What a sentence names first, for good and for ill: measures that are not parts of each other.
FIRST = ("victimization", "fear", "trust", "capacity", "share_green_or_blue")
COLUMNS_OF_TEXT = 100

SMALL = (
    f"About the same: differs by less than {SMALLEST_PART:.0%} of the baseline's mean, or "
    f"{SMALLEST_ON_INDEX:g} on an index or share from 0 to 1 (assumed: our choice)."
)
# The word where a difference's own interval excludes 0 and, among so many, that may be chance.
MAY_BE_CHANCE = "may be chance"


@dataclass(frozen=True)
class About:
    """Title, unit and better direction of a number in a run's summary."""

    title: str
    unit: str
    better: str = ""


def about(name: str) -> About:
    """Return what is known of a number in a run's summary."""
    from omemsim.measures import OUTCOME_UNITS, declared

    if name in OUTCOME_UNITS:
        return About(OUTCOMES[name], *OUTCOME_UNITS[name])
    found = declared(name)
    if found is None:  # the user's own, of a run that another process has made
        return About(name.replace("_", " ").capitalize(), "as recorded")
    return About(found.title, found.unit, found.better)


def headlines(names: Iterable[str]) -> list[str]:
    """Return those of the names that words are given for: `HEADLINES`, then the user's own."""
    from omemsim.measures import is_own

    there = dict.fromkeys(names)
    return [*(x for x in HEADLINES if x in there), *(x for x in there if is_own(x))]


def check_outcome(outcome: str, record: Recording) -> None:
    """Check, before anything is run, that its runs will have an outcome.

    Raises
    ------
    InputError
        If they would not, by what is recorded.
    """
    from omemsim.series import recorded_numbers

    known = recorded_numbers(record)
    if outcome not in known:
        raise InputError(
            f"outcome = {outcome!r}: is not recorded.{nearest(outcome, known)} There are: "
            f"{', '.join(known)}; record.measures=... records others."
        )


@dataclass(frozen=True)
class Contrast:
    """One strategy against the baseline on one measure.

    ``found`` is the paired difference in the measure's unit; ``share`` is the share of
    replicates in which the strategy is the better one, NaN where neither direction is.
    ``percent``, ``low`` and ``high`` are in percent of the baseline's mean: infinite or NaN
    if that is 0, and ``low`` and ``high`` NaN when there is no interval.
    ``word`` is what a comparison says of it among all others; None if it stands alone.
    """

    measure: str
    known: About
    strategy: str
    found: Difference
    share: float = math.nan
    word: str | None = None

    @property
    def says(self) -> str:
        """Return its word: as of `verdict_words`, ``may be chance``, or empty if it has none."""
        return verdict_words(self.found, self.smallest) if self.word is None else self.word

    @property
    def percent(self) -> float:
        """Return the difference in percent."""
        return self._percent(self.found.difference)

    @property
    def low(self) -> float:
        """Return the lower end of the interval in percent."""
        return self._percent(self.found.low)

    @property
    def high(self) -> float:
        """Return the upper end of the interval in percent."""
        return self._percent(self.found.high)

    @property
    def has_percent(self) -> bool:
        """Say whether the baseline's mean is a number other than 0."""
        return abs(self.found.baseline_mean) > 1e-12  # also false for NaN: no pair finished

    @property
    def smallest(self) -> float:
        """Return the smallest difference worth naming, in the measure's unit."""
        return smallest_difference(self.known.unit, self.found.baseline_mean)

    def _percent(self, value: float) -> float:
        return 100 * value / abs(self.found.baseline_mean) if self.has_percent else math.nan


def contrasts(table: pd.DataFrame) -> list[Contrast]:
    """Return a contrast for each row of `Comparison.table`, in its order."""
    return [_contrast(row) for row in table.to_dict("records")]


def _contrast(row: dict[Any, Any]) -> Contrast:
    names = ("n", "mean", "baseline_mean", "difference", "low", "high")
    return Contrast(
        measure=row["measure"],
        known=about(row["measure"]),
        strategy=row["strategy"],
        found=Difference(**{name: row[name] for name in names}, tied=_tied(row)),
        share=row["share_better"],
        word=row["word"],
    )


def _tied(row: dict[Any, Any]) -> int:
    return round(row["n"] * row["share_tied"]) if row["n"] else 0


def verdict(row: Contrast) -> str:
    """Return "better", "worse", "differs" (no direction is better), "same", or what is unsure.

    It is "same" if no replicate differs or the difference is too small to name, "cannot tell" if
    the interval holds 0 or there is none, and "may be chance" if, as one of many that are looked
    at, it may be. A measure without a word has none here either.
    """
    word = row.says
    if word in ("equal", "about the same"):
        return "same"
    if word not in ("lower", "higher"):
        return word
    if not row.known.better:
        return "differs"
    return "better" if word == row.known.better else "worse"


def effect_of(row: Contrast, baseline: str) -> Effect:
    """Return what a contrast found, for sentences in either language (`language.sentences`)."""
    return Effect(
        measure=row.measure,
        title=row.known.title,
        strategy=row.strategy,
        baseline=baseline,
        word=row.says,
        percent=row.percent,
        low=row.low,
        high=row.high,
    )


def frequency_of(row: Contrast) -> Frequency | None:
    """Return in how many replicates the strategy is better; None where neither way is."""
    if math.isnan(row.share):
        return None
    return Frequency(round(row.share * row.found.n), row.found.n, Worlds.SIMULATED)


def in_words(row: Contrast) -> str:
    """Return e.g. "18% lower (12% to 24%)" or "cannot tell (3% lower to 5% higher)".

    Where the baseline's mean is 0 the two means are told instead, with their unit.
    """
    word = row.says
    if word == "equal":
        return none_seen(row.found.n)
    if not row.has_percent:
        return f"{row.found.mean:.3g} against {row.found.baseline_mean:.3g} {row.known.unit}"
    if row.found.is_constant:
        return f"{text.change(row.percent)} (the same in all {counted(row.found.n, 'replicate')})"
    if math.isnan(row.low):
        return text.change(row.percent)
    if word == "about the same":
        return f"about the same ({text.change(row.percent)})".replace(" (equal)", "")
    if word in ("cannot tell", MAY_BE_CHANCE):
        return f"{word} ({text.change(row.low)} to {text.change(row.high)})"
    low, high = sorted([abs(row.low), abs(row.high)])
    ends = [text.percent(low), text.percent(high)]
    if ends[0] == ends[1]:  # a narrow interval needs a digit more than the size of its ends asks
        ends = [f"{low:.1f}%", f"{high:.1f}%"]
    return f"{text.change(row.percent)} ({ends[0]} to {ends[1]})"


def in_brief(row: Contrast) -> str:
    """Return what `in_words` does, in a column's width: "cannot tell (−3.0% to +5.0%)"."""
    if row.found.never_differs:
        return f"none in {row.found.n} (may in up to {unseen_share(row.found.n):.0%})"
    if row.has_percent and row.found.is_constant:
        return f"{text.change(row.percent)} (in all {row.found.n})"
    if row.has_percent and row.found.n > 1 and row.says in ("cannot tell", MAY_BE_CHANCE):
        return f"{row.says} ({text.signed_percent(row.low)} to {text.signed_percent(row.high)})"
    return in_words(row)


def none_seen(n: int) -> str:
    """Say that none of ``n`` replicates differs, and in how many one still may."""
    share = f"{unseen_share(n):.0%}"
    return f"no difference in {counted(n, 'replicate')} (may occur in up to about {share} of them)"


def _brief(row: Contrast) -> str:
    """Return e.g. "waiting list 184% higher"."""
    size = text.change(row.percent) if row.has_percent else in_words(row)
    return f"{_small_letter(row.known.title)} {size}"


def _small_letter(title: str) -> str:
    return title[:1].lower() + title[1:]


def sentence(rows: Sequence[Contrast], *, most: int = 3) -> str:
    """Say of one strategy what it clearly makes better and what worse.

    Parameters
    ----------
    rows : of that strategy, in the order to name them, those in `FIRST` before the others.
    most : how many measures to name on each side; of the rest the number is told.
    """
    parts = []
    for word, start in (("better", ""), ("worse", "worse: ")):
        found = [x for x in rows if verdict(x) == word]
        found.sort(key=lambda x: x.measure not in FIRST)
        rest = len(found) - most
        named = ", ".join(map(_brief, found[:most])) + (f" and {rest} more" if rest > 0 else "")
        parts += [f"{start}{named}"] if found else []
    if parts:
        return "; ".join(parts)
    if all(x.found.n == 1 for x in rows):
        return "one replicate cannot tell"
    return "nothing clearly better or worse"


def mismatch(rows: Iterable[Contrast]) -> str:
    """Say that one strategy's recorded crime and its harm went opposite ways, if they did."""
    ways = {x.measure: x.says for x in rows}
    match ways.get("recorded_crime"), ways.get("victimization"):
        case "higher", "lower":
            what, more = "rose while harm fell", "more"
        case "lower", "higher":
            what, more = "fell while harm rose", "less"
        case _:
            return ""
    return f"recorded crime {what}: officers came upon {more} of it, or people reported {more}"


def plain_words(rows: Sequence[Contrast], baseline: str) -> str:
    """Say for each strategy what is better, worse, about the same, and what cannot be told.

    Of the measures that `headlines` names; lines are of at most 100 columns.
    """
    lines = [f"In plain words, compared with {baseline} (95% interval in brackets):"]
    for name in dict.fromkeys(row.strategy for row in rows):
        order = headlines(row.measure for row in rows)
        mine = [row for row in rows if row.strategy == name and row.measure in order]
        mine.sort(key=lambda row: order.index(row.measure))
        said = [*(_called(mine, word) for word in ("better", "worse")), _lists(mine)]
        strange = mismatch(mine)
        said.append([strange[:1].upper() + strange[1:] + "."] if strange else [])
        lines += [f"  {name}", *(x for part in said for text in part for x in _folded(text))]
    return "\n".join(lines)


def _called(rows: list[Contrast], word: str) -> list[str]:
    told = [x for x in rows if verdict(x) == word]
    parts = [f"{_small_letter(x.known.title)} {in_words(x)}" for x in told]
    return [f"{word}: {'; '.join(parts)}"] if parts else []


def _lists(rows: list[Contrast]) -> list[str]:
    """Return what is about the same and what one cannot tell, by name alone."""
    named: dict[str, list[str]] = {"about the same": [], MAY_BE_CHANCE: [], "cannot tell": []}
    for row in rows:
        if row.says in ("equal", *named):
            word = none_seen(row.found.n) if row.says == "equal" else row.says
            named.setdefault(word, []).append(_small_letter(row.known.title))
    return [f"{word}: {', '.join(names)}" for word, names in named.items() if names]


def _folded(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS_OF_TEXT, initial_indent=" " * 4, subsequent_indent=" " * 6)
