"""Desired properties nobody thought of, and a second opinion of what comes of them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

ENTRIES = ("street", "people")
SECRET = "s3cr3t"  # noqa: S105 searched for
BAD = object()

FLAGS = (
    "Logging",
    "RetrainingDataCollectionEnabled",
    "RawStream",
    "ResultStream",
    "H264Stream",
)
FIELDS = {
    "RetrainingDataCollectionEnabled": "collect",
    "RetrainingDataCollectionInterval": "collect_interval_s",
    "TelemetryIntervalNeuralNetworkMs": "interval_ms",
    "RawStream": "raw_stream",
    "ResultStream": "result_stream",
    "H264Stream": "h264_stream",
    "StreamFPS": "stream_fps",
    "StreamResolution": "stream_resolution",
    "TimeAlignRTSP": "align",
}
SETTINGS = ("Logging", "LogLevel", *FIELDS)
GOOD_OF_MODEL: dict[str, list[Any]] = {
    "model": ["street@3", "/srv/m.zip", "catalogue:face@FP16", f"https://h/m?sig={SECRET}", ""],
    "sha256": ["12" * 32, ""],
    "number": [0, 1, 7.0, 2**53 - 1],
    "ModelZipUrl": [f"https://blob.example/m.zip?sig={SECRET}", "http://h/m.zip", ""],
    "SecureAILifecycleEnabled": [True, False],
    "SCZ_MODEL_NAME": ["people", ""],
    "SCZ_MODEL_VERSION": ["1.0"],
    "SCZ_MM_SERVER_URL": [f"https://u:{SECRET}@scz.example"],
    "DownloadSecuredModelFromMMServer": [True, False],
}
BAD_OF_MODEL: dict[str, list[Any]] = {
    "model": ["ftp://h/m", "a\nb", "\ud800", "x" * 5000, f"catalogue:a?sig={SECRET}"],
    "sha256": ["12", 12, f"https://h?{SECRET}"],
    "number": [True, -1, 5.5, 2**53, float("nan")],
    "ModelZipUrl": [f"https://h:x/m?sig={SECRET}", "/srv/m.zip", f"https://u:{SECRET}@h:x/m", 7],
    "SecureAILifecycleEnabled": ["true", 1],
    "SCZ_MODEL_NAME": ["../x", 1],
    "SCZ_MODEL_VERSION": ["..", False],
    "SCZ_MM_SERVER_URL": [f"http://h/?{SECRET}", []],
    "DownloadSecuredModelFromMMServer": ["false", 0],
}
GOOD_OF_SETTINGS: dict[str, list[Any]] = {
    **{name: [True, False] for name in FLAGS},
    "LogLevel": ["debug", "info", "warning", "error"],
    "RetrainingDataCollectionInterval": [0, 60, 5.0],
    "TelemetryIntervalNeuralNetworkMs": [0, 1000, 0.5, 86_400_000],
    "StreamFPS": [1, 15, 240, 30.0],
    "StreamResolution": ["native", "1080p", "720p"],
    "TimeAlignRTSP": [True, False, "true", "false"],
}

deep: Any = "bottom"
for _ in range(400):
    deep = {"x": [deep]}
plain = (
    st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([0, 1, 10**30, 10**300, float("nan"), float("inf"), "true", "", -0.0])
)
junk: st.SearchStrategy[Any] = (
    st.recursive(
        plain | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
        ),
        max_leaves=4,
    )
    | st.just(deep)
    | st.just("long " * 2000)
)
unknown = st.dictionaries(
    st.sampled_from(["Running", "TelemetryInterval", "$metadata", "stream fps", "a.b", "Models"])
    | st.text(max_size=8).filter(
        lambda key: key not in {*SETTINGS, *GOOD_OF_MODEL, "models", "$version"}
    ),
    junk,
    max_size=4,
)
versions = st.integers(0, 3) | st.sampled_from([None, True, "7", 2**60, -1, 1.5])


def _values(name: str) -> st.SearchStrategy[Any]:
    if name in SETTINGS:
        good = st.sampled_from(GOOD_OF_SETTINGS[name])
        return good | good | junk | st.none()
    good, bad = st.sampled_from(GOOD_OF_MODEL[name]), st.sampled_from(BAD_OF_MODEL[name])
    return good | good | bad | st.none()


def _some_of(names: Mapping[str, Any] | tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: _values(name) for name in names})


of_models: st.SearchStrategy[Any] = (
    st.dictionaries(
        st.sampled_from([*ENTRIES, "cellar", "a.b", "\ud800"]),
        _some_of(GOOD_OF_MODEL) | st.none() | plain | st.just({"model": "street@3", "odd": 1}),
        max_size=3,
    )
    | st.none()
    | plain
)


class Document(NamedTuple):
    is_patch: bool
    desired: dict[str, Any]


def _document(is_patch: bool, version: object, parts: tuple[dict[str, Any], ...]) -> Document:
    desired: dict[str, Any] = {} if version is None else {"$version": version}
    for part in parts:
        desired |= part
    return Document(is_patch, desired)


some_models = st.fixed_dictionaries({}, optional={"models": of_models})
documents = st.lists(
    st.builds(
        _document,
        st.booleans(),
        versions,
        st.tuples(unknown, _some_of(SETTINGS), _some_of(GOOD_OF_MODEL), some_models),
    ),
    min_size=1,
    max_size=3,
)


class Opinion:
    """What the words of the documentation come to, in the plainest way."""

    def __init__(self) -> None:
        self.version, self.gap = -1, False
        self.accepted: dict[tuple[str, str], Any] = {}  # by entry ("" for all), and key
        self.status: dict[tuple[str, str], tuple[str, int]] = {}

    def take(self, document: Document) -> None:
        version = document.desired.get("$version")
        if type(version) is not int or not 0 <= version < 2**52:
            version = None
        if document.is_patch and version is not None and version <= self.version:
            return
        asked = self._asked(document.desired)
        if not document.is_patch and version == self.version and not self.gap:
            done = {at for at, (status, _) in self.status.items() if status != "refused"}
            asked = {at: value for at, value in asked.items() if at not in done}
            if not asked:
                return
        self.gap = document.is_patch and (self.gap or version != self.version + 1)
        self.version = self.version if version is None else version
        for at, value in asked.items():
            self._apply(at, value)

    def _apply(self, at: tuple[str, str], value: object) -> None:
        if value is None:
            self.accepted.pop(at, None)
            self.status[at] = "default", self.version
        elif (good := kept(at[1], value)) is BAD:
            self.status[at] = "refused", self.version
        else:
            self.accepted[at] = good
            self.status[at] = "applied", self.version

    def _asked(self, desired: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
        names = (*SETTINGS, *GOOD_OF_MODEL)
        asked = {("", name): desired[name] for name in names if name in desired}
        models = desired.get("models", {})
        if models is None:
            models = dict.fromkeys(ENTRIES)
        for entry, keys in models.items() if isinstance(models, dict) else ():
            if keys is None:
                asked |= {at: None for at in self.accepted if at[0] == entry}
            elif entry in ENTRIES and isinstance(keys, dict):
                asked |= {(entry, key): keys[key] for key in GOOD_OF_MODEL if key in keys}
        return asked

    def settings(self) -> dict[str, Any]:
        """By field of `Settings`."""
        fields = {field: self.accepted.get(("", name)) for name, field in FIELDS.items()}
        verbose = "debug" if self.accepted.get(("", "Logging")) else None
        return fields | {"log_level": self.accepted.get(("", "LogLevel"), verbose)}

    def wish(self, entry: str) -> dict[str, Any]:
        """By key, of those that are set."""
        by_place = self.accepted.items()
        first = {key: value for (at, key), value in by_place if not at and key in GOOD_OF_MODEL}
        own = {key: value for (at, key), value in by_place if at == entry}
        return own if entry != ENTRIES[0] else first | own


def kept(name: str, value: Any) -> Any:
    """The value as it counts, `BAD` for one that does not."""
    is_number = type(value) in {int, float}
    match name:
        case "LogLevel" | "StreamResolution":
            return value if isinstance(value, str) and value in GOOD_OF_SETTINGS[name] else BAD
        case "TimeAlignRTSP":
            words = {"true": True, "false": False}
            given = words.get(value, value) if isinstance(value, str) else value
            return given if type(given) is bool else BAD
        case "StreamFPS" | "RetrainingDataCollectionInterval":
            least, most = (1, 240) if name == "StreamFPS" else (0, 365 * 86_400)
            is_good = is_number and least <= value <= most and value % 1 == 0
            return int(value) if is_good else BAD
        case "TelemetryIntervalNeuralNetworkMs":
            return float(value) if is_number and 0 <= value <= 86_400_000 else BAD
    if name in FLAGS:
        return value if type(value) is bool else BAD
    return value if any(value is good for good in GOOD_OF_MODEL[name]) else BAD
