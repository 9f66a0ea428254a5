"""Who we are to Azure IoT Hub or IoT Edge, and how that is written (values and pure functions).

There are four ways: a module's environment, a connection string, a host with a device's key or
certificate, and the provisioning service, which says the host.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping

from msgspec import Struct

from actors.telemetry.sinks.sink import Down

PROVISIONING_HOST = "global.azure-devices-provisioning.net"
WORKLOAD_URI = "IOTEDGE_WORKLOADURI"
WORKLOAD = (  # set by IoT Edge for each of its modules
    "IOTEDGE_IOTHUBHOSTNAME",
    "IOTEDGE_GATEWAYHOSTNAME",
    "IOTEDGE_DEVICEID",
    "IOTEDGE_MODULEID",
    "IOTEDGE_MODULEGENERATIONID",
    WORKLOAD_URI,
    "IOTEDGE_APIVERSION",
)
# set by IoT Edge's simulator
CONNECTION, AUTHORITY = "EdgeHubConnectionString", "EdgeModuleCACertificateFile"
SIMULATOR = CONNECTION, AUTHORITY


class Identity(Struct, frozen=True):
    """Keys as the section `[[sink]]` has them, unset where they do not belong to the way."""

    edge: bool = False  # a module of IoT Edge: the rest is in its environment
    connection: str = ""  # file:PATH or env:NAME
    host: str = ""  # the hub's, or the provisioning service's
    device_id: str = ""
    scope_id: str = ""
    registration_id: str = ""
    key: str = ""  # file:PATH or env:NAME
    certificate_file: str = ""
    key_file: str = ""  # unset: the key is in the certificate's file
    ca_file: str = ""  # unset: the public authorities
    keep_alive_s: int = 30
    token_s: int = 3600  # for so long a password made of a key is valid, then there is another
    answer_s: float = 20.0  # a hub that does not answer for so long is given up
    window: int = 32  # letters that may be under way

    @property
    def is_provisioned(self) -> bool:
        return bool(self.scope_id)


class Account(Struct, frozen=True):
    """A device at a hub, as the provisioning service assigns it."""

    host: str
    device_id: str


def check_environment(environ: Mapping[str, str]) -> None:
    """Raises `Down` where IoT Edge has put nothing."""
    missing = [name for name in WORKLOAD if not environ.get(name)]
    if missing and not all(environ.get(name) for name in SIMULATOR):
        raise Down(
            f"iotedge: {', '.join(missing)} not set; run this as a module of IoT Edge, or set "
            f"{' and '.join(SIMULATOR)}"
        )
    if missing:
        parts = parts_of(CONNECTION, environ[CONNECTION])
        absent = [name for name in ("ModuleId", "GatewayHostName") if name not in parts]
        if absent:
            raise Down(f"{CONNECTION}: has no {' and no '.join(absent)}; take a module's own")


def parts_of(setting: str, connection: str) -> dict[str, str]:
    """A device's or module's connection string taken apart. Raises `Down`, showing nothing."""
    parts = dict(part.partition("=")[::2] for part in connection.strip().split(";") if part)
    if "x509" in parts:
        raise Down(f"{setting}: is for a certificate; give host, device_id and certificate_file")
    absent = [name for name in ("HostName", "DeviceId", "SharedAccessKey") if not parts.get(name)]
    if absent:
        raise Down(
            f"{setting}: has no {' and no '.join(absent)}; a device's or a module's own is "
            "HostName=…;DeviceId=…;SharedAccessKey=…"
        )
    check_key(setting, parts["SharedAccessKey"])
    return parts


def check_key(setting: str, key: str) -> None:
    """Raises `Down`, showing nothing."""
    try:
        b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise Down(f"{setting}: the key is not in base64; copy it whole") from None
