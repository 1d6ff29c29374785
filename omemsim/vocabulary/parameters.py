"""Every parameter of the model, declared once: type, default, unit, bounds, source, doc.

The config schema, the checks, sweep bounds and printed tables all derive from these
declarations. A source is a publication, ``evidence`` of the project's design, or the word
"assumed"; an assumed number has a wide range. Groups are named after the process that
reads them.

Crime-effect columns of the evidence on trust-building tactics (liaison, education,
consultation, mobilization, leaders) are *not* here: those effects are results of a trial
inside the model. Only enforcement, problem-solving and design act on risk directly, at a
place, and household protection at a dwelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

from omemsim.vocabulary.wheel import STOCKS, SWITCHES

__all__ = ["Declaration", "Parameters", "declarations", "parameter"]

T = TypeVar("T")


def parameter(
    default: float, unit: str, low: float, high: float, source: str, doc: str
) -> Any:
    """Declare one parameter (a dataclass field); an int default makes it a whole number.

    Parameters
    ----------
    default : used where nobody says; where it is an int, only whole numbers are allowed.
    unit : told with the number.
    low, high : the least and the most that is allowed.
    source : what the number rests on; its beginning says how well it is known.
    doc : what it is, in a sentence.
    """
    return field(
        default=default,
        metadata={"unit": unit, "low": low, "high": high, "source": source, "doc": doc},
    )


@dataclass(frozen=True)
class Declaration:
    """What is known of one declared number; ``path`` is where a config sets it."""

    path: str
    type: type
    default: float
    unit: str
    low: float
    high: float
    source: str
    doc: str


def declarations(tree: type | object, prefix: str = "") -> Iterator[Declaration]:
    """Yield every declaration in a tree of dataclasses (class or instance), in order."""
    for item in fields(tree):  # type: ignore[arg-type]
        path = f"{prefix}{item.name}"
        if "unit" in item.metadata:
            default: Any = item.default
            known = {key: value for key, value in item.metadata.items() if key != "off"}
            yield Declaration(path, type(default), default, **known)
        elif is_dataclass(item.default_factory):
            yield from declarations(item.default_factory, f"{path}.")


def with_declared(declared: Mapping[str, Any], after: str) -> Callable[[type[T]], type[T]]:
    """Give a class more declared numbers, after one of its own, before it is made a dataclass."""

    def add(group: type[T]) -> type[T]:
        own = dict(group.__annotations__)
        place = list(own).index(after) + 1
        names = [*list(own)[:place], *declared, *list(own)[place:]]
        group.__annotations__ = {name: own.get(name, "float") for name in names}
        for name, value in declared.items():
            setattr(group, name, value)
        return group

    return add


def parameters_of_stocks() -> dict[str, Any]:
    """Return the parameters of tactics' stocks by name."""
    declared = {}
    for stock in STOCKS.values():
        half = f"Weekly hours of {stock.hours} that give half of the greatest dose."
        declared[f"{stock.name}_half"] = parameter(stock.half, "hours/1,000/week", *stock.half_bounds, stock.half_source, half)
        memory = f"Half-life of {stock.hours}."
        declared[f"{stock.name}_memory"] = parameter(stock.memory, "weeks", *stock.memory_bounds, stock.memory_source, memory)
    return declared


@dataclass(frozen=True)
class ZoneLimits:
    """Lines between the zones (practice.md: a judgement, trailing 12 months)."""

    calls_low: float = parameter(200.0, "calls/1,000/year", 20, 2000, "assumed", "Public calls under which a zone can be blue.")
    calls_mid: float = parameter(400.0, "calls/1,000/year", 20, 2000, "assumed", "Public calls from which a zone is amber.")
    calls_high: float = parameter(650.0, "calls/1,000/year", 20, 2000, "assumed", "Public calls from which a zone is red.")
    harm_low: float = parameter(150.0, "incidents/1,000 15+/year", 10, 2000, "assumed", "True victimization under which a zone can be blue.")
    harm_mid: float = parameter(300.0, "incidents/1,000 15+/year", 10, 2000, "assumed", "True victimization from which a zone is amber.")
    harm_high: float = parameter(450.0, "incidents/1,000 15+/year", 10, 2000, "assumed", "True victimization from which a zone is red.")
    recorded_low: float = parameter(0.56, "multiple of reference", 0.05, 10, "assumed", "Recorded crime under which a zone can be blue.")
    recorded_mid: float = parameter(1.12, "multiple of reference", 0.05, 10, "assumed", "Recorded crime from which a zone is amber.")
    recorded_high: float = parameter(1.68, "multiple of reference", 0.05, 10, "assumed", "Recorded crime from which a zone is red.")
    repeat: float = parameter(0.35, "share of calls", 0, 1, "assumed", "30-day repeat share that lifts green need to amber.")
    capacity: float = parameter(0.70, "index 0-1", 0, 1, "assumed", "Capacity a blue neighbourhood needs.")
    community_led: float = parameter(0.60, "share of initiatives", 0, 1, "assumed", "Community-led share a blue neighbourhood needs.")
    trust: float = parameter(0.50, "index 0-1", 0, 1, "assumed", "Trust needed to move from amber to green.")
    margin: float = parameter(0.10, "share of the line", 0, 1, "assumed", "Least distance past a line before a zone moves.")
    weeks_up: int = parameter(26, "weeks", 0, 520, "assumed", "Time past the line before a zone moves up (two quarters).")


@dataclass(frozen=True)
class People:
    """Who lives here: read by the build and whenever a household moves."""

    residents_per_place: float = parameter(40.0, "residents 15+", 5, 500, "assumed", "Residents of a street segment.")
    deprivation_within: float = parameter(0.20, "index 0-1", 0, 0.5, "assumed", "Half-range of residents' deprivation around their neighbourhood's.")
    precursor_spread: float = parameter(0.15, "index 0-1", 0, 0.5, "assumed", "Half-range of one precursor around a resident's deprivation.")
    asset_spread: float = parameter(0.20, "index 0-1", 0, 0.5, "assumed", "Half-range of assets (time, means, skills) around 1 - deprivation.")
    propensity_floor: float = parameter(0.40, "multiple of mean", 0, 1, "assumed", "Propensity to offend of a resident without any need.")
    propensity_shape: float = parameter(0.06, "gamma shape", 0.03, 100, "calibrated: P23 (Martinez et al. 2017); gamma: Lehoczky 1986, Ezell & Cohen 2004", "Shape of propensity to offend between like residents; small = few commit most.")
    youth_propensity: float = parameter(2.0, "multiple", 1, 5, "assumed", "Propensity at 15-24 against 25-44 (age-crime curve).")
    middle_propensity: float = parameter(0.5, "multiple", 0, 1, "assumed", "Propensity at 45-64 against 25-44 (age-crime curve).")
    old_propensity: float = parameter(0.15, "multiple", 0, 1, "assumed", "Propensity at 65 or older against 25-44 (age-crime curve).")
    exposure_need: float = parameter(0.40, "per unit of need", 0, 2, "assumed; with less the poor are safer than in Toronto 2019, with more poverty decides all", "Rise of exposure to crime with need, around need 0.5.")
    exposure_power: int = parameter(6, "exponent", 0, 8, "assumed; between what P5a and P5b ask at the other defaults", "Skew of exposure between like residents: their variance is power^2/(2 power + 1).")
    trust_level: float = parameter(0.70, "index 0-1", 0, 1, "derived: GSS 2019, 90% with some confidence (Ibrahim 2020)", "Trust in police of a resident without need who has lived with the usual stops.")
    trust_need: float = parameter(0.20, "index 0-1", 0, 1, "assumed", "Fall of trust from need 0 to need 1.")
    trust_spread: float = parameter(0.25, "index 0-1", 0, 0.5, "assumed", "Half-range of trust between like residents.")
    usual_stops: float = parameter(0.06, "stops/resident/year", 0, 1, "derived: Ottawa, 81,902 traffic stops in two years (Foster, Jacobs & Siu 2016) and 7,000 street checks in 2012 (Toronto Star, 2015-08-04), per 790,000 residents 15+; in the US about 12% have contact a year that police began, passengers and arrests among it (BJS Police-Public Contact Survey 2018)", "Stops that residents have lived with, here and elsewhere, on average.")
    usual_unsolved: float = parameter(0.066, "crimes/resident/year", 0, 2, "derived: victimization (GSS 2019) times what is reported (GSS 2009), less what is recorded (0.6, assumed) and cleared (respond.clear_violence, clear_property)", "Crimes that residents usually report and police do not clear, on average.")
    minority: float = parameter(0.34, "share of residents", 0, 1, "census 2021, Ontario: 34.3%", "Residents of a visible minority, where a town's table does not say.")
    indigenous: float = parameter(0.03, "share of residents", 0, 1, "census 2021, Ontario: 2.9%", "Indigenous residents, where a town's table does not say.")
    stopped_minority: float = parameter(1.5, "multiple", 0.5, 10, "assumed; Foster, Jacobs & Siu 2016 (Ottawa 2013-15: Black drivers 2.3, Middle Eastern drivers 3.3 times their share of drivers; others less)", "How readily police stop a resident of a visible minority, against others.")
    stopped_indigenous: float = parameter(1.5, "multiple", 0.5, 10, "assumed; no rate for Ontario was found", "How readily police stop an Indigenous resident, against others.")
    stopped_young: float = parameter(1.7, "multiple", 0.5, 10, "assumed; BJS Police-Public Contact Survey 2018 (19% of those 18-24 had contact that police began, about 12% of all)", "How readily police stop residents of 15-24, against 25-44.")
    stopped_middle: float = parameter(0.7, "multiple", 0.02, 10, "assumed", "How readily police stop residents of 45-64, against 25-44.")
    stopped_old: float = parameter(0.3, "multiple", 0.02, 10, "assumed", "How readily police stop residents of 65 or older, against 25-44.")
    early_effect: float = parameter(0.10, "share", 0, 0.5, "Piquero et al. 2016; Oesterle et al. 2015 (0-20)", "Fall of young newcomers' propensity where all grew up with early intervention.")
    leader_prevalence: float = parameter(0.02, "share of residents", 0, 0.2, "assumed", "Natural leaders among residents with mean assets.")
    place_shape: float = parameter(0.05, "gamma shape", 0.02, 5, "calibrated: Weisburd 2015 (P1)", "Shape of opportunity over places; small = concentrated.")
    dwelling_shape: float = parameter(0.085, "gamma shape", 0.02, 20, "calibrated: P1, P5a, P8a", "Shape of household-crime opportunity over places.")
    place_level: float = parameter(0.25, "log points", 0, 1.5, "derived: Toronto 2014-19, violence varies by 0.5 log points between neighbourhoods beside deprivation; visitors give 0.35 of a synthetic town's", "Standard deviation between neighbourhoods of the log of opportunity for violence and theft.")
    dwelling_level: float = parameter(0.44, "log points", 0, 1.5, "derived: Toronto 2014-19, break-ins vary by 0.44 log points between neighbourhoods beside deprivation", "Standard deviation between neighbourhoods of the log of opportunity for household crime.")
    level_known: float = parameter(0.4, "correlation", 0, 1, "assumed", "How far opportunity goes with what a table knows of a neighbourhood: businesses, visitors, density, deprivation.")
    level_alike: float = parameter(0.65, "correlation", 0, 1, "derived: Toronto 2014-19, violence and break-ins correlate by 0.6 beside deprivation", "How far opportunity for household crime goes with that for violence and theft, over neighbourhoods.")
    shape_spread: float = parameter(0.35, "log points", 0, 1.5, "assumed; Toronto 2018: assaults per address vary by about 0.5 log points over neighbourhoods with as many of them, noise among it", "Standard deviation between neighbourhoods of the log of both shapes: in some, opportunity sits at fewer places.")
    level_clustered: float = parameter(0.75, "index 0-1", 0, 1, "assumed; Toronto 2019: Moran's I of violence 0.5", "How alike adjoining neighbourhoods are in what is drawn of their opportunity: 0 scattered, 1 sorted.")
    address_spread: float = parameter(2.0, "log points", 0, 3, "derived: Sherman, Gartin & Buerger 1989 (3.3% of addresses make half of all calls)", "Standard deviation over places of the log of calls that they draw beyond their residents.")
    address_alike: float = parameter(0.8, "correlation", 0, 1, "assumed", "How far places that draw calls are those with opportunity, and those where needs for crises meet are those that draw calls.")
    institution_spread: float = parameter(2.2, "log points", 0, 3, "calibrated: P28a (Vaughan et al. 2017; White & Goldberg 2018)", "Standard deviation over places of the log of needs for crises of who lives there: shelters and care homes.")
    crisis_power: float = parameter(10.0, "exponent", 0, 100, "calibrated: P35a (Fort Frances: 46% repeat within 30 days)", "Skew of needs for crises between like residents.")
    children: float = parameter(0.28, "share of dwellings", 0, 1, "assumed; census 2021: about a quarter to a third of households", "Dwellings with children under 15.")
    cohesion_moving: float = parameter(4.0, "per share moving a year", 0, 20, "assumed; Sampson et al. 1997 (stability weighs about as much as poverty)", "Cohesion lost where more households move, around the usual share.")
    congregation_spread: float = parameter(0.5, "share", 0, 1, "assumed", "Half-range of congregations per resident between neighbourhoods, whatever their deprivation.")


