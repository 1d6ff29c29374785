"""
Enforcement first, or mobilization?
===================================

**What.** "Only after crime is reduced can police start effective mobilization" (OACP brochure). In
the two neighbourhoods with most crime, two years of one are followed by two of the other.
"""

# %%
# **How.** Ten hours a week per 1,000 residents in either order, taken from present practice.
# Victims are read in those two neighbourhoods alone.
import omemsim as om
from kit import Effect, arm, done, less_base, lines, over, ranked, report, size

ENFORCE, MOBILIZE, WORST = "targeted_enforcement", "mobilize_partners", "most_harmed:0.2"
orders = {"mobilization first": (MOBILIZE, ENFORCE), "enforcement first": (ENFORCE, MOBILIZE)}
arms = [
    arm(name, done(first, WORST, 10, last=104), done(then, WORST, 10, first=104, last=208))
    for name, (first, then) in orders.items()
]
found = om.compare(arm("neither"), *arms, **size(40, years=4))
years, less = less_base(found, "victimization", ranked(found, "victimization", 0.2))
unit, gap = "victims per 1,000 a year", less["enforcement first"] - less["mobilization first"]
rows = [Effect(f"years {a + 1} to {b}", over(years, gap, a, b), unit) for a, b in ((0, 4), (0, 2))]
told = rows[0].says("fewer victims than", "more victims than", "no clearly different number from")
finding = f"Over four years enforcement first leaves {told} mobilization first"
axes, marks = ("years", f"{unit}, less those with neither"), {2: "change of order"}
lines("02_enforcement_or_mobilization", years, less, labels=axes, title=finding, marks=marks)
report(finding, *rows)

# %%
# .. image:: ../../experiments/figures/02_enforcement_or_mobilization.svg
#    :alt: Victims over four years under either order, less those with neither.
#
# * **Notice.** Whoever enforces is ahead; while officers
#   mobilize instead of patrolling, victims rise. Over all four years the brochure's order does
#   slightly worse.
# * **Try.** ``years=8``, or orders of one year each: where does the count end?
# * **Extend.** Read ``capacity`` in place of victims.
# * **Cite.** OACP brochure 2010; claims C7 and C8 in docs/claims.md.
