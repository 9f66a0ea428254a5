"""A slot's wish under changes as a twin sends them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from actors.store.source import Listed, Local, Protected, Source, SourceError, Web
from actors.store.wish import CHECKS, Stored, Wish, changed, wanted

HEX = "0123456789abcdef" * 4
SECRET = "s3cr3t"  # noqa: S105 searched for
URL = f"https://blob.example/people.zip?sig={SECRET}"
SECURE = {
    "SecureAILifecycleEnabled": True,
    "SCZ_MODEL_NAME": "people",
    "SCZ_MODEL_VERSION": "1.0",
    "SCZ_MM_SERVER_URL": "https://scz.example",
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def after(*changes: dict[str, object]) -> Wish:
    wish = Wish()
    for change in changes:
        wish, refusals = changed(wish, change)
        assert refusals == ()
    return wish


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, None),
        ({"model": "face-detection"}, Listed("face-detection")),
        ({"model": "catalogue:face@FP16"}, Listed("face", "FP16")),
        ({"model": "street@3"}, Stored("street", "3")),
        ({"model": "/srv/m.zip"}, Local("/srv/m.zip")),
        ({"model": "file:m.zip"}, Local("m.zip")),
        ({"model": "https://h/m.zip", "sha256": HEX.upper()}, Web("https://h/m.zip", HEX)),
        ({"ModelZipUrl": URL}, Web(URL)),
        ({"ModelZipUrl": URL, "sha256": HEX}, Web(URL, HEX)),
        ({"ModelZipUrl": URL, "model": "street@3"}, Stored("street", "3")),
        (SECURE, Protected("https://scz.example", "people", "1.0")),
        (SECURE | {"ModelZipUrl": URL}, Protected("https://scz.example", "people", "1.0")),
        (
            SECURE | {"ModelZipUrl": URL, "DownloadSecuredModelFromMMServer": False},
            Protected("https://scz.example", "people", "1.0", URL),
        ),
        (SECURE | {"SecureAILifecycleEnabled": False, "ModelZipUrl": URL}, Web(URL)),
    ],
)
def test_what_is_wanted(change: dict[str, object], asked: Source | Stored | None) -> None:
    assert wanted(after(change)) == asked


def test_percepts_defaults_ask_for_nothing_and_are_no_step() -> None:
    assert changed(Wish(), {"ModelZipUrl": "", "SecureAILifecycleEnabled": False}).wish == Wish()
    assert changed(Wish(), {"TelemetryIntervalNeuralNetworkMs": 60000}).wish == Wish()


def test_an_absent_key_is_no_change_and_null_the_default() -> None:
    wish = after({"ModelZipUrl": URL, "sha256": HEX}, {"sha256": None})
    assert wanted(wish) == Web(URL)
    assert wanted(after({"ModelZipUrl": URL}, {"ModelZipUrl": None})) is None
    for key in CHECKS:
        assert changed(Wish(), {key: None}).wish == Wish()


def test_each_change_is_a_step_and_the_same_again_is_none() -> None:
    wish = after({"ModelZipUrl": URL})
    assert wish.step == 1
    assert changed(wish, {"ModelZipUrl": URL}).wish.step == 1
    assert changed(wish, {"ModelZipUrl": URL}, again=True).wish.step == 2
    assert changed(wish, {"number": 7}).wish.step == 2
    assert changed(wish, {"ModelZipUrl": None}).wish.step == 2


@pytest.mark.parametrize("missing", [key for key in SECURE if key.startswith("SCZ")])
def test_a_protected_model_needs_all_its_properties(missing: str) -> None:
    with pytest.raises(SourceError, match=f"set {missing} too"):
        wanted(after(SECURE | {missing: ""}))


def test_from_elsewhere_it_needs_an_address() -> None:
    with pytest.raises(SourceError, match="set ModelZipUrl too"):
        wanted(after(SECURE | {"DownloadSecuredModelFromMMServer": False}))


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("model", 7, "wants text, not a number"),
        ("model", ["x"], "not a list or an object"),
        ("model", "ftp://h/m", "a model's source is"),
        ("model", "a\nb", "none of which ends a line"),
        ("model", f"https://u:{SECRET}@h:x/m", "its port a number"),
        ("sha256", "12", "64 hexadecimal digits"),
        ("number", True, "a whole number"),
        ("number", -1, "a whole number"),
        ("ModelZipUrl", f"ftp://u:{SECRET}@h/m.zip", "a model's source is"),
        ("ModelZipUrl", "/srv/m.zip", "begins with https:// or http://"),
        ("SecureAILifecycleEnabled", "true", "true or false, not text"),
        ("DownloadSecuredModelFromMMServer", 1, "true or false, not a number"),
        ("SCZ_MODEL_NAME", "../x", "letters, digits"),
        ("SCZ_MODEL_VERSION", "..", "letters, digits"),
        ("SCZ_MM_SERVER_URL", f"http://u:{SECRET}@h", "begins with https://"),
    ],
)
def test_a_bad_value_is_refused_and_the_others_count(key: str, value: object, rule: str) -> None:
    before = after({"number": 3})
    good = {"SCZ_MODEL_VERSION": "2"} if key != "SCZ_MODEL_VERSION" else {"SCZ_MODEL_NAME": "2"}
    wish, refusals = changed(before, {key: value, **good})
    (refusal,) = refusals
    assert refusal.startswith(f"{key}: ")
    assert rule in refusal
    assert SECRET not in refusal
    assert "2" in {wish.version, wish.name}
    assert replace(wish, step=1, version="", name="") == before


def test_a_wish_shows_nothing_of_itself() -> None:
    assert repr(after({"ModelZipUrl": URL})) == "Wish(step=1)"


@given(st.dictionaries(st.sampled_from(list(CHECKS)), anything))
def test_any_change_is_a_wish_or_refusals(change: dict[str, object]) -> None:
    wish, refusals = changed(Wish(), change)
    assert all("\n" not in refusal for refusal in refusals)
    assert changed(wish, change).wish == wish
    refused = {refusal.partition(":")[0] for refusal in refusals}
    whole = {key: value for key, value in change.items() if key not in refused}
    assert changed(Wish(), whole) == (wish, ())
