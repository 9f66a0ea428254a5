"""Asks Azure's Device Provisioning Service which hub is ours, by key or by certificate."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from azure.iot.device import ProvisioningDeviceClient

from actors.telemetry.sinks.iot_client import (
    authorities_of,
    certificate_of,
    check_reach,
    leave,
    mend,
    still,
)
from actors.telemetry.sinks.iot_identity import PROVISIONING_HOST, Account, Identity, check_key
from actors.telemetry.sinks.iot_words import words
from actors.telemetry.sinks.secret import read_secret
from actors.telemetry.sinks.sink import Down

ANSWER_S = 60.0  # an assignment takes its time where a policy of the owner's decides


class Answer(NamedTuple):
    error: Exception | None
    result: Any


def registered(identity: Identity) -> Account:
    """May take as long as the service does. Raises `Down`."""
    host = identity.host or PROVISIONING_HOST
    shown = f"provisioning service {host}, registration {identity.registration_id}"
    certificate = certificate_of(identity)
    authorities = authorities_of(identity)
    check_reach(shown, host, authorities, certificate)
    account = {
        "provisioning_host": host,
        "registration_id": identity.registration_id,
        "id_scope": identity.scope_id,
        "server_verification_cert": authorities,
        "keep_alive": identity.keep_alive_s,
    }
    still()
    if certificate:
        client = ProvisioningDeviceClient.create_from_x509_certificate(x509=certificate, **account)
    else:
        key = read_secret("key", identity.key)
        check_key("key", key)
        client = ProvisioningDeviceClient.create_from_symmetric_key(symmetric_key=key, **account)
    pipeline: Any = client._pipeline  # noqa: SLF001 its public method waits for ever
    mend(pipeline)
    try:
        for ask in (pipeline.connect, pipeline.enable_responses):
            _answer(shown, ask)
        assigned = _answer(shown, pipeline.register).registration_state
    finally:
        leave(pipeline.shutdown)
    return Account(assigned.assigned_hub, assigned.device_id)


def _answer(shown: str, ask: Callable[..., None]) -> Any:
    answers: SimpleQueue[Answer] = SimpleQueue()

    def tell(error: Exception | None = None, result: Any = None) -> None:
        answers.put(Answer(error, result))

    ask(callback=tell)
    try:
        answer = answers.get(timeout=ANSWER_S)
    except Empty:
        raise Down(f"{shown}: no answer for {ANSWER_S:g} s") from None
    if answer.error:
        raise Down(f"{shown}: {words(answer.error)}")
    return answer.result
