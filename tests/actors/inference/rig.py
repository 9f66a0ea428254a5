"""One post of an entry with real frames and a real desk, its slot in memory."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from actors.config import Inference, Models
from actors.inference.desk import Desk, Tenure
from actors.inference.duty import run
from actors.inference.engine import Engine
from actors.inference.inbox import Inbox
from actors.inference.model import Load, Model
from actors.inference.office import Office, Voice
from actors.inference.pipeline import Pipeline
from actors.inference.slot import Wanted
from actors.inference.standby import Call
from bus.frame_reader import FrameReader
from bus.messages import Post, Result
from bus.testing import Script
from bus.topics import POSTS, RESULTS

BRIGHT = Wanted(Path("bright.xml"))
VACANCY = Call("vacancy")
ENTRY = Inference("eye", "bright.xml")


class Slot:
    """What is wanted, and what was said of it."""

    def __init__(self, *wanted: Wanted) -> None:
        self.number, self.packages, self.probation = 0, list(wanted), False
        self.refused: list[tuple[int, str]] = []
        self.given: list[int] = []
        self.found: list[Tenure | None] = []
        self.looks = 0

    def generation(self) -> int:
        return self.number

    def relief(self, tenure: Tenure) -> int:
        return self.number if self.number > tenure.generation else 0

    def choice(self) -> list[Wanted]:
        return self.packages

    def vacated(self, tenure: Tenure | None) -> None:
        self.found.append(tenure)

    def begin(self, generation: int) -> int:
        del generation
        return 0

    def served(self, generation: int) -> None:
        self.given.append(generation)

    def ended(self) -> None: ...

    def refuse(self, generation: int, reason: str, tenure: Tenure | None) -> None:
        del tenure
        self.refused.append((generation, reason))

    def on_probation(self) -> bool:
        return self.probation

    def look(self) -> None:
        self.looks += 1


def model_of(load: Engine | Load, *wanted: Wanted, devices: tuple[str, ...] = ("CPU",)) -> Model:
    packages: Sequence[Wanted] = wanted or [BRIGHT]
    return Model(lambda: packages, devices, load if callable(load) else lambda *_: load)


class Rig:
    """A process of the entry `eye` on its duty."""

    def __init__(
        self, run_dir: Path, frames: FrameReader, bus: Script, cameras: Sequence[str] = ("front",)
    ) -> None:
        self.bus, self.slot, self.desk = bus, Slot(BRIGHT), Desk(run_dir, "eye")
        self._frames, self._cameras = frames, list(cameras)

    def office(
        self,
        call: Call = VACANCY,
        post: str = "a",
        rules: Models | None = None,
        ladder: Sequence[str] = ("CPU",),
    ) -> Office:
        results = {
            camera: RESULTS.of(camera=camera, inference="eye", post=post)
            for camera in self._cameras
        }
        voice = Voice(results, POSTS.of(inference="eye", post=post))
        own = Post(inference="eye", post=post, phase="standby")
        return Office(self.bus, self.desk, call, own, voice, rules or Models(), ladder)

    def pipeline(self, inbox: Inbox, office: Office) -> Pipeline:
        return Pipeline(self.bus, self._frames, inbox, ENTRY, office.publish)

    def serve(
        self,
        model: Model,
        every: Iterable[str] = (),
        office: Office | None = None,
        *,
        alone: bool = False,
    ) -> bool:
        office = office or self.office()
        inbox = Inbox(self._cameras, set(every))
        pipeline = self.pipeline(inbox, office)
        return run(self.bus, inbox, model, pipeline, office, self.slot, alone=alone)


def results(bus: Script) -> list[Result]:
    return [message for _, message in bus.sent if isinstance(message, Result)]


def posts(bus: Script) -> list[Post]:
    return [message for _, message in bus.sent if isinstance(message, Post)]
