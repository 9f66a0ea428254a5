"""The value of each property that counts now, as a twin may show it (pure).

What nobody wanted otherwise is as the configuration says. A rate that nothing bounds is shown as
the highest that there is, and addresses are shown without what may be secret.
"""

from collections.abc import Mapping

from actors.address import masked
from actors.config import Config
from actors.settings import Settings
from actors.store.wish import Wish
from actors.telemetry.cloud.addresses import switched_on
from actors.telemetry.cloud.properties import HIGHEST_HZ, MODEL, SETTINGS
from actors.telemetry.cloud.twin import LARGEST

Value = str | float | bool
ADDRESSES = {"ModelZipUrl", "SCZ_MM_SERVER_URL"}


def of_settings(config: Config, settings: Settings) -> dict[str, Value]:
    """By property; each of `SETTINGS`."""
    by_default: dict[str, Value] = {
        "log_level": config.log_level,
        "collect": config.collect.enabled,
        "collect_interval_s": config.collect.interval_s,
        "interval_ms": config.telemetry.interval_ms,
        **switched_on(settings),
        "stream_fps": HIGHEST_HZ,
        "stream_resolution": "native",
        "align": config.overlay.align,
    }
    values = {}
    for name, wanted in SETTINGS.items():
        given = getattr(settings, wanted.field)
        values[name] = shown(name, by_default[wanted.field] if given is None else given)
    return values | {"Logging": values["LogLevel"] == "debug"}


def of_wish(wish: Wish) -> dict[str, Value]:
    """By property; each of `MODEL`."""
    return {name: shown(name, getattr(wish, field.name)) for name, field in MODEL.items()}


def shown_all(accepted: Mapping[str, object]) -> dict[str, Value]:
    """Accepted values, to be compared with what is in force."""
    return {
        name: shown(name.rpartition(".")[2], value)
        for name, value in accepted.items()
        if isinstance(value, str | int | float)
    }


def shown(name: str, value: Value) -> Value:
    if isinstance(value, str):
        hides = name in ADDRESSES or "://" in value or "?" in value
        return masked(value) if hides else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if abs(value) <= LARGEST else str(value)
