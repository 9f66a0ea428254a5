"""One actor as people and scripts are shown it (pure)."""

from typing import Any

import msgspec

from bus.messages import Health
from cli.refusal import BAD_CONFIG


class LatencyMs(msgspec.Struct, frozen=True):
    """Capture to finished, over the last beats."""

    p50: float | None = None
    p99: float | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One actor. The names are an interface: others read the JSON."""

    actor: str
    pid: int = 0
    state: str  # the actor's own, else silent, stopped, exited, fatal, starting …
    uptime_s: float = 0.0
    restarts: int = 0
    fps: float = 0.0
    latency_ms: LatencyMs = LatencyMs()
    lag: int = 0
    dropped: int = 0
    model: str = ""
    device: str = ""
    detail: str = ""
    rss_bytes: int = 0


def row_of(actor: str, pid: int, health: Health | None, told: dict[str, Any]) -> Row:
    """Its own words, else supervisord's, else what its lock tells."""
    if health is None:
        state, detail = _for_it(pid, told)
        return Row(actor=actor, pid=pid, state=state, detail=detail)
    return Row(
        actor=actor,
        pid=pid,
        state=health.state,
        uptime_s=health.uptime_s,
        restarts=health.restarts,
        fps=health.fps,
        latency_ms=LatencyMs(health.latency_ms_p50, health.latency_ms_p99),
        lag=health.lag,
        dropped=health.dropped,
        model=health.model,
        device=health.device,
        detail=health.detail,
        rss_bytes=health.rss_bytes,
    )


def _for_it(pid: int, told: dict[str, Any]) -> tuple[str, str]:
    """State and detail of an actor that says nothing."""
    state = str(told.get("statename", "STOPPED")).lower()
    if pid:
        return "silent", f"holds its lock but sends no health (supervisord: {state})"
    if state == "exited" and told["exitstatus"] == BAD_CONFIG:
        return state, "bad configuration (exit 78): its last log line names the key"
    if state == "running":  # alive, and not yet so far as to take its lock
        return "starting", ""
    return state, str(told.get("spawnerr", ""))
