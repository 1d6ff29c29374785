"""Every column of the town's tables, declared once.

A column has one writer: the process that owns it, or ``build`` for what never changes, or ``lay``
for what a schedule says when a scenario begins. An *event* column is an inbox: several processes add
to it and the owner empties it.
"""

from __future__ import annotations

from dataclasses import dataclass

from omemsim.vocabulary.own_tactics import ROOM_FOR
from omemsim.vocabulary.wheel import (
    STOCKS,
    Area,
    Group,
    Pillar,
    Priority,
    Sector,
    Shift,
    Tactic,
    Work,
)

__all__ = ["COLUMNS", "Column", "EVENT_TABLES", "HISTORY", "LONG_AGO", "MONTH"]

HISTORY = 52  # weeks of records a neighbourhood keeps: one year
LONG_AGO = -10_000  # week, of what never happened to those who have always been here
MONTH = 4  # weeks of records a place keeps
BY_WEEK = f"i4[{HISTORY}]"  # week w in column w % HISTORY
BY_TACTIC = f"f8[{len(Tactic)}]"
BY_OWN = f"[{ROOM_FOR}]"  # by tactic of the user's own, in the order of `Strategy.tactics`
BY_SHIFT = f"f8[{len(Shift)}]"
BY_PRIORITY = f"f8[{len(Priority)}]"
# Tables whose rows come and go: they have room for more rows than there are.
EVENT_TABLES = (
    *("newcomers", "incidents", "episodes", "calls", "queue", "custody", "arrests"),
    *("events", "interventions", "adjacency"),
)


@dataclass(frozen=True)
class Column:
    """One column: where, what type, whose, and between which bounds it stays.

    Attributes
    ----------
    dtype, unit : NumPy's name of the type, and the unit of what it holds.
    low, high : the bounds, both allowed.
    writer : the process that writes it, or ``build`` or ``lay``; of an event column the owner.
    width : numbers in a row of it; 1 is a plain column.
    event : whether others than the writer add to it.
    """

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
        ("offender", "i8", "row", -1, BIG, writer, "of a crime: the resident who did it, -1 an outsider or none"),
        ("is_recorded", "u1", "yes/no", 0, 1, writer, "of a crime: police recorded it"),
    )


