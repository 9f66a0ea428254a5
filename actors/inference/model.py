"""Keeps a working engine, or says why there is none and when it looks again."""

from collections.abc import Callable, Sequence

from actors.inference.engine import Engine, EngineLost
from actors.inference.slot import Wanted
from actors.package.reading import PackageError
from bus.health import SECOND_NS
from bus.messages import State
from bus.sockets import Bus

FIRST_WAIT_NS, LONGEST_WAIT_NS = 2 * SECOND_NS, 60 * SECOND_NS
NONE_NAMED = "no model is active: set its model to a package, .xml or .onnx"

Load = Callable[[Wanted, tuple[str, ...]], Engine | None]  # None: not yet, ask again


class LoadHung(Exception):
    """A model that never gets loaded: this process is beyond repair, the next one is not."""


class Model:
    """`engine` is None until `look` has loaded one, and after it was lost.

    Of what `choice` gives the first is wanted; a later one, the last good, is better than none.
    """

    def __init__(
        self,
        choice: Callable[[], Sequence[Wanted]],
        devices: tuple[str, ...],
        load: Load,
        load_s: float = 300.0,
    ) -> None:
        self.engine: Engine | None = None
        self.wanted: Wanted | None = None  # what the engine runs
        self._choice, self._load, self._load_ns = choice, load, int(load_s * SECOND_NS)
        self._ladder = self._devices = devices
        self._left: list[Wanted] = []  # to be tried in this round
        self._began_ns = 0
        self._failures: list[str] = []
        self._lost, self.losses = "", 0
        self._hold_ns, self._reason = 0, ""
        self._wait_ns, self._next_ns = FIRST_WAIT_NS, 0

    @property
    def trouble(self) -> str:
        """Why there is no engine, empty while it is still being loaded."""
        return "; ".join(self._failures) if not self._left else ""

    @property
    def refused(self) -> str:
        """Why not the wanted one but a later choice runs, empty if the wanted one does."""
        return self._failures[0] if self.engine and self._failures else ""

    @property
    def stepped_down(self) -> bool:
        """It runs, but not what or not where it should."""
        return bool(self._lost or self._failures)

    def wait(self, wait_ns: int, reason: str) -> None:
        """Do not load before so much time has passed, and say why."""
        self._hold_ns, self._reason = wait_ns, reason

    def look(self, bus: Bus, now_ns: int) -> None:
        """Load if there is a model and its time has come; goes on with what it began."""
        if self._hold_ns:
            self._next_ns, self._hold_ns = now_ns + self._hold_ns, 0
            bus.report("degraded", self._reason)
        if self.engine or now_ns < self._next_ns:
            return
        if not self._left:
            self._left, self._failures = list(self._choice()), []
            if not self._left:
                bus.report("degraded", NONE_NAMED)
                self._next_ns = now_ns + FIRST_WAIT_NS
                return
            self._began_ns = now_ns
        self._try(bus, now_ns)

    def lost(self, bus: Bus, error: EngineLost) -> None:
        """The engine's device failed: the next `look` tries the others first."""
        failed = self.engine.device if self.engine else ""
        self.engine, self._next_ns, self._lost = None, 0, str(error)
        self.losses += 1
        others = tuple(device for device in self._devices if device != failed)
        self._devices = (*others, failed)
        bus.report("degraded", f"device lost: {error}; trying {', '.join(self._devices)}")

    def _try(self, bus: Bus, now_ns: int) -> None:
        wanted = self._left[0]
        bus.report("starting", f"loading and compiling {wanted.path}")
        try:
            self.engine = self._load(wanted, self._devices)
        except PackageError as error:
            self._failures.append(str(error))
            del self._left[0]
            if self._left:
                self._try(bus, now_ns)
            else:
                self._give_up(bus, now_ns)
        else:
            if self.engine:
                self.wanted, self._left, self._wait_ns = wanted, [], FIRST_WAIT_NS
                self._tell(bus, self.engine)
            elif now_ns - self._began_ns > self._load_ns:
                raise LoadHung(f"{wanted.path}: not loaded in {self._load_ns / SECOND_NS:g} s")

    def _give_up(self, bus: Bus, now_ns: int) -> None:
        bus.report("degraded", f"no model is active: {self.trouble}")
        self._next_ns = now_ns + self._wait_ns
        self._wait_ns = min(2 * self._wait_ns, LONGEST_WAIT_NS)
        self._devices = self._ladder

    def _tell(self, bus: Bus, engine: Engine) -> None:
        package = engine.package
        model = f"{package.name}@{package.version}"
        if self._failures:
            detail = f"the last good model runs; the wanted one does not: {self._failures[0]}"
        elif self._lost:
            detail = f"on {engine.device} since a device was lost: {self._lost}"
        else:
            detail = "; ".join(engine.passed_over)
        state: State = "degraded" if self.stepped_down else "running"
        bus.report(state, detail, model=model, device=engine.device)