@dataclass(frozen=True)
class Context:
    """Season, trend, shock, households moving."""

    peak_to_trough: float = parameter(1.15, "ratio", 1, 2, "Lauritsen & White 2014, BJS", "Seasonal peak over trough of crime and disorder.")
    peak_week: float = parameter(28.0, "week of year", 0, 52, "Lauritsen & White 2014, BJS", "Week of the seasonal peak.")
    disorder_trend: float = parameter(0.0, "per year", -0.2, 0.2, "seed 003 (perceived rise; 0.01-0.03 to test)", "Yearly growth of disorder.")
    shock_week: int = parameter(-1, "week", -1, 5200, "assumed", "Week in which a crime shock hits; -1 = none.")
    shock_size: float = parameter(0.5, "share", 0, 5, "assumed", "Rise of offending in the week of the shock, where nobody is vigilant.")
    foreseen: float = parameter(0.5, "share", 0, 1, "assumed: evidence names half", "Damage of a shock avoided where hazards are monitored and residents vigilant.")
    shock_half_life: float = parameter(8.0, "weeks", 1, 520, "assumed", "Half-life of the shock.")
    drift: float = parameter(0.09, "log points", 0, 0.5, "calibrated: P47a (Toronto 2014-24)", "Standard deviation of what a year adds to the log of a neighbourhood's risk.")
    drift_memory: float = parameter(10.0, "years", 0.5, 100, "assumed", "Half-life of what a year added.")
    hazard_rate: float = parameter(0.02, "hazards/neighbourhood/week", 0, 1, "assumed", "Chance that a local hazard, as a derelict building or a rowdy venue, comes up in a neighbourhood.")
    hazard_size: float = parameter(0.1, "share", 0, 2, "assumed", "Rise of offending in the neighbourhood while a hazard is new; base rates hold at the mean where nobody defuses any.")
    hazard_memory: float = parameter(10.0, "weeks", 1, 520, "assumed", "Half-life of a hazard that nobody defuses.")
    hazard_defused: float = parameter(0.5, "share/week", 0, 1, "assumed; seed 000 (police point out risks, and the community deals with them)", "Part of hazards that is defused in a week where they are fully monitored and all residents vigilant.")
    flight: float = parameter(0.5, "per unit of fear", 0, 5, "assumed", "Rise of moving with fear in the neighbourhood, around 0.3.")


@dataclass(frozen=True)
class Assess:
    """What police see: records and a sample survey."""

    survey_hours: float = parameter(0.5, "hours/resident asked", 0, 5, "assumed", "Police hours one survey answer costs.")
    imputed_efficacy: float = parameter(0.4, "index 0-1", 0, 1, "assumed", "Efficacy taken for granted where there is no survey and nobody participates.")
    sooner: float = parameter(0.5, "share", 0, 0.9, "assumed; evidence: shortens the lag of assessment", "Part of the time between two assessments that full monitoring of crime reduction saves.")
    efficacy_weight: float = parameter(0.35, "weight", 0, 1, "assumed", "Collective efficacy in the capacity index.")
    assets_weight: float = parameter(0.20, "weight", 0, 1, "assumed; seed 001 lists the assets", "Residents' assets in the capacity index.")
    participation_weight: float = parameter(0.20, "weight", 0, 1, "assumed", "Participation in the capacity index.")
    leaders_weight: float = parameter(0.25, "weight", 0, 1, "assumed", "Leaders found in the capacity index.")
    participation_full: float = parameter(0.20, "share of residents", 0.01, 1, "assumed", "Participation that counts as full.")
    leaders_full: float = parameter(8.0, "leaders/1,000", 0.1, 100, "assumed", "Leaders found per 1,000 residents 15+ that count as full.")


