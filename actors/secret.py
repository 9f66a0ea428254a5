"""A password or a connection string from where it lies: `file:PATH` or `env:NAME`.

It is read anew for each use, so one that was replaced counts. No message shows it, nor
what somebody wrote in the place of the source.
"""

import os
from collections.abc import Mapping
from pathlib import Path


def is_source(text: str) -> bool:
    """Whether this says where a secret lies."""
    return text.startswith(("file:", "env:"))


class NoSecret(Exception):
    """Why there is none, in one sentence that names the place and shows nothing of it."""


def read_secret(setting: str, source: str, environ: Mapping[str, str] = os.environ) -> str:
    """One newline at its end is not part of it. Raises `NoSecret`."""
    kind, _, place = source.partition(":")
    if kind == "env" and place:
        text = environ.get(place, "")
    elif kind == "file" and place:
        try:
            text = Path(place).read_text()
        except OSError as error:
            raise NoSecret(f"{setting}: {place}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise NoSecret(f"{setting}: {place}: not text in UTF-8") from None
    else:
        raise NoSecret(f"{setting}: must be file:PATH or env:NAME, not the secret itself")
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise NoSecret(f"{setting}: {place}: nothing is in it")
    return secret
