from actors.camera.window import Window, consumer, consumers
from actors.config import Camera, Config, Inference
from bus.topics import Keep

MS = 1_000_000


def up(window: Window, *consumers: str) -> Window:
    for name in consumers:
        window.present(name)
    return window


def test_consumers_get_time_to_come_up() -> None:
    window = Window(["one", "other"], most=1)
    assert not window.open(0)
    window.present("one")
    window.present("stranger")
    assert not window.open(4_999 * MS)
    window.present("other")
    assert window.open(4_999 * MS)
    assert Window(["never"]).open(0) is False
    late = Window(["never"])
    late.open(5 * MS)
    assert late.open(5_005 * MS)


def test_without_consumers_it_is_always_open() -> None:
    window = Window()
    for seq in range(100):
        assert window.open(0)
        window.published(seq, 0)


def test_the_slowest_consumer_holds_it() -> None:
    window = up(Window(["fast", "slow"], most=3), "fast", "slow")
    for seq in range(3):
        assert window.open(0)
        window.published(seq, 0)
    assert not window.open(0)
    window.finished("fast", 2, 0)
    assert not window.open(0)
    window.finished("slow", 0, 0)
    assert window.open(0)
    window.published(3, 0)
    assert not window.open(0)
    window.finished("slow", 3, 0)  # it may skip
    assert window.open(0)


def test_a_silent_consumer_does_not_count_until_it_speaks() -> None:
    window = up(Window(["dead", "alive"], most=2), "dead", "alive")
    for seq in range(2):
        window.published(seq, 0)
    window.finished("alive", 1, 400 * MS)
    assert not window.open(500 * MS)
    assert window.open(501 * MS)
    for seq in range(2, 20):
        window.published(seq, 502 * MS)
        window.finished("alive", seq, 502 * MS)
        assert window.open(502 * MS)
    window.finished("dead", 5, 600 * MS)
    assert not window.open(600 * MS)


def test_having_had_nothing_to_do_is_not_silence() -> None:
    window = up(Window(["one"], most=1), "one")
    window.published(0, 0)
    window.finished("one", 0, 1 * MS)
    window.published(1, 9_000 * MS)
    assert not window.open(9_400 * MS)
    assert window.open(9_501 * MS)


def test_getting_no_further_is_silence() -> None:
    window = up(Window(["stuck"], most=2), "stuck")
    for seq in range(3):
        window.published(seq, 0)
    window.finished("stuck", 0, 100 * MS)
    window.finished("stuck", 0, 500 * MS)  # shows an old picture again
    assert not window.open(600 * MS)
    assert window.open(601 * MS)


def test_who_was_not_named_counts_from_its_first_word_on() -> None:
    window = up(Window(["one"], most=2), "one")
    for seq in range(4):
        window.published(seq, 0)
        window.finished("one", seq, 0)
        assert window.open(0)
    window.finished("viewer", 2, 1 * MS)
    assert window.open(1 * MS)
    window.published(4, 2 * MS)
    window.finished("one", 4, 2 * MS)
    assert not window.open(2 * MS)
    window.finished("viewer", 3, 3 * MS)
    assert window.open(3 * MS)


def test_numbers_of_an_earlier_camera_do_not_count() -> None:
    window = up(Window(["one"], most=1), "one")
    window.published(0, 0)
    window.finished("one", 5000, 0)
    assert not window.open(0)
    window.finished("one", 0, 0)
    assert window.open(0)


def test_who_is_waited_for_is_in_the_configuration() -> None:
    clip, live = Camera("clip", "file:a.mp4", pace="max"), Camera("live", "rtsp://h/x", pace="max")
    still = Camera("still", "file:a.mp4")
    config = Config(
        camera=(clip, live, still),
        inference=(Inference("all", swap="restart"), Inference("one", cameras=("still",))),
    )
    heard = consumers(config, clip)
    assert [topic.name for topic in heard] == [
        "health/inference-all-a/", "health/overlay/", "results/clip/all/", "overlay/clip/",
        "done/clip/raw/", "done/clip/result/",
    ]  # fmt: skip
    assert {topic.owner for topic in heard} == {"inference-all-a", "overlay", "rtsp"}
    assert {consumer(owner) for owner in ("inference-all-b", "overlay")} == {
        "inference-all", "overlay",
    }  # fmt: skip
    assert {topic.keep for topic in heard[2:4]} == {Keep.ALL}
    assert not consumers(config, live)
    assert not consumers(config, still)
