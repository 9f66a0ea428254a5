"""The order of a twin and its patches, which come on different ways (pure).

Who subscribes first and asks for the whole afterwards misses nothing, but hears of some changes
twice, and of some before he knows what they change.
"""

from collections.abc import Mapping
from typing import Any

from actors.telemetry.cloud.exchange import Patch, Twin


class Order:
    """For one connection: first the twin, then patches that are newer than what was before."""

    def __init__(self) -> None:
        self._version: int | None = None  # of what was passed on
        self._early: list[Mapping[str, Any]] = []

    def twin(self, twin: Mapping[str, Any]) -> list[Twin | Patch]:
        """What is to be passed on now."""
        desired, reported = twin.get("desired") or {}, twin.get("reported") or {}
        self._version = _version(desired) or 0
        passed: list[Twin | Patch] = [Twin(desired, reported)]
        for patch in self._early:
            passed += self.patch(patch)
        return passed

    def patch(self, desired: Mapping[str, Any]) -> list[Patch]:
        """What is to be passed on now. A patch without a version is as new as it is late."""
        if self._version is None:
            self._early.append(desired)
            return []
        version = _version(desired)
        if version is not None and version <= self._version:
            return []
        self._version = self._version if version is None else version
        return [Patch(desired)]


def _version(desired: Mapping[str, Any]) -> int | None:
    version = desired.get("$version")
    return version if isinstance(version, int) else None
