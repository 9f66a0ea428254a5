"""What tests need beside Python's own: without it a test is skipped, on CI it fails.

`.ci/run` installs all that is asked for here.
"""

import importlib
import os
import shutil
from typing import Any, NoReturn

import pytest


def program(name: str) -> str:
    """Its path."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return path or missing(f"{name} is not installed")


def library(name: str, group: str) -> Any:
    """A module of a dependency group that `make test` does not install; for a module's head."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(f"{name} is not installed: the group `{group}`")


def root() -> None:
    """The right to give a file away."""
    if os.getuid() != 0:
        missing("only root can give a file away")


def missing(what: str) -> NoReturn:
    """Skip for want of it, and on CI fail: there it must be."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}: on CI it must be there")
    pytest.skip(what, allow_module_level=True)
