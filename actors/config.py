"""The device's configuration: one struct a section, checked whole, before anything starts.

`load` is the only way in. Every fault is one `ConfigError`: file, key, value and rule on one
line, and no secret on it. `configs/device.toml` lists every key with its default.
"""

import difflib
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct

from actors.contradictions import contradictions
from actors.sections import (
    ROOT,
    Camera,
    Collect,
    Config,
    Frames,
    Inference,
    Models,
    Overlay,
    Rtsp,
    Section,
    Sink,
    Telemetry,
    Upload,
)
from actors.spelling import SECTIONS, Place, control_characters, shown, spelled, type_at, types_of

__all__ = [
    "Camera",
    "Collect",
    "Config",
    "ConfigError",
    "Frames",
    "Inference",
    "Models",
    "Overlay",
    "Rtsp",
    "Section",
    "Sink",
    "Telemetry",
    "Upload",
    "load",
    "where",
]

DEFAULT_FILE = ROOT / "configs" / "default.toml"


class ConfigError(Exception):
    """The file, the key, its value and the rule it breaks, on one line."""


def where(environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file: `RETINUE_CONFIG`, else the one that comes with the project."""
    return Path(environ.get("RETINUE_CONFIG") or DEFAULT_FILE)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read, check and complete a configuration, or raise `ConfigError`."""
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: {reason}") from error
    for problem in (*control_characters(raw), *_unknown_keys(raw)):
        raise ConfigError(f"{path}: {problem}")
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        # not chained: msgspec's own sentence may hold the value
        raise ConfigError(f"{path}: {_explain(raw, str(error))}") from None
    config = _placed(config, environ)
    for problem in contradictions(config):
        raise ConfigError(f"{path}: {problem}")
    return config


def _placed(config: Config, environ: Mapping[str, str]) -> Config:
    """With both directories settled: environment, else file, else the user's own."""
    runtime = environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    home = Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    own = Path(runtime) / f"retinue-{os.getuid()}"
    run = environ.get("RETINUE_RUN") or config.run_dir or str(own)
    state = environ.get("RETINUE_STATE") or config.state_dir or str(home / "retinue")
    return msgspec.structs.replace(
        config, run_dir=str(Path(run).absolute()), state_dir=str(Path(state).absolute())
    )


def _unknown_keys(raw: Mapping[str, Any]) -> Iterable[str]:
    yield from _unknown_in(raw, Config, ())
    for section, kind in SECTIONS.items():
        table = raw.get(section)
        if isinstance(table, list):
            for at, entry in enumerate(table):
                yield from _unknown_in(entry, kind, (section, at))
        else:
            yield from _unknown_in(table, kind, (section,))


def _unknown_in(table: object, kind: type[Struct], place: Place) -> Iterable[str]:
    fields = list(types_of(kind))
    for key in table if isinstance(table, dict) else ():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(fields)}"
            yield f"{spelled((*place, key))}: there is no such key{hint}"


def _explain(raw: Mapping[str, Any], error: str) -> str:
    """msgspec's sentence, with the key spelled as in the file and the value it had."""
    problem, _, path = error.rpartition(" - at `$")
    place = tuple(int(p) if p.isdigit() else p for p in re.findall(r"\w+", path))
    if problem.startswith("Invalid enum value"):  # its sentence would go on with the value
        problem = f"Invalid enum value; there are {', '.join(get_args(type_at(place)))}"
    if len(place) == 1 and place[0] in SECTIONS:
        header = f"[[{place[0]}]]" if "`array`, got" in problem else f"[{place[0]}]"
        problem += f"; begin it with {header}"
    return f"{spelled(place)}{shown(place, _value_at(raw, place))}: {problem}"


def _value_at(raw: Any, place: Place) -> object:
    """The value there; of `users`, whose keys msgspec leaves out, all."""
    for part in place:
        raw = raw[part]
    return raw
