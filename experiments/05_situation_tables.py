"""
What do Situation Tables buy?
=============================

**What.** At a Table agencies and police take up people at acutely elevated risk. Without it, its
money and that of health teams on calls goes to the same agencies' ordinary casework.
"""

# %%
# **How.** ``omem`` against ``omem_no_tables``. Read are episodes of residents in high need, whom
# the Tables are for; victims and the agencies' waiting lists beside them.
import omemsim as om
from kit import by_year, dots, effect, report, size

found = om.compare("omem_no_tables", "omem", **size(24))
rows = by_year(found, "omem", "disorder_high_need", [1, 3, 5], digits=0)
beside = [
    effect(found, "omem", "victimization", label="victims"),
    effect(found, "omem", "waiting_list", label="waiting list"),
]
told = rows[-1].says("fewer episodes", "more episodes", "no clearly different number of episodes")
finding = f"With Tables and health teams, residents in high need have {told} in the fifth year"
axis = "episodes per 1,000 residents in high need a year, with Tables less without (left is fewer)"
dots("05_situation_tables", rows, axis=axis, title=finding)
report(finding, *rows[::-1], *beside)

# %%
# .. image:: ../../experiments/figures/05_situation_tables.svg
#    :alt: Difference in episodes of residents in high need with and without Tables.
#
# * **Notice.** No year shows fewer episodes of those whom the Tables are for, nor fewer victims;
#   waiting lists are a little longer, as the money comes from casework. In this model Tables buy
#   nothing beyond that casework.
# * **Try.** ``parameters={"partner.mismatch": 1.0}``, or ``town="city"``: do larger Tables do more?
# * **Extend.** Read ``table_lowered`` over ``table_taken``; leave a sector out
#   (``strategy.table_absent``).
# * **Cite.** Hawkes 2016; claims C20, C29, C30 and C32 in docs/claims.md.
