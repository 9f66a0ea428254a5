"""A slot in words: what matters is said, and what is not so is left out."""

from msgspec.structs import replace

from actors.store.moment import Moment
from actors.store.slot import EMPTY, Reading, Slot
from bus.messages import Model, Post
from cli.model.standing import Standing, lines, standing

OLD, NEW = "a" * 64, "b" * 64
NOW = Moment(utc_ns=10**18, boottime_ns=50 * 10**9, boot_id="boot")
SLOT = Slot(
    generation=5,
    active=NEW,
    previous=OLD,
    configured="builtin:street",
    boot_id="boot",
    probation_until_ns=80 * 10**9,
    probation_left_ns=120 * 10**9,
    good=False,
)


def title(digest: str) -> str:
    return f"version {digest[:4]}"


def of(
    slot: Slot,
    configured: str | None = "builtin:street",
    posts: dict[str, Post] | None = None,
    model: Model | None = None,
    trouble: str = "",
) -> Standing:
    return standing("eye", configured, Reading(slot, trouble), posts or {}, model, title, NOW)


def test_what_was_never_changed_runs_as_configured() -> None:
    assert lines(of(EMPTY)) == ["eye:", "  wants       builtin:street, as configured"]
    assert lines(of(EMPTY, configured="")) == ["eye:", "  wants       no model, as configured"]


def test_on_probation_it_says_for_how_long_yet() -> None:
    found = of(SLOT)
    assert found.probation_left_s == 30.0
    assert lines(found) == [
        "eye:",
        "  wants       version bbbb",
        "  configured  builtin:street",
        "  before      version aaaa",
        "  probation   for another 30 s",
    ]


def test_a_configuration_that_has_changed_wins() -> None:
    found = of(SLOT, configured="other.xml")
    assert (found.active, found.probation_left_s) == (None, 0.0)
    assert found.previous
    assert found.previous.digest == NEW
    assert lines(found)[1] == "  wants       other.xml, as configured"


def test_what_was_put_back_says_why() -> None:
    back = replace(EMPTY, generation=6, reverted=NEW, reason="it crashes")
    assert "  put back    version bbbb: it crashes" in lines(of(back))


def test_a_slot_without_entry_and_one_that_cannot_be_read() -> None:
    found = of(SLOT, configured=None, trouble="slots/eye.json is damaged")
    assert "  configured  not configured" in lines(found)
    assert "  trouble     slots/eye.json is damaged" in lines(found)


def test_no_secret_of_the_configuration_is_shown() -> None:
    found = of(EMPTY, configured="https://user:password@host/m.zip?sig=secret")
    assert "secret" not in str(found)
    assert "password" not in str(found)


def test_posts_and_their_trial() -> None:
    holder = Post(
        inference="eye",
        post="b",
        phase="serving",
        model="street",
        version="2",
        device="GPU",
        agreement=0.5,
        latency_ms=4.25,
    )
    waiting = Post(inference="eye", post="a", phase="failed", detail="no device takes it")
    assert lines(of(EMPTY, posts={"b": holder, "a": waiting}))[2:] == [
        "  post a      failed, no device takes it",
        "  post b      serving street@2 on GPU, trial 4.2 ms, agreed on 50% of the boxes",
    ]


def test_what_is_being_fetched_and_what_was_refused() -> None:
    going = Model(
        inference="eye",
        phase="fetching",
        source="https://host/m.zip",
        doing="downloading",
        done_bytes=5_000_000,
        total_bytes=10_000_000,
        rate_bytes_s=1e6,
    )
    assert lines(of(EMPTY, model=going))[-1] == (
        "  installing  https://host/m.zip: fetching, downloading "
        "[############............] 5.0/10.0 MB, 1.00 MB/s"
    )
    refused = Model(inference="eye", phase="refused", source="m.zip", reason="is no package")
    assert lines(of(EMPTY, model=refused))[-1] == "  installing  m.zip: refused: is no package"
    done = Model(inference="eye", phase="active", source="m.zip")
    assert "installing" not in str(lines(of(EMPTY, model=done)))
