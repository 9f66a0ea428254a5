"""Compiled models on the disk, each with the SHA-256 of its bytes beside it.

OpenVINO takes a damaged one for a whole one and gives other results, as after a power cut.
"""

import hashlib
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

SUM = ".sha256"
MOST = 32


def check(cache: Path) -> None:
    """Remove each that is not as it was when it was vouched for, or never was."""
    for blob in _blobs(cache):
        if _said(blob) != _found(blob):
            log.warning("%s is damaged or was not finished: it is compiled anew", blob.name)
            blob.unlink(missing_ok=True)
    for said in cache.glob(f"*{SUM}"):
        if not said.with_suffix("").exists():
            said.unlink(missing_ok=True)


def vouch(cache: Path) -> None:
    """Have those that are new on the disk, and then their digests; the oldest of many go."""
    for blob in _blobs(cache):
        if not _said(blob):
            _sync(blob)
            new = blob.with_name(f".{blob.name}.{os.getpid()}")
            new.write_text(_found(blob))
            _sync(new)
            new.replace(blob.with_name(blob.name + SUM))
    for blob in sorted(_blobs(cache), key=_made_ns)[:-MOST]:
        blob.unlink(missing_ok=True)


def _blobs(cache: Path) -> list[Path]:
    return [
        path
        for path in sorted(cache.iterdir())
        if path.is_file() and path.suffix != SUM and not path.name.startswith(".")
    ]


def _made_ns(blob: Path) -> int:
    try:
        return blob.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _said(blob: Path) -> str:
    try:
        return blob.with_name(blob.name + SUM).read_text()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _found(blob: Path) -> str:
    try:
        with blob.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:  # another process was quicker
        return ""


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
