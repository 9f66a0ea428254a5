from bus.health import SECOND_NS, Meter, quantile

MS = 1_000_000


def test_rates_and_latencies_are_of_the_last_two_seconds() -> None:
    meter = Meter(started_ns=0)
    for at in range(100):
        meter.finished(captured_ns=at * 40 * MS - (at % 10) * MS, now_ns=at * 40 * MS)
    health = meter.health("camera-front", 1, 99 * 40 * MS)
    assert health.stage == "camera"
    assert 25.0 <= health.fps <= 25.5
    assert health.latency_ms_p50 == 5.0
    assert health.latency_ms_p99 == 9.0
    assert health.uptime_s == 4.0


def test_without_work_there_is_no_latency() -> None:
    health = Meter(0).health("overlay", 1, SECOND_NS)
    assert (health.fps, health.latency_ms_p50, health.latency_ms_p99) == (0.0, None, None)


def test_lag_is_the_worst_since_the_last_beat() -> None:
    meter = Meter(0)
    meter.waited(5)
    meter.waited(2)
    assert meter.health("a", 1, 1).lag == 5
    assert meter.health("a", 1, 2).lag == 0


def test_quantiles_are_nearest_rank() -> None:
    values = [float(n) for n in range(100)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([3.0], 0.99)) == (50, 99, 3)
