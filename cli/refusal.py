"""How a command says no."""

import os


class Refused(Exception):
    """One line for a person, and the exit code that goes with it."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


BAD_CONFIG = os.EX_CONFIG  # 78, as the actors'
HELD = os.EX_TEMPFAIL  # 75: another process has the run directory
NO_MEMORY = os.EX_OSERR  # 71
NO_ACCESS = os.EX_NOPERM  # 77
