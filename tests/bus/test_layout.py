import pytest

from bus.layout import PAGE, layout, unpack


def test_every_slot_begins_on_a_page() -> None:
    pool = layout(7, (641, 361), 5, checksummed=False)
    assert [pool.slot_at(slot) % PAGE for slot in range(5)] == [0] * 5
    assert pool.slot_bytes >= pool.picture_bytes
    assert pool.row_at(4) + 64 <= pool.pixels_at
    assert pool.total_bytes == pool.slot_at(4) + pool.slot_bytes


def test_a_header_survives_packing() -> None:
    pool = layout(1 << 60, (1920, 1080), 12, checksummed=True)
    assert unpack(pool.pack(), pool.total_bytes) == pool


@pytest.mark.parametrize(
    ("size", "slots", "says"),
    [
        ((0, 10), 4, "each side is 1 to 16384"),
        ((10, 20000), 4, "each side is 1 to 16384"),
        ((10, 10), 1, "a pool has 2 to 256"),
        ((10, 10), 257, "a pool has 2 to 256"),
    ],
)
def test_impossible_pools_are_refused(size: tuple[int, int], slots: int, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        layout(1, size, slots, checksummed=False)


def test_a_header_that_lies_is_refused() -> None:
    pool = layout(1, (64, 48), 4, checksummed=False)
    with pytest.raises(ValueError, match="in a file of"):
        unpack(pool.pack(), pool.total_bytes - PAGE)
    with pytest.raises(ValueError, match="contradicts itself"):
        unpack(pool._replace(slot_bytes=PAGE * 9).pack(), pool.total_bytes)
    with pytest.raises(ValueError, match="not a pool"):
        unpack(b"RTNPOOL9" + pool.pack()[8:], pool.total_bytes)
