"""What an entry is to run, by a real store: choice, relief, probation, and the way back."""

from pathlib import Path

import pytest

from actors.config import Config, Inference
from actors.inference.desk import Tenure
from actors.inference.stored import DIED, NOTE_NS, StoredSlots
from actors.store.moment import Moment
from actors.store.store import Store
from bus.health import SECOND_NS
from tests.actors.store.rig import NOW, add

CONFIGURED = "/models/first"
PROBATION_S = 120.0


class Device:
    """An entry `eye` with versions 1 and 2 of a model in its store, and a clock."""

    def __init__(self, run_dir: Path, state_dir: Path, model: str = CONFIGURED) -> None:
        self.config = Config(run_dir=str(run_dir), state_dir=str(state_dir))
        self.entry = Inference("eye", model)
        self.store = Store(state_dir)
        self.now = NOW
        self.one = add(self.store, "m", "1")
        self.two = add(self.store, "m", "2", NOW.utc_ns + 1)
        self.slots = StoredSlots(self.config, self.entry, lambda: self.now)

    def activate(self, digest: str, probation_s: float = PROBATION_S) -> int:
        model = self.entry.model
        return self.store.activate(
            "eye", digest, configured=model, probation_s=probation_s, now=self.now
        ).generation

    def pass_s(self, seconds: float) -> None:
        ns = int(seconds * SECOND_NS)
        self.now = Moment(self.now.utc_ns + ns, self.now.boottime_ns + ns, self.now.boot_id)

    def digests(self) -> list[str]:
        return [wanted.digest for wanted in self.slots.choice()]


@pytest.fixture
def device(run_dir: Path, tmp_path: Path) -> Device:
    return Device(run_dir, tmp_path / "state")


def test_without_a_slot_what_is_configured_is_wanted(device: Device) -> None:
    assert [(w.path, w.digest) for w in device.slots.choice()] == [(Path(CONFIGURED), "")]
    assert device.slots.relief(Tenure("a", 1, 0)) == 0
    assert not device.slots.on_probation()


def test_without_a_model_nothing_is_wanted(run_dir: Path, tmp_path: Path) -> None:
    assert Device(run_dir, tmp_path, "").slots.choice() == []


def test_a_model_may_be_a_name_of_the_store(run_dir: Path, tmp_path: Path) -> None:
    for name, digest in (("m", "two"), ("m@1", "one"), ("n", "")):
        device = Device(run_dir, tmp_path / name, name)
        assert device.digests() == [getattr(device, digest) if digest else ""]
    assert device.slots.choice()[0].path == Path("n")


def test_the_active_one_is_wanted_then_the_last_good_then_the_configured(device: Device) -> None:
    device.activate(device.one, probation_s=0)
    device.activate(device.two)
    assert device.digests() == [device.two, device.one, ""]
    assert device.slots.choice()[0].path == device.store.layout.package(device.two)
    assert {wanted.generation for wanted in device.slots.choice()} == {2}


def test_another_model_in_the_configuration_wins(device: Device) -> None:
    device.activate(device.one)
    device.entry = Inference("eye", "/models/second")
    slots = StoredSlots(device.config, device.entry, lambda: device.now)
    assert [w.path for w in slots.choice()] == [Path("/models/second")]


def test_a_newer_generation_asks_for_relief(device: Device) -> None:
    generation = device.activate(device.one)
    assert device.slots.relief(Tenure("a", 1, generation - 1)) == generation
    assert device.slots.relief(Tenure("a", 1, generation)) == 0
    later = device.store.reload("eye").generation
    assert device.slots.relief(Tenure("a", 1, generation, device.one)) == later


def test_a_slot_that_cannot_be_read_relieves_nobody(device: Device) -> None:
    device.activate(device.one)
    device.store.layout.slot("eye").write_text("{")
    assert device.slots.relief(Tenure("a", 1, 0)) == 0


def test_a_try_in_vain_makes_the_next_wait(device: Device) -> None:
    generation = device.activate(device.one)
    tenure = Tenure("a", 1, 0)
    assert device.slots.begin(generation) == 0
    assert device.slots.relief(tenure) == 0
    device.pass_s(2)
    assert device.slots.relief(tenure) == generation
    assert device.slots.begin(generation) == 1
    device.slots.ended()
    assert device.slots.begin(generation) == 0


