"""Keeps a working engine, or says why there is none and when it looks again."""

from collections.abc import Callable

from actors.config import Inference
from actors.inference.engine import Engine, EngineLost
from actors.package.reading import PackageError
from bus.health import SECOND_NS
from bus.sockets import Bus

FIRST_WAIT_NS, LONGEST_WAIT_NS = 2 * SECOND_NS, 60 * SECOND_NS
NONE_NAMED = "no model is active: set its model to a package, .xml or .onnx"

Load = Callable[[tuple[str, ...]], Engine | None]  # None: not yet, ask again


class Model:
    """`engine` is None until `look` has loaded one, and after it was lost."""

    def __init__(self, entry: Inference, load: Load) -> None:
        self.engine: Engine | None = None
        self._entry, self._load = entry, load
        self._devices = entry.devices
        self._lost = ""
        self._wait_ns, self._next_ns = FIRST_WAIT_NS, 0

    def look(self, bus: Bus, now_ns: int) -> None:
        """Load if there is a model and its time has come; goes on with what it began."""
        if self.engine or now_ns < self._next_ns:
            return
        if not self._entry.model:
            bus.report("degraded", NONE_NAMED)
            self._next_ns = now_ns + LONGEST_WAIT_NS
            return
        bus.report("starting", f"loading and compiling {self._entry.model}")
        try:
            self.engine = self._load(self._devices)
        except PackageError as error:
            bus.report("degraded", f"no model is active: {error}")
            self._next_ns = now_ns + self._wait_ns
            self._wait_ns = min(2 * self._wait_ns, LONGEST_WAIT_NS)
            self._devices = self._entry.devices
        else:
            if self.engine:
                self._wait_ns = FIRST_WAIT_NS
                self._tell(bus, self.engine)

    def lost(self, bus: Bus, error: EngineLost) -> None:
        """The engine's device failed: the next `look` tries the others first."""
        failed = self.engine.device if self.engine else ""
        self.engine, self._next_ns, self._lost = None, 0, str(error)
        others = tuple(device for device in self._devices if device != failed)
        self._devices = (*others, failed)
        bus.report("degraded", f"device lost: {error}; trying {', '.join(self._devices)}")

    def _tell(self, bus: Bus, engine: Engine) -> None:
        package, passed_over = engine.package, "; ".join(engine.passed_over)
        model = f"{package.name}@{package.version}"
        if self._lost:
            detail = f"on {engine.device} since a device was lost: {self._lost}"
            bus.report("degraded", detail, model=model, device=engine.device)
        else:
            bus.report("running", passed_over, model=model, device=engine.device)

    @property
    def stepped_down(self) -> bool:
        return bool(self._lost)
