"""What goes when there is too much, as values."""

from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from actors.store.cleaning import HOUR_NS, plan
from actors.store.record import Version
from tests.actors.store.rig import NOW, record

LONG_AGO = NOW.utc_ns - 1000 * HOUR_NS


def version(n: int, size_bytes: int, added_utc_ns: int = LONG_AGO, used_utc_ns: int = 0) -> Version:
    digest = f"{n:064x}"
    kept = replace(record("street", str(n), digest), bytes=size_bytes, added_utc_ns=added_utc_ns)
    return Version(digest, Path(digest), kept, None, used_utc_ns or added_utc_ns)


versions = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.integers(-3 * HOUR_NS, 3 * HOUR_NS).map(lambda age: NOW.utc_ns - age),
        st.integers(0, 9),
    ),
    max_size=8,
).map(lambda rows: [version(n, *row) for n, row in enumerate(rows)])


@settings(deadline=None)
@given(versions, st.sets(st.integers(0, 7)), st.integers(0, 4000))
def test_never_too_much_goes_and_never_what_is_needed(
    there: list[Version], named: set[int], quota_bytes: int
) -> None:
    users: Mapping[str, list[str]] = {f"{n:064x}": ["front"] for n in named}
    chosen = plan(there, users, quota_bytes, NOW.utc_ns)
    sizes = {v.digest: v.record.bytes for v in there if v.record}
    gone = [v.digest for v in chosen.remove]
    may_go = [
        v.digest
        for v in sorted(there, key=lambda v: (v.used_utc_ns, v.digest))
        if v.digest not in users and v.record and abs(NOW.utc_ns - v.record.added_utc_ns) >= HOUR_NS
    ]
    assert gone == may_go[: len(gone)]
    left = sum(sizes.values()) - sum(sizes[digest] for digest in gone)
    if gone:
        assert left + sizes[gone[-1]] > quota_bytes
    assert bool(chosen.left) == (left > quota_bytes)
    assert gone == may_go or left <= quota_bytes


def test_a_clock_that_jumped_protects_for_an_hour_at_most() -> None:
    moments = (-2 * HOUR_NS, -HOUR_NS + 1, 0, HOUR_NS - 1, 2 * HOUR_NS, 10**6 * HOUR_NS)
    there = [version(n, 10, NOW.utc_ns + shift) for n, shift in enumerate(moments)]
    gone = [int(v.digest, 16) for v in plan(there, {}, 0, NOW.utc_ns).remove]
    assert gone == [0, 4, 5]


def test_what_is_damaged_is_neither_counted_nor_removed() -> None:
    lost = version(1, 1000)._replace(trouble="its package is missing")
    assert plan([lost], {}, 100, NOW.utc_ns) == ((), "")
    chosen = plan([lost, version(2, 200, NOW.utc_ns)], {}, 100, NOW.utc_ns)
    assert chosen.left.startswith("100 bytes over the quota of 100 stay: ")
    assert f"({lost.digest[:12]}) its package is missing" in chosen.left


def test_a_long_list_of_reasons_is_cut() -> None:
    there = [version(n, 10, NOW.utc_ns) for n in range(9)]
    assert plan(there, {}, 0, NOW.utc_ns).left.endswith("is younger than an hour and 5 more")
