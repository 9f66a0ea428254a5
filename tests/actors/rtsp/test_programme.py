"""The streams of a running device follow what is wanted of it, and viewers stay."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.config import Camera, Config
from actors.settings import Settings
from bus.messages import Health
from tests.actors.rtsp.loop import FRAME_NS, SECOND_NS, Play, Shelf, Source, Step, tick, woken

LARGE = (64, 1440)


class Wish:
    """What is wanted; a step of a script changes it."""

    def __init__(self) -> None:
        self.settings = Settings()

    def __call__(self) -> Settings:
        return self.settings

    def set(self, settings: Settings) -> Callable[[], None]:
        def step() -> None:
            self.settings = settings

        return step


@pytest.fixture
def wish() -> Wish:
    return Wish()


@pytest.fixture
def large(run_dir: Path) -> Iterator[Source]:
    source = Source(run_dir, size=LARGE)
    yield source
    source.close()


def watched(shelf: Shelf, *steps: Step) -> list[Step]:
    return [tick(1), shelf.begin("front/raw"), woken, *steps]


def numbers(shelf: Shelf) -> list[int]:
    return [round((unit.captured_ns - SECOND_NS) / FRAME_NS) for _, unit in shelf.units]


def test_mounts_are_opened_at_the_first_tick_and_when_they_change(
    play: Play, shelf: Shelf, wish: Wish
) -> None:
    off = Settings(result_stream=False)
    play(tick(1), tick(2), wish.set(off), tick(3), tick(4), desired=wish)
    assert ["front/result" in mounts for mounts in shelf.opened] == [True, False]
    assert all("back/raw" in mounts for mounts in shelf.opened)


def test_health_names_what_is_off(play: Play, wish: Wish) -> None:
    off = Settings(raw_stream=False, stream_fps=5)
    script = play(tick(1), wish.set(off), tick(2), wish.set(Settings()), tick(3), desired=wish)
    assert [report.detail for report in script.reports] == [
        "0 viewers",
        "0 viewers; switched off: raw, h264raw",
        "0 viewers",
    ]


def test_nothing_is_open_before_what_is_wanted_is_known(play: Play, shelf: Shelf) -> None:
    order: list[str] = []
    shelf.ticked = lambda: order.append(f"listens with {len(shelf.opened)} opened")
    play(tick(1), desired=lambda: Settings(raw_stream=False))
    assert order == ["listens with 1 opened"]
    assert "front/raw" not in shelf.opened[0]


def test_a_stream_is_thinned_before_it_is_encoded(
    play: Play, shelf: Shelf, source: Source, wish: Wish
) -> None:
    frames = [source.frame] * 9
    wanted = Settings(stream_fps=10)
    script = play(
        *watched(shelf, *frames, wish.set(wanted), tick(1.3), *frames, wish.set(Settings())),
        tick(1.6),
        *[source.frame] * 2,
        desired=wish,
    )
    assert numbers(shelf) == [*range(9), 9, 12, 15, 18, 19]
    assert [n for n, (_, unit) in enumerate(shelf.units) if unit.key_frame] == [0, 9, 12]
    sets = [shelf.units[at][1].nals[:2] for at in (0, 9, 12)]
    assert sets[0] == sets[2] != sets[1]  # they name the rate
    assert len(script.captured) == len(shelf.units)
    assert script.dropped == 0


@pytest.mark.parametrize(("camera_fps", "said"), [(None, 10), (25, 10), (5, 5)])
def test_the_description_says_the_thinned_rate(
    play: Play, shelf: Shelf, camera_fps: float | None, said: float
) -> None:
    shelf.demand.describe("front/raw")
    config = Config(camera=(Camera("front", fps=camera_fps),))
    play(tick(1), woken, config=config, desired=lambda: Settings(stream_fps=10))
    ((_, form),) = shelf.formats
    assert form.fps == said


def test_a_picture_is_made_smaller_in_the_same_stream(
    play: Play, shelf: Shelf, large: Source, wish: Wish
) -> None:
    steps: list[Step] = [large.frame, large.frame]
    for resolution in ("1080p", "720p", "native"):
        wanted = Settings(stream_resolution=resolution)
        steps += [wish.set(wanted), tick(1.1), large.frame, large.frame]
    script = play(*watched(shelf, *steps), desired=wish)
    sizes = [LARGE, (48, 1080), (32, 720), LARGE]
    assert shelf.sizes() == [size for size in sizes for _ in range(2)]
    assert [unit.key_frame for _, unit in shelf.units] == [True, False] * 4
    assert shelf.lumas() == pytest.approx([50 + 10 * n for n in range(8)], abs=2)
    assert script.dropped == 0
    assert numbers(shelf) == list(range(8))


def test_a_picture_is_never_made_larger(play: Play, shelf: Shelf, source: Source) -> None:
    wanted = Settings(stream_resolution="1080p")
    play(*watched(shelf, source.frame), desired=lambda: wanted)
    assert shelf.sizes() == [(64, 48)]


def test_the_description_has_the_size_that_is_sent(play: Play, shelf: Shelf, large: Source) -> None:
    def describe() -> None:
        shelf.demand.describe("front/raw")

    wanted = Settings(stream_resolution="720p")
    play(*watched(shelf, large.frame, describe, woken, large.frame), desired=lambda: wanted)
    assert shelf.formats[-1][1].sets == tuple(shelf.units[0][1].nals[:2])
    assert [unit.key_frame for _, unit in shelf.units] == [True, False]


def test_other_settings_touch_no_stream(
    play: Play, shelf: Shelf, source: Source, wish: Wish
) -> None:
    wanted = Settings(log_level="debug", interval_ms=5, align=False)
    play(*watched(shelf, source.frame, wish.set(wanted), tick(1.1), source.frame), desired=wish)
    assert [unit.key_frame for _, unit in shelf.units] == [True, False]


def test_the_last_picture_with_words_has_the_same_size_and_rate(
    play: Play, shelf: Shelf, large: Source
) -> None:
    said = Health(actor="camera-front", stage="camera", pid=1, state="degraded", detail="no such")
    wanted = Settings(stream_fps=2, stream_resolution="720p")
    play(
        *watched(shelf, large.frame, large.close, said),
        *[tick(1.1 + tenth / 10) for tenth in range(20)],
        desired=lambda: wanted,
    )
    assert shelf.sizes() == [(32, 720)] * 4
    times_ns = [unit.captured_ns for _, unit in shelf.units]
    assert times_ns == [tick(seconds).now_ns for seconds in (1, 1.6, 2.1, 2.6)]


def test_before_any_picture_the_dark_one_fits_too(play: Play, shelf: Shelf) -> None:
    config = Config(camera=(Camera("front", width=64, height=1440),))
    wanted = Settings(stream_resolution="720p")
    play(*watched(shelf, tick(1.6)), config=config, desired=lambda: wanted)
    assert shelf.sizes() == [(32, 720)]
