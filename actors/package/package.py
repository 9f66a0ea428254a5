"""What a package is once it is read: a model ready to be loaded, and all that was said of it."""

import re
from pathlib import Path

from msgspec import Struct

from actors.package import PackageError
from actors.package.manifest import Golden, Input


class InMemory(Struct, frozen=True):
    """A model that lies on no disk, for `read_model(graph, weights)`; shows its name only."""

    name: str
    graph: bytes
    weights: bytes  # empty if they are in the graph

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"InMemory({self.name!r})"


class Package(Struct, frozen=True):
    """A model ready to be loaded. `family` is empty if only the model itself can tell.

    `models` are in the order in which they work; nearly always there is one.
    """

    name: str
    version: str
    family: str
    models: tuple[Path | InMemory, ...]
    labels: tuple[str, ...]
    threshold: float
    input: Input = Input()
    thresholds: dict[str, float] = {}
    anchors: tuple[tuple[float, ...], ...] = ()
    licence: str = ""
    minimum_openvino: str = ""
    files: dict[str, str] = {}
    golden: Golden | None = None

    @property
    def model(self) -> Path | InMemory:
        """The only model, for whoever can use no more than one."""
        if len(self.models) != 1:
            named = ", ".join(map(str, self.models))
            raise PackageError(
                f"{self.name}: has {len(self.models)} models, one is needed: {named}"
            )
        return self.models[0]

    def label(self, class_id: int) -> str:
        known = 0 <= class_id < len(self.labels) and self.labels[class_id]
        return known or str(class_id)

    def too_new_for(self, openvino: str) -> bool:
        """Whether the package asks for a later OpenVINO than the one of this version string."""
        return _release(openvino) < _release(self.minimum_openvino)


def _release(version: str) -> tuple[int, ...]:
    """2026, 4, 1 of `2026.4.1-22982-e213a147257`; what is missing counts as 0."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    parts = [int(part) for part in numbers[0].split(".")] if numbers else []
    return tuple((*parts, 0, 0, 0)[:3])
