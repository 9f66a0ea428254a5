"""How many messages a day may be sent, where they are counted and paid for (pure).

Days are UTC's. At 80 % there is a notice, at 100 % another, and from there on only events pass
(priority 2) until the next day. A part is kept for events from the start; those beyond it take
from the rest, so the total holds as long as there is a rest. `spent` is to be kept over restarts.
"""

from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct, structs

from actors.telemetry.letter import EVENTS, Letter

DAY_NS = 86_400_000_000_000
DAY_0 = date(1970, 1, 1)
WARN_AT = 0.8

Level = Literal["warning", "exhausted", "renewed"]


class Allowance(Struct, frozen=True):
    """`unit_bytes`: a longer message counts as several; 0: each counts as one.

    Azure IoT Hub: 8,000 a day of 512 bytes in the free tier, 400,000 of 4,096 in S1.
    """

    most_a_day: Annotated[int, Meta(ge=1)]
    kept_for_events: Annotated[int, Meta(ge=0)] = 0
    unit_bytes: Annotated[int, Meta(ge=0)] = 0

    def units(self, letter: Letter) -> int:
        return max(1, -(-len(letter.body) // self.unit_bytes)) if self.unit_bytes else 1


class Spent(Struct, frozen=True):
    """Of one day: `day` counts from 1970-01-01."""

    day: int = 0
    ordinary: int = 0
    events: int = 0
    refused: int = 0  # letters
    told: tuple[Level, ...] = ()


class Notice(NamedTuple):
    """What somebody should know of a day's budget."""

    level: Level  # renewed: a day ended on which letters were refused
    day: str  # as in 2026-07-31
    used: int
    most: int
    refused: int


class Ruling(NamedTuple):
    """Whether the letter may go, and what is to be said beside it."""

    passes: bool
    notices: tuple[Notice, ...] = ()


class Budget:
    """Asked for each letter before it goes. Notices are counted too, as events."""

    def __init__(self, allowance: Allowance, spent: Spent | None = None) -> None:
        self._allowance = allowance
        self.spent = spent or Spent()

    @property
    def used(self) -> int:
        """Units of the day, with all that is kept for events."""
        return self.spent.ordinary + max(self.spent.events, self._allowance.kept_for_events)

    def admit(self, letter: Letter, now_utc_ns: int) -> Ruling:
        notices = self._turn_to(now_utc_ns // DAY_NS)
        units = self._allowance.units(letter)
        most, spent = self._allowance.most_a_day, self.spent
        if letter.priority >= EVENTS:
            self.spent = structs.replace(spent, events=spent.events + units)
        elif self.used + units <= most:
            self.spent = structs.replace(spent, ordinary=spent.ordinary + units)
        else:
            self.spent = structs.replace(spent, refused=spent.refused + 1)
            return Ruling(passes=False, notices=(*notices, *self._tell("exhausted")))
        if self.used >= WARN_AT * most:
            notices += self._tell("warning")
        return Ruling(passes=True, notices=notices)

    def _turn_to(self, day: int) -> tuple[Notice, ...]:
        """Begin a new day. A clock that was put back over midnight stays in its later day."""
        before = self.spent
        if before.day - 1 <= day <= before.day:
            return ()
        notice = self._notice("renewed")
        self.spent = Spent(day, events=1 if before.refused else 0)
        return (notice,) if before.refused else ()

    def _tell(self, level: Level) -> tuple[Notice, ...]:
        """Once a day each, and no warning of what has happened already."""
        told = self.spent.told
        if level in told or "exhausted" in told:
            return ()
        self.spent = structs.replace(self.spent, told=(*told, level), events=self.spent.events + 1)
        return (self._notice(level),)

    def _notice(self, level: Level) -> Notice:
        spent = self.spent
        day = (DAY_0 + timedelta(days=spent.day)).isoformat()
        return Notice(level, day, self.used, self._allowance.most_a_day, spent.refused)
