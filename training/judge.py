"""The package's own verdict on streets that nothing was learned or chosen from."""

from collections.abc import Iterator
from typing import NamedTuple

from training.example import truth_of
from training.eye import Eye, seen_of
from training.generate import pictures
from training.grid import LABELS
from training.matching import Match, match
from training.street import Split, Street, street

PICTURES_A_STREET = 4
KINDS = {label: at for at, label in enumerate(LABELS)}


class Shot(NamedTuple):
    """Which picture was judged: enough to draw it again."""

    street: Street
    at: int  # the place in the street's `indices`


class Verdict(NamedTuple):
    """One picture judged, and what inference took."""

    shot: Shot
    match: Match
    spent_ms: float


def judge(eye: Eye, split: Split, streets: int) -> Iterator[Verdict]:
    """`streets` streets of the split, `PICTURES_A_STREET` pictures of each."""
    for number in range(streets):
        one = street(split, number, PICTURES_A_STREET)
        for at, (picture, figures) in enumerate(pictures(one)):
            seen = seen_of(eye.see(picture), KINDS)
            yield Verdict(Shot(one, at), match(seen, truth_of(figures)), eye.spent_ms)
