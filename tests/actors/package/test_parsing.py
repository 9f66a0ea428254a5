"""What a manifest may say, and the sentence when it says something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.package import PackageError
from actors.package.manifest import Manifest
from actors.package.parsing import parse

GOLDEN = '[golden]\npicture = "p.jpg"\nboxes = [{{ label = "a", {} }}]'
GOOD = b'name = "a"\nmodel = "m.xml"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "Invalid value"),
        ('name = "a"', "missing required field `model`"),
        ("colour = 'BGR'", "colour: there is no such key; there are name, model, version"),
        ("treshold = 0.5", "treshold: there is no such key; did you mean `threshold`?"),
        ("[input]\ncolor = 'RGB'", "input.color: there is no such key; did you mean `colour`?"),
        ("[golden]\npic = ''", "golden.pic: there is no such key; did you mean `picture`?"),
        (GOLDEN.format("x2 = 1"), "golden.boxes[0].x2: there is no such key; there are label, x0"),
        ('"a b\\n" = 1', "'a b\\n': a key has no control characters"),
        ("'odd key' = 1", "'odd key': there is no such key"),
        ("threshold = 2", "threshold = 2: Expected `float` <= 1.0"),
        ("threshold = nan", "threshold = nan: Expected `float` >= 0.0"),
        ("threshold = 'high'", "threshold = 'high': Expected `float`, got `str`"),
        ("thresholds = { car = 1.5 }", "thresholds.'car' = 1.5: a threshold is between 0 and 1"),
        ("thresholds = { car = nan }", "thresholds.'car' = nan: a threshold is between 0 and 1"),
        ("thresholds = { car = 'x' }", "thresholds: Expected `float`, got `str`"),
        ("thresholds = 0.5", "thresholds = 0.5: Expected `object`, got `float`"),
        ("version = '1 2'", "version = '1 2': a version is 1 to 32 of A-Z a-z 0-9 . _ + - and"),
        (f"version = '{'1' * 33}'", "a version is 1 to 32 of"),
        ("version = 3", "version = 3: Expected `str`, got `int`"),
        ("family = 'SSD'", "family = 'SSD': a family is 1 to 32 of a-z 0-9 _ -"),
        ("minimum_openvino = '2026'", 'OpenVINO is written as "2026.0" or "2026.0.1"'),
        ("minimum_openvino = '26.1'", 'OpenVINO is written as "2026.0" or "2026.0.1"'),
        ("labels = 3", "labels = 3: Expected `str | array`, got `int`"),
        ("labels = ['a', 3]", "labels[1] = 3: Expected `str`, got `int`"),
        ("labels = ['a\\n']", None),
        ('labels = ["a", "b\\n"]', "labels[1] = 'b\\n': a string has no control characters in it"),
        ('licence = "\\u202e"', "licence = '\\u202e': a string has no control characters"),
        ("labels = '../labels.txt'", "labels = '../labels.txt': a path has no empty part"),
        ("anchors = [[1, 'x']]", "anchors[0][1] = 'x': Expected `float`"),
        ("anchors = [[1, inf]]", "anchors[0] = [1.0, inf]: each is a finite number"),
        ("anchors = [1, 2]", "anchors[0] = 1: Expected `array`, got `int`"),
        ("[input]\nresize = 'crop'", "input.resize = 'crop': Invalid enum value 'crop'"),
        ("[input]\nmean = [1, 2]", "input.mean: Expected `array` of length 3, got 2"),
        ("[input]\nscale = [1, 0, 1]", "input.scale = [1.0, 0.0, 1.0]: pixels are divided by it"),
        ("[input]\nscale = [1, 1, inf]", "input.scale = [1.0, 1.0, inf]: each is a finite number"),
        ("[input]\nmean = [nan, 1, 1]", "input.mean = [nan, 1.0, 1.0]: each is a finite number"),
        ("input = 1", "input = 1: Expected `object`, got `int`"),
        ("[files]\n'a' = 'x'", "files.'a' = 'x': a SHA-256 is 64 of 0-9 a-f"),
        (f"[files]\n'a' = '{'A' * 64}'", "a SHA-256 is 64 of 0-9 a-f"),
        (f"[files]\n'/a' = '{'a' * 64}'", "files = '/a': a path is relative to the package"),
        (f"[files]\n'a' = '{'a' * 64}'\n'A' = '{'a' * 64}'", "files: 'a' and 'A': differ in case"),
        (f"[files]\n'manifest.toml' = '{'a' * 64}'", "files.'manifest.toml': the manifest and"),
        (f"[files]\n'manifest.sig' = '{'a' * 64}'", "files.'manifest.sig': the manifest and"),
        ("[files]\na = 1", "files: Expected `str`, got `int`"),
        ("[golden]\npicture = 'p.jpg'", "golden: Object missing required field `boxes`"),
        ("[golden]\npicture = 'p.jpg'\nboxes = []", "golden.boxes: Expected `array` of length >="),
        (GOLDEN.format("x0 = 0, y0 = 0, x1 = 1"), "golden.boxes[0]: Object missing required"),
        (GOLDEN.format("x0 = 0, y0 = 0, x1 = 2, y1 = 1"), "golden.boxes[0].x1 = 2: Expected"),
        (GOLDEN.format("x0 = 1, y0 = 0, x1 = 1, y1 = 1"), "golden.boxes[0]: x0 is left of x1"),
        (GOLDEN.format("x0 = 0, y0 = 1, x1 = 1, y1 = 0"), "golden.boxes[0]: x0 is left of x1"),
        (GOLDEN.format("x0 = 0, y0 = 0, x1 = 1, y1 = 1").replace("p.jpg", ".."), "golden.picture"),
        ("a = " + "[" * 10_000, ""),
        ("licence = 'x'\nlicence = 'x'", "Cannot overwrite a value"),
        (f"licence = '{'x' * (1 << 20)}'", "longer than 1048576 bytes; it is no manifest"),
    ],
)
def test_a_bad_manifest_is_refused(text: str, says: str | None) -> None:
    """The text goes after a name and a model, unless it is a name itself; None: it is good."""
    data = text.encode() if text.startswith("name") else GOOD + text.encode()
    if says is None:
        parse(data, "m.toml")
        return
    with pytest.raises(PackageError) as caught:
        parse(data, "m.toml")
    assert str(caught.value).startswith("m.toml: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", "a/b", "é", "a" * 65, "../a", ".a"])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(PackageError, match="a name is 1 to 64 of a-z 0-9"):
        parse(f'name = "{name}"\nmodel = "m.xml"'.encode(), "m.toml")


@pytest.mark.parametrize("model", ["", "/m.xml", "../m.xml", "a/../m.xml", "./m.xml", "C:m.xml"])
def test_the_model_is_inside_the_package(model: str) -> None:
    with pytest.raises(PackageError, match=r"m\.toml: model = '.*': a "):
        parse(f'name = "a"\nmodel = "{model}"'.encode(), "m.toml")


def test_what_is_not_said_has_its_default() -> None:
    assert parse(GOOD, "m.toml") == Manifest("a", "m.xml")
    assert parse(b"\xef\xbb\xbf" + GOOD, "m.toml") == Manifest("a", "m.xml")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: GOOD + text.encode()))
def test_any_bytes_are_a_manifest_or_refused_by_name(data: bytes) -> None:
    try:
        parse(data, "m.toml")
    except PackageError as error:
        assert "\n" not in str(error)  # noqa: PT017 that is all that may be raised


KEYS = (*Manifest.__struct_fields__, "nme", "input.mean", "golden.boxes", "input.x", "files.a")


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_any_value_of_any_key_is_taken_or_refused_by_name(values: dict[str, object]) -> None:
    lines = [f"{key} = {toml(value)}" for key, value in values.items()]
    try:
        parse("\n".join(lines).encode(), "m.toml")
    except PackageError as error:
        assert "\n" not in str(error)  # noqa: PT017 that is all that may be raised


def toml(value: object) -> str:
    match value:
        case None:
            return "2026-01-01"
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
        case list():
            return f"[{', '.join(map(toml, value))}]"
    return repr(value)
