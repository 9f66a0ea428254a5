"""Which kept pictures are to go now, and in which order (pure)."""

from collections.abc import Collection, Iterable, Mapping

from actors.collect.shelf import Picture

STUCK = 3  # failures of one picture after which the others go first


def due(
    pictures: Iterable[Picture],
    below: float,
    aside: Collection[Picture],
    failures: Mapping[Picture, int],
) -> list[Picture]:
    """Of those given, the oldest first, what may go. `below` 1 is all, as a mean score is at
    most 1; else it is the score from which on a picture stays."""
    going = [
        picture
        for picture in pictures
        if picture not in aside and (below >= 1 or picture.score_percent / 100 < below)
    ]
    return sorted(going, key=lambda picture: failures.get(picture, 0) >= STUCK)
