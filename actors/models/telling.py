"""What is said of a slot (pure): from its files, from what is going on and from what failed."""

from typing import NamedTuple

from msgspec.structs import replace

from actors.models.errands import Setback
from actors.models.progress import Progress
from actors.models.shelf import Lying
from bus.messages import Model, State

LONGEST_DETAIL = 400


class Last(NamedTuple):
    """The last installation that ended."""

    source: str = ""
    reason: str = ""
    ended_utc_ns: int = 0


def model_of(
    inference: str, there: Lying, going_on: Progress | None, source: str, setback: Setback | None
) -> Model:
    """`source` is that of the wish, as far as there is something to do for it."""
    slot, last = there.slot, last_of(there)
    record = there.active.record if there.active else None
    told = Model(
        inference=inference,
        phase="active" if slot.active else "idle",
        source=last.source,
        reason=last.reason,
        ended_utc_ns=last.ended_utc_ns,
        generation=slot.generation,
        model=record.name if record else "",
        version=record.version if record else "",
        digest=slot.active,
        previous=slot.previous,
        on_probation=not slot.good,
        probation_until_ns=0 if slot.good else slot.probation_until_ns,
        reverted=slot.reverted,
        reverted_reason=slot.reason,
    )
    return _phased(told, going_on, source, setback)


def last_of(there: Lying) -> Last:
    """Of what was asked for here and what a command did, that which ended later."""
    outcome, done = there.outcome, there.done
    if done and (outcome is None or done.ended_utc_ns >= outcome.ended_utc_ns):
        return Last(done.source, done.reason, done.ended_utc_ns)
    return Last(outcome.source, outcome.reason, outcome.ended_utc_ns) if outcome else Last()


def unfulfilled(there: Lying, setback: Setback | None) -> str:
    """Why what is wanted is not so; "" if it is, or is being worked on."""
    if setback:
        return setback.reason
    if there.done and there.wish and not there.is_open and there.done.reason:
        return there.done.reason
    return there.trouble


def health_of(unfulfilled: dict[str, str]) -> tuple[State, str]:
    """By slot, why its wish is not fulfilled."""
    sentences = [f"{slot}: {reason}" for slot, reason in unfulfilled.items() if reason]
    return ("degraded" if sentences else "running"), "; ".join(sentences)[:LONGEST_DETAIL]


def _phased(told: Model, going_on: Progress | None, source: str, setback: Setback | None) -> Model:
    if going_on:
        return replace(
            told,
            phase=going_on.phase,
            source=source,
            doing=going_on.doing,
            done_bytes=going_on.done_bytes,
            total_bytes=going_on.total_bytes,
            rate_bytes_s=going_on.rate_bytes_s,
            reason=going_on.reason,
        )
    if setback:
        next_ns = setback.next_ns
        return replace(told, phase="waiting", source=source, reason=setback.reason, next_ns=next_ns)
    return replace(told, phase="refused") if told.reason else told
