"""Stage 11, feel: fear, trust, efficacy and grievance."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from parts import alone, given
from stages.by_hand import changed, nobody_moves

from omemsim.inputs.scenario import Scenario
from omemsim.processes import feel
from omemsim.processes.trust import entry_experience
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Feel, Parameters
from omemsim.vocabulary.rates import decay


def test_letter_boxes_are_emptied(town: Town, scenario: Scenario) -> None:
    town.residents.contact[:], town.residents.is_hit[:], town.residents.is_moved[:] = 1, 1, 1
    town.newcomers.replace(seat=np.arange(len(town.residents)))
    feel.step(town, scenario.parameters, scenario.strategy)
    for name in ("contact", "is_hit", "is_moved"):
        assert not getattr(town.residents, name).any()


def test_newcomers_arrive_with_what_is_their_own(town: Town) -> None:
    group = Parameters().feel
    town.residents.is_moved[4] = 1
    town.newcomers.replace(seat=[4])
    town.residents.contact[4], town.residents.experience[4] = 5, -0.3
    r = town.residents
    alone(feel.reset_newcomers, town.newcomers, r, given(feel.STAGE, Parameters()))
    ties = group.efficacy_level + group.efficacy_assets * r.assets[4]
    found = (r.trust[4], r.fear[4], r.vigilance[4], r.efficacy[4], r.contact[4])
    entry = entry_experience(Parameters())[r.age[4], r.group[4]]
    assert r.experience[4] == pytest.approx(entry)
    level = r.trust_anchor[4] + entry
    expected = (level, group.fear_level, group.alert_level, group.newcomer * ties, 0)
    assert found == pytest.approx(expected)


def test_a_victim_is_afraid_at_once_others_in_time() -> None:
    """A new victim, one of a while ago, one of a household crime, nobody."""
    residents = SimpleNamespace(
        boost=np.array([3, 3, 1, 1], np.float32),
        is_hit=np.array([1, 0, 1, 0], np.uint8),
        fear=np.full(4, 0.1, np.float32),
    )
    one = {"first_resident": [0], "residents": [4], "fear": [0.0]}
    hoods = SimpleNamespace(**{name: np.array(value) for name, value in one.items()})
    for repeat, expected in ((3.0, [0.5, 0.14, 0.5, 0.11]), (1.0, [0.5, 0.11, 0.5, 0.11])):
        half_time = 1 / -np.log2(0.9)  # a tenth of the gap in a week
        felt = changed(feel={"fear_victim": 0.3, "pace": half_time})
        parameters = replace(felt, offend=replace(felt.offend, repeat=repeat))
        residents.fear[:], residents.is_hit[:] = 0.1, [1, 0, 1, 0]
        p = given(feel.STAGE, parameters)
        alone(feel.follow_fear, hoods, residents, 0, np.float32(0.2), p)
        assert residents.fear == pytest.approx(expected)
        assert hoods.fear[0] == pytest.approx(np.mean(expected))
        assert not residents.is_hit.any()


def grieve(town: Town, group: Feel) -> None:
    alone(feel.hold_grievance, town.neighbourhoods, given(feel.STAGE, changed(feel=vars(group))))


def test_grievance_rises_with_burdensome_stops_and_halves(town: Town) -> None:
    hoods, group = town.neighbourhoods, replace(Parameters().feel, grieve=0.5)
    hoods.grievance[:], hoods.scandal[:] = [0, 0.5, 0.8], 0
    hoods.burden[:] = hoods.residents * [0.2, 0.2, 0]
    grieve(town, group)
    keep = 1 - decay(group.grievance_memory)
    assert hoods.grievance == pytest.approx([0.1, 0.5 * keep + 0.1 * 0.5, 0.8 * keep])
    hoods.burden[:], before = 0, hoods.grievance.copy()
    for _ in range(int(group.grievance_memory)):
        grieve(town, group)
    assert hoods.grievance == pytest.approx(before / 2, rel=1e-4)


def test_a_scandal_holds_grievance_up_while_it_lasts(town: Town) -> None:
    hoods, group = town.neighbourhoods, Parameters().feel
    hoods.grievance[:], hoods.burden[:], hoods.scandal[:] = [0, 0.9, 0], 0, [0.5, 0.5, 0]
    grieve(town, group)
    assert hoods.grievance == pytest.approx([0.5, 0.9 * (1 - decay(group.grievance_memory)), 0])
    hoods.scandal[:] = 0
    grieve(town, group)
    assert 0.49 < hoods.grievance[0] < 0.5


def test_trust_drifts_to_an_anchor_that_voice_raises_and_grievance_lowers(town: Town) -> None:
    hoods, residents = town.neighbourhoods, town.residents
    nobody_moves(town)
    residents.contact[:], hoods.burden[:] = 0, 0
    hoods.voice[:], hoods.grievance[:], hoods.scandal[:] = [0, 1, 0], [0, 0, 0.5], [0, 0, 0.5]
    residents.experience[:] = 0
    rates = {"trust_voice": 0.1, "trust_grievance": 0.4, "trust_half_life": 1.0}
    nothing_lasts = {"trust_lasting": 0.0, "trust_resented": 0.0}
    parameters = changed(
        feel=rates | nothing_lasts, people={"usual_stops": 0.0, "usual_unsolved": 0.0}
    )
    for _ in range(40):
        feel.step(town, parameters, Strategy())
    moved = np.array([0, 0.1, -0.2])[town.places.neighbourhood[residents.place]]
    expected = np.clip(residents.trust_anchor + moved, 0, 1)
    assert residents.trust == pytest.approx(expected, abs=1e-5)


def test_services_build_efficacy_around_the_usual(town: Town) -> None:
    hoods, residents = town.neighbourhoods, town.residents
    hoods.community_momentum[:] = 0
    group = replace(Parameters().feel, efficacy_services=0.2)
    hoods.services[:] = [0.4, 0.9, 0]
    hoods.cohesion[:] = 0
    p = given(feel.STAGE, changed(feel=vars(group)))
    target = alone(feel.aim, hoods, p).efficacy
    assert target == pytest.approx(group.efficacy_level + np.array([0, 0.1, -0.08]))
    assert residents.efficacy.max() <= 1
    hoods.cohesion[:] = [-1, 0, 0.5]
    held = alone(feel.aim, hoods, p).efficacy
    assert held - target == pytest.approx(group.efficacy_cohesion * hoods.cohesion, abs=1e-6)
