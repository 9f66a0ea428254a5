"""Manifests as hypothesis makes them: all that the format can say."""

from hypothesis import strategies as st

from actors.package.manifest import Golden, GoldenBox, Input, Manifest
from actors.package.names import CONTROL, clash

FRACTIONS = st.floats(0, 1, width=64)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(max_size=12).filter(lambda text: not CONTROL.search(text)).filter(str.isprintable)
PARTS = st.text("abAB.é-_ 1", min_size=1, max_size=5).filter(lambda part: part not in {".", ".."})
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
THREES = st.tuples(NUMBERS, NUMBERS, NUMBERS)
SCALES = THREES.filter(lambda scale: 0 not in scale)
SHA256 = st.text("0123456789abcdef", min_size=64, max_size=64)

INPUTS = st.builds(
    Input, st.sampled_from(["NCHW", "NHWC"]), st.sampled_from(["BGR", "RGB"]), THREES, SCALES
)


@st.composite
def boxes(draw: st.DrawFn) -> GoldenBox:
    edges = st.lists(FRACTIONS, min_size=2, max_size=2, unique=True).map(sorted)
    (x0, x1), (y0, y1) = draw(edges), draw(edges)
    return GoldenBox(draw(WORDS), x0, y0, x1, y1)


GOLDENS = st.builds(Golden, PATHS, st.lists(boxes(), min_size=1, max_size=3).map(tuple), FRACTIONS)
MANIFESTS = st.builds(
    Manifest,
    name=st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,63}\Z"),
    model=PATHS,
    version=st.just("") | st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._+-]{0,31}\Z"),
    family=st.just("") | st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,31}\Z"),
    labels=PATHS | st.lists(WORDS, max_size=4).map(tuple),
    threshold=FRACTIONS,
    thresholds=st.dictionaries(WORDS, FRACTIONS, max_size=3),
    anchors=st.lists(st.lists(NUMBERS, max_size=4).map(tuple), max_size=3).map(tuple),
    licence=WORDS,
    minimum_openvino=st.sampled_from(["", "2026.0", "2025.4.1"]),
    input=INPUTS,
    files=st.dictionaries(PATHS, SHA256, max_size=3).filter(lambda files: not clash(files)),
    golden=st.none() | GOLDENS,
)
