"""The splits share nothing, and what is judged covers every sky."""

from itertools import pairwise

from actors.scenery import DENSEST
from training.street import SKIES, Split, street


def test_a_seed_says_all() -> None:
    assert street(Split.TRAIN, 5, 3) == street(Split.TRAIN, 5, 3)
    assert street(Split.TRAIN, 5, 3) != street(Split.TRAIN, 6, 3)


def test_no_split_has_a_seed_of_another() -> None:
    seeds = [[street(split, at, 1).setting.seed for at in (0, 999_999)] for split in Split]
    for (_, last), (first, _) in pairwise(seeds):
        assert last < first


def test_judged_streets_have_each_sky_alike_often() -> None:
    settings = [street(Split.TEST, at, 1).setting for at in range(3 * len(SKIES))]
    seen = [(one.weather, one.time) for one in settings]
    assert all(seen.count(sky) == 3 for sky in SKIES)
    assert len(SKIES) == 15


def test_some_training_streets_are_empty_and_none_is_too_dense() -> None:
    densities = [street(Split.TRAIN, at, 1).setting.density for at in range(200)]
    assert 0 < densities.count(0.0) < 40
    assert max(densities) <= DENSEST
