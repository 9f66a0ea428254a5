"""Azure's client for one connection, made of an identity; and whether its hub can be reached.

Of the client its pipeline is used: it takes letters in order without waiting and calls back. The
public methods around it give letters to several threads, which do not keep their order, and leave
threads behind when a connection was lost.
"""

import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

from azure.iot.device import X509, IoTHubDeviceClient, IoTHubModuleClient, MethodResponse
from azure.iot.device.iothub.models import Message

from actors.telemetry.sinks.broker import Tls, tls_context
from actors.telemetry.sinks.iot_identity import (
    AUTHORITY,
    WORKLOAD_URI,
    Account,
    Identity,
    check_environment,
    check_key,
    parts_of,
)
from actors.telemetry.sinks.iot_words import words
from actors.telemetry.sinks.secret import read_secret
from actors.telemetry.sinks.sink import Down
from actors.telemetry.sinks.tls_line import TlsLine

PORT = 8883
REACH_S = 5.0
LEAVE_S = 1.0
Callback = Callable[..., None]


class Pipeline(Protocol):
    """What is used of the library's; all call back from one thread of the library's."""

    on_background_exception: Callback
    on_twin_patch_received: Callback
    on_method_request_received: Callback
    on_input_message_received: Callback

    @property
    def connected(self) -> bool: ...

    @property
    def pipeline_configuration(self) -> Any: ...

    def connect(self, callback: Callback) -> None: ...

    def shutdown(self, callback: Callback) -> None: ...

    def send_message(self, message: Message, callback: Callback) -> None: ...

    def send_output_message(self, message: Message, callback: Callback) -> None: ...

    def enable_feature(self, feature_name: str, callback: Callback) -> None: ...

    def get_twin(self, callback: Callback) -> None: ...

    def patch_twin_reported_properties(
        self, patch: Mapping[str, Any], callback: Callback
    ) -> None: ...

    def send_method_response(self, method_response: MethodResponse, callback: Callback) -> None: ...


class Client(NamedTuple):
    pipeline: Pipeline
    is_module: bool
    shown: str


def client_of(identity: Identity, account: Account | None) -> Client:
    """Not connected yet. `account` is what the provisioning service assigned. Raises `Down`."""
    still()
    options: dict[str, Any] = {
        "connection_retry": False,
        "auto_connect": False,
        "ensure_desired_properties": False,
        "keep_alive": identity.keep_alive_s,
    }
    if identity.edge:
        client = _of_edge(options, identity)
    elif identity.connection:
        client = _by_connection(options, identity)
    else:
        client = _by_account(options, identity, account or _own(identity))
    pipeline = cast("Pipeline", client._mqtt_pipeline)  # noqa: SLF001 see above
    mend(pipeline)
    to = pipeline.pipeline_configuration
    shown = f"iotedge {to.gateway_hostname}" if identity.edge else f"iothub {to.hostname}"
    return Client(pipeline, isinstance(client, IoTHubModuleClient), shown)


def still() -> None:
    """What the library has to say comes back as exceptions; its log would show topics and bodies.

    It warns of each lost connection twice, with tracebacks.
    """
    for name in ("azure.iot.device", "paho"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def mend(pipeline: Any) -> None:
    """Let a line that TLS finds cut be a lost connection: paho's thread ended without a word."""
    stage = pipeline._pipeline  # noqa: SLF001 nothing public leads there
    while stage.next:
        stage = stage.next
    stage.transport._mqtt_client._ssl_context.sslsocket_class = TlsLine  # noqa: SLF001 as above


def leave(shutdown: Callback) -> None:
    """End a connection; waits a second at most, as the library does for its goodbye to be taken."""
    thread = threading.Thread(target=shutdown, args=(lambda **_: None,), daemon=True)
    thread.start()
    thread.join(LEAVE_S)


def check_reach(shown: str, host: str, authorities: str | None, certificate: X509 | None) -> None:
    """Raises `Down` if nobody there proves to be this host.

    The library asks the same, but in a thread that all its clients share, where a host that does
    not answer would hold up other sinks.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # as the library; it tells of everything early
    if authorities:
        context.load_verify_locations(cadata=authorities)
    else:
        context.load_default_certs()
    if certificate:
        context.load_cert_chain(certificate.certificate_file, certificate.key_file or None)
    try:
        with (
            socket.create_connection((host, PORT), REACH_S) as line,
            context.wrap_socket(line, server_hostname=host),
        ):
            pass
    except OSError as error:
        raise Down(f"{shown}: {words(error)}") from None


def authorities_of(identity: Identity) -> str | None:
    """The text of the file that the library takes in place of its name. Raises `Down`."""
    if not identity.ca_file:
        return None
    tls_context(Tls(identity.ca_file))
    return Path(identity.ca_file).read_text()


def certificate_of(identity: Identity) -> X509 | None:
    """Raises `Down`."""
    if not identity.certificate_file:
        return None
    tls_context(Tls(certificate_file=identity.certificate_file, key_file=identity.key_file))
    key_file = identity.key_file or identity.certificate_file
    return X509(identity.certificate_file, key_file, pass_phrase="")  # else it asks a terminal


def _of_edge(options: dict[str, Any], identity: Identity) -> Any:
    check_environment(os.environ)
    try:
        return IoTHubModuleClient.create_from_edge_environment(
            sastoken_ttl=identity.token_s, **options
        )
    except (OSError, ValueError) as error:
        place = os.environ.get(WORKLOAD_URI) or os.environ[AUTHORITY]
        raise Down(f"iotedge: {place}: {words(error)}") from None


def _by_connection(options: dict[str, Any], identity: Identity) -> Any:
    connection = read_secret("connection", identity.connection)
    parts = parts_of("connection", connection)
    kind = IoTHubModuleClient if "ModuleId" in parts else IoTHubDeviceClient
    authorities = authorities_of(identity)
    try:
        return kind.create_from_connection_string(
            connection.strip(),
            sastoken_ttl=identity.token_s,
            server_verification_cert=authorities,
            **options,
        )
    except ValueError:
        raise Down("connection: not as Azure writes it; copy it whole") from None


def _by_account(options: dict[str, Any], identity: Identity, account: Account) -> Any:
    options = {**options, "server_verification_cert": authorities_of(identity)}
    certificate = certificate_of(identity)
    if certificate:
        return IoTHubDeviceClient.create_from_x509_certificate(
            certificate, account.host, account.device_id, **options
        )
    key = read_secret("key", identity.key)
    check_key("key", key)
    return IoTHubDeviceClient.create_from_symmetric_key(
        key, account.host, account.device_id, sastoken_ttl=identity.token_s, **options
    )


def _own(identity: Identity) -> Account:
    return Account(identity.host, identity.device_id)
