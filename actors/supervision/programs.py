"""The names that supervisord has for the actors of a device."""

from actors.config import Config
from actors.process import STAGES, actor_names
from actors.sections import ROOT

TEMPLATE = ROOT / "supervisord.conf"
GROUP = "retinue"
NUMBERED = ("camera", "inference", "watchdog")


def processes(config: Config) -> dict[str, str]:
    """Each actor's process as supervisord calls it: `camera-front` is `retinue:camera-0`."""
    return {
        actor: f"{GROUP}:{stage}-{index}" if stage in NUMBERED else f"{GROUP}:{stage}"
        for stage in STAGES
        for index, actor in enumerate(actor_names(config, stage))
    }
