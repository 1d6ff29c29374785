"""How it was done, from what data, by what program; and what the words mean."""

from __future__ import annotations

from omemsim.language import mark
from omemsim.report.facts import Facts
from omemsim.report.parts import Block, Chapter, Column, Figure, Listed, Parts, Sheet, Text
from omemsim.study.drift import LITTLE
from omemsim.study.family import FALSE_WORDS
from omemsim.study.identity import ANY_TABLE, RESULTS_VERSION, environment
from omemsim.study.statistics import SMALLEST_ON_INDEX, SMALLEST_PART

__all__ = ["GLOSSARY", "methods"]

GLOSSARY = (
    (
        mark("Victims"),
        mark(
            "Crimes with a resident as victim, also those that nobody reports, per 1,000 "
            "residents of 15 or older a year; a person who suffers two counts twice."
        ),
    ),
    (
        mark("Recorded crime"),
        mark("Crimes that police know of and record, those against businesses among them."),
    ),
    (
        mark("Disorder episodes"),
        mark("Crises of residents about mental health, addictions, housing or family."),
    ),
    (
        mark("Zone"),
        mark(
            "How much a neighbourhood needs the police, by calls, crime, who leads "
            "initiatives, and capacity: red, amber, green or blue."
        ),
    ),
    (
        mark("Capacity"),
        mark(
            "How well residents can resolve issues themselves: their willingness to act "
            "together, means, taking part, and leaders."
        ),
    ),
    (
        mark("Trust, fear"),
        mark("Means over residents, on an index from 0 to 1."),
    ),
    (
        mark("Situation Table"),
        mark("A weekly meeting of agencies about people at acutely elevated risk."),
    ),
    (
        mark("Simulated town"),
        mark(
            "One town with its own random numbers; under every strategy it has the same ones, "
            "so that what differs is the strategy’s."
        ),
    ),
    (
        mark("Plausible town"),
        mark("The town with a set of parameters that agrees with what is observed in real towns."),
    ),
    (
        mark("Very likely, likely …"),
        mark(
            "The chance of being better in one more such town: very likely from 90% on, likely "
            "from 66%, about as likely as not from 33%, unlikely from 10%, very unlikely below. "
            "How often it was better always stands beside the word."
        ),
    ),
    (
        mark("95% interval"),
        mark(
            "Where the mean over very many simulated towns would lie, in 95 of 100 such studies: "
            "chance alone, not what the evidence leaves open."
        ),
    ),
    (
        mark("Fifth"),
        mark("A fifth of all neighbourhoods, by victims before strategies differ."),
    ),
    (
        mark("Moved"),
        mark(
            "A crime that police or a project stop at a place, and that its offender commits "
            "elsewhere."
        ),
    ),
)
PARTS_OF_ENVIRONMENT = {
    "omemsim": "omemsim",
    "results": mark("fingerprint of the results"),
    "commit": mark("commit of the program"),
    "python": "Python",
    "numpy": "NumPy",
    "numba": "Numba",
    "platform": mark("computer"),
}


def methods(facts: Facts) -> Chapter:
    """Return the last chapter: methods, data, provenance, glossary."""
    say = facts.language
    blocks: list[Block] = [
        Listed(_how(facts)),
        Parts(say.translate("Data")),
        *_data(facts),
        Parts(say.translate("Where the numbers come from")),
        _provenance(facts),
        Parts(say.translate("What the words mean")),
        Listed(terms=[(say.translate(word), say.translate(text)) for word, text in GLOSSARY]),
    ]
    return Chapter("methods", say.translate("Methods, data and words"), blocks)