@dataclass(frozen=True)
class Respond:
    """Officers, calls and the hours they take."""

    sworn: float = parameter(178.0, "officers/100,000", 0, 1000, "Statistics Canada 2023 (Canada 178)", "Sworn officers per residents of all ages.")
    patrol_share: float = parameter(0.48, "share", 0.05, 1, "assumed (.35-.65)", "Officers' hours that are patrol.")
    out_of_service: float = parameter(0.17, "share", 0, 0.9, "derived: 10 to 12 minutes an hour in US services, 8 in Santa Ana in 2013 (strategic patrol staffing plan of Santa Ana, California)", "Patrol hours in which officers can neither be sent nor do anything else: meals, briefings, vehicles, reports written after a call.")
    hours_per_year: float = parameter(1500.0, "hours", 100, 2500, "assumed", "Hours an officer works in a year.")
    hours_violence: float = parameter(3.5, "hours/call", 0.1, 40, "assumed around a mean of 2.0: 1.2 a dispatched call (Ottawa 2018), 2.7 (London 2020)", "Officer hours of a violent call.")
    hours_theft: float = parameter(1.2, "hours/call", 0.1, 40, "assumed around a mean of 2.0: 1.2 a dispatched call (Ottawa 2018), 2.7 (London 2020)", "Officer hours of a theft call.")
    hours_household: float = parameter(2.2, "hours/call", 0.1, 40, "assumed around a mean of 2.0: 1.2 a dispatched call (Ottawa 2018), 2.7 (London 2020)", "Officer hours of a household-crime call.")
    hours_business: float = parameter(1.2, "hours/call", 0.1, 40, "assumed around a mean of 2.0: 1.2 a dispatched call (Ottawa 2018), 2.7 (London 2020)", "Officer hours of a business-crime call.")
    hours_disorder: float = parameter(2.3, "hours/call", 0.1, 40, "assumed; mental health 1.97 (Owen Sound 2018-19), hospital waits 2 h 57 min x 2 officers", "Officer hours of a disorder call.")
    hours_service: float = parameter(1.6, "hours/call", 0.1, 40, "assumed around a mean of 2.0: 1.2 a dispatched call (Ottawa 2018), 2.7 (London 2020)", "Officer hours of any other call.")
    evening_violence: float = parameter(0.49, "share", 0, 0.5, "derived: Toronto 2018, assaults by hour on weekdays", "Part of violent calls that come between 15 and 23 o'clock.")
    evening_disorder: float = parameter(0.43, "share", 0, 0.5, "assumed", "Part of disorder calls that come between 15 and 23 o'clock.")
    evening_property: float = parameter(0.38, "share", 0, 0.5, "assumed; found and called in by day", "Part of calls about theft, household and business crime that come between 15 and 23 o'clock.")
    evening_service: float = parameter(0.38, "share", 0, 0.5, "assumed", "Part of all other calls that come between 15 and 23 o'clock.")
    night_violence: float = parameter(0.2, "share", 0, 0.5, "derived: Toronto 2018, assaults by hour on weekdays", "Part of violent calls that come between 23 and 7 o'clock.")
    night_disorder: float = parameter(0.22, "share", 0, 0.5, "assumed", "Part of disorder calls that come between 23 and 7 o'clock.")
    night_property: float = parameter(0.1, "share", 0, 0.5, "assumed; found and called in by day", "Part of calls about theft, household and business crime that come between 23 and 7 o'clock.")
    night_service: float = parameter(0.15, "share", 0, 0.5, "assumed", "Part of all other calls that come between 23 and 7 o'clock.")
    weekend_night: float = parameter(0.19, "share", 0, 1, "derived: Toronto 2018, assaults by night .35 on weekends, .20 on weekdays", "Of violent and disorder calls that would come by day or in the evening, the part that comes by night on Saturdays and Sundays.")
    emergency_violence: float = parameter(0.12, "share", 0, 0.5, "assumed; together 1.3% (Ottawa 2018, Priority 1)", "Part of violent calls that are emergencies.")
    emergency_disorder: float = parameter(0.01, "share", 0, 0.5, "assumed; together 1.3% (Ottawa 2018, Priority 1)", "Part of disorder calls that are emergencies.")
    emergency_property: float = parameter(0.005, "share", 0, 0.5, "assumed; together 1.3% (Ottawa 2018, Priority 1)", "Part of calls about theft, household and business crime that are emergencies.")
    emergency_service: float = parameter(0.005, "share", 0, 0.5, "assumed; together 1.3% (Ottawa 2018, Priority 1)", "Part of all other calls that are emergencies.")
    urgent_violence: float = parameter(0.4, "share", 0, 0.5, "assumed; with emergencies 8.3% (Edmonton 2018, P1 to P3)", "Part of violent calls that are urgent but no emergencies.")
    urgent_disorder: float = parameter(0.08, "share", 0, 0.5, "assumed; with emergencies 8.3% (Edmonton 2018, P1 to P3)", "Part of disorder calls that are urgent but no emergencies.")
    urgent_property: float = parameter(0.04, "share", 0, 0.5, "assumed; with emergencies 8.3% (Edmonton 2018, P1 to P3)", "Part of calls about theft, household and business crime that are urgent but no emergencies.")
    urgent_service: float = parameter(0.03, "share", 0, 0.5, "assumed; with emergencies 8.3% (Edmonton 2018, P1 to P3)", "Part of all other calls that are urgent but no emergencies.")
    staff_evening: float = parameter(0.36, "share", 0, 0.5, "assumed", "Part of patrol hours between 15 and 23 o'clock.")
    staff_night: float = parameter(0.28, "share", 0, 0.5, "assumed", "Part of patrol hours between 23 and 7 o'clock.")
    staff_weekend: float = parameter(1.0, "multiple", 0.1, 3, "assumed", "Patrol hours on a Saturday or Sunday, against a weekday.")
    reserve: float = parameter(0.15, "share", 0, 0.9, "assumed; Schaack & Larson 1986 (cars held back for urgent calls)", "Part of a shift's hours that routine and low-priority calls may not use up.")
    called_off: float = parameter(0.5, "share", 0, 1, "assumed", "Cars at routine and low-priority calls that can leave for an emergency.")
    crew: float = parameter(1.3, "officers", 1, 4, "assumed", "Officers in a car.")
    district: float = parameter(150000.0, "residents", 1000, 1000000, "assumed", "Residents of a district, whose cars answer calls for each other; a smaller town shares it with its like.")
    handling: float = parameter(3.0, "minutes", 0, 60, "assumed; 2.7 to high-priority calls, the wait for a car among it (Morgan Hill, California, 2015)", "From the call to its dispatch where a car is free.")
    speed_urgent: float = parameter(30.0, "km/h", 5, 150, "calibrated: P33a; cars take 4.8 minutes to high-priority calls (Morgan Hill, California, 2015)", "Speed of a car to an emergency or an urgent call, from dispatch to arrival.")
    speed: float = parameter(20.0, "km/h", 5, 150, "derived: cars take 1.4 to 1.7 times as long to other calls (Morgan Hill, California, 2015: 6.6 to 8.2 minutes against 4.8)", "Speed of a car to other calls, from dispatch to arrival.")
    detour: float = parameter(0.627, "multiple", 0.2, 3, "derived: Larson 1972; Kolesar & Blum 1973 (cars anywhere, streets at right angles)", "Way of the nearest free car, in square roots of the area it has to itself.")
    limit_emergency: float = parameter(15.0, "minutes", 1, 20000, "assumed; Ottawa 2018: 94% within 15", "Response time from which an emergency has waited too long.")
    limit_urgent: float = parameter(60.0, "minutes", 1, 20000, "assumed", "Response time from which an urgent call has waited too long.")
    limit_routine: float = parameter(360.0, "minutes", 1, 20000, "assumed", "Response time from which a routine call has waited too long.")
    limit_low: float = parameter(1440.0, "minutes", 1, 20000, "assumed", "Response time from which a low-priority call has waited too long.")
    patience: int = parameter(2, "weeks", 1, 52, "assumed", "Weeks after which a call that still waits is closed unanswered, that in which it came counted.")
    answered_well: float = parameter(0.01, "trust", 0, 0.2, "assumed", "Trust a caller gains from being answered.")
    waiting_cost: float = parameter(0.01, "trust", 0, 0.2, "assumed", "Trust a caller loses in each week in which the call waits longer than its priority allows, if a bad contact weighed as much as a good one (see feel.trust_asymmetry).")
    co_relief: float = parameter(0.6, "share", 0, 1, "assumed", "Police hours a health team saves at a disorder call.")
    co_resolves: float = parameter(0.4, "probability", 0, 1, "assumed; Dee & Pyne 2022: low-level calls -34%", "A health team resolves the episode it answers.")
    police_resolves: float = parameter(0.1, "probability", 0, 1, "assumed; seed 003", "Police alone resolve the episode they answer.")
    unsolved_cost: float = parameter(0.01, "trust", 0, 0.2, "assumed, as waiting_cost; victims are least satisfied where police do nothing that they hear of (Brandl & Horvath 1991; Jansen, Ruiter & van Steden 2024); no size in trust was found", "Trust a caller loses whose crime police answer and do not clear, in place of what an answer gains, if a bad contact weighed as much as a good one (see feel.trust_asymmetry).")
    change_tires: float = parameter(0.1, "per share of hours", 0, 1, "assumed; seed 003 (overload)", "Weekly rise of fatigue per share of hours spent on training.")
    busy_cap: float = parameter(0.75, "share of hours", 0.1, 1, "assumed", "Utilization above which officers tire.")
    tiring: float = parameter(0.20, "per week", 0, 1, "assumed", "Rise of fatigue per unit of utilization above the cap.")
    recovery: float = parameter(0.10, "per week", 0, 1, "assumed", "Share of fatigue gone after a week.")
    calls_first: float = parameter(1.0, "share", 0, 1, "seed 000; practice.md", "How far calls may eat into prevention: 1 = all hours, 0 = never below the hours they left free before week 0.")
    clear_violence: float = parameter(0.60, "probability", 0, 1, "The Record 2020-11-20 on Statistics Canada: Ontario 2019, 60% of violent crime cleared (facts.md; read in a newspaper)", "A recorded violent crime whose call is answered is cleared.")
    clear_property: float = parameter(0.25, "probability", 0, 1, "Juristat 85-002-X 2012 (11647): Canada 2010, 25% of property crime cleared", "A recorded theft, household or business crime whose call is answered is cleared.")
    charged: float = parameter(0.66, "share", 0, 1, "derived: CANSIM 252-0051, Canada 2016: 44% cleared, 29% by charge", "Cleared crimes whose offender is charged.")
    custody_violence: float = parameter(0.20, "probability", 0, 1, "assumed", "Whoever is charged with violence goes into custody.")
    custody_property: float = parameter(0.12, "probability", 0, 1, "assumed", "Whoever is charged with theft, household or business crime goes into custody.")
    custody_weeks: int = parameter(8, "weeks", 1, 260, "assumed", "Length of custody.")


