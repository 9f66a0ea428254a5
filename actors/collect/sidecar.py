"""What is known of a kept picture: the JSON beside it, schema `retinue-image/1`."""

from typing import Literal

import msgspec
from msgspec import Struct

from bus.messages import Box, Result, Status

Reason = Literal["interval", "borderline", "label", "disagreement", "request"]
Schema = Literal["retinue-image/1"]


class Look(Struct, frozen=True, kw_only=True):
    """What one model saw in the picture. No boxes: it looked and saw none."""

    inference: str  # the `[[inference]]` entry
    model: str
    version: str
    family: str
    device: str
    status: Status = "ok"
    boxes: tuple[Box, ...] = ()  # corners are fractions of the picture


class Sidecar(Struct, frozen=True, kw_only=True):
    """Written after its picture, so a picture that has one is whole."""

    schema: Schema = "retinue-image/1"
    camera: str
    frame_seq: int
    captured_ns: int  # CLOCK_MONOTONIC
    captured_utc_ns: int
    width: int
    height: int
    reasons: tuple[Reason, ...]
    difference_hash: str = ""  # 16 hex digits: how near-identical pictures are known
    seen: tuple[Look, ...] = ()  # none: no model looked

    @property
    def scores(self) -> list[float]:
        return [box.score for look in self.seen for box in look.boxes]

    def encode(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"


def look_of(result: Result) -> Look:
    return Look(
        inference=result.inference,
        model=result.model,
        version=result.version,
        family=result.family,
        device=result.device,
        status=result.status,
        boxes=tuple(result.boxes),
    )


def decode(data: bytes) -> Sidecar:
    """Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(data, type=Sidecar)
