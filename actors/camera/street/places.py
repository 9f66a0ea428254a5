"""Rectangles of pixels (pure)."""

from collections.abc import Iterable

Corners = tuple[int, int, int, int]  # left, top, right, bottom, px


def meet(one: Corners, other: Corners) -> Corners | None:
    """What two have in common, None if that is nothing."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def hull(one: Corners, other: Corners) -> Corners:
    """The smallest that holds both."""
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def area_px(place: Corners) -> int:
    left, top, right, bottom = place
    return (right - left) * (bottom - top)


def joined(places: Iterable[Corners], piece_px: int) -> list[Corners]:
    """Fewer rectangles that hold the same: one more costs as much as so many px more."""
    found: list[Corners] = []
    for place in places:
        for at, other in enumerate(found):
            both = hull(place, other)
            if area_px(both) <= area_px(place) + area_px(other) + piece_px:
                found[at] = both
                break
        else:
            found.append(place)
    return found
