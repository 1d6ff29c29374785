"""The chapters of a report in their order; the first is the first page."""

from __future__ import annotations

from omemsim import __version__
from omemsim.language import Language
from omemsim.report.doubts import doubts
from omemsim.report.facts import Facts
from omemsim.report.first_page import first_page
from omemsim.report.methods import methods
from omemsim.report.money import money
from omemsim.report.over_time import over_time
from omemsim.report.parts import Report
from omemsim.report.people import people
from omemsim.report.tactics import tactics
from omemsim.study.comparison import Comparison

__all__ = ["CHAPTERS", "report_of"]

CHAPTERS = (first_page, doubts, people, money, tactics, over_time, methods)


def report_of(comparison: Comparison, language: Language, command: str = "") -> Report:
    """Return what is to be said of a comparison.

    Parameters
    ----------
    comparison : with a strategy and the baseline in common.
    language : of the report.
    command : that makes it again; empty where no command can.
    """
    facts = Facts(comparison, language, command)
    names = [facts.called(name) for name in facts.names]
    title = language.translate(
        "{town}: {strategies}", town=language.capital(facts.town), strategies=_either(facts, names)
    )
    chapters = [make(facts) for make in CHAPTERS]
    footer = language.translate(
        "Made with omemsim {version}; {runs} runs.",
        version=__version__,
        runs=len(comparison.runs),
    )
    return Report(language.code, title, chapters, command, footer)


def _either(facts: Facts, names: list[str]) -> str:
    first = ", ".join(names[:-1])
    return facts.language.translate("{first} or {last}?", first=first, last=names[-1])
