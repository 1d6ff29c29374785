"""
What happens when police leave?
===============================

**What.** "The community itself has to step up" (slides of 2010). For two years police enforce and
mobilize in the more deprived half of the town, then leave. Does the gain last, and does hand-over
help?
"""

# %%
# **How.** Four and six hours a week per 1,000 residents, taken from present practice until year 2;
# once with hand-over, once without. Victims in that half are read.
import omemsim as om
from kit import Effect, arm, done, less_base, lines, over, ranked, report, size

HALF = "most_deprived:0.5"
enforce = done("targeted_enforcement", HALF, 4, last=104)
surge = [enforce, done("mobilize_partners", HALF, 6, last=104)]
arms = arm("handed_over", *surge), arm("kept", *surge, hand_over=False)
found = om.compare(arm("nothing"), *arms, **size(40))
years, less = less_base(found, "victimization", ranked(found, "deprivation", 0.5))
unit, handed = "victims per 1,000 a year", less["handed_over"]
rows = [Effect(f"year {y}", over(years, handed, y - 1, y), unit) for y in (2, 5)]
gap = Effect("year 5, handed over less kept", over(years, handed - less["kept"], 4, 5), unit)
told = rows[1].says("still there", "turned into a loss", "no longer to be told from nothing")
finding = f"Three years after police leave, the gain is {told}"
axes, marks = ("years", f"{unit}, less those without a surge"), {2: "police leave"}
lines("06_police_leave", years, less, labels=axes, title=finding, marks=marks)
report(finding, *rows[::-1], gap)

# %%
# .. image:: ../../experiments/figures/06_police_leave.svg
#    :alt: Victims in the deprived half during and after a surge, less those without one.
#
# * **Notice.** Most of what was gained in the second year is still there in the fifth. Hand-over
#   adds little: less than one of the six victims per 1,000.
# * **Try.** ``most_deprived:0.2``: does it last in a smaller part of the town?
# * **Extend.** Leave out ``enforce``: is it mobilization that lasts?
# * **Cite.** Slides of 2010; claims C17 and C21 in docs/claims.md.
