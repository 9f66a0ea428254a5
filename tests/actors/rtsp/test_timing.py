"""Key frames and freshness."""

from actors.rtsp.timing import SECOND_NS, Freshness, KeyFrames

TENTH_NS = SECOND_NS // 10


def due(keys: KeyFrames, *tenths: int) -> list[bool]:
    return [keys.due(tenth * TENTH_NS) for tenth in tenths]


def test_the_first_picture_and_each_interval_is_a_key_frame() -> None:
    assert due(KeyFrames(1.0), 0, 1, 9, 10, 11, 20) == [True, False, False, True, False, True]


def test_one_is_made_when_asked_but_not_too_often() -> None:
    keys = KeyFrames(10.0)
    assert due(keys, 0, 5) == [True, False]
    keys.ask()
    assert due(keys, 6, 7) == [True, False]
    keys.ask()
    keys.ask()
    assert due(keys, 8, 9, 10) == [False, True, False]


def test_a_restart_needs_one_at_once() -> None:
    keys = KeyFrames(10.0)
    keys.due(0)
    keys.restart()
    assert due(keys, 1, 2) == [True, False]


def test_a_source_is_stale_after_half_a_second_or_five_periods() -> None:
    fast, slow = Freshness(30), Freshness(2)
    for source in (fast, slow):
        source.hear(0, 0)
    assert not fast.stale(SECOND_NS // 2)
    assert fast.stale(SECOND_NS // 2 + 1)
    assert not slow.stale(5 * SECOND_NS // 2)
    assert slow.stale(5 * SECOND_NS // 2 + 1)


def test_the_period_is_learnt_and_follows() -> None:
    source = Freshness(None)
    assert source.period_ns == 0
    for count in range(60):
        source.hear(count * SECOND_NS, 0)
    assert source.period_ns == SECOND_NS
    for count in range(60):
        source.hear(60 * SECOND_NS + count * TENTH_NS, 0)
    assert abs(source.period_ns - TENTH_NS) < TENTH_NS // 10


def test_foolish_times_teach_nothing() -> None:
    source = Freshness(10)
    for captured_ns in (0, 2**62, -(2**62), 5, 5, 4):
        source.hear(captured_ns, 0)
    assert source.period_ns == TENTH_NS


def test_who_begins_to_look_gives_the_source_its_time() -> None:
    source = Freshness(30)
    source.wait(10 * SECOND_NS)
    assert not source.stale(10 * SECOND_NS + SECOND_NS // 2)
    assert source.stale(11 * SECOND_NS)
