"""Studies: many runs, kept safely and compared honestly.

``engine`` runs tasks on all cores, ``store`` keeps what they return, ``statistics`` says how
sure a difference is, ``compare`` puts the three together for strategies.
"""
