from bus.health import SECOND_NS, Meter, quantile
from bus.inlet import Losses

MS = 1_000_000


def test_rates_and_latencies_are_of_the_last_two_seconds() -> None:
    meter = Meter("camera-front", 1, started_ns=0, losses=Losses())
    for at in range(100):
        meter.finished(captured_ns=at * 40 * MS - (at % 10) * MS, now_ns=at * 40 * MS)
    health = meter.health(99 * 40 * MS, rss_bytes=0)
    assert health.stage == "camera"
    assert 25.0 <= health.fps <= 25.5
    assert health.latency_ms_p50 == 5.0
    assert health.latency_ms_p99 == 9.0
    assert health.uptime_s == 4.0


def test_without_work_there_is_no_latency() -> None:
    health = Meter("overlay", 1, started_ns=0, losses=Losses()).health(SECOND_NS, rss_bytes=0)
    assert (health.fps, health.latency_ms_p50, health.latency_ms_p99) == (0.0, None, None)


def test_lag_is_the_worst_since_the_last_beat() -> None:
    meter = Meter("overlay", 1, started_ns=0, losses=Losses())
    meter.losses.waited(5)
    meter.losses.waited(2)
    assert meter.health(1, rss_bytes=0).lag == 5
    assert meter.health(2, rss_bytes=0).lag == 0


def test_quantiles_are_nearest_rank() -> None:
    values = [float(n) for n in range(100)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([3.0], 0.99)) == (50, 99, 3)