@dataclass(frozen=True)
@with_declared(parameters_of_stocks(), after="problem_decay")
class Act:
    """From hours to dose; with half and memory of every tactic's stock (`wheel.STOCKS`)."""

    visits_per_hour: float = parameter(4.5, "visits/hour", 1, 10, "Sherman 1990; Koper curve, visits of 12-15 minutes", "Visits to places in a patrol hour.")
    visits_half: float = parameter(3.0, "visits/week", 0.1, 100, "assumed", "Weekly visits that give half of the greatest deterrence.")
    visits_memory: float = parameter(2.0, "weeks", 0.2, 52, "Sorg et al. 2013", "Half-life of perceived risk after the visits end.")
    accustom: float = parameter(16.0, "weeks", 1, 520, "derived: Sorg et al. 2013 (Philadelphia: foot patrol wears off within 22 weeks, not visibly within 12; three months after its end nothing is left); Sherman 1990", "Half-life of getting used to a constant dose, and of forgetting it in a pause.")
    worst_share: float = parameter(0.10, "share of places", 0.01, 1, "assumed", "Places that count as the worst, in a neighbourhood.")
    stops: float = parameter(0.4, "residents/hour", 0, 3, "assumed; 0.33 car and pedestrian checks an officer-hour in Kansas City's gun patrols, 0.57 with traffic citations (Sherman, Shaw & Rogan 1995: 4,512 officer-hours; the numbers of checks from memory)", "Residents stopped in an hour of targeted enforcement.")
    stop_cost: float = parameter(0.02, "trust", 0, 0.5, "assumed", "Trust a stop costs, if a bad contact weighed as much as a good one (see feel.trust_asymmetry).")
    aimed_burden: float = parameter(0.3, "share", 0, 1, "assumed; evidence: unaimed order maintenance about 0", "How much an aimed stop weighs on legitimacy, against one at a place nobody knew of.")
    traffic_visits: float = parameter(1.0, "visits/hour", 0, 10, "assumed; a stop takes a quarter of an hour or more, and is seen where it is made", "Visits to places, as offenders see them, in an hour of traffic work.")
    traffic_stops: float = parameter(0.9, "residents/hour", 0, 6, "derived: Ottawa, 41,000 traffic stops a year (Foster, Jacobs & Siu 2016), over a tenth, assumed, of 450,000 patrol hours that calls leave (annual report 2018: 278,400 hours on calls; patrol hours, and those out of service, as here)", "Residents stopped in an hour of traffic work.")
    backup_saves: float = parameter(0.5, "hours/hour", 0, 1, "assumed", "Hours of calls that the first hour of backup saves; also the share by which backup can shorten calls at most.")
    stranger: float = parameter(0.6, "share", 0, 1, "assumed; seed 003 (relationships)", "Trust a contact builds if the officer is not known in the area, against one who is.")
    contacts: float = parameter(8.0, "residents/hour", 0, 20, "assumed", "Residents met in an hour of liaison or consultation; a meeting counts all who come.")
    contact_gain: float = parameter(0.05, "trust", 0, 0.5, "derived: Peyton et al. 2019", "Trust gained from one positive contact by a distrustful resident.")
    problem_hours: float = parameter(10.0, "hours/week", 0.1, 80, "assumed: 60 to 300 hours a project over 3 to 12 months; nobody published them", "Police hours a police-led initiative needs, of officers as they are when new; trained and convinced ones need fewer.")
    problem_weeks: int = parameter(26, "weeks", 4, 520, "assumed: 3 to 12 months; Braga & Bond 2008: 12", "Weeks after which a problem-solving project is over and sets its officers free.")
    problem_alone: float = parameter(0.5, "share", 0, 1, "assumed; Hinkle et al. 2024: larger with more partners, and hardly evaluated without any", "Effect of problem-solving in which no agency and nobody of the community takes part, against one in which they do.")
    problem_calls: float = parameter(0.2, "crimes/call", 0, 2, "assumed", "Weight of a call that is not about crime, beside a crime that police know of, in the choice of places for problem-solving.")
    problem_effect: float = parameter(0.45, "log rate", 0, 2, "derived: Hinkle et al. 2020, -22% (-38..-5) at treated places", "Greatest fall of the log rate where a problem is solved.")
    problem_onset: float = parameter(8.0, "weeks", 1, 52, "Hinkle et al. 2020 (1-3 months)", "Half-time of removing an opportunity.")
    problem_decay: float = parameter(52.0, "weeks", 4, 520, "Hinkle et al. 2020 (6-24 months)", "Half-life of a removed opportunity.")
    cohort_memory: float = parameter(364.0, "weeks", 52, 1560, "evidence: onset 5-15 years (Piquero et al. 2016)", "Half-time in which early intervention shows in those who grow up.")
    analysis_gain: float = parameter(0.7, "share", 0, 1, "assumed; seed 003 (Focus Patrol)", "Part of the visits that miss which full crime analysis aims.")
    rotation_gain: float = parameter(1.0, "share", 0, 1, "assumed", "How far full monitoring of crime reduction moves visits on from places that are used to them.")
    unpaid_weeks: int = parameter(8, "weeks", 1, 104, "assumed", "Time after which monitoring of crime reduction looks at what aimed visits did to a place, and for which a place is then left alone.")
    unpaid_moves: float = parameter(0.5, "share", 0, 1, "assumed; seed 000; at 1 visits leave the worst places for far better ones", "How far full monitoring of crime reduction takes aimed visits from places of which police know no less than before.")
    problem_precision: float = parameter(0.8, "share", 0, 1, "assumed", "Problem-solving projects that go to the place known as worst where nobody analyses crime; the others go to any place. Full crime analysis mends as much of that as of visits that miss.")
    watched: float = parameter(0.2, "residents/hour", 0, 5, "assumed", "Active offenders at risk met in an hour of focused deterrence.")
    watch_offenders: float = parameter(0.5, "share", 0, 1, "assumed; evidence: Braga, Weisburd & Turchan 2018 beside seed 000 (special, at-risk groups)", "Hours of monitoring at-risk groups that are focused deterrence of active offenders; the others look for the vulnerable.")
    reached: float = parameter(0.5, "residents/hour", 0, 5, "assumed", "Vulnerable residents met in an hour of looking for them.")
    watch_memory: float = parameter(78.0, "weeks", 4, 520, "evidence: 12-24 months", "Half-life of being monitored.")
    design_upkeep: float = parameter(260.0, "weeks", 4, 1560, "evidence: years with upkeep", "Half-life of lighting and design where capacity is full.")
    design_neglect: float = parameter(0.2, "share", 0.02, 1, "assumed; seeds 000, 001", "The same where there is no capacity, as a share of it.")
    untrained: float = parameter(0.4, "share", 0, 1, "assumed", "Effect of an untrained officer's hour, against a trained one (not enforcement).")
    reluctant: float = parameter(0.0, "share", 0, 1, "assumed; seed 003 (without buy-in, resistance)", "Effect of an hour of an officer without any buy-in, against a convinced one (not enforcement).")
    tired: float = parameter(0.5, "share", 0, 1, "assumed", "Effect lost by a wholly fatigued officer.")
    night_use: float = parameter(0.3, "share", 0, 1, "assumed", "Effect of an hour at night of a tactic that needs people awake, against one by day or in the evening.")


@dataclass(frozen=True)
class Partner:
    """Agencies and their cases."""

    capacity: float = parameter(3.5, "cases/1,000", 0, 100, "assumed", "Cases one sector can carry per 1,000 residents of all ages.")
    catchment: float = parameter(60000.0, "residents", 1000, 5000000, "assumed", "Residents one agency of a sector serves.")
    refer: float = parameter(0.15, "probability", 0, 1, "assumed", "An officer at a disorder call refers the person.")
    refer_self: float = parameter(0.05, "probability/week", 0, 1, "assumed", "A person with an unresolved crisis asks for help.")
    outreach: float = parameter(1.0, "multiple", 0, 10, "assumed", "Rise of asking for help where partners are fully mobilized.")
    organized: float = parameter(1.0, "multiple", 0, 10, "assumed", "Rise of asking for help where social-development initiatives run at full momentum.")
    schools: float = parameter(0.5, "meetings/1,000/week", 0, 20, "assumed", "Residents whom schools look at each week, among them youths and parents to refer.")
    mismatch: float = parameter(0.6, "share", 0, 1, "assumed; seed 003 (most appropriate agency)", "Chance that a Table lowers risk under the wrong lead, as a share of that under the right one.")
    services_level: float = parameter(0.15, "index 0-1", 0, 1, "assumed", "Local services where residents have no assets and nobody brings any.")
    services_assets: float = parameter(0.5, "per unit", 0, 1, "assumed; seed 001 (fewer service groups where demand is high)", "Local services that residents' assets sustain.")
    services_brought: float = parameter(0.3, "index 0-1", 0, 1, "assumed; Sharkey et al. 2017", "Local services that full mobilization brings.")
    services_pace: float = parameter(52.0, "weeks", 4, 520, "evidence: decay 1-3 years", "Half-time of local services.")
    give_up: int = parameter(26, "weeks", 1, 520, "assumed", "Weeks after which a person gives up waiting for an agency.")
    service_weeks: int = parameter(26, "weeks", 1, 260, "assumed", "Length of a case.")
    treatment: float = parameter(0.08, "per week", 0, 1, "derived: Heller 2014, -35% (-50..-10) of participants' violence", "Weekly rise of support while served by a fully skilled agency.")
    support_decay: float = parameter(78.0, "weeks", 4, 1040, "evidence: 12-24 months", "Half-life of support.")
    need_found: float = parameter(1.0, "multiple", 0, 10, "assumed: outreach that keeps its own places filled, and no more", "Cases a week that outreach by social development looks for, against those that end in the places its money pays for; fewer where such places are taken.")
    triage: float = parameter(52.0, "weeks", 0, 520, "assumed: before everybody else; a crisis is seen within hours or days, routine cases within weeks (UK Mental Health Triage Scale, Sands, Elsom & Colgate 2015)", "Whole weeks of waiting that an unresolved crisis is worth where agencies triage; 0 = first come, first served.")
    relation_start: float = parameter(0.4, "index 0-1", 0, 1, "assumed", "Information agencies share with police at first.")
    relation_pace: float = parameter(52.0, "weeks", 4, 520, "assumed; seed 003 (trust and time)", "Half-time in which a Table, or mobilization, builds relations.")
    relation_built: float = parameter(1.0, "share", 0, 1, "assumed", "Share of what is missing to full relations that a Table, or full mobilization, builds in the end.")
    acute: float = parameter(1.4, "episodes", 0.1, 20, "assumed", "Recent episodes from which risk is acutely elevated.")
    acute_memory: float = parameter(13.0, "weeks", 1, 104, "assumed", "Half-life of what counts as recent.")
    table_lowers: float = parameter(0.7, "probability", 0, 1, "evidence: risk lowered in 0.5-0.9 of cases", "An experienced Table with full sharing lowers a case's risk.")
    table_young: float = parameter(0.5, "share", 0, 1, "assumed", "The same for a new Table, as a share of it.")
    table_learns: float = parameter(26.0, "weeks", 1, 260, "evidence: skill grows over 12 months", "Half-time in which a Table learns.")
    table_rest: int = parameter(26, "weeks", 1, 260, "assumed", "Weeks before a Table takes the same person again.")
    table_misjudged: float = parameter(0.5, "share", 0, 1, "assumed", "How far Tables can underrate how urgent a case is, where nobody analyses.")
    table_early: float = parameter(0.5, "share", 0, 1, "assumed; evidence: finds residents at acutely elevated risk early", "Fall of the bar for Tables for a vulnerable resident whom officers have noticed.")
    table_noticed: int = parameter(26, "weeks", 1, 260, "assumed", "Time for which officers' notice of a vulnerable resident counts.")
    table_family: float = parameter(0.5, "share", 0, 1, "assumed; seed 003 (individuals, families, groups or locations)", "Support for the rest of a household whose case is domestic, against that for the person discussed.")
    table_places: float = parameter(0.05, "share of cases", 0, 1, "assumed; seed 003 (individuals, families, groups or locations)", "Cases of a Table that are places.")
    backed: float = parameter(0.5, "per unit", 0, 2, "assumed; seed 003 (the board)", "Rise of what builds relations between agencies and police with the support of council and board, around 0.5.")
    table_support: float = parameter(0.8, "index 0-1", 0, 1, "assumed", "Support of a person whose risk a Table lowered.")
    table_hours: float = parameter(3.0, "hours/case", 0, 40, "assumed", "Police hours a Table case costs.")
    skill: float = parameter(0.7, "index 0-1", 0, 1, "assumed", "Skill of agencies.")
    cost: float = parameter(120.0, "CAD/case/week", 0, 5000, "assumed", "What a case costs its agency.")


