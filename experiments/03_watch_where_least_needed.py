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

rows = []
for label, highest in (("fewest calls", False), ("most calls", True)):
    which = ranked(found, "public_calls", 1 / 3, highest=highest)
    taught, other = (within(found, x, "household_crime", which) for x in ("teach", "patrol_more"))
    rows.append(Effect(label, 100 * (over(*taught, 0, 5) / over(*other, 0, 5) - 1), "%"))
gap = Effect("fewest less\nmost calls", rows[0].values - rows[1].values, "percentage points")
told = gap.says("pays more in calm", "pays less in calm", "is not shown to pay more in calm")
finding = f"Teaching protection instead of patrol {told} than in busy neighbourhoods"
axis = "change of household crime over five years, taught less patrolled, % (left is fewer)"
dots("03_watch_where_least_needed", [*rows, gap], axis=axis, title=finding)
report(finding, gap, *rows)

# %%
# .. image:: ../../experiments/figures/03_watch_where_least_needed.svg
#    :alt: Change of household crime where calls are fewest and where they are most.
#
# * **Notice.** Household crime is higher in both where officers teach instead of patrolling. That
#   it rises less in calm neighbourhoods, as the slides lead to expect, is not shown.
# * **Try.** ``parameters={"offend.watch": 0}``, or twice the hours.
# * **Extend.** Read ``in_watch`` or ``violence``; give only the calm third the programme.
# * **Cite.** Slides of 2010; claims C12 to C14 in docs/claims.md.
