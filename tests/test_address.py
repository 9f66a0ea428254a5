import pytest

from actors.address import BadAddress, masked, parse, takes_password, with_password


@pytest.mark.parametrize(
    ("source", "kind", "target"),
    [
        ("scene:", "scene", ""),
        ("scene:?seed=7", "scene", ""),
        ("scene:?seed=2&density=0.5&weather=rain&time=night", "scene", ""),
        ("file:clips/a b.mp4", "file", "clips/a b.mp4"),
        ("file:/clips/a.mp4", "file", "/clips/a.mp4"),
        ("file:///clips/a.mp4", "file", "/clips/a.mp4"),
        ("rtsp://camera/stream", "network", "rtsp://camera/stream"),
        ("http://camera:8080/a.mjpg", "network", "http://camera:8080/a.mjpg"),
        ("v4l2:2", "v4l2", "/dev/video2"),
        ("v4l2:/dev/video9", "v4l2", "/dev/video9"),
        ("/dev/v4l/by-id/usb-Eye-index0", "v4l2", "/dev/v4l/by-id/usb-Eye-index0"),
    ],
)
def test_sources(source: str, kind: str, target: str) -> None:
    address = parse(source)
    assert (address.kind, address.target) == (kind, target)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("", "a source is scene:"),
        ("file:", "a source is scene:"),
        ("ftp://host/a.mp4", "a source is scene:"),
        ("clip.mp4", "a source is scene:"),
        ("scene:?mood=grim", "no option 'mood'"),
        ("scene:?seed=x", "a whole number"),
        ("scene:?seed=", "a whole number"),
        ("scene:?density=2.5", "a number from 0 to 2"),
        ("scene:?density=nan", "a number from 0 to 2"),
        ("scene:?density=much", "a number from 0 to 2"),
        ("scene:?weather=hail", "one of auto, clear, cloudy, rain, fog, snow"),
        ("scene:?time=noon", "one of auto, day, dusk, night"),
        ("rtsp://", "no host"),
        ("rtsp://host:70000/", "no valid host and port"),
        ("rtsp://[::1/", "no valid host and port"),
        ("rtsp://host:port/", "no valid host and port"),
    ],
)
def test_what_is_no_source_is_told_the_rule(source: str, says: str) -> None:
    with pytest.raises(BadAddress, match=says):
        parse(source)


@pytest.mark.parametrize(
    "source",
    ["rtsp://eye:s3cret@camera/s", "rtsp://eye:s3c@ret@camera/s", "http://camera/s?token=s3cret"],
)
def test_no_password_is_shown(source: str) -> None:
    assert "s3c" not in parse(source).shown
    assert "camera" in parse(source).shown
    assert parse(source).target == source
    with pytest.raises(BadAddress) as caught:
        parse(source.replace("http", "gopher").replace("rtsp", "gopher"))
    assert "s3cret@" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://camera/s", "rtsp://camera/s"),
        ("rtsp://eye:s3cret@camera/s", "rtsp://***@camera/s"),
        ("rtsp://eye:s3/cr#e@t@camera/s", "rtsp://***@camera/s"),
        ("rtsp://eye:12/34@camera/s", "rtsp://***@camera/s"),
        ("rtsp://eye:s3?cret@camera/s", "rtsp://***"),
        ("rtsp://eye:s@3?cret@camera/s?a=b", "rtsp://***"),
        ("http://camera/s?token=s3cret", "http://camera/s?***"),
        ("eye:s3cret@camera//s?a@b", "***"),
        ("eye:s3cret@camera", "***@camera"),
        ("//eye:s3\ncret@camera", "//***@camera"),
        ("/clips/a.mp4", "/clips/a.mp4"),
        ("", ""),
    ],
)
def test_what_may_be_a_password_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize("source", ["rtsp://eye:s3c/ret@camera/s", "rtsp://eye:s3c\u2100@camera/s"])
def test_the_fault_of_an_address_quotes_no_password(source: str) -> None:
    with pytest.raises(BadAddress, match="no valid host and port") as caught:
        parse(source)
    assert "s3c" not in str(caught.value)


def test_a_url_taken_for_a_file_shows_no_password() -> None:
    assert "s3cret" not in parse("file:rtsp://eye:s3cret@camera/s").shown
    assert parse("file:clips/me@home.mp4").shown == "file:clips/me@home.mp4"


@pytest.mark.parametrize(
    ("source", "whole"),
    [
        ("rtsp://eye@camera/s?a=b@c", "rtsp://eye:p%40%2F%3A%20%25@camera/s?a=b@c"),
        ("http://me@firm.org@[::1]:80/s", "http://me@firm.org:p%40%2F%3A%20%25@[::1]:80/s"),
    ],
)
def test_a_password_from_elsewhere_comes_behind_its_user(source: str, whole: str) -> None:
    assert takes_password(source)
    assert with_password(source, "p@/: %") == whole


@pytest.mark.parametrize(
    "source", ["scene:", "file:a@b.mp4", "v4l2:0", "rtsp://camera/s", "rtsp://eye:p@camera/s"]
)
def test_other_sources_take_none(source: str) -> None:
    assert not takes_password(source)