@dataclass(frozen=True)
class Organize:
    """Participation, leaders, initiatives, household protection."""

    join: float = parameter(0.016, "per week", 0, 1, "assumed", "Rate of joining of a willing, trusting, fearless resident.")
    leave: float = parameter(0.012, "per week", 0, 1, "assumed", "Rate of leaving of a fearless participant.")
    fear_gate: float = parameter(2.0, "exponent", 0, 6, "assumed; seeds 000, 001", "How steeply fear keeps people from joining; 0 = no gate.")
    fear_leaves: float = parameter(2.0, "multiple", 0, 10, "assumed", "Rise of leaving at fear 1.")
    recruit: float = parameter(1.5, "multiple", 0, 20, "assumed", "Rise of joining at full mobilization.")
    led: float = parameter(0.5, "multiple", 0, 20, "assumed", "Rise of joining where initiatives run at full momentum.")
    emerge: float = parameter(0.004, "per week", 0, 1, "assumed", "Rate at which a leader comes forward unasked, at efficacy 1, fear 0.")
    search: float = parameter(0.004, "per week per hour/1,000", 0, 1, "assumed", "Rate of finding a leader per weekly hour of search per 1,000 residents.")
    lose: float = parameter(0.004, "per week", 0, 1, "assumed", "Rate at which a leader steps back (half of them in about 3 years).")
    slots: int = parameter(6, "initiatives", 1, 50, "assumed", "Most initiatives a neighbourhood can run at a time.")
    open_police: float = parameter(0.10, "probability/week", 0, 1, "assumed", "Probability that spare police hours open an initiative in a free slot.")
    initiated: float = parameter(0.5, "share", 0, 1, "assumed", "Hours of initiating problem-solving that carry initiatives; the others find problems and partners.")
    opens_sooner: float = parameter(2.0, "multiple", 0, 20, "assumed; evidence: onset 1-3 months", "Rise of the chance that police open an initiative where hours of initiating would carry a whole one.")
    carried_least: float = parameter(0.05, "share", 0, 1, "assumed", "Support below which an initiative is not carried, and none is opened.")
    uncarried: float = parameter(0.1, "probability/week", 0, 1, "assumed", "An initiative that nobody carries ends.")
    review: float = parameter(0.1, "probability/week", 0, 1, "assumed; seed 000", "Full monitoring of crime prevention passes a failing initiative of police or agencies to a lead with room, or ends it.")
    failing: int = parameter(26, "weeks", 1, 520, "assumed", "Age at which an initiative that does not run yet is failing.")
    open_community: float = parameter(0.03, "probability/week", 0, 1, "assumed", "Probability that free leaders open one.")
    hand_over: float = parameter(0.05, "probability/week", 0, 1, "assumed", "Probability of hand-over of a running initiative where the next lead has room.")
    ready: float = parameter(0.3, "momentum", 0, 1, "assumed", "Momentum from which an initiative can be handed over.")
    sustained: float = parameter(0.5, "share", 0, 1, "assumed", "Fall of momentum's decay under full monitoring of crime prevention.")
    fitted: float = parameter(0.5, "share", 0, 5, "assumed", "Rise of momentum's gain under full consultation.")
    momentum_gain: float = parameter(0.08, "per week", 0, 1, "assumed", "Rise of momentum under a full lead.")
    momentum_decay: float = parameter(0.04, "per week", 0, 1, "assumed", "Fall of momentum.")
    attrition: float = parameter(0.01, "probability/week", 0, 1, "assumed; seed 001 (most cannot be kept up)", "An initiative without momentum is given up, once it is older than starting.")
    starting: int = parameter(13, "weeks", 0, 520, "assumed", "Age up to which an initiative is not given up for want of momentum.")
    faded: float = parameter(0.02, "momentum", 0, 1, "assumed", "Momentum below which an initiative that is no longer starting ends.")
    least_room: float = parameter(0.1, "share", 0, 1, "assumed", "Free share of the agencies' capacity above which they take an initiative over.")
    protect: float = parameter(0.004, "per week", 0, 1, "assumed", "Rate of uptake of protection by an able, vigilant household.")
    protect_taught: float = parameter(3.0, "multiple", 0, 20, "assumed", "Rise of uptake at full public education.")
    protect_decay: float = parameter(156.0, "weeks", 10, 1040, "evidence: years with upkeep", "Half-life of household protection.")
    congregate: float = parameter(0.3, "share", 0, 2, "assumed", "Rise of joining with congregations per resident, around the town's mean.")
    protect_watch: float = parameter(2.0, "multiple", 0, 20, "assumed", "Rise of uptake of protection where a watch runs at full momentum.")
    protect_support: float = parameter(0.5, "share", 0, 1, "assumed; seed 001 (social antecedents first)", "Part of missing means that full support makes up for, where protection is taken up.")


