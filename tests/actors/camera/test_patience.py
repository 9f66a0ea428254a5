from actors.camera.pacing import SECOND_NS
from actors.camera.patience import Backoff, Pulse

MS = 1_000_000


def test_waits_double_from_half_a_second_to_ten_and_start_again() -> None:
    backoff = Backoff()
    assert [backoff.failed() for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    backoff.succeeded()
    assert backoff.failed() == 0.5


def test_a_stall_is_noticed_within_a_few_periods() -> None:
    pulse = Pulse()
    for at in range(100):
        pulse.beat(at * 33 * MS)
    assert not pulse.stalled(99 * 33 * MS + 150 * MS)
    assert pulse.stalled(99 * 33 * MS + 250 * MS)


def test_a_slow_source_is_given_its_own_time() -> None:
    pulse = Pulse(25)
    for at in range(100):
        pulse.beat(at * 500 * MS)
    assert not pulse.stalled(99 * 500 * MS + SECOND_NS)
    assert pulse.stalled(99 * 500 * MS + 3 * SECOND_NS)


def test_one_long_gap_teaches_little() -> None:
    pulse = Pulse(25)
    pulse.beat(0)
    pulse.beat(60 * SECOND_NS)
    assert pulse.stalled(60 * SECOND_NS + 300 * MS)


def test_nothing_stalls_that_never_began() -> None:
    assert not Pulse().stalled(10**18)
