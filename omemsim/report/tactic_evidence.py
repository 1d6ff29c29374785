"""What is known of each tactic and fund, by the five questions that make up EMMIE.

Effect, mechanism, moderators (for whom and where), implementation (what it takes) and economics
(cost) are what the College of Policing asks of a practice (Johnson, Tilley & Bowers 2015, Journal
of Experimental Criminology 11(3)). Costs are computed from the comparison. The effects are those
that the model's parameters were set by, or are to be compared with; none is this comparison's.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from omemsim.language import mark

__all__ = ["FUNDS", "OWN", "QUALITY", "TACTICS", "Known", "Quality"]


class Quality(IntEnum):
    """How good the evidence of an effect is."""

    NONE = 0
    WEAK = 1
    SOME = 2
    GOOD = 3


QUALITY = {
    Quality.NONE: mark("none: a judgement"),
    Quality.WEAK: mark("weak: few studies, or without controls"),
    Quality.SOME: mark("some: controlled studies that do not agree"),
    Quality.GOOD: mark("good: reviews of controlled studies"),
}


class Known(NamedTuple):
    """What is known of a tactic or a fund.

    Attributes
    ----------
    effect, how, where, takes : sentences.
    quality : of the evidence of the effect.
    source : publications.
    rests_on : parameters that it acts by, as "offend.deterrence"; those that matter most.
    """

    effect: str
    how: str
    where: str
    takes: str
    quality: Quality
    source: str
    rests_on: tuple[str, ...]


NO_CRIME = mark("Next to none on crime; trust rises a little.")
ONLY_AIMS = mark("None of its own: it makes other work hit the right places.")

TACTICS = {
    "patrol": Known(
        mark("Next to none where it has no aim."),
        mark("Officers are seen, and a place seems riskier for a short while."),
        mark("Everywhere, thinly."),
        mark("Officers with free time."),
        Quality.SOME,
        "Braga & Weisburd 2022",
        ("act.visits_per_hour", "act.visits_half", "offend.deterrence"),
    ),
    "crime_analysis": Known(
        ONLY_AIMS,
        mark("Finds where and when crime happens."),
        mark("Where crime is concentrated, and records are good."),
        mark("An analyst, good records, managers who use both."),
        Quality.NONE,
        mark("OACP brochure; Hawkes 2016"),
        ("act.analysis_gain", "act.analysis_half", "learn.tracked"),
    ),
    "targeted_enforcement": Known(
        mark("Crime at treated places about 16% lower (3% to 27%); it wears off in months."),
        mark("Offenders expect to be caught; each stop can cost trust."),
        mark("The few places with most crime. Young and racialized residents are stopped most."),
        mark("Visits of about a quarter of an hour, moved on before they are expected."),
        Quality.GOOD,
        "Braga & Weisburd 2022; Braga et al. 2019; Sorg et al. 2013",
        ("offend.deterrence", "offend.accustomed", "act.stops", "act.stop_cost"),
    ),
    "monitor_crime_reduction": Known(
        ONLY_AIMS,
        mark("Checks sooner what works, and moves visits on from where they do not pay."),
        mark("Beside enforcement."),
        mark("Managers who look at results every few weeks."),
        Quality.NONE,
        mark("OACP brochure"),
        ("act.rotation_gain", "act.unpaid_moves", "assess.sooner"),
    ),
    "initiate_problem_solving": Known(
        mark("That of the initiatives it starts, if somebody carries them on."),
        mark("Opens initiatives and finds leads for them."),
        mark("Where police or the community have time to carry them on."),
        mark("Follow-up: an initiative that nobody carries on ends."),
        Quality.NONE,
        mark("OACP brochure"),
        ("organize.initiated", "organize.open_police", "organize.uncarried"),
    ),
    "mobilize_partners": Known(
        mark("Crime in the neighbourhood about 5% lower (from 12% lower to 2% higher)."),
        mark("Agencies and residents take part, lead, and send people to help sooner."),
        mark("Where fear does not keep people at home."),
        mark("Months until it shows; agencies with room for more cases."),
        Quality.WEAK,
        "Sharkey et al. 2017; Sawatsky et al. 2017",
        ("act.mobilization_half", "organize.recruit", "partner.outreach"),
    ),
    "problem_oriented_policing": Known(
        mark("Crime at treated places about 22% lower (5% to 38%), less in strong designs."),
        mark("The opportunity at the place is removed."),
        mark("Places with a problem that comes back; better with partners."),
        mark("60 to 300 hours a project, over months."),
        Quality.GOOD,
        "Hinkle et al. 2020",
        ("act.problem_effect", "act.problem_hours", "act.problem_decay", "act.problem_alone"),
    ),
    "monitor_crime_prevention": Known(
        mark("None of its own: initiatives last longer."),
        mark("Keeps prevention going; what fails gets another lead, or ends."),
        mark("Where initiatives run."),
        mark("A person who keeps in touch with each of them."),
        Quality.NONE,
        mark("OACP brochure"),
        ("organize.sustained", "organize.review"),
    ),
    "liaison": Known(
        NO_CRIME,
        mark("A good contact builds trust; half of it is gone in about three weeks."),
        mark("Residents whom officers meet, more so where officers are known."),
        mark("Officers who have time and stay in the area."),
        Quality.GOOD,
        "Gill et al. 2014; Peyton et al. 2019",
        ("act.contacts", "act.contact_gain", "act.stranger"),
    ),
    "public_education": Known(
        mark("Next to none on crime; people report more and protect their homes more."),
        mark("Residents learn risks, watch out and protect themselves."),
        mark("Households with the means to act on it."),
        mark("Repetition: it fades in one to three months."),
        Quality.SOME,
        "Gill et al. 2014; Bennett et al. 2008",
        ("feel.alert_taught", "organize.protect_taught", "act.education_half"),
    ),
    "monitor_at_risk_groups": Known(
        mark("Crime of the offenders who are watched about 20% lower (2% to 38%)."),
        mark("Vulnerable people are brought to help; active offenders know they are watched."),
        mark("The few who are most at risk, or offend most."),
        mark("Partners who can help; care that it does not become surveillance."),
        Quality.SOME,
        "Braga, Weisburd & Turchan 2018",
        ("offend.monitored", "act.watched", "act.reached", "offend.victim_support"),
    ),
    "early_intervention": Known(
        mark("None within two years; about 10% less crime of those who grew up with it."),
        mark("Children and families are supported early."),
        mark("The young, years later."),
        mark("Patience: five to fifteen years."),
        Quality.SOME,
        "Piquero et al. 2016; Oesterle et al. 2015",
        ("people.early_effect", "act.cohort_memory"),
    ),
    "engage_leaders": Known(
        mark("None of its own on crime: more initiatives are led by the community."),
        mark("Finds natural leaders, who take initiatives over."),
        mark("Where there are leaders, and little fear."),
        mark("Time of officers who are trusted."),
        Quality.NONE,
        mark("OACP brochure"),
        ("organize.search", "organize.hand_over", "organize.open_community"),
    ),
    "consultation": Known(
        NO_CRIME,
        mark("Residents have a say, and initiatives fit what they need."),
        mark("Those who come to meetings."),
        mark("Meetings that change what police do."),
        Quality.GOOD,
        "Gill et al. 2014",
        ("feel.trust_voice", "organize.fitted", "act.voice_half"),
    ),
    "monitor_hazards": Known(
        mark("Less damage by shocks and local hazards; by how much is not known."),
        mark("Hazards are seen early, and vigilant residents deal with them."),
        mark("Where residents are vigilant."),
        mark("Somebody who looks ahead."),
        Quality.NONE,
        mark("OACP brochure"),
        ("context.foreseen", "context.hazard_defused"),
    ),
    "backup": Known(
        mark("None on crime: calls take less time."),
        mark("Officers help others on their calls."),
        mark("Busy shifts."),
        mark("Officers with free time."),
        Quality.NONE,
        "Famega 2005",
        ("act.backup_saves",),
    ),
    "traffic": Known(
        mark("Next to none on crime; each stop can cost trust."),
        mark("Officers are seen, and stop residents."),
        mark("Roads, wherever they are."),
        mark("Officers with free time."),
        Quality.WEAK,
        "Famega 2005",
        ("act.traffic_visits", "act.traffic_stops"),
    ),
    "directed_patrol": Known(
        mark("Crime at treated places lower, as under targeted enforcement, while visits last."),
        mark("Offenders expect to be seen."),
        mark("The places with most recorded crime of the last month."),
        mark("Somebody who says where."),
        Quality.GOOD,
        "Braga & Weisburd 2022; Famega, Frank & Mazerolle 2005",
        ("offend.deterrence", "offend.accustomed", "act.visits_per_hour"),
    ),
}

OWN = Known(
    mark("Declared by who wrote it, and tested by nobody here."),
    mark("It feeds channels of the model that its declaration names."),
    mark("Where the strategy uses it."),
    mark("See its declaration."),
    Quality.NONE,
    mark("the user’s own"),
    (),
)

FUNDS = {
    "social_development": Known(
        mark("Violence of those who take part about 35% lower (10% to 50%)."),
        mark("Treats what comes before crime: income, housing, addictions, parenting."),
        mark("People in great need, as far as agencies reach them."),
        mark("Agencies with room, and years."),
        Quality.SOME,
        "Heller 2014; Branas et al. 2018",
        ("offend.supported", "partner.treatment", "partner.need_found"),
    ),
    "situational_prevention": Known(
        mark("Crime that could happen there about 14% lower (3% to 28%)."),
        mark("Light, locks and design make crime harder at a place or dwelling."),
        mark("The worst places; households with means, and those that a project helps."),
        mark("Money once, and upkeep."),
        Quality.GOOD,
        "Chalfin et al. 2022; Welsh & Farrington 2008; Bennett et al. 2008",
        ("offend.designed", "offend.protection", "act.design_upkeep"),
    ),
    "situation_table": Known(
        mark("Risk is lowered in 50% to 90% of cases; what that does to crime is not known."),
        mark("Agencies look together at people at acutely elevated risk, every week."),
        mark("People with several recent crises, one of them unresolved."),
        mark("Agencies that come, share what they know, and have room."),
        Quality.WEAK,
        "Ontario, Risk-driven Tracking Database 2022",
        ("partner.table_lowers", "partner.relation_start", "partner.table_hours"),
    ),
    "co_response": Known(
        mark("Violence unchanged; fewer low-level calls, by 15% to 50% where it is targeted."),
        mark("A health team answers crises beside police or in their place."),
        mark("Calls about mental health and addictions."),
        mark("Health staff at the hours of calls, and a place to take people to."),
        Quality.WEAK,
        "Dee & Pyne 2022",
        ("account.co_answer", "crisis.resolve_weeks"),
    ),
}
