"""The synthetic camera's picture: figures on a street, and exact truth about them (pure).

Picture `index` depends on the setting, the size, the rate and the index only, so any index
can be drawn at any time. The index is burned into the corner, see counter.py.
"""

from actors.camera.counter import NUMBERS, counter_size, write_counter
from actors.camera.street.air import Air
from actors.camera.street.backdrop import Backdrops
from actors.camera.street.light import Sky, blend, sky
from actors.camera.street.stage import Stage
from actors.camera.street.traffic import Placed, Street
from actors.camera.street.view import view
from actors.scenery import Setting
from bus.messages import TrueBox
from bus.pixels import I420

SOON_S = 0.35  # figures are cut out so long before they are shown, one a picture
LOOK_EVERY = 2  # pictures
STEP_S = 4.0  # the light is worked out this often, and changes evenly in between


class Scene:
    """One street of one size, each side 16 pixels or more."""

    def __init__(self, setting: Setting, width: int, height: int, rate_hz: float = 30.0) -> None:
        self._setting, self._rate_hz = setting, rate_hz
        self._view = view(width, height)
        self._backdrops = Backdrops(setting.seed, self._view)
        self._street = Street(setting, self._view, rate_hz)
        self._air = Air(setting.seed, self._view)
        self._stage = Stage(self._view, self._backdrops.items, counter_size(width, height))
        self._last = -2  # the index of the last picture
        self._soon: list[Placed] = []

    def draw(self, index: int, out: I420) -> list[TrueBox]:
        """Overwrite `out`, a picture of the scene's size. Returns what is in it, far to near.

        A box is the extent of the figure's own pixels inside the picture, hidden parts
        included, shadow and glow not; `visible` is the share of all its pixels that neither
        the edge, nor anything nearer, nor the counter hides.
        """
        index %= NUMBERS
        seconds = index / self._rate_hz
        now = self._lit(seconds)
        gust = self._air.gust(seconds)
        figures = self._street.at(seconds, now.rain)
        truth = self._stage.play(figures, now, gust)
        self._rehearse(index, now)
        seen = self._stage.window(gust, out)
        self._air.grain(now.noise, index, seen, out.y)
        self._air.fall(now, seconds, out.y)
        out.u[:], out.v[:] = seen.u, seen.v
        write_counter(out, index)
        return truth

    def _rehearse(self, index: int, now: Sky) -> None:
        """Prepare for the pictures to come, if they come one after the other."""
        if index != self._last + 1:
            self._soon = []
        elif index % LOOK_EVERY == 0:
            self._soon += self._street.at(index / self._rate_hz + SOON_S, now.rain)
        self._last = index
        self._stage.rehearse(self._soon, now)

    def _lit(self, seconds: float) -> Sky:
        """Put the empty street on the stage, in the light of this moment."""
        step, share = divmod(seconds / STEP_S, 1.0)
        before, after, later = (sky(self._setting, (step + at) * STEP_S) for at in range(3))
        self._stage.set(self._backdrops.get(before), self._backdrops.get(after), share)
        self._backdrops.prepare(later, share)
        return blend(before, after, share)
