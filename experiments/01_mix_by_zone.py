"""
Is a mix of tactics matched to zones worth anything?
====================================================

**What.** The wheel names tactics for each zone. Does it help to give each neighbourhood its zone's
mix, beside the average of the four mixes everywhere, or the mixes in the wrong zones?
"""

# %%
# **How.** The same towns, patrol hours and extra money under the three mixes. The last row is the
# question: the matched mix less its own average.
import omemsim as om
from kit import dots, effect, report, size

ARMS = ("omem", "omem_average_mix", "omem_shuffled")
found = om.compare("present_practice", *ARMS, **size(40))
rows = [effect(found, arm, "victimization") for arm in ARMS]
rows += [effect(found, "omem", "victimization", base="omem_average_mix")]
told = rows[-1].says("prevents more than", "prevents less than", "is not shown to beat")
finding = f"A mix matched to zones {told} the average mix everywhere"
axis = "difference in victims per 1,000 residents 15+, year 5 (left is fewer)"
dots("01_mix_by_zone", rows, axis=axis, title=finding)
report(finding, *rows[::-1])

# %%
# .. image:: ../../experiments/figures/01_mix_by_zone.svg
#    :alt: Difference in victims under each mix, a dot for each simulated town.
#
# * **Notice.** N
# * **Try.** T
# * **Extend.** E
# * **Cite.** C
