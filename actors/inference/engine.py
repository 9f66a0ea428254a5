"""OpenVINO: read, compile for the first device that takes it, infer. Its only importer.

Requests share one compiled model: some infer while the input of another is filled.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import openvino as ov
from msgspec.structs import replace
from openvino.preprocess import PrePostProcessor

from actors.inference.families import FAMILIES, Outputs, family_of
from actors.inference.fit import Fit
from actors.package.reading import InMemory, Input, Package, PackageError
from bus.messages import Box
from bus.pixels import I420

log = logging.getLogger(__name__)
MOST_STREAMS = 4  # each holds a frame, and a pool lends half its slots to one reader
QUEUED = {"latency": 1, "throughput": 2}  # that a device may find when it has ended one
COLOURS = 3
QUICK_MS = 10.0
LEARNING = 0.1  # how much the last inference changes what is usual
# how a line of OpenVINO's begins that tells where it failed, and not why
SAYS_WHERE = (
    "Exception from",
    "Caught exception: Exception from",
    "Check ",
    "FrontEnd API failed with ",
    "Converting input model",
)


class EngineLost(Exception):
    """A device failed while it inferred: the reason it gave."""


Hint = Literal["latency", "throughput"]


class Engine:
    """One model on one device. `done` is called from OpenVINO's threads.

    With the hint `latency` one inference runs at a time, with `throughput` as many as the device
    likes. There are more lanes than that, to be filled meanwhile.
    """

    def __init__(
        self,
        package: Package,
        devices: Sequence[str],
        cache_dir: Path | None,
        done: Callable[[], None],
        *,
        hint: Hint = "latency",
        threads: int = 0,
        threshold: float | None = None,
    ) -> None:
        if threshold is not None:  # the device's word is for every label
            package = replace(package, threshold=threshold, thresholds={})
        self.package = package
        core = ov.Core()
        if cache_dir and not isinstance(package.model, InMemory):  # the protected stays off disks
            core.set_property({"CACHE_DIR": str(cache_dir)})
        model = _prepared(_read(core, package), package.input)
        self.family = _family(package, model)
        options = {"PERFORMANCE_HINT": hint.upper()}
        compiled, self.device, self.passed_over = _compile(core, model, devices, options, threads)
        self._eager = hint == "throughput"
        self._streams = _streams(compiled) if self._eager else 1
        self._decode = FAMILIES[self.family].decode
        self._done, self._usual_ms = done, 0.0
        self._count, self._running, self._queued = threading.Lock(), 0, deque[_Lane]()
        colour = package.input.colour
        lanes = self._streams + QUEUED[hint]
        self._lanes = [_Lane(compiled, colour, self._ended) for _ in range(lanes)]

    @property
    def lanes(self) -> int:
        return len(self._lanes)

    def warm_up(self) -> None:
        """Infer once in each lane: the first time takes several times as long as the next.

        Raises `PackageError` if the model cannot infer at all.
        """
        for lane in range(self.lanes):
            self.start(lane)
            try:
                self._lanes[lane].request.wait()
            except RuntimeError as error:
                reason = f"{self.package.model}: on {self.device}: {_first_line(error)}"
                raise PackageError(reason) from error

    def fill(self, lane: int, picture: I420) -> None:
        """Prepare a lane's input; its request must not be running."""
        self._lanes[lane].fit.fill(picture)

    def start(self, lane: int) -> None:
        """Infer what the lane holds; returns at once."""
        with self._count:
            self._running += 1
            if self._running > self._streams:
                self._queued.append(self._lanes[lane])
        self._lanes[lane].start()

    def finished(self, lane: int) -> bool:
        return self._lanes[lane].finished

    def boxes(self, lane: int) -> list[Box]:
        """What a finished lane saw; `EngineLost` if the device failed."""
        request = self._lanes[lane].request
        try:
            request.wait()
        except RuntimeError as error:
            raise EngineLost(f"{self.device}: {_first_line(error)}") from error
        return self._decode(self._lanes[lane].outputs, self.package, self.package.threshold)

    def wrong_outputs(self, lane: int) -> str:
        """The first output of a finished lane with a value that is no finite number, or ""."""
        outputs = self._lanes[lane].outputs.items()
        return next((name for name, values in outputs if not np.isfinite(values).all()), "")

    @property
    def room(self) -> int:
        """How many may be started and not have ended.

        A prepared frame can still give way to a fresher one, a started one cannot. So with the
        hint `latency` none waits in the device, unless it is hardly older for it.
        """
        quick = 0 < self._usual_ms < QUICK_MS
        return self.lanes if self._eager or quick else self._streams

    def spent_ms(self, lane: int) -> float:
        """How long the finished inference took, its wait for the one before it left out."""
        return self._lanes[lane].spent_ms

    def _ended(self, lane: "_Lane") -> None:
        """In an OpenVINO thread: take the time, tell the loop."""
        now_ns = time.perf_counter_ns()
        with self._count:
            self._running -= 1
            if self._queued:
                self._queued.popleft().began_ns = now_ns
        lane.spent_ms = (now_ns - lane.began_ns) / 1e6
        self._usual_ms += (lane.spent_ms - self._usual_ms) * (LEARNING if self._usual_ms else 1)
        lane.finished = True
        self._done()


