"""What Home Assistant is told, and that its templates find the numbers in our letters."""

import json

import pytest
from jinja2 import Environment
from msgspec.structs import replace

from actors.telemetry.aggregate import Counts, Tally
from actors.telemetry.messages import percept, retinue1
from actors.telemetry.messages.percept import Size
from actors.telemetry.sinks.broker import Broker
from actors.telemetry.sinks.home_assistant import Kind, View, discovery
from bus.messages import Box
from tests.actors.telemetry.messages.test_retinue1 import COUNTS, RESULT

BOXES = [
    Box("car", 0.9, 0.1, 0.1, 0.2, 0.2),
    Box("car", 0.8, 0.3, 0.3, 0.4, 0.4),
    Box("dog's", 0.9, 0.5, 0.5, 0.6, 0.6),
]
LABELS = ("car", "dog's", "bus")


def bodies(kind: Kind) -> bytes:
    seen = replace(RESULT, boxes=BOXES)
    if kind == "percept":
        return percept.letter(seen, Size(1280, 720), 1).body
    if kind == "counts":
        tallies = {"car": Tally(0, 3, 1.0, 2), "dog's": Tally(0, 1, 0.5, 1)}
        counted: Counts = replace(COUNTS, labels=tallies)
        return retinue1.counts(counted, 1).body
    return retinue1.result(seen, None, 1).body


@pytest.mark.parametrize("kind", ["result", "percept", "counts"])
@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_its_templates_find_our_numbers(kind: Kind, version: str) -> None:
    broker = Broker("host", version=version)  # type: ignore[arg-type]
    found = discovery(broker, [View("front", "street", kind, LABELS)], "1")
    value = json.loads(bodies(kind))
    value_json = value if version == "5" else {"body": value}
    shown = {}
    for topic, body in found.items():
        entity = json.loads(body)
        template = Environment(autoescape=False).from_string(entity["value_template"])  # noqa: S701
        shown[topic.split("/")[1], entity["name"]] = template.render(value_json=value_json)
    assert shown == {
        ("sensor", "street count"): "3",
        ("sensor", "street car count"): "2",
        ("sensor", "street dog's count"): "1",
        ("sensor", "street bus count"): "0",
        ("binary_sensor", "street occupancy"): "ON",
        ("binary_sensor", "street car occupancy"): "ON",
        ("binary_sensor", "street dog's occupancy"): "ON",
        ("binary_sensor", "street bus occupancy"): "OFF",
    }


def test_entities_have_names_of_their_own_and_say_when_we_are_gone() -> None:
    views = [View("front", "a"), View("front", "b"), View("back", "a")]
    entities = [json.loads(body) for body in discovery(Broker("host"), views, "1").values()]
    assert len({entity["unique_id"] for entity in entities}) == 6
    assert {entity["availability_topic"] for entity in entities} == {"retinue/status"}
    assert {entity["state_topic"] for entity in entities} == {
        "retinue/results/front/a", "retinue/results/front/b", "retinue/results/back/a",
    }  # fmt: skip
