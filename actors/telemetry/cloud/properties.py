"""The desired properties of a device twin: each one's type, bounds, and what it sets (pure).

Those of Azure Percept's eye module by its names, and our own. Null is not checked here: it means
the default. No sentence of a refusal has a secret in it.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeGuard

from msgspec.structs import fields

from actors.address import masked
from actors.store.trouble import one_line
from actors.store.wish import CHECKS, Wish

Check = Callable[[object], object]

YEAR_S, DAY_MS = 31_536_000, 86_400_000
HIGHEST_HZ = 240
LONGEST_SHOWN, LARGEST_SHOWN = 40, 10**15


class Refused(ValueError):
    """The rule that a value breaks, as the rest of a sentence that begins with the property."""


class Property(NamedTuple):
    """`check` returns the value to keep, or raises `Refused`. `field` is one of `Settings`."""

    check: Check
    field: str


def flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise Refused(f"wants true or false, not {shown(given)}")
    return given


def flag_or_its_word(given: object) -> bool:
    """Percept's own tools wrote this one as text."""
    return given == "true" if given in ("true", "false") else flag(given)


def whole(least: int, most: int) -> Check:
    def check(given: object) -> int:
        if not is_number(given) or not least <= given <= most or given != int(given):
            raise Refused(f"wants a whole number from {least} to {most}, not {shown(given)}")
        return int(given)

    return check


def number(least: int, most: int) -> Check:
    def check(given: object) -> float:
        if not is_number(given) or not least <= given <= most:
            raise Refused(f"wants a number from {least} to {most}, not {shown(given)}")
        return float(given)

    return check


def is_number(given: object) -> TypeGuard[int | float]:
    return isinstance(given, int | float) and not isinstance(given, bool)


def word(*words: str) -> Check:
    def check(given: object) -> str:
        if not isinstance(given, str) or given not in words:
            raise Refused(f"wants {', '.join(words[:-1])} or {words[-1]}, not {shown(given)}")
        return given

    return check


def of_model(key: str, given: object) -> object:
    """As `actors.store.wish` checks it; of a text with something to hide no more is said."""
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, str) and not _is_unicode(given):
        raise Refused("wants text of whole characters")
    try:
        return CHECKS[key](given)
    except ValueError as error:
        reason = str(error)
    if isinstance(given, str) and masked(given) != given:
        reason = _reason_without_secret(key, masked(given))
    raise Refused(one_line(reason))


def _reason_without_secret(key: str, text: str) -> str:
    try:
        CHECKS[key](text)
    except ValueError as error:
        return str(error)
    return "cannot be used as it is: too long, or with a character or port that no address has"


def shown(given: object) -> str:
    """A refused value for a sentence, short and without what may be secret."""
    match given:
        case None:
            return "null"
        case bool():
            return "true" if given else "false"
        case str():
            return repr(one_line(masked(given)[:LONGEST_SHOWN]))
        case int() | float():
            return f"{given}" if abs(given) < LARGEST_SHOWN else "a number beyond all bounds"
        case list():
            return "a list"
    return "an object"


def _is_unicode(text: str) -> bool:
    """JSON can spell half a character, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


SETTINGS = {
    "LogLevel": Property(word("debug", "info", "warning", "error"), "log_level"),
    "Logging": Property(flag, "log_level"),
    "RetrainingDataCollectionEnabled": Property(flag, "collect"),
    "RetrainingDataCollectionInterval": Property(whole(0, YEAR_S), "collect_interval_s"),
    "TelemetryIntervalNeuralNetworkMs": Property(number(0, DAY_MS), "interval_ms"),
    "RawStream": Property(flag, "raw_stream"),
    "ResultStream": Property(flag, "result_stream"),
    "H264Stream": Property(flag, "h264_stream"),
    "StreamFPS": Property(whole(1, HIGHEST_HZ), "stream_fps"),
    "StreamResolution": Property(word("native", "1080p", "720p"), "stream_resolution"),
    "TimeAlignRTSP": Property(flag_or_its_word, "align"),
}
MODEL = {field.encode_name: field for field in fields(Wish) if field.encode_name in CHECKS}
MODELS = "models"  # ours: {"<entry>": {keys of MODEL}}
