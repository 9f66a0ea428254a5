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

PID = 4711
BRIGHT = Wanted(Path("bright.xml"))
VACANCY = Call("vacancy")
ENTRY = Inference("eye", "bright.xml")


class Slot:
    """What is wanted, and what was said of it."""

    def __init__(self, *wanted: Wanted) -> None:
        self.generation, self.packages, self.probation = 0, list(wanted), False
        self.refused: list[tuple[int, str]] = []
        self.found: list[Tenure | None] = []
        self.looks = 0

    def wanted(self) -> int:
        return self.generation

    def choice(self) -> list[Wanted]:
        return self.packages

    def vacated(self, tenure: Tenure | None) -> None:
        self.found.append(tenure)

    def refuse(self, generation: int, reason: str) -> None:
        self.refused.append((generation, reason))

    def on_probation(self) -> bool:
        return self.probation

    def look(self, now_ns: int) -> None:
        del now_ns
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

    def office(self, call: Call = VACANCY, post: str = "a", rules: Models | None = None) -> Office:
        results = {
            camera: RESULTS.of(camera=camera, inference="eye", post=post)
            for camera in self._cameras
        }
        voice = Voice(results, POSTS.of(inference="eye", post=post))
        own = Post(inference="eye", post=post, phase="standby")
        return Office(self.bus, self.desk, call, own, voice, rules or Models(), PID)

    def pipeline(self, inbox: Inbox, office: Office) -> Pipeline:
        return Pipeline(self.bus, self._frames, inbox, ENTRY, office.publish)

    def serve(self, model: Model, every: Iterable[str] = (), office: Office | None = None) -> bool:
        office = office or self.office()
        inbox = Inbox(self._cameras, set(every))
        return run(self.bus, inbox, model, self.pipeline(inbox, office), office, self.slot)


def results(bus: Script) -> list[Result]:
    return [message for _, message in bus.sent if isinstance(message, Result)]


def posts(bus: Script) -> list[Post]:
    return [message for _, message in bus.sent if isinstance(message, Post)]
