"""Light and design of places, in stage 5: money and projects renew them, time wears them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.placed import light_places
from omemsim.reference.visits import worst_places
from omemsim.vocabulary.rates import decay

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Place
    from omemsim.reference.model import ReferenceModel

__all__ = ["redesign", "wear_out"]

DESIGNED = 0.5  # from which a place counts as designed


def wear_out(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Let light and design decay, fast where nobody has the capacity to keep them up."""
    group = model.parameters.act
    care = group.design_neglect + (1 - group.design_neglect) * hood.capacity
    for place in hood.places:
        place.designed *= 1 - decay(group.design_upkeep * care)


def redesign(model: ReferenceModel) -> None:
    """Renew places by money, then by lighting projects; count those newly designed."""
    new = [place for place in model.places if not model.draws.reaches(place.designed, DESIGNED)]
    renew(model)
    for hood in model.neighbourhoods:
        if hood.lit > 0:
            light(model, hood)
    light_places(model)
    model.service.places_designed = sum(
        model.draws.reaches(place.designed, DESIGNED) for place in new
    )


def renew(model: ReferenceModel) -> None:
    """Let money renew the worst known places of the town, as far as they are run down."""

    def score(place: Place) -> float:
        return place.knowledge * (1 - place.designed)

    most = model.draws.this_week(model.service.design_places, model.week)
    for place in worst_places(model.places, score)[:most]:
        if score(place) > 0:
            place.designed = 1.0


def light(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Keep up what is designed, and add the worst known places until the share is reached."""
    wanted = max(model.draws.nearest(hood.lit * len(hood.places)), 1)
    kept = [place for place in hood.places if model.draws.reaches(place.designed, DESIGNED)]
    others = [place for place in hood.places if place not in kept]
    worst = worst_places(others, lambda place: place.knowledge)
    for place in [*kept, *worst[: max(0, wanted - len(kept))]]:
        place.designed = 1.0
