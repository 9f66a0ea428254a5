"""What is asked of the synthetic scene (pure)."""

from typing import Literal, NamedTuple, TypeVar, get_args

Weather = Literal["auto", "clear", "cloudy", "rain", "fog", "snow"]
TimeOfDay = Literal["auto", "day", "dusk", "night"]
WEATHERS: tuple[Weather, ...] = get_args(Weather)
TIMES: tuple[TimeOfDay, ...] = get_args(TimeOfDay)
DENSEST = 2.0
Choice = TypeVar("Choice", bound=str)


class Setting(NamedTuple):
    """Which street, how busy, and under what sky. `auto` drifts through all of them."""

    seed: int = 0
    density: float = 1.0  # 0..DENSEST, the share of figures on the street; 1 is a normal street
    weather: Weather = "auto"
    time: TimeOfDay = "auto"


def parse_setting(options: dict[str, str]) -> Setting:
    """A setting from an address's options; `ValueError` says which rule is broken."""
    unknown = sorted(set(options) - set(Setting._fields))
    if unknown:
        raise ValueError(f"no option {unknown[0]!r}: the scene has {', '.join(Setting._fields)}")
    seed = options.get("seed", "0")
    if not (seed.isascii() and seed.isdecimal()):
        raise ValueError(f"seed={seed!r}: a whole number from 0 is needed")
    return Setting(
        int(seed),
        _density(options.get("density", "1")),
        _one_of("weather", options.get("weather", "auto"), WEATHERS),
        _one_of("time", options.get("time", "auto"), TIMES),
    )


def _density(text: str) -> float:
    try:
        density = float(text)
    except ValueError:
        density = -1.0
    if not 0 <= density <= DENSEST:
        raise ValueError(f"density={text!r}: a number from 0 to {DENSEST:g} is needed")
    return density


def _one_of(name: str, text: str, choices: tuple[Choice, ...]) -> Choice:
    for choice in choices:
        if choice == text:
            return choice
    raise ValueError(f"{name}={text!r}: one of {', '.join(choices)} is needed")