@dataclass(frozen=True)
class Offend:
    """Crime: rates per resident at a place of mean opportunity."""

    violence: float = parameter(71.0, "incidents/1,000 15+/year", 0, 1000, "calibrated: GSS 2019, 83 a year (P5c; Cotter 2021)", "Violent incidents at efficacy 0.5, without boosts.")
    theft: float = parameter(82.0, "incidents/1,000 15+/year", 0, 1000, "calibrated: GSS 2019, 91 a year (P5b; Cotter 2021, derived)", "Thefts of personal property at efficacy 0.5, without boosts.")
    household: float = parameter(22.5, "incidents/1,000 15+/year", 0, 1000, "calibrated with near: GSS 2019, 94 a year (P5b; Cotter 2021, derived)", "Household crimes at efficacy 0.5, without boosts.")
    business: float = parameter(730.0, "incidents/1,000 businesses/year", 0, 10000, "assumed: gives 10-25 recorded per 1,000 residents", "Crimes against a business at mean conditions.")
    reach: float = parameter(0.30, "share", 0, 1, "assumed", "Residents' offending that comes from adjoining neighbourhoods, of what comes from near.")
    afar: float = parameter(0.05, "share", 0, 1, "assumed; most journeys to crime are short (Andresen et al. 2014)", "Residents' offending that comes from anywhere in the town, however far.")
    outsiders: float = parameter(0.5, "share", 0, 1, "assumed", "Offenders who live outside the town, of all there, where visitors without number come; they come as visitors do.")
    journey: float = parameter(0.8, "km", 0.05, 100, "assumed; Evans 1989: half of burglaries within 0.8 km (facts.md, a review)", "Distance from home at which an offender is half as likely to go to a place as next door, in the neighbourhoods near.")
    family: float = parameter(0.55, "share", 0, 1, "derived: 26% of victims of police-reported violence by family (Conroy 2021, Canada 2019), all of it at home, where half of the violence of `city` is", "Violence where the victim lives that another of the household commits, if there is one.")
    acquainted: float = parameter(0.2, "share", 0, 1, "assumed; Canada 2005: four in ten by friends, acquaintances and former partners, two in ten by strangers (police-reported, 122 services)", "Violence where the victim lives that somebody else who lives at the place commits.")
    avoids: float = parameter(0.2, "share", 0, 1, "assumed; being caught raises the risk that is perceived a little (Anwar & Loughran 2011)", "Fall of the propensity of an offender who was just caught.")
    met_police: float = parameter(0.5, "share", 0, 1, "assumed", "Part of the perceived risk of a place that stays with an offender who was there.")
    wary_half_life: float = parameter(26.0, "weeks", 1, 520, "assumed", "Half-life of remembered risk.")
    guardianship: float = parameter(1.0, "per unit of efficacy", 0, 6, "calibrated: P13a, P13b (Sampson et al. 1997, rate ratio .74-.92 per SD)", "Fall of the log rate with collective efficacy, around 0.5.")
    usual_visitors: float = parameter(0.3, "visitors/resident", 0, 20, "assumed", "Visitors present per resident where the base rates hold.")
    protection: float = parameter(0.30, "share", 0, 1, "derived: Bennett et al. 2008; Welsh & Farrington", "Share of household crime avoided at a fully protected dwelling.")
    vigilance: float = parameter(0.30, "share", 0, 1, "assumed", "Fall of a resident's exposure at vigilance 1.")
    monitored: float = parameter(0.20, "share", 0, 1, "Braga, Weisburd & Turchan 2018 (-38..-2)", "Fall of the propensity of a monitored offender.")
    supported: float = parameter(0.35, "share", 0, 1, "Heller 2014, -35% (-50..-10)", "Fall of a resident's propensity at full support.")
    repeat: float = parameter(3.0, "multiple", 1, 7, "assumed; Johnson et al. 2007", "Exposure just after a victimization.")
    victim_support: float = parameter(0.3, "share", 0, 1, "assumed; prevention of repeat victimization works where it is strong and at once (Grove et al. 2012)", "Fall of a victim's repeat boost when officers put them in touch with victim support.")
    repeat_half_life: float = parameter(6.0, "weeks", 1, 104, "assumed; Bowers & Johnson 2005", "Half-life of the repeat boost.")
    near: float = parameter(0.75, "crimes", 0, 0.9, "calibrated: P8a (Johnson et al. 2007); form of Mohler et al. 2011", "Household crimes that one triggers in all: a part at its place, the rest evenly at the four nearest.")
    near_there: float = parameter(0.6, "share", 0, 1, "assumed", "Part of what a household crime triggers that falls on its own place.")
    near_half_life: float = parameter(1.0, "weeks", 0.2, 52, "Johnson et al. 2007: risk is back after about 14 days", "Half-life of what a household crime triggers around it.")
    deterrence: float = parameter(0.40, "log rate", 0, 2, "calibrated to Braga & Weisburd 2022 at treated places", "Fall of the log rate at a place visited without limit.")
    accustomed: float = parameter(0.7, "share", 0, 1, "assumed; Sorg et al. 2013", "Part of deterrence that a constant dose loses in the end.")
    designed: float = parameter(0.15, "log rate", 0, 1, "Chalfin et al. 2022; Welsh & Farrington, -14% (-28..-3)", "Fall of the log rate at a place of good light and design.")
    watch: float = parameter(0.12, "share", 0, 1, "Bennett et al. 2008, -12% (-26..0)", "Share of household crime avoided at a dwelling in a watch at full momentum.")
    displaced: float = parameter(0.10, "probability", 0, 1, "assumed; Braga et al. 2019; Weisburd et al. 2006 (little of it)", "An attempt that direct tactics block is made once more elsewhere.")
    onward: float = parameter(0.2, "share", 0, 1, "assumed", "Of these, those made in an adjoining neighbourhood; the rest at near places.")
    diffused: float = parameter(0.20, "share", 0, 1, "assumed; Braga et al. 2019 (diffusion more often)", "Fall of the log rate by direct tactics at near places, of their own mean.")
    cap: float = parameter(0.70, "log rate", 0, 3, "assumed", "Most that police and problem-solving together take off the log rate.")


@dataclass(frozen=True)
class Crisis:
    """Disorder episodes."""

    rate: float = parameter(0.85, "episodes/resident/year", 0, 10, "calibrated: P50a; derived: about 200 disorder calls per 1,000 a year (practice.md)", "Episodes of a resident with need 1 and no support.")
    relief: float = parameter(0.6, "share", 0, 1, "assumed", "Episodes avoided by a fully supported resident.")
    by_need: float = parameter(1.0, "share", 0, 1, "assumed; seed 000", "Part of the rate that goes with need squared; the rest is everybody's alike.")
    relapse: float = parameter(8.0, "multiple", 0, 50, "assumed; Fort Frances: 46% repeat within 30 days", "Rise of the rate while an episode is unresolved.")
    mental_health: float = parameter(0.6, "weight", 0, 10, "assumed", "Weight of mental health among what episodes are about; each precursor weighs what it is.")
    noise: float = parameter(0.8, "weight", 0, 10, "assumed", "Weight of noise and nuisance among what episodes are about.")
    resolve_weeks: int = parameter(4, "weeks", 1, 26, "practice.md (30 days)", "Weeks an episode stays unresolved.")


@dataclass(frozen=True)
class Reporting:
    """Who calls, what is recorded."""

    report_violence: float = parameter(0.29, "probability", 0, 1, "GSS 2009", "Violence reported, at mean trust and vigilance.")
    report_theft: float = parameter(0.28, "probability", 0, 1, "GSS 2009", "Theft reported, at mean trust and vigilance.")
    report_household: float = parameter(0.36, "probability", 0, 1, "GSS 2009", "Household crime reported, at mean trust and vigilance.")
    report_business: float = parameter(0.60, "probability", 0, 1, "assumed", "Business crime reported.")
    report_disorder: float = parameter(0.70, "probability", 0, 1, "assumed", "Disorder episodes somebody calls about.")
    by_trust: float = parameter(0.20, "per unit of trust", 0, 1, "assumed", "Rise of reporting with trust, around 0.6.")
    disorder_by_trust: float = parameter(0.10, "per unit of trust", 0, 1, "assumed", "Rise of calls about disorder episodes with trust, around 0.6.")
    service_by_trust: float = parameter(0.30, "share per unit of trust", 0, 1.5, "assumed", "Rise of calls about anything else with mean trust, around 0.6, where residents make them.")
    by_vigilance: float = parameter(0.10, "per unit of vigilance", 0, 1, "assumed: 0-5 points from education", "Rise of reporting with vigilance, around 0.4.")
    recorded: float = parameter(0.60, "share", 0.1, 1, "assumed (.4-.8)", "Reported crime that police record.")
    service: float = parameter(130.0, "calls/1,000/year", 0, 1000, "derived: practice.md identity, 293 less disorder", "Calls that are neither crime nor disorder.")
    busy: float = parameter(0.5, "share", 0, 1, "assumed; Sherman, Gartin & Buerger 1989 (few addresses make half of all calls)", "Calls about anything else that come from busy places, by opportunity and visitors, not from homes.")
    observed: float = parameter(0.002, "per visit", 0, 1, "derived: of a week, a visit of 12 to 15 minutes and an incident of some 5 share about 1 in 500; P15a, recorded crime", "Chance that a visit lets an officer see that week's unreported incident.")
    tips: float = parameter(0.5, "incidents", 0, 5, "assumed", "What an unreported incident at full trust adds to police knowledge of a place.")
    memory: float = parameter(26.0, "weeks", 1, 520, "assumed", "Half-life of police knowledge of a place.")


