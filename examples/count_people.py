"""Says how many people each camera sees, whenever that changes.

python examples/count_people.py
"""

from actors.config import load, where
from actors.wiring import results
from bus.messages import Result
from bus.subscriber import Subscriber

device = load(where())
counts: dict[str, int] = {}
with Subscriber(device.run, results(device)) as messages:
    for message in messages:
        match message:
            case Result(camera=camera, status="ok", boxes=boxes):
                people = sum(box.label == "person" for box in boxes)
                if counts.get(camera) != people:
                    counts[camera] = people
                    print(f"{camera}: {people} people", flush=True)
