"""Where figures are put into the picture, and it is noted what is seen of each (pure)."""

from collections.abc import Sequence

import numpy as np

from actors.camera.street.art import Item
from actors.camera.street.blend import AS_IT_IS, Lighting, Tint, Window, cover, paste
from actors.camera.street.light import Sky
from actors.camera.street.mixed import Mixed, rows_of
from actors.camera.street.places import Corners, area_px, joined
from actors.camera.street.shadows import Shadows
from actors.camera.street.sprites import Sprite, Sprites
from actors.camera.street.traffic import Placed
from actors.camera.street.view import View
from actors.camera.street.visible import Mask, mask_at, seen_px
from bus.messages import TrueBox
from bus.pixels import I420, Plane, blank

CACHE_PICTURES = 26  # figures are kept as far as they take no more bytes than that many pictures
SMALLEST_CACHE = 24 << 20
PIECE_PX = 60_000  # what clearing a piece costs beside its area, in px copied
FAINTEST = 0.05  # a share of the lamps' light under which nothing glows


class Stage:
    """One canvas. Of one picture's figures nothing is left in the next."""

    def __init__(self, view: View, items: Sequence[Item], counter: tuple[int, int]) -> None:
        self._view = view
        self._items = sorted(items, key=lambda item: item.depth)
        self._solids = [mask_at(item.solid, item.left, item.top) for item in self._items]
        self._counter: Plane = np.full((counter[1], counter[0]), 255, np.uint8)
        self._canvas = blank(view.full_width, view.full_height)
        self._mixed = Mixed(view.full_width, view.full_height)
        self._still = self._canvas  # until there is another
        self._dirty: list[Corners] = []  # where figures are, px on the canvas
        room = max(SMALLEST_CACHE, CACHE_PICTURES * view.full_width * view.full_height)
        self._sprites = Sprites(room)
        self._shadows = Shadows()

    def set(self, before: I420, after: I420, share: float) -> None:
        """Begin with an empty street on its way from one light to another."""
        still, fresh = before, 0
        if before is not after:
            still = self._mixed.picture
            for rows in self._mixed.turn(before, after, share):
                rows_of(self._canvas, rows).copy_from(rows_of(still, rows))
                fresh += rows.stop - rows.start
        if fresh < self._view.full_height:
            if still is self._still and self._little_dirt():
                for place in self._dirty:
                    self._clear(place)
            else:
                self._canvas.copy_from(still)
        self._still, self._dirty = still, []

    def play(self, figures: list[Placed], sky: Sky, gust: tuple[int, int]) -> list[TrueBox]:
        """Put the figures up, from far to near, and tell the truth. Once after each `set`."""
        near = (figure for figure in figures if self._may_show(figure))
        cast = [(figure, self._sprites.get(figure.pose)) for figure in near]
        cast = [(figure, sprite) for figure, sprite in cast if self._shows(figure, sprite, gust)]
        lighting, behind, order = Lighting(sky), 0, list[Mask]()
        places = list[int]()
        for figure, sprite in cast:
            while behind < len(self._items) and self._items[behind].depth < figure.depth:
                self._restore(self._items[behind])
                order.append(self._solids[behind])
                behind += 1
            self._put(figure, sprite, sky, lighting.at(figure.depth))
            places.append(len(order))
            order.append(_mask(figure, sprite))
        for item in self._items[behind:]:
            self._restore(item)
        order += [*self._solids[behind:], self._counter_mask(gust)]
        return [
            self._truth(figure, sprite, gust, order[place:])
            for (figure, sprite), place in zip(cast, places, strict=True)
        ]

    def rehearse(self, figures: list[Placed], sky: Sky) -> None:
        """Cut out one figure that will be shown soon; who needs no more work leaves the list."""
        while figures:
            shines = sky.lamps > FAINTEST
            if self._may_show(figures[0]) and self._sprites.prepare(figures[0].pose, shines=shines):
                return
            del figures[0]

    def window(self, gust: tuple[int, int], like: I420) -> I420:
        """The part of the canvas that the camera sees."""
        left, top = self._corner(gust)
        height, width = like.y.shape
        rows, columns = like.u.shape
        down, right = top // 2, left // 2
        return I420(
            self._canvas.y[top : top + height, left : left + width],
            self._canvas.u[down : down + rows, right : right + columns],
            self._canvas.v[down : down + rows, right : right + columns],
        )

    def _little_dirt(self) -> bool:
        """Whether it is quicker to clear what figures have covered than to begin anew."""
        work = sum(area_px(place) + PIECE_PX for place in self._dirty)
        return work < self._canvas.y.size

    def _clear(self, place: Corners) -> None:
        """Take away what the last picture had here."""
        left, top, right, bottom = place
        whole = slice(top, bottom), slice(left, right)
        self._canvas.y[whole] = self._still.y[whole]
        half = _halved(whole)
        self._canvas.u[half] = self._still.u[half]
        self._canvas.v[half] = self._still.v[half]

    def _even(self, left: int, top: int, right: int, bottom: int) -> Corners:
        """The same rectangle or a little more, with even corners and inside the canvas."""
        width, height = self._view.full_width, self._view.full_height
        right, bottom = min(width, (right + 1) // 2 * 2), min(height, (bottom + 1) // 2 * 2)
        return max(0, left // 2 * 2), max(0, top // 2 * 2), right, bottom

    def _corner(self, gust: tuple[int, int]) -> tuple[int, int]:
        return self._view.margin + gust[0], self._view.margin + gust[1]

    def _put(self, figure: Placed, sprite: Sprite, sky: Sky, lit: Tint) -> None:
        x, foot = figure.x, figure.foot
        places = list(self._shadows.cast(figure, sprite, sky, self._canvas.y))
        glow = self._sprites.glow(figure.pose) if sky.lamps > FAINTEST else ()
        for part in (sprite.body, *glow):
            height, width = part.alpha.shape
            left, top = x + part.left, foot + part.top
            places.append((left, top, left + width, top + height))
        self._dirty += (self._even(*place) for place in joined(places, PIECE_PX))
        paste(sprite.body, self._canvas, x, foot, lit)
        for part in glow:
            paste(part, self._canvas, x, foot, AS_IT_IS, sky.lamps)

    def _restore(self, item: Item) -> None:
        """Put back something still over the figures behind it, where there are any."""
        height, width = item.alpha.shape
        item_right, item_bottom = item.left + width, item.top + height
        met = [
            (x0, y0, x1, y1)
            for x0, y0, x1, y1 in self._dirty
            if x1 > item.left and y1 > item.top and x0 < item_right and y0 < item_bottom
        ]
        if not met:
            return
        lefts, tops, rights, bottoms = zip(*met, strict=True)
        left, right = max(min(lefts), item.left), min(max(rights), item_right)
        top, bottom = max(min(tops), item.top), min(max(bottoms), item_bottom)
        place = slice(top, bottom), slice(left, right)
        part = _moved(place, item.top, item.left)
        cover(self._still.y, item.alpha[part], self._canvas.y, place)
        half, half_part = _halved(place), _halved(part)
        for still, plane in ((self._still.u, self._canvas.u), (self._still.v, self._canvas.v)):
            cover(still, item.chroma_alpha[half_part], plane, half)

    def _extent(self, figure: Placed, sprite: Sprite, gust: tuple[int, int]) -> Corners:
        """Where its pixels lie in the picture, parts outside included."""
        corner_x, corner_y = self._corner(gust)
        left = figure.x + sprite.body.left - corner_x
        top = figure.foot + sprite.body.top - corner_y
        x0, y0, x1, y1 = sprite.bounds
        return left + x0, top + y0, left + x1, top + y1

    def _may_show(self, figure: Placed) -> bool:
        """Whether some of it could be on the canvas; nothing need be drawn to know."""
        left, _, right, _ = figure.pose.extent
        if figure.pose.leftward:
            left, right = -right, -left
        unit_px, edge_px = figure.pose.unit_px, 4
        first, last = figure.x + left * unit_px - edge_px, figure.x + right * unit_px + edge_px
        return first < self._view.full_width and last > 0

    def _shows(self, figure: Placed, sprite: Sprite, gust: tuple[int, int]) -> bool:
        x0, y0, x1, y1 = self._extent(figure, sprite, gust)
        return (
            sprite.area > 0
            and x0 < self._view.width
            and x1 > 0
            and y0 < self._view.height
            and y1 > 0
        )

    def _truth(
        self, figure: Placed, sprite: Sprite, gust: tuple[int, int], order: Sequence[Mask]
    ) -> TrueBox:
        """About the first of these masks, which the others may hide."""
        width, height = self._view.width, self._view.height
        x0, y0, x1, y1 = self._extent(figure, sprite, gust)
        left, top = self._corner(gust)
        seen = seen_px(order[0], (left, top, left + width, top + height), order[1:])
        return TrueBox(
            label=figure.label,
            identity=figure.identity,
            visible=seen / sprite.area,
            x0=max(0, x0) / width,
            y0=max(0, y0) / height,
            x1=min(width, x1) / width,
            y1=min(height, y1) / height,
        )

    def _counter_mask(self, gust: tuple[int, int]) -> Mask:
        left, top = self._corner(gust)
        return mask_at(self._counter, left, top + self._view.height - self._counter.shape[0])


def _mask(figure: Placed, sprite: Sprite) -> Mask:
    """Where a figure is, px on the canvas."""
    left, top, right, bottom = sprite.bounds
    x, y = figure.x + sprite.body.left, figure.foot + sprite.body.top
    place = x + left, y + top, x + right, y + bottom
    return Mask(sprite.mask[top:bottom, left:right], place)


def _moved(place: Window, top: int, left: int) -> Window:
    rows, columns = place
    return slice(rows.start - top, rows.stop - top), slice(
        columns.start - left, columns.stop - left
    )


def _halved(place: Window) -> Window:
    rows, columns = place
    return slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2)
