"""Counting by hand, and against a plain reckoning of whatever is counted."""

from hypothesis import given
from hypothesis import strategies as st

from actors.telemetry.aggregate import Tally, Window
from bus.messages import Result
from tests.actors.telemetry.seen import SECOND_NS, result


def window_of(*seen: Result) -> Window:
    window = Window(seen[0], 0)
    for one in seen[1:]:
        window.add(one)
    return window


def test_counts_over_four_results() -> None:
    counts = window_of(
        result("car", "car", at_s=1),
        result("car", "person", at_s=2),
        result("car", "car", "car", at_s=3),
        result("person", "car", at_s=4, status="degraded"),
    ).counts()
    assert (counts.camera, counts.inference, counts.family) == ("front", "street", "ssd")
    assert (counts.model, counts.version, counts.device) == ("street", "1", "CPU")
    assert (counts.results, counts.degraded) == (4, 1)
    assert (counts.from_utc_ns, counts.to_utc_ns) == (SECOND_NS, 4 * SECOND_NS)
    assert counts.labels == {"car": Tally(1, 3, 1.75, 1), "person": Tally(0, 1, 0.5, 1)}


def test_what_was_there_only_at_first_was_not_there_last() -> None:
    assert window_of(result("car"), result(), result()).counts().labels == {
        "car": Tally(0, 1, 0.333, 0)
    }


def test_nothing_seen_is_counted_too() -> None:
    counts = window_of(result(), result()).counts()
    assert (counts.results, counts.labels) == (2, {})


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=5), min_size=1, max_size=12))
def test_counts_are_those_of_all_results(seen: list[list[str]]) -> None:
    counts = window_of(*(result(*labels) for labels in seen)).counts()
    assert counts.results == len(seen)
    assert list(counts.labels) == sorted({label for labels in seen for label in labels})
    for label, tally in counts.labels.items():
        each = [labels.count(label) for labels in seen]
        mean = round(sum(each) / len(each), 3)
        assert tally == Tally(min(each), max(each), mean, each[-1])
