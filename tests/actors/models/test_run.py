"""The actor's loop: a scripted bus, real files, and hands that do what the test says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from actors.models.__main__ import run
from actors.models.errands import FIRST_NS, Errand
from actors.models.hands import STARTING, Ended
from actors.models.progress import Progress
from actors.models.shelf import Shelf
from actors.store.layout import Layout
from actors.store.outcomes import Outcome, record_outcome
from actors.store.wishes import Done, Wishes
from bus.messages import Message, Model, Tick, Woken
from bus.testing import Report, Script

URL = "https://blob.example/people.zip?sig=s3cr3t"
SHOWN = "https://blob.example/people.zip?***"


class Played:
    """Hands that are told by a test how their work goes."""

    def __init__(self) -> None:
        self.errand: Errand | None = None
        self.progress = STARTING
        self.begun: list[Errand] = []
        self.dropped = 0
        self._ended: Ended | None = None

    def begin(self, errand: Errand) -> None:
        assert self.errand is None
        self.errand, self.progress = errand, STARTING
        self.begun.append(errand)

    def drop(self) -> None:
        self.dropped += 1

    def take(self) -> Ended | None:
        ended, self._ended = self._ended, None
        if ended:
            self.errand = None
        return ended

    def end(self, reason: str = "") -> None:
        assert self.errand
        self._ended = Ended(self.errand, reason)


class Stage:
    """A device's files, and the loop on them."""

    def __init__(self, state: Path) -> None:
        self.state, self.hands, self.wishes = state, Played(), Wishes(state)
        self.bus = Script()

    def play(self, *script: Message | Callable[[], Message | None]) -> list[Model]:
        self.bus = Script(*script)
        run(self.bus, self.hands, Shelf(self.state), ["front", "back"])
        return [message for _, message in self.bus.sent if isinstance(message, Model)]

    def wish(self, slot: str = "front", **change: object) -> Callable[[], None]:
        return lambda: void(self.wishes.change(slot, change))

    def settle(self, step: int, reason: str = "") -> Callable[[], None]:
        """As the thread does before it ends."""

        def settled() -> None:
            self.wishes.settle("front", Done(step, SHOWN, reason, "", 5))
            self.hands.end()

        return settled


def void(_: object) -> None:
    """Nothing for the script to send."""


def tick(now_ns: int) -> Tick:
    return Tick(now_ns=now_ns)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_it_says_once_what_counts_for_each_slot(stage: Stage) -> None:
    told = stage.play(tick(0), tick(1), tick(2))
    assert [(model.inference, model.phase) for model in told] == [
        ("front", "idle"),
        ("back", "idle"),
    ]
    assert [name for name, _ in stage.bus.sent] == ["models/front/", "models/back/"]
    assert stage.bus.reports == [Report("running")]
    assert stage.hands.begun == []


def test_a_wish_is_worked_off_once_and_its_progress_is_told(stage: Stage) -> None:
    def download() -> None:
        stage.hands.progress = Progress("fetching", "downloading", 5, 9, 2.0)

    told = stage.play(
        tick(0), stage.wish(ModelZipUrl=URL), tick(1), download, tick(2), tick(3),
        stage.settle(1), Woken(now_ns=4), tick(5),
    )  # fmt: skip
    front = [model for model in told if model.inference == "front"]
    assert [(model.phase, model.doing) for model in front] == [
        ("idle", ""), ("fetching", "starting"), ("fetching", "downloading"), ("idle", ""),
    ]  # fmt: skip
    assert [model.source for model in front] == ["", SHOWN, SHOWN, SHOWN]
    assert [errand.wish.step for errand in stage.hands.begun] == [1]
    assert stage.hands.errand is None
    assert stage.bus.reports == [Report("running")]


def test_the_networks_fault_is_tried_again_later_and_said_so(stage: Stage) -> None:
    told = stage.play(
        stage.wish(ModelZipUrl=URL), tick(1), lambda: stage.hands.end("no network"),
        Woken(now_ns=2), tick(1 + FIRST_NS), tick(2 + FIRST_NS),
        stage.settle(1), tick(3 + FIRST_NS),
    )  # fmt: skip
    front = [model for model in told if model.inference == "front"]
    assert [model.phase for model in front] == ["fetching", "waiting", "fetching", "idle"]
    assert (front[1].reason, front[1].next_ns) == ("no network", 2 + FIRST_NS)
    assert len(stage.hands.begun) == 2
    assert stage.bus.reports == [
        Report("running"), Report("degraded", "front: no network"), Report("running"),
    ]  # fmt: skip


def test_a_refusal_is_final_until_the_wish_changes(stage: Stage) -> None:
    told = stage.play(
        stage.wish(ModelZipUrl=URL), tick(1), stage.settle(1, "is no model"), tick(2), tick(10**15),
        stage.wish(number=1), tick(10**15 + 1),
    )  # fmt: skip
    front = [model for model in told if model.inference == "front"]
    assert [model.phase for model in front] == ["fetching", "refused", "fetching"]
    assert front[1].reason == "is no model"
    assert [errand.wish.step for errand in stage.hands.begun] == [1, 2]
    assert Report("degraded", "front: is no model") in stage.bus.reports


def test_after_a_restart_what_was_done_is_not_done_again(stage: Stage) -> None:
    stage.play(stage.wish(ModelZipUrl=URL), tick(1), stage.settle(1, "is no model"), tick(2))
    stage.hands.begun.clear()
    (front, _) = stage.play(tick(0), tick(1))
    assert (front.phase, front.reason) == ("refused", "is no model")
    assert stage.hands.begun == []


def test_what_was_begun_before_a_restart_is_begun_again(stage: Stage) -> None:
    stage.play(stage.wish(ModelZipUrl=URL), tick(1))
    stage.hands = Played()
    stage.play(tick(0))
    assert [errand.wish.zip_url for errand in stage.hands.begun] == [URL]


def test_what_nobody_wants_any_more_is_dropped(stage: Stage) -> None:
    stage.play(
        stage.wish(ModelZipUrl=URL), tick(1), stage.wish(ModelZipUrl=f"{URL}2"), tick(2),
        stage.hands.end, tick(3),
    )  # fmt: skip
    assert stage.hands.dropped == 1
    assert [errand.wish.step for errand in stage.hands.begun] == [1, 2]


def test_one_slot_after_the_other(stage: Stage) -> None:
    stage.play(
        stage.wish("back", model="a@1"), stage.wish("front", model="b@1"), tick(1), tick(2),
        stage.settle(1), tick(3), tick(4),
    )  # fmt: skip
    assert [errand.slot for errand in stage.hands.begun] == ["front", "back"]


def test_what_a_command_did_is_told_and_is_no_fault_of_a_wish(stage: Stage) -> None:
    def command() -> None:
        outcome = Outcome(9, "file:x.zip", "is no model")
        record_outcome(Layout(stage.state / "models"), "front", outcome)

    told = stage.play(tick(0), command, tick(1))
    assert (told[-1].phase, told[-1].reason, told[-1].ended_utc_ns) == ("refused", "is no model", 9)
    assert stage.bus.reports == [Report("running")]


def test_a_wish_that_cannot_be_read_is_said_so_and_nothing_is_done(stage: Stage) -> None:
    def spoil() -> None:
        stage.wishes.path("front").write_bytes(b"{")

    stage.play(stage.wish(model="a@1"), spoil, tick(0))
    assert stage.hands.begun == []
    (report,) = stage.bus.reports[1:]
    assert report.state == "degraded"
    assert report.detail.startswith("front: wishes/front.json is damaged")
