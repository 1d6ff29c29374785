"""
How much does it matter how busy police are?
============================================

**What.** In cities whose figures are known, calls take from a third to two thirds of patrol time.
Which strategy does best where calls leave much time, and which where they leave little?
"""

# %%
# **How.** The share of officers' hours that is patrol is set so that calls take about 35 and 70% of
# it; all else is the same. Each strategy is read against present practice in the same town.
import omemsim as om
from kit import Effect, dots, report, size

ARMS, UNIT = ("omem_average_mix", "hot_spots"), "victims per 1,000 residents 15+, year 5"
points = [{"parameters.respond.patrol_share": share} for share in (0.735, 0.415)]
found = om.sweep("present_practice", *ARMS, points=points, **size(24))
usual = found.of("present_practice", "victimization")
less = {arm: found.of(arm, "victimization") - usual for arm in ARMS}
which = [(arm, row, taken) for row, taken in enumerate(("35%", "70%")) for arm in ARMS]
rows = [Effect(f"{arm}\ncalls take {taken}", less[arm][row], UNIT) for arm, row, taken in which]
free, busy = (less["omem_average_mix"][row] - less["hot_spots"][row] for row in (0, 1))
lead = Effect("average mix less hot_spots, busy less free", busy - free, UNIT)
told = lead.says("larger", "smaller", "not clearly different")
finding = f"Where police are busy, the average mix's lead over hot_spots is {told}"
axis = "victims per 1,000 residents 15+ in year 5, less present practice (left is fewer)"
dots("10_how_busy_police_are", rows, axis=axis, title=finding)
report(finding, lead, *rows)

# %%
# .. image:: ../../experiments/figures/10_how_busy_police_are.svg
#    :alt: Victims under three strategies where calls take 35 and 70% of patrol time.
#
# * **Notice.** Where calls leave much time, the average mix gains far more than ``hot_spots``;
#   where they take most of it, the two come close.
# * **Try.** 0.545 beside the two shares: calls take about half.
# * **Extend.** Add ``omem`` and ``mobilization_everywhere``: which of them needs time most?
# * **Cite.** docs/model.md has the same for more strategies, with 20 towns.
