"""One package a stage, one process an actor: `python -m actors.<stage>`."""

import sys

# OpenVINO's package would write an identity into the home directory for its maker's statistics.
# With None in the place of the module, which Python takes for "there is none", it uses a stub.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
