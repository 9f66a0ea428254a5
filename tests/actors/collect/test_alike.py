"""Pictures that are nearly the same."""

import numpy as np
import pytest

from actors.collect.alike import difference_hash, is_alike
from bus.pixels import Plane


def noise(seed: int) -> Plane:
    """Large patches, as pictures have."""
    small = np.random.default_rng(seed).integers(16, 236, (12, 16), np.uint8)
    return np.kron(small, np.ones((20, 20), np.uint8))


def bits(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def test_a_picture_has_64_bits_from_its_gradients() -> None:
    ramp = np.tile(np.arange(0, 180, dtype=np.uint8), (64, 1))
    assert difference_hash(ramp) == (1 << 64) - 1
    assert difference_hash(ramp[:, ::-1].copy()) == 0


@pytest.mark.parametrize("seed", range(20))
def test_sensor_noise_and_light_change_few_bits_another_picture_many(seed: int) -> None:
    picture = noise(seed)
    rng = np.random.default_rng(seed)
    grain = rng.integers(-3, 4, picture.shape)
    again = np.clip(picture * 0.9 + 8 + grain, 0, 255).astype(np.uint8)
    first = difference_hash(picture)
    assert bits(first, difference_hash(again)) <= 4
    assert bits(first, difference_hash(noise(seed + 1))) >= 10


def test_alike_is_less_than_so_many_bits_from_any() -> None:
    assert is_alike(0b0111, [1 << 40, 0b0000], 4)
    assert not is_alike(0b1111, [1 << 40, 0b0000], 4)
    assert not is_alike(0b1111, [], 64)


def test_without_bits_nothing_is_alike() -> None:
    assert not is_alike(5, [5], 0)
    assert is_alike(5, [5], 1)
