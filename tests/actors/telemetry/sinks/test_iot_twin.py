"""Twin and patches in whatever order: nothing is lost, nothing is passed on twice or too early."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from actors.telemetry.cloud.exchange import Patch, Twin
from actors.telemetry.sinks.iot_twin import Order
from tests.actors.telemetry.hub import merge


def passed(order: Order, versions: list[int]) -> list[Any]:
    return [asked for each in versions for asked in order.patch({"v": each, "$version": each})]


def versions(asked: list[Any]) -> list[int]:
    return [each.desired["$version"] for each in asked]


def test_a_patch_waits_for_the_twin() -> None:
    order = Order()
    assert passed(order, [4, 5]) == []
    asked = order.twin({"desired": {"$version": 4}, "reported": {"r": 1}})
    assert asked == [Twin({"$version": 4}, {"r": 1}), Patch({"v": 5, "$version": 5})]
    assert versions(passed(order, [5, 6])) == [6]


def test_what_has_no_version_is_passed_on() -> None:
    order = Order()
    assert order.twin({}) == [Twin({}, {})]
    assert order.patch({"a": 1}) == [Patch({"a": 1})]
    assert order.patch({"a": 2, "$version": "?"}) == [Patch({"a": 2, "$version": "?"})]


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.integers()), max_size=8),
    st.data(),
)
def test_who_follows_has_what_the_hub_has(changes: list[dict[str, Any]], data: Any) -> None:
    """The twin shows some of the changes; some of their patches came before it, some after."""
    count = len(changes)
    shown = data.draw(st.integers(0, count), "in the twin")
    early = data.draw(st.integers(0, count), "before the twin came")
    first = data.draw(st.integers(0, min(shown, early)), "subscribed after so many")
    patches = [{**change, "$version": at} for at, change in enumerate(changes, 2)]
    twin: dict[str, Any] = {"$version": 1}
    for patch in patches[:shown]:
        merge(twin, patch)
    order = Order()
    asked: list[Any] = []
    for patch in patches[first:early]:
        asked += order.patch(patch)
    assert asked == []
    asked += order.twin({"desired": twin, "reported": {}})
    for patch in patches[early:]:
        asked += order.patch(patch)
    followed: dict[str, Any] = {}
    for each in asked:
        merge(followed, dict(each.desired))
    whole = dict(twin)
    for patch in patches[shown:]:
        merge(whole, patch)
    assert followed == whole
    assert versions(asked) == sorted(set(versions(asked)))