COLUMNS: list[Column] = [
    *_columns(
        "neighbourhoods",
        ("key", "u4", "hash", 0, BIG, "build", "key of its random numbers, from its id"),
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
        ("first_adjoining", "i8", "row", 0, BIG, "build", "first row of its adjacency"),
        ("adjoining", "i8", "neighbourhoods", 0, BIG, "build", "number that adjoin it"),
        ("opportunity", "f4", "multiple of mean", 0, BIG, "build", "mean opportunity of its places, against the town's"),
        ("cohesion", "f4", "index", -1, 1, "build", "what holds it together, or not, beyond its means"),
        ("congregations", "f4", "multiple of mean", 0, BIG, "build", "congregations per resident"),
        ("minority", "f4", "share", 0, 1, "build", "residents of a visible minority"),
        ("indigenous", "f4", "share", 0, 1, "build", "Indigenous residents"),
        ("assets", "f4", "index", 0, 1, "context", "mean assets of residents"),
        ("drift", "f4", "log points", -BIG, BIG, "context", "how far its risk of crime has drifted"),
        ("shock", "f8", "share", 0, BIG, "context", "rise of offending by shocks, where nobody is vigilant"),
        ("hardship", "f4", "index", 0, 1, "context", "deprivation that economic shocks add"),
        ("scandal", "f4", "index", 0, 1, "context", "least grievance while a legitimacy shock lasts"),
        ("campaign", "f4", "dose", 0, 1, "context", "least education while a campaign lasts"),
        ("hazard", "f4", "share", 0, BIG, "context", "rise of offending by local hazards"),
        ("zone", "i1", "zone", 0, 3, "assess", "label police see"),
        ("true_zone", "i1", "zone", 0, 3, "assess", "label an all-knowing observer sees"),
        ("call_zone", "i1", "zone", 0, 3, "assess", "one-axis label, by calls"),
        ("relative_zone", "i1", "zone", 0, 3, "assess", "label relative to the town"),
        ("weeks_past", "i4", "weeks", 0, BIG, "assess", "time past the line upwards"),
        ("true_weeks_past", "i4", "weeks", 0, BIG, "assess", "the same for the true zone"),
        ("looked", "i4", "week", -BIG, BIG, "assess", "week in which police last assessed it"),
        ("seen_efficacy", "f4", "index", 0, 1, "assess", "efficacy by the last survey, else imputed"),
        ("seen_trust", "f4", "index", 0, 1, "assess", "trust by the last survey, else 0.5"),
        ("seen_fear", "f4", "index", 0, 1, "assess", "fear by the last survey, else 0.5"),
        ("seen_capacity", "f4", "index", 0, 1, "assess", "capacity police see"),
        ("capacity", "f4", "index", 0, 1, "organize", "capacity index"),
        ("share", BY_TACTIC, "share of hours", 0, 1, "plan", "proactive hours by tactic, of the town's"),
        ("ordered", BY_TACTIC, "hours/week", 0, BIG, "plan", "hours by tactic that interventions ask for first"),
        ("lit", "f4", "share of places", 0, 1, "plan", "places that lighting projects keep designed"),
        ("hardened", "f4", "share/year", 0, BIG, "plan", "dwellings that projects protect, whatever their means"),
        ("hours", BY_TACTIC, "hours/week", 0, BIG, "act", "effective proactive hours by tactic, after skill and fatigue"),
        ("burden", "f8", "stops/week", 0, BIG, "act", "stops, weighed by what they do to legitimacy"),
        *((stock.name, "f4", "dose", 0, 1, "act", stock.doc) for stock in STOCKS.values()),
        ("cohort", "f4", "dose", 0, 1, "act", "early intervention that the young grew up with"),
        ("own_share", f"f8{BY_OWN}", "share of hours", 0, 1, "plan", "proactive hours by tactic of the user's own, of the town's"),
        ("own_hours", f"f8{BY_OWN}", "hours/week", 0, BIG, "act", "effective proactive hours by tactic of the user's own"),
        ("own_dose", f"f4{BY_OWN}", "dose", 0, 1, "act", "tactics of the user's own in force"),
        ("calls_at_start", "i8", "calls/year", 0, BIG, "plan", "public calls in the year before week 0, that a pilot is judged by"),
        ("table_place", "i4", "row", -1, BIG, "partner", "place that a Situation Table took up this week, -1 none"),
        ("services", "f4", "index", 0, 1, "partner", "local services and organizations"),
        ("momentum", "f4", "index", 0, 1, "organize", "mean momentum over slots"),
        ("social_momentum", "f4", "index", 0, 1, "organize", "summed momentum of social development, at most 1"),
        ("watch_momentum", "f4", "index", 0, 1, "organize", "summed momentum of watches, at most 1"),
        ("consult_momentum", "f4", "index", 0, 1, "organize", "summed momentum of consultation, at most 1"),
        ("police_led", "f4", "share", 0, 1, "organize", "running initiatives the police lead"),
        ("handed_over", "i4", "initiatives", 0, BIG, "organize", "initiatives handed over so far"),
        ("watches_opened", "i4", "watches", 0, BIG, "organize", "watches opened so far"),
        ("watches_lasted", "i4", "watches", 0, BIG, "organize", "watches that still ran at the age of a year so far"),
        ("community_momentum", "f4", "index", 0, 1, "organize", "mean momentum over slots, community-led"),
        ("community_led", "f4", "share", 0, 1, "organize", "running initiatives (momentum at least ready) the community leads"),
        ("leaders", "i4", "residents", 0, BIG, "organize", "natural leaders found"),
        ("participants", "i8", "residents", 0, BIG, "organize", "residents who take part"),
        ("offenders", "f8", "propensity", 0, BIG, "offend", "mean propensity of residents"),
        ("expected_violence", "f8", "incidents/week", 0, BIG, "offend", "sum of rates, before effort moves"),
        ("expected_property", "f8", "incidents/week", 0, BIG, "offend", "the same against residents"),
        ("expected_business", "f8", "incidents/week", 0, BIG, "offend", "the same against businesses"),
        ("new_violence", "i4", "incidents/week", 0, BIG, "offend", "violent incidents"),
        ("new_household", "i4", "incidents/week", 0, BIG, "offend", "household crimes"),
        ("new_incidents", "i4", "incidents/week", 0, BIG, "offend", "incidents with a resident victim"),
        ("new_crises", "i4", "episodes/week", 0, BIG, "crisis", "disorder episodes"),
        ("new_calls", "i4", "calls/week", 0, BIG, "reporting", "public calls"),
        ("new_officer_calls", "i4", "calls/week", 0, BIG, "reporting", "calls that officers started"),
        ("new_repeats", "i4", "calls/week", 0, BIG, "reporting", "public calls from an address within 30 days"),
        ("new_recorded_violence", "i4", "crimes/week", 0, BIG, "reporting", "recorded violence"),
        ("new_recorded_property", "i4", "crimes/week", 0, BIG, "reporting", "recorded property crime"),
        ("relation", "f4", "index", 0, 1, "learn", "mean relation of its officers with the area"),
        ("grievance", "f4", "index", 0, 1, "feel", "what stops and scandals have left"),
        ("crime_felt", "f4", "multiple of usual", 0, BIG, "feel", "crime heard of around"),
        ("disorder_felt", "f4", "multiple of usual", 0, BIG, "feel", "disorder around"),
        ("contacts_felt", "f4", "trust/week", 0, BIG, "feel", "trust that bad contacts cost those around, as heard of"),
        ("trust", "f4", "index", 0, 1, "feel", "mean trust"),
        ("fear", "f4", "index", 0, 1, "feel", "mean fear"),
        ("efficacy", "f4", "index", 0, 1, "feel", "mean willingness to act together"),
        ("vigilance", "f4", "index", 0, 1, "feel", "mean vigilance"),
        ("past_violence", BY_WEEK, "incidents", 0, BIG, "record", "violent incidents, week by week"),
        ("past_household", BY_WEEK, "incidents", 0, BIG, "record", "household crimes, week by week"),
        ("past_incidents", BY_WEEK, "incidents", 0, BIG, "record", "incidents, week by week"),
        ("past_crises", BY_WEEK, "episodes", 0, BIG, "record", "disorder episodes, week by week"),
        ("past_calls", BY_WEEK, "calls", 0, BIG, "record", "public calls, week by week"),
        ("past_officer_calls", BY_WEEK, "calls", 0, BIG, "record", "officers' calls, week by week"),
        ("past_repeats", BY_WEEK, "calls", 0, BIG, "record", "repeat calls, week by week"),
        ("past_recorded_violence", BY_WEEK, "crimes", 0, BIG, "record", "recorded violence, week by week"),
        ("past_recorded_property", BY_WEEK, "crimes", 0, BIG, "record", "recorded property crime, week by week"),
    ),
    *_columns(
        "places",
        ("key", "u4", "hash", 0, BIG, "build", "key of its random numbers"),
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
        ("demand", "f4", "multiple of mean", 0, BIG, "build", "calls it draws that no resident there makes"),
        ("crisis_need", "f4", "multiple of mean", 0, BIG, "build", "need for crises of who lives there: shelters, care homes"),
        ("visits", "f4", "visits/week", 0, BIG, "act", "police visits this week"),
        ("perceived", "f4", "0-1", 0, 1, "act", "risk of being caught that offenders perceive"),
        ("accustomed", "f4", "0-1", 0, 1, "act", "perceived risk they are used to"),
        ("removed", "f4", "log rate", 0, 2, "act", "opportunity taken away by problem-solving"),
        ("dosed", "i4", "weeks", -BIG, BIG, "act", "time of aimed visits since the last look at what they do; below 0, left alone for so long"),
        ("known_before", "f4", "incidents", 0, BIG, "act", "what police knew of it at the last look at what aimed visits do"),
        ("triggered", "f4", "crimes/week", 0, BIG, "offend", "household crimes that earlier ones there and near trigger"),
        ("designed", "f4", "0-1", 0, 1, "act", "lighting and design against crime, kept up"),
        ("knowledge", "f4", "incidents", 0, BIG, "reporting", "what police know of it: records and tips"),
        ("called", "f4", "calls", 0, BIG, "reporting", "public calls there that are not about crime, fading"),
        ("recorded", f"i2[{MONTH}]", "crimes", 0, 32767, "reporting", "crimes recorded there, week by week over a month"),
    ),
    *_columns(
        "households",
        ("key", "u4", "hash", 0, BIG, "build", "key of its random numbers"),
        ("place", "i4", "row", 0, BIG, "build", "its place"),
        ("first_resident", "i8", "row", 0, BIG, "build", "first row of its residents"),
        ("residents", "i1", "residents 15+", 1, 127, "build", "residents"),
        ("since_week", "i4", "week", -BIG, BIG, "context", "week in which they moved in"),
        ("children", "i1", "yes/no", 0, 1, "context", "children under 15 live here"),
        ("protection", "f4", "0-1", 0, 1, "organize", "locks and light"),
        ("in_watch", "u1", "yes/no", 0, 1, "organize", "member of a watch"),
        ("boost", "f4", "multiple", 1, 10, "offend", "repeat-victim boost"),
        ("last_call", "i4", "week", -BIG, BIG, "reporting", "week of its last call"),
    ),
    *_columns(
        "residents",
        ("key", "u4", "hash", 0, BIG, "build", "key of the seat's random numbers"),
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
        ("propensity", "f4", "multiple of mean", 0, 4000, "context", "propensity to offend"),
        ("exposure", "f4", "multiple of mean", 0, 20, "context", "exposure to personal crime"),
        ("crisis_need", "f4", "multiple", 0, BIG, "context", "need for crises, of one whose precursors are all 1"),
        ("trust_anchor", "f4", "0-1", 0, 1, "context", "trust they arrived with"),
        ("group", "i1", "group", 0, max(Group), "context", "0 other, 1 visible minority, 2 Indigenous"),
        ("stop_exposure", "f4", "multiple of mean", 0, 100, "context", "how readily police stop them"),
        ("is_leader", "u1", "yes/no", 0, 1, "context", "natural leader"),
        ("is_moved", "u1", "yes/no", 0, 1, "(feel)", "moved in this week"),
        ("trust", "f4", "0-1", 0, 1, "feel", "trust in police"),
        ("experience", "f4", "trust", -1, 1, "feel", "what years of contacts and news added to the trust they arrived with"),
        ("fear", "f4", "0-1", 0, 1, "feel", "fear of crime"),
        ("efficacy", "f4", "0-1", 0, 1, "feel", "willingness to act together"),
        ("vigilance", "f4", "0-1", 0, 1, "feel", "alertness to risk"),
        ("contact", "f4", "trust", -10, 10, "(feel)", "what this week's contacts with police do to trust"),
        ("is_hit", "u1", "yes/no", 0, 1, "(feel)", "victim this week"),
        ("boost", "f4", "multiple", 1, 10, "offend", "repeat-victim boost"),
        ("takes_part", "u1", "yes/no", 0, 1, "organize", "participation"),
        ("is_found", "u1", "yes/no", 0, 1, "organize", "leader who is known"),
        ("is_resolved", "u1", "yes/no", 0, 1, "(crisis)", "episode resolved this week"),
        ("risk", "i1", "risk", -1, 4, "crisis", "what the latest episode was about, -1 none"),
        ("recent", "f4", "episodes", 0, BIG, "crisis", "recent episodes, fading"),
        ("table_week", "i4", "week", -BIG, BIG, "partner", "week a Situation Table last took them"),
        ("unresolved", "i1", "weeks", 0, 26, "crisis", "weeks left of an unresolved episode"),
        ("is_referred", "u1", "yes/no", 0, 1, "(partner)", "referred by an officer this week"),
        ("case", "i1", "state", 0, 2, "partner", "0 none, 1 waiting, 2 served"),
        ("agency", "i2", "row", -1, 32767, "partner", "agency of the case, -1 none"),
        ("case_since", "i4", "week", -BIG, BIG, "partner", "week in which the state began"),
        ("support", "f4", "0-1", 0, 1, "partner", "need met by agencies"),
        ("monitored", "f4", "0-1", 0, 1, "act", "watched as an active offender at risk"),
        ("wary", "f4", "0-1", 0, 1, "offend", "risk remembered: of being caught, of police met at a place"),
        ("noticed", "i4", "week", -BIG, BIG, "act", "week in which officers last noticed them as vulnerable"),
        ("is_helped", "u1", "yes/no", 0, 1, "(offend)", "put in touch with victim support this week"),
    ),
    *_columns(
        "agencies",
        ("sector", "i1", "sector", 0, max(Sector), "build", "sector"),
        ("is_open", "u1", "yes/no", 0, 1, "context", "open, and at the Situation Table unless left out"),
        ("capacity", "i4", "cases", 0, BIG, "build", "cases it can carry"),
        ("skill", "f4", "0-1", 0, 1, "build", "skill"),
        ("funded", "f8", "cases", 0, BIG, "plan", "capacity bought with the strategy's money"),
        ("outreach", "f8", "cases", 0, BIG, "plan", "of it, bought by social development, which goes out to people"),
        ("relation", "f4", "0-1", 0, 1, "partner", "information shared with police"),
        ("caseload", "i4", "cases", 0, BIG, "partner", "cases served"),
        ("waiting", "i4", "cases", 0, BIG, "partner", "cases waiting"),
    ),
    *_columns(
        "officers",
        ("key", "u4", "hash", 0, BIG, "build", "key of their random numbers"),
        ("home", "i4", "row", 0, BIG, "build", "home neighbourhood"),
        ("contracted", "f8", "hours/week", 0, BIG, "build", "patrol hours at full staffing, those out of service left out"),
        ("offered", "f8", "hours/week", 0, BIG, "respond", "patrol hours"),
        ("reactive", "f8", "hours/week", 0, BIG, "respond", "hours taken by calls"),
        ("proactive", "f8", "hours/week", 0, BIG, "respond", "hours left"),
        ("fatigue", "f4", "0-1", 0, 1, "respond", "fatigue"),
        ("relation", "f4", "0-1", 0, 1, "learn", "relation with the home area"),
        ("awareness", "f4", "0-1", 0, 1, "learn", "knows of the model"),
        ("skill", "f4", "0-1", 0, 1, "learn", "OMEM skill"),
        ("adoption", "f4", "0-1", 0, 1, "learn", "buy-in"),
        ("is_promoted", "u1", "yes/no", 0, 1, "learn", "promoted"),
    ),
    *_columns(
        "initiatives",
        ("key", "u4", "hash", 0, BIG, "build", "key of the slot's random numbers"),
        ("neighbourhood", "i4", "row", 0, BIG, "build", "neighbourhood"),
        ("is_active", "u1", "yes/no", 0, 1, "organize", "runs"),
        ("lead", "i1", "lead", 0, 2, "organize", "police, agency, community"),
        ("kind", "i1", "kind", 0, 3, "organize", "problem-solving, social development, watch, consultation"),
        ("momentum", "f4", "0-1", 0, 1, "organize", "momentum"),
        ("place", "i4", "row", -1, BIG, "organize", "problem place, -1 none"),
        ("age", "i4", "weeks", 0, BIG, "organize", "weeks since it opened"),
    ),
    *_columns("adjacency", ("neighbour", "i8", "row", 0, BIG, "build", "adjoining neighbourhood")),
    *_columns("newcomers", ("seat", "i8", "row", 0, BIG, "context", "resident who moved in")),
    *_columns(
        "incidents",
        ("event", "u8", "hash", 0, 2.0**64, "offend", "identity"),
        ("type", "i1", "crime", 0, 3, "offend", "crime"),
        ("day", "i1", "day", 0, 6, "offend", "day of the week"),
        ("place", "i4", "row", 0, BIG, "offend", "where it happened"),
        ("victim", "i8", "row", -1, BIG, "offend", "resident, -1 none (business)"),
        ("offender", "i8", "row", -1, BIG, "offend", "resident who did it, -1 an outsider"),
    ),
    *_columns(
        "episodes",
        ("event", "u8", "hash", 0, 2.0**64, "crisis", "identity"),
        ("day", "i1", "day", 0, 6, "crisis", "day of the week"),
        ("resident", "i8", "row", 0, BIG, "crisis", "who"),
        ("risk", "i1", "risk", 0, 4, "crisis", "what about"),
    ),
    *_columns(
        "custody",
        ("resident", "i8", "row", 0, BIG, "respond", "who"),
        ("until", "i4", "week", -BIG, BIG, "respond", "week of release"),
    ),
    *_columns("arrests", ("resident", "i8", "row", 0, BIG, "respond", "who was arrested this week")),
    *_columns(
        "events",
        ("what", "i1", "event", 0, 5, "lay", "what happens"),
        ("start", "i4", "week", 0, BIG, "lay", "first week"),
        ("end", "i4", "week", 0, BIG, "lay", "week after the last"),
        ("size", "f8", "share or index", 0, 5, "lay", "how strong"),
        ("neighbourhood", "i4", "row", -1, BIG, "lay", "where, -1 everywhere"),
        ("sector", "i1", "sector", -1, max(Sector), "lay", "which agencies, -1 all"),
    ),
    *_columns(
        "interventions",
        ("what", "i1", "work", 0, max(Work), "lay", "what is done"),
        ("start", "i4", "week", 0, BIG, "lay", "first week"),
        ("end", "i4", "week", 0, BIG, "lay", "week after the last"),
        ("dose", "f8", "see Intervention", 0, BIG, "lay", "how much"),
        ("neighbourhood", "i4", "row", 0, BIG, "lay", "where"),
        ("place", "i4", "row", -1, BIG, "lay", "the one place of it that is meant, -1 all"),
        ("is_added", "u1", "yes/no", 0, 1, "lay", "hours come on top of the service's"),
        ("given", "f8", "hours/week", 0, BIG, "act", "effective hours that its place got this week"),
    ),
    *_calls("calls", "reporting"),
    *_calls("queue", "respond"),
    *_columns(
        "service",
        ("season", "f8", "multiple", 0, BIG, "context", "season"),
        ("trend", "f8", "multiple", 0, BIG, "context", "trend of disorder"),
        ("shock", "f8", "share", 0, BIG, "context", "rise of offending by the shock"),
        ("staffing", "f8", "share", 0, 2, "context", "patrol hours a budget cut leaves, of those contracted"),
        ("design_places", "f8", "places/week", 0, BIG, "plan", "places money can redesign"),
        ("table_cases", "f8", "cases/week", 0, BIG, "plan", "cases money lets the Situation Tables take"),
        ("co_answers", "f8", "calls/week", 0, BIG, "plan", "disorder calls money lets a health team answer"),
        ("own_pillar", f"i1{BY_OWN}", "pillar", -1, len(Pillar) - 1, "plan", "of tactics of the user's own, -1 none"),
        ("own_area", f"i1{BY_OWN}", "area", -1, len(Area) - 1, "plan", "of tactics of the user's own, -1 none"),
        ("covered", "f8", "share", 0, 1, "plan", "neighbourhoods that the mix applies to"),
        ("moves", "i8", "households", 0, BIG, "context", "households that moved this week"),
        ("moved_out", "i8", "residents", 0, BIG, "context", "residents who left this week"),
        ("moved_in", "i8", "residents", 0, BIG, "context", "residents who came this week"),
        ("survey_hours", "f8", "hours", 0, BIG, "assess", "hours spent on the survey this week"),
        ("reference_crime", "f8", "crimes/1,000/year", 0, BIG, "assess", "recorded crime a multiple refers to, frozen at week 0"),
        ("offered", "f8", "hours", 0, BIG, "respond", "patrol hours this week"),
        ("reactive", "f8", "hours", 0, BIG, "respond", "taken by calls"),
        ("answered", "i8", "calls", 0, BIG, "respond", "calls answered this week"),
        ("co_answered", "i8", "calls", 0, BIG, "respond", "disorder calls a health team answered"),
        ("free_mean", "f8", "hours", 0, BIG, "respond", "hours calls leave free, running yearly mean"),
        ("free_before", "f8", "hours", 0, BIG, "respond", "hours calls left free before week 0, yearly mean"),
        ("shift_offered", BY_SHIFT, "hours", 0, BIG, "respond", "patrol hours this week, by shift"),
        ("shift_reactive", BY_SHIFT, "hours", 0, BIG, "respond", "taken by calls, by shift"),
        ("shift_free", BY_SHIFT, "hours", 0, BIG, "respond", "hours calls leave free, running yearly mean, by shift"),
        ("shift_free_before", BY_SHIFT, "hours", 0, BIG, "respond", "the same before week 0, by shift"),
        ("free_waking", "f8", "hours", 0, BIG, "respond", "hours calls left free this week by day and in the evening"),
        ("usual_answers", BY_PRIORITY, "calls/week", 0, BIG, "respond", "calls answered, running yearly mean, by priority"),
        ("usual_minutes", BY_PRIORITY, "minutes/week", 0, BIG, "respond", "their response times together, running yearly mean, by priority"),
        ("delayed", "i8", "calls", 0, BIG, "respond", "calls answered or closed this week after their shift"),
        ("late", "i8", "calls", 0, BIG, "respond", "calls answered or closed this week after the time their priority allows"),
        ("arrested", "i8", "offenders", 0, BIG, "respond", "residents arrested this week"),
        ("held", "i8", "offenders", 0, BIG, "respond", "taken into custody this week"),
        ("cleared", "i8", "crimes", 0, BIG, "respond", "recorded crimes cleared this week"),
        ("cleared_mean", "f8", "crimes/week", 0, BIG, "respond", "the same, running yearly mean"),
        ("on_record_mean", "f8", "crimes/week", 0, BIG, "respond", "crimes that came on record, running yearly mean"),
        ("blocked", "i8", "attempts", 0, BIG, "offend", "attempts that direct tactics stopped where they were made first"),
        ("displaced", "i8", "crimes", 0, BIG, "offend", "of these, crimes committed elsewhere"),
        ("displaced_away", "i8", "crimes", 0, BIG, "offend", "of these, in an adjoining neighbourhood"),
        ("diffused", "i8", "attempts", 0, BIG, "offend", "attempts that direct tactics at near places stopped"),
        ("table_age", "i8", "weeks", 0, BIG, "partner", "age of the Situation Tables"),
        ("acute", "i8", "residents", 0, BIG, "partner", "residents at acutely elevated risk"),
        ("table_taken", "i8", "cases", 0, BIG, "partner", "cases the Tables took this week"),
        ("table_lowered", "i8", "cases", 0, BIG, "partner", "cases whose risk the Tables lowered this week"),
        ("waiting", "i8", "calls", 0, BIG, "respond", "calls waiting at week's end"),
        ("closed", "i8", "calls", 0, BIG, "respond", "calls closed unanswered this week"),
        ("lost", "f8", "hours", 0, BIG, "act", "hours for training, survey and Situation Tables"),
        ("withdrawn", "f8", "hours", 0, BIG, "act", "freed hours taken away"),
        ("places_designed", "i8", "places", 0, BIG, "act", "places newly designed this week"),
        ("homes_hardened", "i8", "dwellings", 0, BIG, "organize", "dwellings a project protected this week"),
        ("project_cost", "f8", "CAD/week", 0, BIG, "account", "cost of design and of dwellings protected by projects"),
        ("joint_cost", "f8", "CAD/week", 0, BIG, "account", "cost of Situation Table cases and of answers with a health team"),
        ("unassigned", "f8", "hours", 0, BIG, "act", "hours the strategy left over"),
        ("extra_hours", "f8", "hours", -BIG, BIG, "plan", "hours that interventions bring on top of the service's"),
        ("backed_up", "f8", "share", 0, 1, "act", "by how much backup shortens next week's calls"),
        ("police_cost", "f8", "CAD/week", 0, BIG, "account", "cost of police"),
        ("agency_cost", "f8", "CAD/week", 0, BIG, "account", "cost of agencies"),
        ("bill", "f8", "CAD/week", 0, BIG, "account", "what the town would be billed, OPP style"),
        ("weeks_kept", "i8", "weeks", 0, BIG, "account", "weeks of hours on record"),
        ("past_reactive", "f8[312]", "hours", 0, BIG, "account", "hours on calls, week by week over six years"),
        ("replaced", "i8", "officers", 0, BIG, "learn", "officers replaced this week"),
        ("council", "f8", "index", 0, 1, "learn", "support of council and board"),
        ("granted", "f8", "share", 0, 2, "learn", "hours the council grants, of those contracted"),
        ("seated", "f8", "share", 0, 2, "learn", "Table cases the council lets agencies sit for, of those paid"),
        ("calls_before", "f8", "calls/year", 0, BIG, "learn", "public calls in the year before week 0"),
        ("bill_before", "f8", "CAD/week", 0, BIG, "learn", "bill at week 0"),
    ),
]
