"""
Do watches and locks work best where they are least needed?
===========================================================

**What.** The slides of 2010 say so: there, residents have the time and the means. Officers teach
protection and watches everywhere, or patrol for the same hours.
"""

# %%
# **How.** Five hours a week per 1,000 residents of either, beside answering calls. Household crime
# is read where public calls were most and fewest, a third each.
import omemsim as om
from kit import Effect, arm, done, dots, over, ranked, report, size, within

teach, patrol = done("public_education", "all", 5), done("patrol", "all", 5)
arms = arm("patrol_more", patrol, base="reactive"), arm("teach", teach, base="reactive")
found = om.compare(*arms, **size(40))


def change(label, highest):
    which = ranked(found, "public_calls", 1 / 3, highest=highest)
    taught, other = (within(found, x, "household_crime", which) for x in ("teach", "patrol_more"))
    return Effect(label, 100 * (over(*taught, 0, 5) / over(*other, 0, 5) - 1), "%")


few, many = change("fewest calls", highest=False), change("most calls", highest=True)
gap = Effect("fewest less\nmost calls", few.values - many.values, "percentage points")
told = gap.says("pays more in calm", "pays less in calm", "is not shown to pay more in calm")
finding = f"Teaching protection instead of patrol {told} than in busy neighbourhoods"
axis = "change of household crime over five years, taught less patrolled, % (left is fewer)"
dots("03_watch_where_least_needed", [few, many, gap], axis=axis, title=finding)
report(finding, gap, few, many)

# %%
# .. image:: ../../experiments/figures/03_watch_where_least_needed.svg
#    :alt: Change of household crime where calls are fewest and where they are most.
#
# * **Notice.** N
# * **Try.** T
# * **Extend.** E
# * **Cite.** C