@dataclass(frozen=True)
class Feel:
    """Fear, trust, efficacy, vigilance: each drifts to a target that events move."""

    pace: float = parameter(8.0, "weeks", 1, 104, "assumed", "Half-time of fear and vigilance.")
    memory: float = parameter(13.0, "weeks", 1, 104, "assumed", "Half-life of what is heard of crime, disorder and bad contacts with police around.")
    fear_level: float = parameter(0.05, "index 0-1", 0, 1, "assumed", "Fear where nothing happens.")
    fear_crime: float = parameter(0.4, "index 0-1", 0, 1, "assumed", "Fear added by crime around (half of it at the usual rate).")
    fear_disorder: float = parameter(0.2, "index 0-1", 0, 1, "assumed", "Fear added by disorder around (half of it at the usual rate).")
    fear_victim: float = parameter(0.30, "index 0-1", 0, 1, "assumed", "Fear added by one's own recent victimization.")
    fear_efficacy: float = parameter(0.40, "per unit", 0, 2, "assumed", "Fear taken away by efficacy, around 0.5.")
    trust_half_life: float = parameter(4.0, "weeks", 1, 52, "Peyton et al. 2019 (14-45 days)", "Half-life of what a contact did to trust.")
    trust_voice: float = parameter(0.04, "index 0-1", 0, 0.5, "assumed; evidence: trust up a little", "Trust added by full consultation.")
    grieve: float = parameter(0.5, "per stop and resident", 0, 10, "assumed", "Rise of grievance with stops that weigh on legitimacy.")
    grievance_memory: float = parameter(104.0, "weeks", 4, 1040, "assumed", "Half-life of grievance.")
    trust_grievance: float = parameter(0.20, "index 0-1", 0, 1, "assumed", "Trust taken away by full grievance in the neighbourhood.")
    trust_asymmetry: float = parameter(3.0, "multiple", 1, 10, "assumed; between Skogan 2006 (4-14) and Oliveira et al. 2021 (1 for fairness)", "How much more a bad contact weighs than a good one.")
    trust_lasting: float = parameter(0.10, "share", 0, 0.5, "assumed; with more than 0.15 a contact would not fade as in Peyton et al. 2019", "Part of what a contact does to trust that stays for years.")
    experience_half_life: float = parameter(520.0, "weeks", 52, 5200, "assumed", "Half-time in which trust comes back to what a person arrived with.")
    trust_heard: float = parameter(5.0, "multiple", 0, 50, "assumed; Rosenbaum et al. 2005 (Chicago: what others went through changed attitudes, direct contact alone did not)", "How much lasting trust a bad contact costs all others around together, against who had it.")
    trust_resented: float = parameter(0.037, "trust/year", 0, 0.5, "derived: London 2017-2021, -3.7 points of confidence a year (MOPAC), as at full grievance", "Lasting trust that full grievance in the neighbourhood takes in a year.")
    efficacy_pace: float = parameter(26.0, "weeks", 4, 520, "assumed", "Half-time of efficacy.")
    efficacy_level: float = parameter(0.525, "index 0-1", 0, 1, "assumed", "Efficacy of a resident without assets, tie or fear.")
    efficacy_assets: float = parameter(0.15, "per unit", 0, 1, "assumed; seed 001; Sampson et al. 1997 (poverty leaves a good part of efficacy open)", "Efficacy added by assets.")
    efficacy_part: float = parameter(0.1, "index 0-1", 0, 1, "assumed", "Efficacy added by taking part.")
    efficacy_led: float = parameter(0.15, "index 0-1", 0, 1, "assumed", "Efficacy added by initiatives the community leads at full momentum.")
    efficacy_services: float = parameter(0.10, "per unit", 0, 1, "assumed; Sharkey et al. 2017", "Efficacy added by local services, around 0.4.")
    efficacy_cohesion: float = parameter(0.25, "index 0-1", 0, 0.5, "calibrated: P13a (Sampson et al. 1997: poverty leaves a good part of efficacy open)", "Efficacy added by full cohesion, taken away by full discord: what holds a neighbourhood together beyond its means.")
    efficacy_fear: float = parameter(0.30, "per unit", 0, 1, "assumed", "Efficacy taken away by fear.")
    newcomer: float = parameter(0.70, "share", 0, 1, "assumed", "Efficacy a newcomer starts with, of the level without ties.")
    alert_level: float = parameter(0.15, "index 0-1", 0, 1, "assumed", "Vigilance where nothing happens and nobody teaches.")
    alert_crime: float = parameter(0.50, "index 0-1", 0, 1, "assumed", "Vigilance added by crime around.")
    alert_taught: float = parameter(0.30, "index 0-1", 0, 1, "assumed", "Vigilance added by full public education.")


@dataclass(frozen=True)
class Account:
    """What it costs."""

    officer: float = parameter(190000.0, "CAD/year", 50000, 400000, "derived: $150,000 (2017) to $215,000 (2020/21)", "All-in cost of a sworn officer.")
    table_case: float = parameter(2500.0, "CAD/case", 10, 50000, "assumed", "What a case costs at a Situation Table.")
    co_answer: float = parameter(400.0, "CAD/call", 10, 10000, "assumed", "What a health team costs per disorder call.")
    design_place: float = parameter(6000.0, "CAD/place", 10, 500000, "assumed", "What light and design cost at a street segment.")
    harden: float = parameter(600.0, "CAD/dwelling", 10, 50000, "assumed", "What locks and light cost at a dwelling that a project protects.")
    bill_base: float = parameter(196.0, "CAD/property/year", 0, 2000, "OPP billing 2015 (practice.md)", "Base of the bill per property.")
    bill_hour: float = parameter(84.0, "CAD/hour", 0, 1000, "OPP billing 2015 (practice.md)", "Bill per hour on calls, averaged over four years.")
    bill_lag: int = parameter(104, "weeks", 0, 104, "OPP billing: ends two years before the bill", "Weeks between the averaged hours and the bill.")


@dataclass(frozen=True)
class Learn:
    """Officers' skill and adoption of the model."""

    skill_start: float = parameter(0.3, "index 0-1", 0, 1, "assumed", "Skill of a new officer.")
    adoption_start: float = parameter(0.5, "index 0-1", 0, 1, "seed 003 (awareness 50% before training)", "Adoption of a new officer.")
    aware_start: float = parameter(0.5, "index 0-1", 0, 1, "seed 003 (awareness 50% before training)", "Awareness of a new officer.")
    aware_pace: float = parameter(10.0, "weeks", 1, 260, "seed 003 (100% after a year)", "Half-time of awareness where there is training.")
    aware: float = parameter(1.0, "share", 0, 1, "seed 003 (100% after a year)", "Awareness that training, or full communication, leads to.")
    by_training: float = parameter(0.5, "per week at share 1", 0, 5, "assumed", "Rise of skill with the share of hours spent training.")
    by_doing: float = parameter(0.01, "per week", 0, 0.5, "assumed", "Rise of adoption towards skill.")
    turnover: float = parameter(0.06, "per year", 0, 1, "assumed", "Officers replaced in a year.")
    burnout: float = parameter(2.0, "multiple", 0, 20, "assumed; seed 003 (overload or burnout)", "Rise of turnover of a wholly fatigued officer.")
    promotion: float = parameter(0.01, "per year", 0, 1, "assumed", "Officers promoted in a year.")
    by_promoted: float = parameter(0.5, "share", 0, 1, "assumed; seed 003 (promotion, so that leaders model the change)", "Weight of the promoted among the colleagues whom officers go by, under full leadership.")
    hired: float = parameter(0.3, "share", 0, 1, "assumed; seed 003 (promotion and competitive processes)", "Part of missing adoption that hiring for it brings in a new officer, under full leadership.")
    tracked: float = parameter(0.5, "share", 0, 5, "assumed; seed 003 (analytics help managers encourage change)", "Rise of how fast officers' adoption follows what they know and can, where full crime analysis shows managers what they do.")
    champions: float = parameter(0.01, "per week", 0, 0.5, "assumed; seed 003 (champions, promotion)", "Rise of awareness where all colleagues have adopted the model.")
    by_success: float = parameter(0.02, "per week", 0, 0.5, "assumed; seed 003 (visible success)", "Rise of adoption per share by which calls have fallen since week 0.")
    relation_pace: float = parameter(52.0, "weeks", 1, 520, "assumed; seed 003 (time)", "Half-time in which an officer's relation with the home area follows the share of hours that calls leave.")
    council_pace: float = parameter(52.0, "weeks", 1, 520, "assumed", "Half-time of the council's and board's support.")
    council_results: float = parameter(1.0, "per share", 0, 10, "assumed", "Support gained by a fall of calls since week 0.")
    council_leadership: float = parameter(0.5, "per unit", 0, 10, "assumed", "Support gained by officers' adoption, around 0.5.")
    council_bill: float = parameter(1.0, "per share", 0, 10, "assumed", "Support lost by a rise of the bill since week 0.")
    council_hours: float = parameter(0.0, "share", 0, 1, "chosen: strategies are offered equal hours", "How far support sets next year's hours: 0 = not at all.")
    council_seats: float = parameter(0.2, "share", 0, 1, "assumed", "How far missing support lowers the cases a Situation Table may take: 0 = not at all. What is paid for is the most, so that strategies are offered equal money.")


def switch(doc: str, off: Mapping[str, float]) -> Any:
    """Declare the strength of a mechanism, and {parameter: value} when it is off."""
    declared = {"unit": "strength", "low": 0, "high": 1, "source": "1 = as its parameters say"}
    return field(default=1.0, metadata={**declared, "doc": doc, "off": off})


