"""
What would flip the answer?
===========================

**What.** At the default parameters ``omem`` does better than ``hot_spots``. Most parameters are
assumed. At which values is it the other way round?
"""

# %%
# **How.** Six parameters vary together, at points of a Latin hypercube. What decides most is the
# one that goes with the difference most closely, by rank.
import omemsim as om
from kit import Effect, cloud, report, size

act = {"problem_hours": (2, 30)}
offend = {"guardianship": (0, 2), "deterrence": (0.1, 0.9), "near": (0.3, 0.9), "repeat": (1, 5)}
vary = {"act": act, "offend": offend, "respond": {"patrol_share": (0.3, 0.75)}}
vary = {f"parameters.{a}.{b}": ends for a, keys in vary.items() for b, ends in keys.items()}
found = om.sweep("hot_spots", "omem", vary=vary, points=64, **size(1, years=3))
omem, spots = (found.of(arm, "victimization").mean(axis=1) for arm in ("omem", "hot_spots"))
at = found.table().drop_duplicates("point").set_index("point").assign(gap=omem - spots)
ranks = at[list(vary)].corrwith(at.gap, method="spearman").sort_values(key=abs)
main, share = ranks.index[-1], (at.gap > 0).mean()
finding = f"omem has more victims than hot_spots at {share:.0%} of points; {main[11:]} decides most"
axes = main, "victims per 1,000 in year 3, omem less hot_spots"
cloud("09_what_would_flip_it", at[main], at.gap, labels=axes, title=finding)
report(finding, Effect("mean of the points", at.gap.to_numpy(), "victims per 1,000"))
print(ranks.round(2).to_string())

# %%
# .. image:: ../../experiments/figures/09_what_would_flip_it.svg
#    :alt: Difference in victims at each point, against the parameter that decides most.
#
# * **Notice.** Over these wide ranges it is an even bet. The more a visit deters, and the more
#   hours a project needs, the better ``hot_spots`` does. One town a point: some of the scatter is
#   chance.
# * **Try.** ``size(4, years=3)``; or ``omem_average_mix`` in place of ``omem``.
# * **Extend.** ``omemsim sensitivity`` and ``omemsim discover`` ask it of all parameters.
# * **Cite.** docs/assumptions.md ranks what the answer rests on.