def _how(facts: Facts) -> list[str]:
    say, config = facts.language, facts.config
    found = facts.comparison
    told = [
        say.translate(
            "The town is simulated week by week: residents, households, places, police, agencies. "
            "It first runs for {before} until its rates are steady, then for {time} "
            "under each strategy. What is compared are means over the last year.",
            before=facts.time(float(config.get("spin_up_years", 0.0))),
            time=facts.time(facts.years),
        ),
        say.translate(
            "Each of {n} simulated towns has the same residents and random numbers under every "
            "strategy (common random numbers), and differences are taken within a town.",
            n=found.n,
        ),
        say.translate(
            "“Lower” and “higher” are said only where a difference is clear among all {k} that are "
            "looked at (Holm’s method): of comparisons in which nothing differs, at most {share} "
            "would call anything lower or higher. “About the same”: less than {part}, or {index} "
            "on an index from 0 to 1.",
            k=found.looked_at(),
            share=say.share(FALSE_WORDS),
            part=say.share(SMALLEST_PART),
            index=facts.figures(SMALLEST_ON_INDEX),
        ),
    ]
    command = f"omemsim validate town={_named(facts)}"
    told.append(
        say.translate(
            "How far the model agrees with what is observed in real towns, and where it does not, "
            "is not in this report: those who have the program can see it with {command}.",
            command=command,
        )
    )
    drifting = [one for one in found.drifts() if one.is_there]
    if drifting:
        told.append(
            say.translate(
                "Under {baseline} alone the town is not steady: it changes by {share} a year or "
                "more.",
                baseline=facts.called(facts.baseline),
                share=say.share(LITTLE),
            )
        )
    if found.failures:
        told.append(
            say.plural(
                "{number} run failed and is left out.",
                "{number} runs failed and are left out.",
                len(found.failures),
            )
        )
    return told


def _named(facts: Facts) -> str:
    """Return the town as it is typed: any table by its file."""
    named = str(facts.first.meta.get("town"))
    return facts.table if named == ANY_TABLE else named


def _data(facts: Facts) -> list[Block]:
    say = facts.language
    if facts.table:
        text = say.translate(
            "The town is read from the table {file}; its neighbourhoods are real, its residents "
            "made up at random so that each neighbourhood agrees with the table.",
            file=say.quoted(facts.table),
        )
    else:
        text = say.translate(
            "The town is made up: its neighbourhoods, residents and places are drawn so that they "
            "look like those of an Ontario town."
        )
    scale = say.translate(
        "Each simulated resident stands for {scale} real ones; numbers of people, hours and money "
        "in this report are of the real town.",
        scale=say.number(facts.scale),
    )
    notes = [str(note) for note in facts.first.meta.get("notes", [])]
    blocks: list[Block] = [Text(text), Text(scale)]
    if notes:
        blocks += [
            Text(say.translate("What was noted on reading it:")),
            Listed(notes, code="en"),
        ]
    return blocks


def _provenance(facts: Facts) -> Figure:
    say, config, found = facts.language, facts.config, facts.comparison
    made = environment()
    over = found.over_sets
    rows = [
        (say.translate("town"), facts.town),
        (say.translate("strategies"), ", ".join(map(facts.called, facts.names))),
        (say.translate("simulated towns"), str(found.n)),
        (say.translate("seed"), str(config.get("seed", ""))),
        (say.translate("runs"), str(len(found.runs))),
        (say.translate("parameter sets"), over.source if over else say.translate("none were run")),
        (say.translate("version of the model’s results"), str(RESULTS_VERSION)),
        (say.translate("version that made the runs"), str(facts.first.meta.get("version", ""))),
        *(
            (say.translate(title), str(made.get(key) or ""))
            for key, title in PARTS_OF_ENVIRONMENT.items()
        ),
        (say.translate("command"), facts.command or say.translate("asked from Python")),
    ]
    columns = [Column("what", say.translate("what")), Column("value", say.translate("value"))]
    caption = say.translate("What made this report")
    sheet = Sheet("provenance", caption, columns, [row for row in rows if row[1]])
    title = say.translate("The same command gives the same numbers again")
    return Figure(title, sheet)
