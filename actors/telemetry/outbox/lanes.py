"""What one sink may be given next: two lanes, so that no backlog holds up what is new (pure).

Letters from the *edge* on are fresh, those before it late. In each lane they go by rising id.
What was given is not given again until the connection is lost.
"""

from typing import NamedTuple

FRESH_NS = 30_000_000_000  # what has waited longer than this is late
SECOND_NS = 1_000_000_000


class Span(NamedTuple):
    """Ids between two that are not in it."""

    after: int
    before: int


class Lanes:
    """The state of one sink."""

    def __init__(self, late_hz: float) -> None:
        self._late_hz = late_hz
        self._credit = max(late_hz, 1.0)  # late letters that may go at once: a second's worth
        self._seen_utc_ns = 0
        self._fresh_given = self._late_given = 0  # the last of each lane
        self._under_way: set[int] = set()
        self._confirmed: set[int] = set()  # known here, but not yet on disk

    def reopen(self) -> None:
        """The connection is lost, and with it whatever was not confirmed."""
        self._fresh_given = self._late_given = 0
        self._under_way.clear()

    def spans(self, first_fresh: int) -> tuple[Span, Span]:
        """Where to look for fresh and for late ones; `is_due` says which of them to give."""
        edge = max(first_fresh, self._fresh_given + 1)  # who was passed over has become late
        return (
            Span(max(edge - 1, self._late_given), 2**63 - 1),
            Span(self._late_given, edge),
        )

    def is_due(self, letter: int) -> bool:
        return letter not in self._under_way and letter not in self._confirmed

    def late_credit(self, now_utc_ns: int) -> int:
        """How many late ones may go now. A clock that is set gains at most a second's worth."""
        passed_s = max(now_utc_ns - self._seen_utc_ns, 0) / SECOND_NS
        self._credit = min(self._credit + passed_s * self._late_hz, max(self._late_hz, 1.0))
        self._seen_utc_ns = now_utc_ns
        return int(self._credit)

    def gave_fresh(self, letters: list[int]) -> None:
        self._under_way.update(letters)
        self._fresh_given = max([self._fresh_given, *letters])

    def gave_late(self, letters: list[int], none_before: int) -> None:
        """Up to `none_before` nothing more is due; 0 if that is not known."""
        self._under_way.update(letters)
        self._credit -= len(letters)
        self._late_given = max([self._late_given, none_before, *letters])

    def confirm(self, letters: list[int]) -> None:
        self._confirmed.update(letters)

    @property
    def confirmed(self) -> list[int]:
        return sorted(self._confirmed)

    def wrote(self, letters: list[int]) -> None:
        """These confirmations are on disk."""
        self._confirmed.difference_update(letters)
        self._under_way.difference_update(letters)
