"""Which pictures a viewer gets."""

from actors.rtsp.viewer import DRAINED_BYTES, Flow

MUCH, LITTLE = 1001, 10


def flow() -> Flow:
    return Flow(limit_bytes=1000)


def test_a_viewer_begins_with_a_key_frame_and_lost_nothing_before() -> None:
    viewer = flow()
    assert not viewer.admits(0, key_frame=False)
    assert not viewer.lagging
    assert viewer.admits(0, key_frame=True)
    assert viewer.admits(LITTLE, key_frame=False)


def test_a_slow_viewer_skips_to_a_key_frame_after_it_drained() -> None:
    viewer = Flow(limit_bytes=10 * DRAINED_BYTES)
    assert viewer.admits(0, key_frame=True)
    assert not viewer.admits(10 * DRAINED_BYTES + 1, key_frame=False)
    assert viewer.lagging
    assert not viewer.admits(0, key_frame=False)
    assert not viewer.admits(DRAINED_BYTES + 1, key_frame=True)
    assert viewer.admits(DRAINED_BYTES, key_frame=True)
    assert not viewer.lagging


def test_a_full_viewer_does_not_even_get_a_key_frame() -> None:
    viewer = flow()
    assert viewer.admits(0, key_frame=True)
    assert not viewer.admits(MUCH, key_frame=True)
