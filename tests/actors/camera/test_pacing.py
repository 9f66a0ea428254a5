from itertools import pairwise

import pytest

from actors.camera.pacing import SECOND_NS, Pacer, Playback, Thinner, period_ns

MS = 1_000_000


def test_pictures_are_numbered_from_the_time() -> None:
    now_ns = 5000 * SECOND_NS
    assert Pacer(30).due(now_ns) == now_ns // period_ns(30)
    later_ns = now_ns + 10 * period_ns(30)
    assert Pacer(30).due(later_ns) == now_ns // period_ns(30) + 10  # another process, later


@pytest.mark.parametrize("phase", [0.0, 0.01, 0.5, 0.97, 0.999])
def test_ticks_that_come_late_skip_and_repeat_no_number(phase: float) -> None:
    pacer, start_ns = Pacer(30), int((90_000 + phase) * period_ns(30))
    lateness_ns = [(at * 7919) % (3 * MS) for at in range(500)]
    numbers = [
        pacer.due(start_ns + at * period_ns(30) + late_ns) for at, late_ns in enumerate(lateness_ns)
    ]
    assert None not in numbers
    assert all(b == a + 1 for a, b in pairwise(n for n in numbers if n is not None))


def test_nothing_is_due_before_its_time() -> None:
    pacer = Pacer(30)
    first = pacer.due(900 * period_ns(30))
    assert pacer.due(900 * period_ns(30) + 3 * MS) is None
    assert pacer.due(901 * period_ns(30)) == (first or 0) + 1


def test_a_pause_skips_ahead_without_a_burst() -> None:
    pacer = Pacer(30)
    first = pacer.due(900 * period_ns(30)) or 0
    resumed_ns = 1000 * period_ns(30) + 5 * MS
    assert pacer.due(resumed_ns) == first + 100
    assert pacer.due(resumed_ns) is None


def test_who_does_not_wait_gets_each_number() -> None:
    pacer = Pacer(30)
    numbers = [pacer.following(900 * period_ns(30)) for _ in range(3)]
    assert numbers == [900, 901, 902]


def test_a_clip_is_played_at_its_own_times() -> None:
    playback, start_ns = Playback(), 77 * SECOND_NS
    media_ns = [100 * MS, 140 * MS, 260 * MS, 300 * MS]
    due = [playback.due_ns(at, 25, start_ns + at - 105 * MS) for at in media_ns]
    assert [at - due[0] for at in due] == [0, 40 * MS, 160 * MS, 200 * MS]


def test_a_clip_that_starts_again_goes_on_one_period_later() -> None:
    playback = Playback()
    due = [playback.due_ns(at * MS, 25, 0) for at in (0, 40, 80, 0, 40)]
    assert [at // MS for at in due] == [0, 40, 80, 120, 160]


def test_a_leap_in_the_timestamps_is_not_waited_for() -> None:
    playback = Playback()
    due = [playback.due_ns(at, 25, 0) for at in (0, 40 * MS, 3600 * SECOND_NS)]
    assert due[2] == 80 * MS


def test_a_clip_goes_on_after_a_pause_and_does_not_race() -> None:
    playback = Playback()
    playback.due_ns(0, 25, 0)
    assert playback.due_ns(40 * MS, 25, 60 * MS) == 40 * MS  # a little late: caught up
    assert playback.due_ns(80 * MS, 25, 5 * SECOND_NS) == 5 * SECOND_NS
    assert playback.due_ns(120 * MS, 25, 5 * SECOND_NS) == 5 * SECOND_NS + 40 * MS


@pytest.mark.parametrize(
    ("wanted", "source", "passed"),
    [(10, 30, 100), (20, 30, 200), (25, 30, 250), (30, 30, 300), (30, 12.5, 125)],
)
def test_a_source_is_thinned_to_the_rate(wanted: float, source: float, passed: int) -> None:
    thinner, count = Thinner(wanted), int(source * 10)
    taken = sum(thinner.takes(int(at * SECOND_NS / source)) for at in range(count))
    assert abs(taken - passed) <= 1


def test_jitter_costs_nothing_and_no_rate_means_all() -> None:
    thinner = Thinner(30)
    times = [at * period_ns(30) + (at * 7919) % (8 * MS) for at in range(300)]
    assert sum(map(thinner.takes, times)) >= 298
    assert all(map(Thinner(None).takes, times))


def test_thinning_goes_on_after_a_jump() -> None:
    thinner = Thinner(10)
    assert [thinner.takes(at * MS) for at in (0, 40, 80, 120)] == [True, False, True, False]
    assert thinner.takes(90 * SECOND_NS)
    assert thinner.takes(0)
