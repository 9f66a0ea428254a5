"""What holds whatever a twin holds: hundreds of documents and patches, on real files."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, fields

from actors.settings import Settings
from actors.store.wish import Wish
from actors.telemetry.cloud.difference import merged
from actors.telemetry.cloud.reported import truth
from actors.telemetry.cloud.reporter import Reporter
from actors.telemetry.cloud.seen import Seen
from tests.actors.telemetry.cloud.documents import (
    ENTRIES,
    GOOD_OF_MODEL,
    SECRET,
    SETTINGS,
    Document,
    Opinion,
    deep,
    documents,
    junk,
    unknown,
)
from tests.actors.telemetry.cloud.rig import (
    desired_in,
    device,
    folder,
    settings_in,
    take,
    wish_in,
)

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
hundreds = settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
RECORD, WISHES = "telemetry/twin.json", "models/wishes"
anything = st.dictionaries(
    st.sampled_from([*SETTINGS, *GOOD_OF_MODEL, "models", "$version"]) | st.text(),
    junk | st.none() | st.sampled_from(["\ud800", {"street": deep}, {"street": {"model": deep}}]),
    max_size=8,
)
KEYS = {field.name: field.encode_name for field in fields(Wish) if field.name != "step"}


def wish_by_key(wish: Wish) -> dict[str, Any]:
    """Of those that are not at their default."""
    default, now = asdict(Wish()), asdict(wish)
    return {key: now[name] for name, key in KEYS.items() if now[name] != default[name]}


def set_of(wish: dict[str, Any]) -> dict[str, Any]:
    default = {KEYS[name]: value for name, value in asdict(Wish()).items() if name in KEYS}
    return {key: value for key, value in wish.items() if value != default[key]}


@hundreds
@given(st.lists(st.builds(Document, st.booleans(), anything), max_size=4))
def test_never_a_crash(history: list[Document]) -> None:
    with folder() as state:
        desired = desired_in(state)
        take(desired, *history)
        desired.look(10**12)
        report = truth(device(state), desired.told(), Seen(), 0)
        json.dumps(report, allow_nan=False).encode("utf-8", "strict")
        take(desired_in(state), *history)


@hundreds
@given(documents)
def test_every_property_is_applied_or_refused_and_reported(history: list[Document]) -> None:
    opinion, reporter = Opinion(), Reporter()
    hub: dict[str, Any] = {"theirs": 1, "models": {"gone": {"state": "idle"}}, "cut": "texts"}
    reporter.hub_has(hub)
    with folder() as state:
        desired = desired_in(state)
        for second, document in enumerate(history):
            take(desired, document)
            opinion.take(document)
            now_ns = 100 * second * 1_000_000_000
            report = truth(device(state), desired.told(), Seen(), now_ns)
            hub = merged(hub, reporter.due(now_ns, report) or {})
            assert hub == report | {"theirs": 1}
        assert asdict(settings_in(state)) == asdict(Settings()) | opinion.settings()
        for entry in ENTRIES:
            assert wish_by_key(wish_in(state, entry)) == set_of(opinion.wish(entry))
    for name in (*SETTINGS, *GOOD_OF_MODEL):
        assert report[name].keys() == {"value", "status", "version", "description"}
        status = report[name]["status"], report[name]["version"]
        assert status == opinion.status.get(("", name), ("default", 0)), name
        assert bool(report[name]["description"]) >= (status[0] == "refused")
    for (entry, key), status in opinion.status.items():
        if entry:
            told = report["models"][entry]["_desired"][key]
            assert (told["status"], told["version"]) == status
    assert SECRET not in json.dumps(report)


@hundreds
@given(documents, unknown)
def test_unknown_properties_are_ignored(history: list[Document], odd: dict[str, Any]) -> None:
    known = {*SETTINGS, *GOOD_OF_MODEL, "models", "$version"}
    with folder() as with_odd, folder() as without:
        more, less = desired_in(with_odd), desired_in(without)
        for is_patch, content in history:
            take(more, Document(is_patch, odd | content))
            take(less, Document(is_patch, {key: content[key] for key in content if key in known}))
        assert settings_in(with_odd) == settings_in(without)
        for entry in ENTRIES:
            assert wish_in(with_odd, entry) == wish_in(without, entry)
        reports = [truth(device(with_odd), each.told(), Seen(), 0) for each in (more, less)]
        assert reports[0] == reports[1]


@hundreds
@given(documents, documents)
def test_nothing_is_reset_by_absence(history: list[Document], later: list[Document]) -> None:
    with folder() as state:
        desired = desired_in(state)
        take(desired, *history)
        for document in later:
            before, wish = asdict(settings_in(state)), wish_by_key(wish_in(state, "people"))
            take(desired, document)
            after = asdict(settings_in(state))
            for field, names in touched_by().items():
                if not names & document.desired.keys():
                    assert after[field] == before[field], field
            if "models" not in document.desired:
                assert wish_by_key(wish_in(state, "people")) == wish


def touched_by() -> dict[str, set[str]]:
    """The properties that set a field of `Settings`."""
    return {
        "log_level": {"Logging", "LogLevel"},
        "raw_stream": {"RawStream"},
        "result_stream": {"ResultStream"},
        "h264_stream": {"H264Stream"},
        "stream_fps": {"StreamFPS"},
        "stream_resolution": {"StreamResolution"},
        "align": {"TimeAlignRTSP"},
        "interval_ms": {"TelemetryIntervalNeuralNetworkMs"},
        "collect": {"RetrainingDataCollectionEnabled"},
        "collect_interval_s": {"RetrainingDataCollectionInterval"},
        "picture_step": set(),
        "upload_step": set(),
    }


@hundreds
@given(documents, st.sampled_from([(RECORD,), (RECORD, WISHES)]))
def test_a_crash_between_the_writes_is_harmless(
    history: list[Document], lost: tuple[str, ...]
) -> None:
    """What was written last is missing: the whole document after the crash makes up for it."""
    whole: dict[str, Any] = {"$version": 9}
    for _, content in history:
        whole |= {key: content[key] for key in content if content[key] is not None} | whole
    with folder() as crashed, folder() as spared:
        for state in (crashed, spared):
            take(desired_in(state), *history)
        saved = {path: path.read_bytes() for name in lost for path in files_of(crashed, name)}
        take(desired_in(crashed), Document(is_patch=False, desired=whole))
        for name in lost:
            for path in files_of(crashed, name):
                path.write_bytes(saved[path]) if path in saved else path.unlink()
        after = desired_in(crashed)
        for desired in (after, desired_in(spared)):
            take(desired, Document(is_patch=False, desired=whole))
        assert settings_in(crashed) == settings_in(spared)
        for entry in ENTRIES:
            assert wish_in(crashed, entry) == wish_in(spared, entry)


def files_of(state: Any, name: str) -> list[Any]:
    place = state / name
    return sorted(place.glob("*.json")) if place.is_dir() else [place] if place.exists() else []
