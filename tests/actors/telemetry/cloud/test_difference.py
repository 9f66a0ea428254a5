"""The laws of patches."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.telemetry.cloud.difference import difference, merged

leaf = st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", 0.5, 1.0])
keys = st.sampled_from("abc")
trees = st.dictionaries(
    keys,
    st.recursive(
        leaf, lambda inner: st.dictionaries(keys, inner, min_size=1, max_size=3), max_leaves=6
    ),
    max_size=3,
)


def json_of(tree: Any) -> Any:
    """So that true is not 1, and 1 is 1.0."""
    if isinstance(tree, dict):
        return {key: json_of(value) for key, value in tree.items()}
    return (str(tree),) if isinstance(tree, bool) else tree


def smaller(patch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each patch that says one thing less."""
    for key, value in patch.items():
        rest = {other: patch[other] for other in patch if other != key}
        yield rest
        if isinstance(value, dict):
            yield from (rest | {key: inner} for inner in smaller(value))


@settings(deadline=None)
@given(trees, trees)
def test_a_patch_makes_one_of_the_other_and_nothing_in_it_is_idle(
    has: dict[str, Any], truth: dict[str, Any]
) -> None:
    patch = difference(has, truth)
    assert json_of(merged(has, patch)) == json_of(truth)
    for less in smaller(patch):
        assert json_of(merged(has, less)) != json_of(truth)


@settings(deadline=None)
@given(trees)
def test_nothing_is_to_be_said_of_what_is_so(tree: dict[str, Any]) -> None:
    assert difference(tree, tree) == {}


def test_what_is_gone_is_null() -> None:
    has = {
        "health": {"camera-a": {"state": "running"}, "rtsp": {"state": "running", "detail": "x"}}
    }
    truth = {"health": {"rtsp": {"state": "degraded"}}}
    assert difference(has, truth) == {
        "health": {"camera-a": None, "rtsp": {"state": "degraded", "detail": None}}
    }
