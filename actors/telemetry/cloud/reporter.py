"""When what is reported, so that the hub has what is true at few messages (pure: time is an input).

What changed goes in one report, at most one a second. Health and models that come and go are
reported ever more rarely, so that flapping eats no quota; what they settle on is reported.
"""

from collections.abc import Mapping
from typing import Any

from actors.telemetry.cloud.bounds import CUT
from actors.telemetry.cloud.difference import Tree, difference, merged
from actors.telemetry.cloud.properties import MODEL, MODELS, SETTINGS

SECOND_NS = 1_000_000_000
OWN = {*SETTINGS, *MODEL, MODELS, "health", "addresses", "versions", CUT}


class Pace:
    """The wait after a report: it doubles while there is news all the time, and begins anew."""

    def __init__(self, least_ns: int, most_ns: int) -> None:
        self._least_ns, self._most_ns = least_ns, most_ns
        self._wait_ns, self._sent_ns = least_ns, -most_ns

    def is_due(self, now_ns: int) -> bool:
        return now_ns - self._sent_ns >= self._wait_ns

    def sent(self, now_ns: int) -> None:
        was_quiet = now_ns - self._sent_ns >= 2 * self._wait_ns
        doubled_ns = min(2 * self._wait_ns, self._most_ns)
        self._wait_ns = self._least_ns if was_quiet else doubled_ns
        self._sent_ns = now_ns


class Reporter:
    """Takes what it returns for sent: what did not arrive is seen in the twin after it."""

    def __init__(self) -> None:
        self._hub: Tree | None = None
        self._all = Pace(SECOND_NS, SECOND_NS)
        self._paces = {
            "health": Pace(10 * SECOND_NS, 600 * SECOND_NS),
            MODELS: Pace(SECOND_NS, 8 * SECOND_NS),  # who waits for a model looks here
        }

    def hub_has(self, reported: Mapping[str, Any]) -> None:
        """The reported properties of a whole twin. Until there is one, nothing is due."""
        self._hub = {key: value for key, value in reported.items() if key in OWN}

    def is_due(self, now_ns: int) -> bool:
        """Whether `due` may have something: it need not be asked before."""
        return self._hub is not None and self._all.is_due(now_ns)

    def due(self, now_ns: int, truth: Mapping[str, Any]) -> Tree | None:
        """The patch to report now, if any."""
        hub = self._hub
        if hub is None or not self._all.is_due(now_ns):
            return None
        held = {name for name, pace in self._paces.items() if not pace.is_due(now_ns)}
        patch = difference(
            {key: value for key, value in hub.items() if key not in held},
            {key: value for key, value in truth.items() if key not in held},
        )
        if not patch:
            return None
        for name in self._paces.keys() & patch.keys():
            self._paces[name].sent(now_ns)
        self._all.sent(now_ns)
        self._hub = merged(hub, patch)
        return patch
