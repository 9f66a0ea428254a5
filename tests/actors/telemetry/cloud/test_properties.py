"""What each property takes."""

from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from actors.settings import Settings
from actors.telemetry.cloud.properties import MODEL, SETTINGS, Refused, of_model, shown
from tests.actors.telemetry.cloud.documents import (
    BAD_OF_MODEL,
    GOOD_OF_MODEL,
    GOOD_OF_SETTINGS,
    SECRET,
)

PERCEPT = {
    "Logging",
    "RetrainingDataCollectionEnabled",
    "RetrainingDataCollectionInterval",
    "TelemetryIntervalNeuralNetworkMs",
    "ModelZipUrl",
    "SecureAILifecycleEnabled",
    "SCZ_MODEL_NAME",
    "SCZ_MODEL_VERSION",
    "SCZ_MM_SERVER_URL",
    "DownloadSecuredModelFromMMServer",
    "RawStream",
    "ResultStream",
    "H264Stream",
    "StreamFPS",
    "StreamResolution",
    "TimeAlignRTSP",
}


def test_percepts_are_all_there_beside_ours() -> None:
    assert SETTINGS.keys() | MODEL.keys() == PERCEPT | {"LogLevel", "model", "sha256", "number"}


@pytest.mark.parametrize("name", GOOD_OF_SETTINGS)
def test_what_is_good_is_good_for_the_settings(name: str) -> None:
    field = SETTINGS[name].field
    kind = get_type_hints(Settings, include_extras=True)[field]
    for value in GOOD_OF_SETTINGS[name]:
        kept = SETTINGS[name].check(value)
        if name != "Logging":
            assert msgspec.convert(kept, kind) == kept
            assert type(kept) in {*get_args(kind), bool, int, float, str}


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("Logging", 1, "wants true or false, not 1"),
        ("Logging", "true", "wants true or false, not 'true'"),
        ("RawStream", [], "wants true or false, not a list"),
        ("LogLevel", "verbose", "wants debug, info, warning or error, not 'verbose'"),
        ("StreamFPS", 0, "wants a whole number from 1 to 240, not 0"),
        ("StreamFPS", 241, "wants a whole number from 1 to 240, not 241"),
        ("StreamFPS", 5.5, "wants a whole number from 1 to 240, not 5.5"),
        ("StreamFPS", True, "wants a whole number from 1 to 240, not true"),
        ("StreamFPS", "15", "wants a whole number from 1 to 240, not '15'"),
        ("StreamFPS", float("nan"), "not a number beyond all bounds"),
        ("StreamFPS", 10**400, "not a number beyond all bounds"),
        ("RetrainingDataCollectionInterval", -1, "wants a whole number from 0 to 31536000, not -1"),
        ("TelemetryIntervalNeuralNetworkMs", -0.5, "wants a number from 0 to 86400000, not -0.5"),
        ("TelemetryIntervalNeuralNetworkMs", float("inf"), "not a number beyond all bounds"),
        ("StreamResolution", "4k", "wants native, 1080p or 720p, not '4k'"),
        ("StreamResolution", {"a": 1}, "not an object"),
        ("TimeAlignRTSP", "True", "wants true or false, not 'True'"),
        ("TimeAlignRTSP", 0, "wants true or false, not 0"),
    ],
)
def test_what_is_bad_is_refused_in_a_sentence(name: str, value: object, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        SETTINGS[name].check(value)
    assert str(refused.value).endswith(rule)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("junk", [None, [], {}, "", "x", -1, 1e30, float("nan"), "yes " * 9999])
def test_refusals_are_short(name: str, junk: object) -> None:
    with pytest.raises(Refused) as refused:
        SETTINGS[name].check(junk)
    assert len(str(refused.value)) < 150


def test_whole_numbers_may_be_written_with_a_point() -> None:
    fps: Any = SETTINGS["StreamFPS"].check(5.0)
    assert (fps, type(fps)) == (5, int)
    assert of_model("number", 5.0) == 5


@pytest.mark.parametrize(("given", "kept"), [("true", True), ("false", False), (False, False)])
def test_percepts_text_for_alignment_means_what_it_says(given: object, kept: bool) -> None:
    assert SETTINGS["TimeAlignRTSP"].check(given) is kept


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in BAD_OF_MODEL for value in BAD_OF_MODEL[name]]
)
def test_a_bad_value_for_a_model_is_refused_and_shows_no_secret(name: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        of_model(name, value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", GOOD_OF_MODEL)
def test_a_good_one_is_kept(name: str) -> None:
    for value in GOOD_OF_MODEL[name]:
        assert of_model(name, value) == value


def test_a_number_that_cannot_even_be_written_is_refused() -> None:
    with pytest.raises(Refused, match="beyond all bounds"):
        SETTINGS["StreamFPS"].check(10**5000)
    with pytest.raises(Refused):
        of_model("number", 10**5000)


def test_an_address_in_the_wrong_place_is_masked() -> None:
    assert shown(f"https://h/?sig={SECRET}") == "'https://h/?***'"
    assert SECRET not in shown(f"https://user:{SECRET}{'/' * 60}@h")
    assert shown("a\nb\ud800") == "'a b'"
