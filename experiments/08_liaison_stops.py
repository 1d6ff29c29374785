"""
How fast is it lost when liaison stops?
=======================================

**What.** Relationships need "trust and time" (Hawkes 2016). Officers spend two years on liaison in
all neighbourhoods; then it stops, or goes on.
"""

# %%
# **How.** Three hours a week per 1,000 residents, taken from present practice, and given back to it
# when liaison stops. Trust in police is read, less that of the same town without.
import omemsim as om
from kit import Effect, arm, done, less_base, lines, over, report, size

stops, lasts = done("liaison", "all", 3, last=104), done("liaison", "all", 3)
found = om.compare(arm("nothing"), arm("goes_on", lasts), arm("stops", stops), **size(6))
years, more = less_base(found, "trust")
unit = "trust in police (index 0 to 1)"
spans = (("third year after", 4, 5), ("half a year after", 2.4, 2.6), ("at the end", 1.9, 2))
rows = [Effect(w, over(years, more["stops"], a, b), unit, digits=4) for w, a, b in spans]
left = rows[0].ends[0] / rows[2].ends[0]
finding = f"In the third year after liaison stops, {left:.0%} of what it added to trust is left"
axes, marks = ("years", f"{unit}, more than without liaison"), {2: "liaison stops"}
lines("08_liaison_stops", years, more, labels=axes, title=finding, marks=marks)
report(finding, *rows)

# %%
# .. image:: ../../experiments/figures/08_liaison_stops.svg
#    :alt: Trust in police during and after liaison, less that without.
#
# * **Notice.** Trust builds up over years and fades as slowly: somewhat more than half of it is
#   left in the third year. It is small all the same, less than one hundredth of the index for three
#   hours a week.
# * **Try.** ``done("liaison", "all", 10)``: do ten hours a week build three times as much?
# * **Extend.** Read ``known_officers`` or ``vigilance``; let a crime wave follow (``overrides``,
#   ``events``).
# * **Cite.** Hawkes 2016; claim C24 in docs/claims.md.
