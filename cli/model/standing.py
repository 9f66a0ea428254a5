"""A slot as people and scripts are shown it (pure): what it should run, and what does."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from actors.address import masked
from actors.store.moment import Moment
from actors.store.slot import Reading, effective, probation_left_ns
from bus.messages import Model, Phase, Post
from cli.bar import line_of

SECOND_NS = 1_000_000_000
ABSENT = "not configured"

Title = Callable[[str], str]  # a version as sentences name it, by its digest


class Version(Struct, frozen=True):
    digest: str
    title: str


class Worker(Struct, frozen=True, kw_only=True):
    """One of the slot's two processes, by its own words."""

    post: str
    phase: Phase
    model: str = ""
    device: str = ""
    digest: str = ""
    detail: str = ""
    agreement: float | None = None
    latency_ms: float | None = None


class Installation(Struct, frozen=True, kw_only=True):
    """What is being installed for the slot, or how that ended last."""

    phase: str
    source: str = ""
    doing: str = ""
    done_bytes: int = 0
    total_bytes: int | None = None
    rate_bytes_s: float = 0.0
    reason: str = ""


class Standing(Struct, frozen=True, kw_only=True):
    """One slot. The names are an interface: others read the JSON."""

    slot: str
    configured: str  # the configuration's model
    generation: int = 0
    active: Version | None = None  # None: what the configuration names
    previous: Version | None = None
    probation_left_s: float = 0.0
    reverted: Version | None = None  # what was last put back, and quarantined
    reason: str = ""
    trouble: str = ""
    posts: tuple[Worker, ...] = ()
    installation: Installation | None = None


def standing(
    name: str,
    configured: str | None,
    reading: Reading,
    posts: Mapping[str, Post],
    model: Model | None,
    title: Title,
    now: Moment,
) -> Standing:
    """`configured` is None for a slot that no entry has any more; `posts` by their names."""
    slot = reading.slot
    active = effective(slot, configured) if configured is not None else slot.active
    left = bool(slot.active and not active)  # the configuration has changed, and wins

    def told(digest: str) -> Version | None:
        return Version(digest, title(digest)) if digest else None

    return Standing(
        slot=name,
        configured=ABSENT if configured is None else masked(configured),
        generation=slot.generation,
        active=told(active),
        previous=told(slot.active if left else slot.previous),
        probation_left_s=0.0 if left else round(probation_left_ns(slot, now) / SECOND_NS, 1),
        reverted=told(slot.reverted),
        reason=slot.reason,
        trouble=reading.trouble,
        posts=tuple(_worker(post) for _, post in sorted(posts.items())),
        installation=_installation(model) if model and model.source else None,
    )


def _worker(post: Post) -> Worker:
    return Worker(
        post=post.post,
        phase=post.phase,
        model=f"{post.model}@{post.version}" if post.model else "",
        device=post.device,
        digest=post.digest,
        detail=post.detail,
        agreement=post.agreement,
        latency_ms=post.latency_ms,
    )


def _installation(model: Model) -> Installation:
    names = Installation.__struct_fields__
    return Installation(**{name: getattr(model, name) for name in names})


def lines(standing: Standing) -> list[str]:
    """A slot in some lines, what matters first."""
    configured = standing.configured or "no model"
    said = [
        (
            "wants",
            standing.active.title if standing.active else f"{configured}, as configured",
        )
    ]
    if standing.active:
        said.append(("configured", configured))
    if standing.previous:
        said.append(("before", standing.previous.title))
    if standing.probation_left_s:
        said.append(("probation", f"for another {standing.probation_left_s:.0f} s"))
    if standing.reverted:
        said.append(("put back", f"{standing.reverted.title}: {standing.reason}"))
    if standing.trouble:
        said.append(("trouble", standing.trouble))
    at = standing.installation
    if at and (at.doing or at.reason):
        said.append(("installing", _going(at)))
    said += [(f"post {worker.post}", _told(worker)) for worker in standing.posts]
    return [f"{standing.slot}:", *(f"  {key:<11} {value}" for key, value in said)]


def _going(at: Installation) -> str:
    """Of what is going on or went wrong; what went well is told by what the slot runs."""
    if at.doing:
        what = line_of(f"{at.phase}, {at.doing}", at.done_bytes, at.total_bytes, at.rate_bytes_s)
        return f"{at.source}: {what}" + (f" ({at.reason})" if at.reason else "")
    return f"{at.source}: {at.phase}: {at.reason}"


def _told(worker: Worker) -> str:
    parts = [f"{worker.phase} {worker.model}".strip()]
    if worker.device:
        parts[0] += f" on {worker.device}"
    if worker.latency_ms is not None:
        parts.append(f"trial {worker.latency_ms:.1f} ms")
    if worker.agreement is not None:
        parts.append(f"agreed on {worker.agreement:.0%} of the boxes")
    if worker.detail:
        parts.append(worker.detail)
    return ", ".join(parts)
