"""Which actors a word means: an actor, an inference entry or a stage (pure)."""

from actors.config import Config, Inference
from actors.process import STAGES, actor_names

LONGEST = 80  # of a word in the sentence about it


class NoSuch(Exception):
    """The word, and the words there are."""


def actors_named(device: Config, wanted: str) -> list[str]:
    """The actors that a word means, or `NoSuch`."""
    by_stage = {stage: actor_names(device, stage) for stage in STAGES}
    every = [actor for actors in by_stage.values() for actor in actors]
    by_entry = {f"inference-{entry.name}": posts_of(entry) for entry in device.inference}
    if wanted in every:
        return [wanted]
    if found := by_stage.get(wanted) or by_entry.get(wanted):
        return found
    stages = [stage for stage in STAGES if by_stage[stage]]
    words = ", ".join(dict.fromkeys([*stages, *by_entry, *every]))
    raise NoSuch(f"{wanted[:LONGEST]}: no such stage or actor; there are {words}")


def entries_named(device: Config, wanted: str) -> list[Inference]:
    """The inference entries that a word means as a whole, and not one process of them."""
    if wanted in actor_names(device, "inference"):
        return []
    return [e for e in device.inference if wanted in {"inference", f"inference-{e.name}"}]


def posts_of(entry: Inference) -> list[str]:
    """The actors of an inference entry."""
    return [f"inference-{entry.name}-{post}" for post in entry.posts]
