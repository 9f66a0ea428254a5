"""supervisord's configuration for one device."""

import configparser
import io
import os
from collections.abc import Mapping
from pathlib import Path

from actors.config import Config
from actors.process import actor_names
from actors.supervision.programs import NUMBERED, TEMPLATE
from cli.target import SECTION

LOG_BYTES, LOG_BACKUPS = "5MB", "2"


def conf_for(config: Config, file: Path, *, log_dir: Path | None = None) -> str:
    """The project's supervisord.conf with this device's numbers, for the run directory.

    Its `%(here)s` then means the run directory. With `log_dir` each program logs to files there.
    """
    conf = configparser.RawConfigParser()
    conf.read(TEMPLATE)
    for stage in NUMBERED:
        conf[f"program:{stage}"]["numprocs"] = str(len(actor_names(config, stage)))
    if os.geteuid() == 0:
        conf["supervisord"]["user"] = "root"  # said, so that it does not warn of it
    if log_dir:
        for section in conf.sections():
            if section.startswith("program:"):
                conf[section].update(_to_files(log_dir, conf[section]))
    conf[SECTION] = {"config": str(file)}
    text = io.StringIO()
    text.write("; Made by `retinue up` from the project's supervisord.conf.\n\n")
    conf.write(text, space_around_delimiters=False)
    return text.getvalue()


def _to_files(log_dir: Path, program: Mapping[str, str]) -> dict[str, str]:
    name = program.get("process_name", "%(program_name)s")
    folder = str(log_dir).replace("%", "%%%%")  # supervisord expands this key twice
    return {
        "stdout_logfile": f"{folder}/{name}.log",
        "stdout_logfile_maxbytes": LOG_BYTES,
        "stdout_logfile_backups": LOG_BACKUPS,
    }
