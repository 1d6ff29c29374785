"""What an event is asked, by number: no two questions of one event share a number.

An answer is a hash of the event and the number (`kernels.event_uniform`, `choice`). A crime is
asked by several stages, from the draw of its place to the arrest of its offender, so the numbers
of all of them stand here. A question that takes tries has a range of numbers.
"""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["OF_A_CRIME", "OF_AN_EPISODE", "VICTIM_TRIES"]

VICTIM_TRIES = 400  # candidates for a victim, two numbers each

# Of a crime, or of an attempt at one: question -> its first number and the number after its last.
OF_A_CRIME = MappingProxyType(
    {
        "day": (1, 2),
        "is the victim passing by": (2, 3),
        "does the victim call": (4, 5),
        "do police record it": (5, 6),
        "does an officer see it": (6, 7),
        "is the offender taken into custody": (8, 9),
        "do police clear it": (9, 10),
        "is the offender charged": (10, 11),
        "in which shift does the call come": (12, 13),
        "how urgent is the call": (13, 14),
        "who is the victim": (16, 16 + 2 * VICTIM_TRIES),
        "is it blocked, there or by what spreads from near": (1000, 1001),
        "does it move": (1002, 1003),
        "does it leave the neighbourhood": (1003, 1004),
        "for which neighbourhood": (1004, 1005),
        "for which place": (1005, 1006),
        "is it blocked there as well": (1006, 1007),
        "where does the offender live": (1007, 1008),
        "who is the offender": (1008, 1009),  # one number begins a sequence of its own
        "does the victim know the offender": (1009, 1010),
    }
)
# Of a disorder episode.
OF_AN_EPISODE = MappingProxyType(
    {
        "day": (1, 2),
        "is the person referred": (3, 4),
        "does somebody call": (4, 5),
        "do police resolve it": (7, 8),
        "in which shift does the call come": (12, 13),
        "how urgent is the call": (13, 14),
    }
)