class _Lane:
    """One infer request with an input of its own, filled in place."""

    def __init__(
        self, compiled: ov.CompiledModel, colour: str, ended: "Callable[[_Lane], None]"
    ) -> None:
        self.request = compiled.create_infer_request()
        tensor = np.zeros(tuple(compiled.input(0).shape), np.uint8)
        self.request.set_input_tensor(ov.Tensor(tensor, shared_memory=True))
        self.request.set_callback(ended, self)
        self.fit = Fit(tensor, colour)
        self.began_ns, self.spent_ms, self.finished = 0, 0.0, False
        self._names = _names(compiled.outputs)
        self._kept = self._bound(compiled.outputs)

    @property
    def outputs(self) -> Outputs:
        """What a finished request left, by name; valid until it is started again."""
        if self._kept:
            return self._kept
        request = self.request
        return {name: request.get_output_tensor(at).data for at, name in enumerate(self._names)}

    def _bound(self, outputs: Sequence[ov.Output]) -> Outputs:
        """Memory of ours for all outputs, which are then not asked for; none if a size is open."""
        if any(output.partial_shape.is_dynamic for output in outputs):
            return {}
        kept = [np.zeros(tuple(output.shape), np.float32) for output in outputs]
        for at, memory in enumerate(kept):
            self.request.set_output_tensor(at, ov.Tensor(memory, shared_memory=True))
        return dict(zip(self._names, kept, strict=True))

    def start(self) -> None:
        self.began_ns, self.finished = time.perf_counter_ns(), False
        self.request.start_async()


def wrong_weights(package: Package) -> str:
    """The first of the model's constants with a value that is no finite number, or ""."""
    for node in _read(ov.Core(), package).get_ops():
        if node.get_type_name() != "Constant" or not node.get_element_type().is_real():
            continue
        if not np.isfinite(np.asarray(node.data, np.float32)).all():
            return str(node.get_friendly_name())
    return ""


def version() -> str:
    """OpenVINO's release."""
    return str(ov.__version__)


def _read(core: ov.Core, package: Package) -> ov.Model:
    if package.too_new_for(ov.__version__):
        wanted = f"needs OpenVINO {package.minimum_openvino}, here is {ov.__version__}"
        raise PackageError(f"{package.name}: {wanted}")
    source = package.model
    try:
        if isinstance(source, InMemory):
            model = core.read_model(source.graph, source.weights)
        else:
            model = core.read_model(source)
        if len(model.inputs) != 1:
            raise PackageError(f"{package.model}: {len(model.inputs)} inputs, one is expected")
    except RuntimeError as error:
        raise PackageError(f"{package.model}: {_first_line(error)}") from error
    return model


def _prepared(model: ov.Model, wanted: Input) -> ov.Model:
    """With u8 `[1, height, width, 3]` in and float32 out, preparation included."""
    try:
        return _with_steps(model, wanted)
    except RuntimeError as error:
        raise PackageError(f"{model.get_friendly_name()}: {_first_line(error)}") from error


def _with_steps(model: ov.Model, wanted: Input) -> ov.Model:
    shape = model.input(0).partial_shape
    if len(shape) != 4 or any(size.is_dynamic for size in list(shape)[1:]):  # noqa: PLR2004
        raise PackageError(f"input {shape}: one picture of fixed size is expected")
    sizes = {axis: shape[at].get_length() for at, axis in enumerate(wanted.layout) if at}
    if sizes["C"] != COLOURS or min(sizes.values()) < 1:
        raise PackageError(
            f"input {shape}: a picture of three colours, {wanted.layout}, is expected"
        )
    if shape[0].is_dynamic or shape[0] != 1:
        model.reshape([1, *(size.get_length() for size in list(shape)[1:])])
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout(wanted.layout))
    if any(wanted.mean) or set(wanted.scale) != {1.0}:
        convert = steps.input().preprocess().convert_element_type(ov.Type.f32)
        convert.mean(list(wanted.mean)).scale(list(wanted.scale))
    for at in range(len(model.outputs)):
        steps.output(at).tensor().set_element_type(ov.Type.f32)
    return steps.build()


def _family(package: Package, model: ov.Model) -> str:
    sizes = [
        tuple(-1 if size.is_dynamic else size.get_length() for size in output.partial_shape)
        for output in model.outputs
    ]
    try:
        return family_of(package, dict(zip(_names(model.outputs), sizes, strict=True)))
    except ValueError as error:
        raise PackageError(f"{package.model}: {error}") from error


def _compile(
    core: ov.Core, model: ov.Model, devices: Sequence[str], wanted: dict[str, str], threads: int
) -> tuple[ov.CompiledModel, str, list[str]]:
    """The first device of the ladder that is there and takes the model."""
    passed_over, there = [], set(core.available_devices)
    there |= {name.partition(".")[0] for name in there}
    for device in devices:
        if device not in there:
            passed_over.append(f"{device}: not present")
            continue
        options = wanted.copy()
        if threads and device == "CPU":
            options["INFERENCE_NUM_THREADS"] = str(threads)
        try:
            return core.compile_model(model, device, options), device, passed_over
        except RuntimeError as error:
            passed_over.append(f"{device}: {_first_line(error)}")
            log.warning("%s", passed_over[-1])
    raise PackageError(f"no device takes the model: {'; '.join(passed_over)}")


def _streams(compiled: ov.CompiledModel) -> int:
    return min(MOST_STREAMS, int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")))


def _names(outputs: Sequence[ov.Output]) -> list[str]:
    return [min(output.get_names(), default=str(at)) for at, output in enumerate(outputs)]


def _first_line(error: Exception) -> str:
    """OpenVINO's reason without its stack of source lines."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(SAYS_WHERE)]
    return (told or lines or [type(error).__name__])[0][:200]
