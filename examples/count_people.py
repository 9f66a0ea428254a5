"""Says how many people each camera sees, whenever that changes.

python examples/count_people.py
"""

from actors.config import load, where
from bus.messages import Result
from bus.subscriber import Subscriber
from bus.topics import RESULTS

device = load(where())
topics = [
    RESULTS.of(camera=c.name, inference=i) for c in device.camera for i in device.entries_of(c)
]
counts: dict[str, int] = {}
with Subscriber(device.run, topics) as messages:
    for message in messages:
        match message:
            case Result(camera=camera, status="ok", boxes=boxes):
                people = sum(box.label == "person" for box in boxes)
                if counts.get(camera) != people:
                    counts[camera] = people
                    print(f"{camera}: {people} people", flush=True)