@dataclass(frozen=True)
@with_declared({one.name: switch(one.doc, one.off) for one in SWITCHES}, after="complacency")
class Strengths:
    """How strong each mechanism is, from 0 (off) to 1; with tactics' own (`wheel.SWITCHES`)."""

    unlike_neighbourhoods: float = switch("Neighbourhoods offer more or less opportunity, at fewer or more places.", {"people.place_level": 0.0, "people.dwelling_level": 0.0, "people.shape_spread": 0.0})
    chronic_addresses: float = switch("Few places and people make most calls that are not about crime.", {"people.address_spread": 0.0, "people.institution_spread": 0.0, "people.crisis_power": 0.0})
    drift: float = switch("Neighbourhoods' risk of crime drifts from year to year.", {"context.drift": 0.0})
    partners_solve: float = switch("Problem-solving needs partners.", {"act.problem_alone": 1.0})
    season: float = switch("Season of crime, disorder and calls.", {"context.peak_to_trough": 1.0})
    fear_gate: float = switch("Fear keeps people from joining and makes them leave.", {"organize.fear_gate": 0.0, "organize.fear_leaves": 0.0})
    momentum_recruits: float = switch("Running initiatives attract participants.", {"organize.led": 0.0})
    leaders_emerge: float = switch("Natural leaders come forward unasked.", {"organize.emerge": 0.0})
    leader_search: float = switch("Officers' search finds natural leaders.", {"organize.search": 0.0})
    attrition: float = switch("Initiatives with little momentum are given up.", {"organize.attrition": 0.0})
    hand_over: float = switch("Initiatives pass to agencies and the community.", {"organize.hand_over": 0.0})
    ties: float = switch("Taking part builds efficacy.", {"feel.efficacy_part": 0.0})
    community_lead: float = switch("Initiatives the community leads build efficacy.", {"feel.efficacy_led": 0.0})
    fear_isolates: float = switch("Fear erodes efficacy.", {"feel.efficacy_fear": 0.0})
    fear_of_crime: float = switch("Crime around raises fear.", {"feel.fear_crime": 0.0})
    fear_of_disorder: float = switch("Disorder around raises fear.", {"feel.fear_disorder": 0.0})
    fear_of_victims: float = switch("Victims fear more.", {"feel.fear_victim": 0.0})
    efficacy_calms: float = switch("Collective efficacy lowers fear.", {"feel.fear_efficacy": 0.0})
    complacency: float = switch("Vigilance follows crime, so it fades where little happens.", {"feel.alert_crime": 0.0})
    guardianship: float = switch("Collective efficacy prevents crime.", {"offend.guardianship": 0.0})
    vigilance_protects: float = switch("Vigilant residents are less exposed.", {"offend.vigilance": 0.0})
    household_protection: float = switch("Protected dwellings suffer less crime.", {"offend.protection": 0.0})
    repeat_victimization: float = switch("Victims are at higher risk again.", {"offend.repeat": 1.0})
    near_repeats: float = switch("Household crimes trigger others there and near.", {"offend.near": 0.0})
    offenders_travel: float = switch("Offenders cross into other neighbourhoods.", {"offend.reach": 0.0, "offend.afar": 0.0})
    outsiders: float = switch("People from outside the town offend where visitors come.", {"offend.outsiders": 0.0})
    near_home: float = switch("Offenders go to places near their homes, within the neighbourhoods near.", {"offend.journey": 100.0})
    known_offenders: float = switch("Family and neighbours commit most violence where the victim lives.", {"offend.family": 0.0, "offend.acquainted": 0.0})
    remembered_risk: float = switch("Offenders who were caught, or met police, offend less for some time.", {"offend.avoids": 0.0})
    deterrence: float = switch("Police visits deter at the place.", {"offend.deterrence": 0.0})
    wearing_off: float = switch("Offenders get used to a constant dose.", {"offend.accustomed": 0.0})
    displacement: float = switch("Effort that is blocked moves to other places.", {"offend.displaced": 0.0})
    diffusion: float = switch("Near places share the benefit of direct tactics.", {"offend.diffused": 0.0})
    problem_solving: float = switch("Problem-solving removes opportunity.", {"act.problem_effect": 0.0})
    stops_cost_trust: float = switch("Stops cost trust.", {"act.stop_cost": 0.0})
    contact_builds_trust: float = switch("Positive contacts build trust.", {"act.contact_gain": 0.0})
    answers_build_trust: float = switch("Answered callers gain trust.", {"respond.answered_well": 0.0})
    waiting_costs_trust: float = switch("Waiting callers lose trust.", {"respond.waiting_cost": 0.0})
    unsolved_costs_trust: float = switch("Callers whose crime is not cleared lose trust.", {"respond.unsolved_cost": 0.0})
    design: float = switch("Light and design remove opportunity.", {"offend.designed": 0.0})
    situation_table: float = switch("Situation Tables lower risk.", {"partner.table_lowers": 0.0})
    health_team: float = switch("Health teams save police hours and resolve episodes.", {"respond.co_relief": 0.0, "respond.co_resolves": 0.0})
    police_resolve: float = switch("Police alone resolve episodes.", {"respond.police_resolves": 0.0})
    need_outreach: float = switch("Social development finds people by their need.", {"partner.need_found": 0.0})
    triage: float = switch("Agencies take people in an unresolved crisis first.", {"partner.triage": 0.0})
    support: float = switch("Supported people have fewer crises and offend less.", {"offend.supported": 0.0, "crisis.relief": 0.0})
    fatigue: float = switch("Busy officers tire and do less.", {"respond.tiring": 0.0, "respond.change_tires": 0.0})
    skill: float = switch("Untrained officers do less.", {"act.untrained": 1.0})
    treatment: float = switch("Agencies' service builds support.", {"partner.treatment": 0.0})
    relapse: float = switch("Unresolved episodes come back.", {"crisis.relapse": 0.0})
    trust_reports: float = switch("Trust raises reporting.", {"reporting.by_trust": 0.0})
    vigilance_reports: float = switch("Vigilance raises reporting.", {"reporting.by_vigilance": 0.0})
    tips: float = switch("Trusting residents' tips add to police knowledge.", {"reporting.tips": 0.0})
    officers_find_crime: float = switch("Officers come upon unreported crime.", {"reporting.observed": 0.0})
    need: float = switch("Need makes people offend, suffer and fall into crises.", {"people.propensity_floor": 1.0, "people.exposure_need": 0.0, "people.trust_need": 0.0, "crisis.by_need": 0.0})
    # With the default levels, nothing changes at mean assets.
    means: float = switch("Residents' assets sustain efficacy and local services.", {"feel.efficacy_level": 0.6, "feel.efficacy_assets": 0.0, "partner.services_level": 0.4, "partner.services_assets": 0.0})
    support_means: float = switch("Supported households find the means to protect themselves.", {"organize.protect_support": 0.0})
    buy_in: float = switch("Officers who do not buy in do less.", {"act.reluctant": 1.0})
    demand_trap: float = switch("Calls eat into the hours for prevention.", {"respond.calls_first": 0.0})
    waking_hours: float = switch("Work with people does less at night, when they sleep.", {"act.night_use": 1.0})
    cars_held_back: float = switch("Part of a shift's hours is held back for urgent calls.", {"respond.reserve": 0.0})
    custody: float = switch("Arrests keep offenders from offending.", {"respond.custody_violence": 0.0, "respond.custody_property": 0.0})
    legitimacy: float = switch("Grievance over stops, and scandals, cost everybody's trust, at once and for years.", {"feel.trust_grievance": 0.0, "feel.trust_resented": 0.0})
    known_officers: float = switch("Officers who are known in the area build more trust.", {"act.stranger": 1.0})
    services: float = switch("Local services build efficacy.", {"feel.efficacy_services": 0.0})
    congregations: float = switch("Congregations draw people in.", {"organize.congregate": 0.0})
    social_initiatives: float = switch("Social-development initiatives make people ask for help.", {"partner.organized": 0.0})
    schools: float = switch("Schools refer youths and parents.", {"partner.schools": 0.0})
    matched_lead: float = switch("A Table's lead matters: the right agency does better.", {"partner.mismatch": 1.0})
    watch: float = switch("Watches protect their members, and recruit to protection.", {"offend.watch": 0.0, "organize.protect_watch": 0.0})
    flight: float = switch("Fear makes households move.", {"context.flight": 0.0})
    awareness: float = switch("Training makes officers aware of the model.", {"learn.aware": 0.0})
    champions: float = switch("Convinced colleagues spread awareness.", {"learn.champions": 0.0})
    visible_success: float = switch("Success convinces officers.", {"learn.by_success": 0.0})
    table_learning: float = switch("Situation Tables learn.", {"partner.table_young": 1.0})
    relations: float = switch("Tables and mobilization build relations between agencies and police.", {"partner.relation_built": 0.0})
    cohesion: float = switch("Neighbourhoods hold together more or less than their means say.", {"feel.efficacy_cohesion": 0.0})
    busy_places: float = switch("Busy places draw calls that no resident there makes.", {"reporting.busy": 0.0})
    lasting_trust: float = switch("Contacts with police, one's own and those heard of, move trust for years.", {"feel.trust_lasting": 0.0})
    bad_contacts_weigh_more: float = switch("A bad contact weighs more than a good one.", {"feel.trust_asymmetry": 1.0})
    stops_by_group: float = switch("Whom police stop depends on visible minority and Indigenous group.", {"people.stopped_minority": 1.0, "people.stopped_indigenous": 1.0})
    stops_by_age: float = switch("Whom police stop depends on age.", {"people.stopped_young": 1.0, "people.stopped_middle": 1.0, "people.stopped_old": 1.0})
    news_of_police: float = switch("People hear of bad contacts around.", {"feel.trust_heard": 0.0})
    trust_calls: float = switch("Trust raises calls about disorder and about anything else.", {"reporting.disorder_by_trust": 0.0, "reporting.service_by_trust": 0.0})
    hazards: float = switch("Local hazards raise offending for some weeks.", {"context.hazard_size": 0.0})
    carried_initiatives: float = switch("Initiatives that nobody carries end soon, and none is opened that nobody would carry.", {"organize.uncarried": 0.0, "organize.carried_least": 0.0})
    families_at_table: float = switch("A Table's plan for a domestic case is for the household.", {"partner.table_family": 0.0})
    places_at_table: float = switch("Tables take up places, too.", {"partner.table_places": 0.0})
    backing: float = switch("Support of council and board brings agencies to police and Tables.", {"partner.backed": 0.0, "learn.council_seats": 0.0})
    burnout: float = switch("Fatigued officers leave.", {"learn.burnout": 0.0})
    promotion: float = switch("Under leadership, those who have adopted are hired and promoted, and move others.", {"learn.by_promoted": 0.0, "learn.hired": 0.0})
    cap: float = switch("Direct effects at a place are capped in sum.", {"offend.cap": 3.0})


@dataclass(frozen=True)
class Parameters:
    """All groups."""

    zones: ZoneLimits = field(default_factory=ZoneLimits)
    people: People = field(default_factory=People)
    context: Context = field(default_factory=Context)
    assess: Assess = field(default_factory=Assess)
    respond: Respond = field(default_factory=Respond)
    act: Act = field(default_factory=Act)
    partner: Partner = field(default_factory=Partner)
    organize: Organize = field(default_factory=Organize)
    offend: Offend = field(default_factory=Offend)
    crisis: Crisis = field(default_factory=Crisis)
    reporting: Reporting = field(default_factory=Reporting)
    feel: Feel = field(default_factory=Feel)
    account: Account = field(default_factory=Account)
    learn: Learn = field(default_factory=Learn)
    strength: Strengths = field(default_factory=Strengths)
