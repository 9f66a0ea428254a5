"""Who plays in the scene (pure): kinds of figures and how each is drawn in a pose."""

from typing import Literal, NamedTuple

from actors.camera.street import bicycles, people, vehicles
from actors.camera.street.canvas import Canvas, Extent
from actors.camera.street.facing import facing
from actors.camera.street.walker import walker

Kind = Literal["walker", "front", "back", "standing", "bicycle", "rider", "car", "parked", "bus"]
LABELS: dict[Kind, str] = {
    "walker": "person",
    "front": "person",
    "back": "person",
    "standing": "person",
    "rider": "person",
    "bicycle": "bicycle",
    "car": "car",
    "parked": "car",
    "bus": "bus",
}
PHASES: dict[Kind, int] = {"walker": 8, "front": 8, "back": 8, "bicycle": 8, "rider": 8}
SHINING: tuple[Kind, ...] = ("car", "bus", "bicycle")
STRIDE = 0.85  # two steps, in a person's height
TURN = 1.6  # the way of one turn of the pedals


class Pose(NamedTuple):
    """All that a figure's pixels depend on."""

    kind: Kind
    look: int
    phase: int
    unit_px: float  # a person's height
    leftward: bool = False
    brolly: bool = False
    blur_px: int = 0  # how far it moves while the shutter is open

    @property
    def extent(self) -> Extent:
        match self.kind:
            case "car" | "parked":
                return vehicles.CAR_EXTENT
            case "bus":
                return vehicles.BUS_EXTENT
            case "bicycle" | "rider":
                return bicycles.EXTENT
            case _:
                return people.BROLLY_EXTENT if self.brolly else people.EXTENT


def lights_of(pose: Pose) -> Pose:
    """A pose with the same lights: they neither turn with the pedals nor are they blurred."""
    look = 0 if pose.kind == "bicycle" else pose.look
    return pose._replace(look=look, phase=0, blur_px=0)


def draw(canvas: Canvas, pose: Pose) -> None:
    """Draw the figure of this pose, facing right or the camera."""
    phase = pose.phase / PHASES.get(pose.kind, 1)
    match pose.kind:
        case "walker":
            walker(canvas, pose.look, phase, brolly=pose.brolly)
        case "front" | "back":
            facing(canvas, pose.look, phase, back=pose.kind == "back", brolly=pose.brolly)
        case "standing":
            facing(canvas, pose.look, -1, back=bool(pose.look % 3 == 0), brolly=pose.brolly)
        case "bicycle":
            bicycles.bicycle(canvas, pose.look, phase)
        case "rider":
            bicycles.rider(canvas, pose.look, phase)
        case "bus":
            vehicles.bus(canvas, pose.look, moving=True)
        case "car" | "parked":
            vehicles.car(canvas, pose.look, moving=pose.kind == "car")
