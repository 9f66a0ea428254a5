"""The provisioning service says which hub is ours, refuses us, or is away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actors.telemetry.sinks.iot import Iot
from actors.telemetry.sinks.iot_identity import Account, Identity
from actors.telemetry.sinks.iot_provisioning import registered
from actors.telemetry.sinks.sink import Down
from tests.actors.telemetry.hub import ADDRESS, DEVICE, KEY, Hub
from tests.actors.telemetry.sinks.rig import Watched, courier_of, letters

REGISTER = "$dps/registrations/PUT/iotdps-register/"
SERVICE = f"provisioning service {ADDRESS}, registration gate"
Start = Callable[..., Hub]


def ours(hub: Hub, **settings: Any) -> Identity:
    ca_file = str(hub.authority.path)
    return Identity(
        host=ADDRESS, scope_id="0ne1", registration_id="gate", ca_file=ca_file, **settings
    )


def by_key(hub: Hub, folder: Path) -> Identity:
    (folder / "key").write_text(KEY)
    return ours(hub, key=f"file:{folder / 'key'}")


def registrations(hub: Hub) -> int:
    return sum(topic.startswith(REGISTER) for topic in hub.asked)


def test_a_device_goes_to_its_hub_and_remembers_it(
    hub: Hub, watched: Watched, tmp_path: Path
) -> None:
    watched.accept(letters("a"))
    with courier_of(Iot(by_key(hub, tmp_path)).connect, watched) as sink:
        hub.until(lambda: hub.words() == ["a"])
        hub.throw_out(DEVICE)
        watched.until_said("the connection was lost")
        watched.accept(letters("b"))
        sink.wake()
        hub.until(lambda: hub.words() == ["a", "b"])
    assert hub.letters[0].sender == DEVICE
    assert registrations(hub) == 1


def test_a_certificate_does_as_well_as_a_key(hub_with: Start, watched: Watched) -> None:
    hub = hub_with("allow_anonymous true", "require_certificate true")
    watched.accept(letters("a"))
    pem = str(hub.authority.issue("gate").path)
    with courier_of(Iot(ours(hub, certificate_file=pem)).connect, watched):
        hub.until(lambda: hub.words() == ["a"])


def test_it_asks_again_until_it_is_assigned(hub: Hub, tmp_path: Path) -> None:
    hub.polls = 1
    assert registered(by_key(hub, tmp_path)) == Account(ADDRESS, DEVICE)
    assert sum("iotdps-get-operationstatus" in topic for topic in hub.asked) == 1


def test_a_hub_that_does_not_take_it_makes_it_ask_anew(
    hub: Hub, watched: Watched, tmp_path: Path
) -> None:
    hub.assigned_hub = "moved.invalid"
    watched.accept(letters("a"))
    with courier_of(Iot(by_key(hub, tmp_path)).connect, watched):
        watched.until_said("iothub moved.invalid: ")
        hub.assigned_hub = ADDRESS
        hub.until(lambda: hub.words() == ["a"])
    assert registrations(hub) >= 2


def test_who_is_not_enrolled_is_told_so(hub: Hub, tmp_path: Path) -> None:
    hub.refuse_registrations = 401
    with pytest.raises(Down) as refused:
        registered(by_key(hub, tmp_path))
    words = "the service refused: register request returned a service error status code 401"
    assert str(refused.value) == f"{SERVICE}: {words}"


def test_who_is_disabled_is_told_so(hub: Hub, tmp_path: Path) -> None:
    hub.registration = "failed"
    with pytest.raises(Down) as refused:
        registered(by_key(hub, tmp_path))
    assert str(refused.value).startswith(f"{SERVICE}: the service refused: ")
    assert "failed registration" in str(refused.value)


def test_a_wrong_key_is_refused(hub_with: Start, tmp_path: Path) -> None:
    hub = hub_with("allow_anonymous false")
    with pytest.raises(Down) as refused:
        registered(by_key(hub, tmp_path))
    assert str(refused.value).startswith(f"{SERVICE}: refused; check the key")


def test_a_service_that_is_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    away = Identity(
        host="dps.invalid",
        scope_id="0ne1",
        registration_id="gate",
        key=f"file:{tmp_path / 'key'}",
    )
    with pytest.raises(Down, match=r"provisioning service dps\.invalid, registration gate: \w+"):
        registered(away)
