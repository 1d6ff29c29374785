"""Every column of the town's tables, declared once.

A column has one writer: the process that owns it (``build`` for what never changes). An
*event* column is a letter box: several processes leave something there and the owner
empties it.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COLUMNS", "Column", "HISTORY"]

HISTORY = 52  # weeks of records a neighbourhood keeps: one year


@dataclass(frozen=True)
class Column:
    """One column: where, what type, whose, and between which bounds it stays."""

    table: str
    name: str
    dtype: str
    unit: str
    low: float
    high: float
    writer: str
    doc: str
    width: int = 1
    event: bool = False


BIG = float(2**62)


def _columns(table: str, *rows: tuple[str, str, str, float, float, str, str]) -> list[Column]:
    """Read rows (name, dtype, unit, low, high, writer, doc); dtype may end in [width].

    A writer in brackets owns an event column.
    """
    columns = []
    for name, kind, unit, low, high, writer, doc in rows:
        dtype, _, width = kind.partition("[")
        owner = writer.strip("()")
        columns.append(
            Column(
                table,
                name,
                dtype,
                unit,
                low,
                high,
                owner,
                doc,
                int(width.rstrip("]") or 1),
                owner != writer,
            )
        )
    return columns


def _calls(table: str, writer: str) -> list[Column]:
    return _columns(
        table,
        ("event", "u8", "hash", 0, 2.0**64, writer, "identity"),
        ("type", "i1", "call type", 0, 5, writer, "what about"),
        ("origin", "i1", "origin", 0, 1, writer, "public or officer"),
        ("week", "i4", "week", -BIG, BIG, writer, "week of the call"),
        ("day", "i1", "day", 0, 6, writer, "day of the week"),
        ("place", "i4", "row", 0, BIG, writer, "where"),
        ("caller", "i8", "row", -1, BIG, writer, "resident concerned, -1 none"),
    )


COLUMNS: list[Column] = [
    *_columns(
        "neighbourhoods",
        ("key", "u4", "hash", 0, BIG, "build", "key of its luck, from its id"),
        ("residents", "i8", "residents 15+", 1, BIG, "build", "simulated residents"),
        ("population", "f8", "residents", 0, BIG, "build", "residents of all ages they stand for"),
        ("x", "f8", "m", -BIG, BIG, "build", "centre, east"),
        ("y", "f8", "m", -BIG, BIG, "build", "centre, north"),
        ("area", "f8", "km2", 0, BIG, "build", "area"),
        ("deprivation", "f4", "index", 0, 1, "build", "sets residents' precursors"),
        ("visitors", "f4", "per resident", 0, BIG, "build", "attraction: people present beside residents"),
        ("moving", "f4", "per year", 0, 1, "build", "households that move"),
        ("fit_violence", "f4", "multiple", 0, BIG, "build", "fitted to a table: multiplies violence"),
        ("fit_property", "f4", "multiple", 0, BIG, "build", "fitted to a table: multiplies property crime"),
        ("first_resident", "i8", "row", 0, BIG, "build", "first row of its residents"),
        ("first_place", "i8", "row", 0, BIG, "build", "first row of its places"),
        ("places", "i8", "places", 1, BIG, "build", "number of places"),
        ("first_household", "i8", "row", 0, BIG, "build", "first row of its households"),
        ("households", "i8", "households", 1, BIG, "build", "number of households"),
        ("catchment", "i4", "group", 0, BIG, "build", "group of neighbourhoods that share agencies"),
        ("first_officer", "i8", "row", 0, BIG, "build", "officer who is nearest"),
        ("assets", "f4", "index", 0, 1, "context", "mean assets of residents"),
        ("zone", "i1", "zone", 0, 3, "assess", "label police see"),
        ("true_zone", "i1", "zone", 0, 3, "assess", "label an all-knowing observer sees"),
        ("call_zone", "i1", "zone", 0, 3, "assess", "one-axis label, by calls"),
        ("relative_zone", "i1", "zone", 0, 3, "assess", "label relative to the town"),
        ("weeks_past", "i4", "weeks", 0, BIG, "assess", "time past the line upwards"),
        ("true_weeks_past", "i4", "weeks", 0, BIG, "assess", "the same for the true zone"),
        ("seen_efficacy", "f4", "index", 0, 1, "assess", "efficacy by the last survey, else imputed"),
        ("seen_trust", "f4", "index", 0, 1, "assess", "trust by the last survey, else 0.5"),
        ("seen_capacity", "f4", "index", 0, 1, "assess", "capacity police see"),
        ("capacity", "f4", "index", 0, 1, "organize", "capacity index"),
        ("share", "f8[15]", "share of hours", 0, 1, "plan", "proactive hours by tactic, of the town's"),
        ("hours", "f8[15]", "hours/week", 0, BIG, "act", "proactive hours by tactic"),
        ("analysis", "f4", "dose", 0, 1, "act", "crime analysis in force"),
        ("rotation", "f4", "dose", 0, 1, "act", "monitoring of crime reduction in force"),
        ("upkeep", "f4", "dose", 0, 1, "act", "monitoring of crime prevention in force"),
        ("mobilization", "f4", "dose", 0, 1, "act", "partners mobilized"),
        ("education", "f4", "dose", 0, 1, "act", "public education in force"),
        ("early", "f4", "dose", 0, 1, "act", "early intervention in force"),
        ("cohort", "f4", "dose", 0, 1, "act", "early intervention that the young grew up with"),
        ("voice", "f4", "dose", 0, 1, "act", "consultation in force"),
        ("foresight", "f4", "dose", 0, 1, "act", "monitoring of hazards in force"),
        ("momentum", "f4", "index", 0, 1, "organize", "mean momentum over slots"),
        ("community_momentum", "f4", "index", 0, 1, "organize", "mean momentum over slots, community-led"),
        ("community_led", "f4", "share", 0, 1, "organize", "running initiatives (momentum at least ready) the community leads"),
        ("leaders", "i4", "residents", 0, BIG, "organize", "natural leaders found"),
        ("participants", "i8", "residents", 0, BIG, "organize", "residents who take part"),
        ("offenders", "f8", "propensity", 0, BIG, "offend", "mean propensity of residents"),
        ("expected_violence", "f8", "incidents/week", 0, BIG, "offend", "sum of rates"),
        ("expected_property", "f8", "incidents/week", 0, BIG, "offend", "sum of rates against residents"),
        ("expected_business", "f8", "incidents/week", 0, BIG, "offend", "sum of rates against businesses"),
        ("new_violence", "i4", "incidents/week", 0, BIG, "offend", "violent incidents"),
        ("new_incidents", "i4", "incidents/week", 0, BIG, "offend", "incidents with a resident victim"),
        ("new_crises", "i4", "episodes/week", 0, BIG, "crisis", "disorder episodes"),
        ("new_calls", "i4", "calls/week", 0, BIG, "reporting", "public calls"),
        ("new_officer_calls", "i4", "calls/week", 0, BIG, "reporting", "calls that officers started"),
        ("new_repeats", "i4", "calls/week", 0, BIG, "reporting", "public calls from an address within 30 days"),
        ("new_recorded_violence", "i4", "crimes/week", 0, BIG, "reporting", "recorded violence"),
        ("new_recorded_property", "i4", "crimes/week", 0, BIG, "reporting", "recorded property crime"),
        ("crime_felt", "f4", "multiple of usual", 0, BIG, "feel", "crime heard of around"),
        ("disorder_felt", "f4", "multiple of usual", 0, BIG, "feel", "disorder around"),
        ("trust", "f4", "index", 0, 1, "feel", "mean trust"),
        ("fear", "f4", "index", 0, 1, "feel", "mean fear"),
        ("efficacy", "f4", "index", 0, 1, "feel", "mean willingness to act together"),
        ("vigilance", "f4", "index", 0, 1, "feel", "mean vigilance"),
        ("past_violence", "i4[52]", "incidents", 0, BIG, "record", "violent incidents, week by week"),
        ("past_incidents", "i4[52]", "incidents", 0, BIG, "record", "incidents, week by week"),
        ("past_crises", "i4[52]", "episodes", 0, BIG, "record", "disorder episodes, week by week"),
        ("past_calls", "i4[52]", "calls", 0, BIG, "record", "public calls, week by week"),
        ("past_officer_calls", "i4[52]", "calls", 0, BIG, "record", "officers' calls, week by week"),
        ("past_repeats", "i4[52]", "calls", 0, BIG, "record", "repeat calls, week by week"),
        ("past_recorded_violence", "i4[52]", "crimes", 0, BIG, "record", "recorded violence, week by week"),
        ("past_recorded_property", "i4[52]", "crimes", 0, BIG, "record", "recorded property crime, week by week"),
    ),
    *_columns(
        "places",
        ("key", "u4", "hash", 0, BIG, "build", "key of its luck"),
        ("neighbourhood", "i4", "row", 0, BIG, "build", "its neighbourhood"),
        ("x", "f4", "m", -BIG, BIG, "build", "east"),
        ("y", "f4", "m", -BIG, BIG, "build", "north"),
        ("near", "i4[4]", "row", 0, BIG, "build", "nearest other places"),
        ("first_resident", "i8", "row", 0, BIG, "build", "first row of its residents"),
        ("residents", "i8", "residents 15+", 1, BIG, "build", "residents"),
        ("first_household", "i8", "row", 0, BIG, "build", "first row of its households"),
        ("households", "i8", "households", 1, BIG, "build", "households"),
        ("opportunity", "f4", "multiple of mean", 0, BIG, "build", "what the place offers offenders"),
        ("dwelling_opportunity", "f4", "multiple of mean", 0, BIG, "build", "the same for household crime"),
        ("businesses", "f4", "businesses", 0, BIG, "build", "businesses"),
        ("visits", "f4", "visits/week", 0, BIG, "act", "police visits this week"),
        ("perceived", "f4", "0-1", 0, 1, "act", "risk of being caught that offenders perceive"),
        ("accustomed", "f4", "0-1", 0, 1, "act", "perceived risk they are used to"),
        ("removed", "f4", "log rate", 0, 2, "act", "opportunity taken away by problem-solving"),
        ("boost", "f4", "share", 0, 100, "offend", "near-repeat rise of risk"),
        ("designed", "f4", "0-1", 0, 1, "act", "lighting and design against crime, kept up"),
        ("knowledge", "f4", "incidents", 0, BIG, "reporting", "what police know of it: records and tips"),
    ),
    *_columns(
        "households",
        ("key", "u4", "hash", 0, BIG, "build", "key of its luck"),
        ("place", "i4", "row", 0, BIG, "build", "its place"),
        ("first_resident", "i8", "row", 0, BIG, "build", "first row of its residents"),
        ("residents", "i1", "residents 15+", 1, 127, "build", "residents"),
        ("since_week", "i4", "week", -BIG, BIG, "context", "week in which they moved in"),
        ("protection", "f4", "0-1", 0, 1, "organize", "locks, light, watch"),
        ("boost", "f4", "multiple", 1, 10, "offend", "repeat-victim boost"),
        ("last_call", "i4", "week", -BIG, BIG, "reporting", "week of its last call"),
    ),
    *_columns(
        "residents",
        ("key", "u4", "hash", 0, BIG, "build", "key of the seat's luck"),
        ("household", "i4", "row", 0, BIG, "build", "household"),
        ("place", "i4", "row", 0, BIG, "build", "place"),
        ("tenancy", "u2", "occupants", 0, 65535, "context", "number of the seat's occupant"),
        ("age", "i1", "group", 0, 3, "context", "15-24, 25-44, 45-64, 65 or older"),
        ("income", "f4", "0-1", 0, 1, "context", "precursor: poverty"),
        ("housing", "f4", "0-1", 0, 1, "context", "precursor: sub-standard housing"),
        ("addictions", "f4", "0-1", 0, 1, "context", "precursor: addictions"),
        ("family", "f4", "0-1", 0, 1, "context", "precursor: negative parenting"),
        ("need", "f4", "0-1", 0, 1, "context", "mean of the precursors"),
        ("assets", "f4", "0-1", 0, 1, "context", "time, means, skills"),
        ("propensity", "f4", "multiple of mean", 0, 200, "context", "propensity to offend"),
        ("exposure", "f4", "multiple of mean", 0, 20, "context", "exposure to personal crime"),
        ("trust_anchor", "f4", "0-1", 0, 1, "context", "trust without recent contact"),
        ("is_leader", "u1", "yes/no", 0, 1, "context", "natural leader"),
        ("is_moved", "u1", "yes/no", 0, 1, "(feel)", "moved in this week"),
        ("trust", "f4", "0-1", 0, 1, "feel", "trust in police"),
        ("fear", "f4", "0-1", 0, 1, "feel", "fear of crime"),
        ("efficacy", "f4", "0-1", 0, 1, "feel", "willingness to act together"),
        ("vigilance", "f4", "0-1", 0, 1, "feel", "alertness to risk"),
        ("contact", "f4", "trust", -10, 10, "(feel)", "what this week's contacts with police do to trust"),
        ("is_hit", "u1", "yes/no", 0, 1, "(feel)", "victim this week"),
        ("boost", "f4", "multiple", 1, 10, "offend", "repeat-victim boost"),
        ("takes_part", "u1", "yes/no", 0, 1, "organize", "participation"),
        ("is_found", "u1", "yes/no", 0, 1, "organize", "leader who is known"),
        ("is_resolved", "u1", "yes/no", 0, 1, "(crisis)", "episode resolved this week"),
        ("recent", "f4", "episodes", 0, BIG, "crisis", "recent episodes, fading"),
        ("table_week", "i4", "week", -BIG, BIG, "partner", "week a Situation Table last took them"),
        ("unresolved", "i1", "weeks", 0, 26, "crisis", "weeks left of an unresolved episode"),
        ("is_referred", "u1", "yes/no", 0, 1, "(partner)", "referred by an officer this week"),
        ("case", "i1", "state", 0, 2, "partner", "0 none, 1 waiting, 2 served"),
        ("agency", "i2", "row", -1, 32767, "partner", "agency of the case, -1 none"),
        ("case_since", "i4", "week", -BIG, BIG, "partner", "week in which the state began"),
        ("support", "f4", "0-1", 0, 1, "partner", "need met by agencies"),
        ("monitored", "f4", "0-1", 0, 1, "act", "watched as an active offender at risk"),
    ),
    *_columns(
        "agencies",
        ("sector", "i1", "sector", 0, 3, "build", "sector"),
        ("capacity", "i4", "cases", 0, BIG, "build", "cases it can carry"),
        ("skill", "f4", "0-1", 0, 1, "build", "skill"),
        ("funded", "f8", "cases", 0, BIG, "plan", "capacity bought with the strategy's money"),
        ("relation", "f4", "0-1", 0, 1, "partner", "information shared with police"),
        ("caseload", "i4", "cases", 0, BIG, "partner", "cases served"),
        ("waiting", "i4", "cases", 0, BIG, "partner", "cases waiting"),
    ),
    *_columns(
        "officers",
        ("key", "u4", "hash", 0, BIG, "build", "key of their luck"),
        ("home", "i4", "row", 0, BIG, "build", "home neighbourhood"),
        ("offered", "f8", "hours/week", 0, BIG, "build", "patrol hours"),
        ("reactive", "f8", "hours/week", 0, BIG, "respond", "hours taken by calls"),
        ("proactive", "f8", "hours/week", 0, BIG, "respond", "hours left"),
        ("fatigue", "f4", "0-1", 0, 1, "respond", "fatigue"),
        ("awareness", "f4", "0-1", 0, 1, "learn", "knows of the model"),
        ("skill", "f4", "0-1", 0, 1, "learn", "OMEM skill"),
        ("adoption", "f4", "0-1", 0, 1, "learn", "buy-in"),
    ),
    *_columns(
        "initiatives",
        ("key", "u4", "hash", 0, BIG, "build", "key of the slot's luck"),
        ("neighbourhood", "i4", "row", 0, BIG, "build", "neighbourhood"),
        ("is_active", "u1", "yes/no", 0, 1, "organize", "runs"),
        ("lead", "i1", "lead", 0, 2, "organize", "police, agency, community"),
        ("momentum", "f4", "0-1", 0, 1, "organize", "momentum"),
        ("place", "i4", "row", -1, BIG, "organize", "problem place, -1 none"),
        ("age", "i4", "weeks", 0, BIG, "organize", "weeks since it opened"),
    ),
    *_columns(
        "incidents",
        ("event", "u8", "hash", 0, 2.0**64, "offend", "identity"),
        ("type", "i1", "crime", 0, 3, "offend", "crime"),
        ("day", "i1", "day", 0, 6, "offend", "day of the week"),
        ("place", "i4", "row", 0, BIG, "offend", "where it happened"),
        ("victim", "i8", "row", -1, BIG, "offend", "resident, -1 none (business)"),
    ),
    *_columns(
        "episodes",
        ("event", "u8", "hash", 0, 2.0**64, "crisis", "identity"),
        ("day", "i1", "day", 0, 6, "crisis", "day of the week"),
        ("resident", "i8", "row", 0, BIG, "crisis", "who"),
    ),
    *_calls("calls", "reporting"),
    *_calls("queue", "respond"),
    *_columns(
        "service",
        ("season", "f8", "multiple", 0, BIG, "context", "season"),
        ("trend", "f8", "multiple", 0, BIG, "context", "trend of disorder"),
        ("shock", "f8", "share", 0, BIG, "context", "rise of offending by the shock"),
        ("design_places", "f8", "places/week", 0, BIG, "plan", "places money can redesign"),
        ("table_cases", "f8", "cases/week", 0, BIG, "plan", "cases money lets the Situation Tables take"),
        ("co_answers", "f8", "calls/week", 0, BIG, "plan", "disorder calls money lets a health team answer"),
        ("outreach", "f8", "share of money", 0, 1, "plan", "money for social development"),
        ("moves", "i8", "households", 0, BIG, "context", "households that moved this week"),
        ("survey_hours", "f8", "hours", 0, BIG, "assess", "hours spent on the survey this week"),
        ("reference_crime", "f8", "crimes/1,000/year", 0, BIG, "assess", "recorded crime a multiple refers to, frozen at week 0"),
        ("offered", "f8", "hours", 0, BIG, "respond", "patrol hours this week"),
        ("reactive", "f8", "hours", 0, BIG, "respond", "taken by calls"),
        ("answered", "i8", "calls", 0, BIG, "respond", "calls answered this week"),
        ("co_answered", "i8", "calls", 0, BIG, "respond", "disorder calls a health team answered"),
        ("free_mean", "f8", "hours", 0, BIG, "respond", "hours calls leave free, running yearly mean"),
        ("free_before", "f8", "hours", 0, BIG, "respond", "hours calls left free before week 0, yearly mean"),
        ("table_age", "i8", "weeks", 0, BIG, "partner", "age of the Situation Tables"),
        ("table_taken", "i8", "cases", 0, BIG, "partner", "cases the Tables took this week"),
        ("table_lowered", "i8", "cases", 0, BIG, "partner", "cases whose risk the Tables lowered this week"),
        ("waiting", "i8", "calls", 0, BIG, "respond", "calls waiting at week's end"),
        ("closed", "i8", "calls", 0, BIG, "respond", "calls closed unanswered this week"),
        ("lost", "f8", "hours", 0, BIG, "act", "hours for training, survey and Situation Tables"),
        ("withdrawn", "f8", "hours", 0, BIG, "act", "freed hours taken away"),
        ("unassigned", "f8", "hours", 0, BIG, "act", "hours the strategy left over"),
        ("police_cost", "f8", "CAD/week", 0, BIG, "account", "cost of police"),
        ("agency_cost", "f8", "CAD/week", 0, BIG, "account", "cost of agencies"),
        ("bill", "f8", "CAD/week", 0, BIG, "account", "what the town would be billed, OPP style"),
        ("weeks_kept", "i8", "weeks", 0, BIG, "account", "weeks of hours on record"),
        ("past_reactive", "f8[312]", "hours", 0, BIG, "account", "hours on calls, week by week over six years"),
        ("replaced", "i8", "officers", 0, BIG, "learn", "officers replaced this week"),
    ),
]
