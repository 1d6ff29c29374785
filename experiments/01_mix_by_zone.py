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
# * **Notice.** The matched mix and its average do equally well: zones add nothing here that the
#   average mix does not give, which speaks against the wheel's main idea. In the wrong zones the
#   same mixes do worse than present practice.
# * **Try.** ``**size(40, parameters={"act.problem_hours": 2})``: what if problem-solving is cheap?
# * **Extend.** A mix of your own is a mapping or a YAML file; ``omemsim mixes`` searches for the
#   best of both kinds.
# * **Cite.** Slides of 2010 ("One size does not fit all!"); claim C39 in docs/claims.md.