def test_who_dies_on_probation_is_put_back_and_quarantined(device: Device) -> None:
    device.activate(device.one, probation_s=0)
    generation = device.activate(device.two)
    device.slots.vacated(Tenure("a", 1, generation, device.two))
    slot = device.store.slot("eye").slot
    assert (slot.active, slot.reverted, slot.reason, slot.good) == (
        device.one, device.two, DIED, True,
    )  # fmt: skip
    assert device.digests() == [device.one, ""]
    note = device.store.quarantined(device.two)
    assert note
    assert note.reason == DIED


def test_the_reason_is_that_of_who_ended_itself(device: Device) -> None:
    generation = device.activate(device.two)
    device.slots.vacated(Tenure("a", 1, generation, device.two, fault="no answer in 5 s"))
    assert device.store.slot("eye").slot.reason == "no answer in 5 s"
    assert device.digests() == [""]


@pytest.mark.parametrize("how", ["left", "good", "older", "other", "boot"])
def test_no_other_death_puts_a_model_back(device: Device, how: str) -> None:
    generation = device.activate(device.two, probation_s=0 if how == "good" else PROBATION_S)
    tenures = {
        "left": Tenure("a", 1, generation, device.two, left=True),
        "good": Tenure("a", 1, generation, device.two),
        "older": Tenure("a", 1, generation - 1, device.two),
        "other": Tenure("a", 1, generation, device.one),
        "boot": None,
    }
    device.slots.vacated(tenures[how])
    assert device.store.slot("eye").slot.active == device.two


def test_a_newcomer_that_fails_is_put_back_and_not_tried_again(device: Device) -> None:
    device.activate(device.one, probation_s=0)
    running = Tenure("a", 1, device.store.slot("eye").slot.generation, device.one)
    generation = device.activate(device.two)
    device.slots.begin(generation)
    device.slots.refuse(generation, "it cannot be read", running)
    assert device.store.slot("eye").slot.active == device.one
    assert device.store.quarantined(device.two)
    device.pass_s(10**6)
    assert device.slots.relief(running) == 0


def test_a_good_one_that_fails_to_be_loaded_anew_stays_without_another_try(device: Device) -> None:
    device.activate(device.one, probation_s=0)
    running = Tenure("a", 1, device.store.slot("eye").slot.generation, device.one)
    generation = device.store.reload("eye").generation
    device.slots.refuse(generation, "no memory", running)
    device.pass_s(10**6)
    assert device.slots.relief(running) == 0
    assert device.store.quarantined(device.one) is None


def test_what_is_wanted_and_good_is_tried_again(device: Device) -> None:
    device.activate(device.one, probation_s=0)
    generation = device.activate(device.two, probation_s=0)
    running = Tenure("a", 1, generation - 1, device.one)
    device.slots.begin(generation)
    device.slots.refuse(generation, "no memory", running)
    assert device.slots.relief(running) == 0
    device.pass_s(2)
    assert device.slots.relief(running) == generation


def test_what_is_late_refuses_nothing(device: Device) -> None:
    generation = device.activate(device.one)
    device.activate(device.two)
    device.slots.refuse(generation, "late", None)
    assert device.store.slot("eye").slot.active == device.two


def test_a_probation_ends_when_its_time_was_served(device: Device) -> None:
    generation = device.activate(device.two)
    device.slots.served(generation)
    for _ in range(int(PROBATION_S * SECOND_NS) // NOTE_NS):
        device.slots.look()
        assert device.slots.on_probation()
        device.pass_s(NOTE_NS / SECOND_NS)
    device.slots.look()
    assert not device.slots.on_probation()


def test_what_was_served_of_a_probation_outlasts_a_boot(device: Device) -> None:
    generation = device.activate(device.two)
    device.slots.served(generation)
    device.pass_s(100)
    device.slots.look()
    device.now = Moment(device.now.utc_ns, 5 * SECOND_NS, "boot-2")
    again = StoredSlots(device.config, device.entry, lambda: device.now)
    again.served(generation)
    again.look()
    device.pass_s(21)
    assert again.on_probation()
    again.look()
    assert not again.on_probation()


def test_who_serves_something_else_spends_nothing_of_it(device: Device) -> None:
    generation = device.activate(device.two)
    device.slots.served(generation - 1)
    device.pass_s(PROBATION_S + 1)
    device.slots.look()
    assert device.slots.on_probation()
