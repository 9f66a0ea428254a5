"""Which configuration a command is about."""

import configparser
import os
from pathlib import Path
from typing import Annotated

import typer

from actors.config import DEFAULT_FILE, Config, load, where

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="Configuration file. Without it: RETINUE_CONFIG, else the one that "
        "`retinue up` was started with, else configs/default.toml.",
    ),
]

CONF = "supervisord.conf"
SECTION = "retinue"


def chosen(file: Path | None) -> Path:
    """What is to be started or checked."""
    return (file or where()).absolute()


def running(file: Path | None) -> Config:
    """What runs, as far as one can tell: else `ps` after `up -c FILE` would need the same -c."""
    if file is None and "RETINUE_CONFIG" not in os.environ:
        conf = configparser.RawConfigParser()
        conf.read(load(DEFAULT_FILE).run / CONF)
        started_with = Path(conf.get(SECTION, "config", fallback=""))
        if started_with.is_file():
            return load(started_with)
    return load(chosen(file))
