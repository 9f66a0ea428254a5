"""What of all that is said on the bus goes out, as letters (pure: time is an input)."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from actors.telemetry.aggregate import Counts
from actors.telemetry.budget import Budget, Notice
from actors.telemetry.changes import Changes, Said
from actors.telemetry.letter import Letter
from actors.telemetry.messages import percept, retinue1
from actors.telemetry.messages.percept import Size, UnknownFamily
from actors.telemetry.throttle import Pace, Throttle
from bus.messages import Health, Result

MS_NS = 1_000_000


class Writer:
    """Give it all results, all states, and the time; send what it returns."""

    def __init__(self, schemas: Sequence[str], pace: Pace, budget: Budget | None) -> None:
        self._schemas, self._throttle, self.budget = schemas, Throttle(pace), budget
        self._configured = self._pace = pace
        self._changes = Changes()
        self._heard: dict[str, Health] = {}
        self._told_unknown: set[str] = set()

    @property
    def trouble(self) -> str:
        """That there are families whose results Percept's schema cannot say, or ""."""
        unknown = ", ".join(sorted(self._told_unknown))
        said = f"schema percept has no message for results of {unknown}; add retinue/1"
        return said if unknown else ""

    def result(self, result: Result, now_utc_ns: int) -> list[Letter]:
        offered = self._throttle.offer(result, result.published_ns)
        return self._counted(offered, now_utc_ns)

    def state(self, said: Said, now_ns: int, now_utc_ns: int) -> list[Letter]:
        if isinstance(said, Health):
            self._heard[said.actor] = said
        news = self._changes.offer(said, now_ns) if self._says_state else None
        return self._afforded([retinue1.news(news, now_utc_ns)] if news else [], now_utc_ns)

    def keep_to(self, interval_ms: float | None, now_utc_ns: int) -> list[Letter]:
        """From now on this interval, None for the configured one; what was counted until now."""
        wanted = self._configured.interval_ms if interval_ms is None else interval_ms
        if wanted == self._pace.interval_ms:
            return []
        self._pace = replace(self._pace, interval_ms=wanted)
        return self._counted(self._throttle.change(self._pace), now_utc_ns)

    def look(self, now_ns: int, now_utc_ns: int) -> list[Letter]:
        """Time has passed: what was counted, and who has fallen silent."""
        letters = self._counted(self._throttle.due(now_ns), now_utc_ns)
        for last in self._heard.values() if self._says_state else ():
            late = now_ns - last.published_ns > last.due_ms * MS_NS and last.state != "stopping"
            if late and self._changes.silent(last, now_ns):
                letters += self._afforded([retinue1.silent(last, now_utc_ns)], now_utc_ns)
        return letters

    def rest(self, now_utc_ns: int) -> list[Letter]:
        """All that was counted so far: before the end."""
        return self._counted(self._throttle.rest(), now_utc_ns)

    @property
    def _says_state(self) -> bool:
        return retinue1.SCHEMA in self._schemas

    def _counted(self, seen: Iterable[Result | Counts], now_utc_ns: int) -> list[Letter]:
        letters = [letter for each in seen for letter in self._letters(each, now_utc_ns)]
        return self._afforded(letters, now_utc_ns)

    def _letters(self, seen: Result | Counts, now_utc_ns: int) -> list[Letter]:
        letters = []
        if isinstance(seen, Counts):
            return [retinue1.counts(seen, now_utc_ns)]
        size = Size(seen.width, seen.height) if seen.width else None
        if percept.SCHEMA in self._schemas and size:
            try:
                letters.append(percept.letter(seen, size, now_utc_ns))
            except UnknownFamily:
                self._told_unknown.add(seen.family)
        if retinue1.SCHEMA in self._schemas:
            letters.append(retinue1.result(seen, size, now_utc_ns))
        return letters

    def _afforded(self, letters: list[Letter], now_utc_ns: int) -> list[Letter]:
        """Those that the day's budget allows, and what it says of itself."""
        if self.budget is None:
            return letters
        passed = []
        for letter in letters:
            ruling = self.budget.admit(letter, now_utc_ns)
            passed += [letter] if ruling.passes else []
            passed += [self._notice(notice, now_utc_ns) for notice in ruling.notices]
        return passed

    @staticmethod
    def _notice(notice: Notice, now_utc_ns: int) -> Letter:
        return retinue1.budget(notice, now_utc_ns)
