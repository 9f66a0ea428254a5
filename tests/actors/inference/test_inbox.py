from actors.inference.inbox import Inbox
from bus.messages import Frame, FrameRef


def frame(camera: str, number: int) -> Frame:
    return Frame(
        camera=camera,
        frame_seq=number,
        captured_ns=number,
        captured_utc_ns=0,
        width=2,
        height=2,
        ref=FrameRef(camera, 1, 0, number),
    )


def drain(inbox: Inbox) -> list[tuple[str, int]]:
    taken = iter(inbox.take, None)
    return [(one.camera, one.frame_seq) for one in taken]


def test_the_newest_of_each_camera_in_turn() -> None:
    inbox = Inbox(["a", "b", "c"], set())
    pushed = [inbox.offer(frame("a", n)) for n in range(5)]
    pushed += [inbox.offer(frame("c", n)) for n in range(2)]
    assert pushed == [0, 1, 1, 1, 1, 0, 1]
    assert drain(inbox) == [("a", 4), ("c", 1)]


def test_a_fast_camera_does_not_starve_a_slow_one() -> None:
    inbox = Inbox(["fast", "slow"], set())
    served = []
    for n in range(10):
        inbox.offer(frame("fast", n))
        if n == 3:
            inbox.offer(frame("slow", n))
        if n >= 3:
            taken = inbox.take()
            served.append(taken.camera if taken else "")
    assert served.index("slow") <= 1


def test_a_clip_at_full_pace_keeps_every_frame_in_order() -> None:
    inbox = Inbox(["clip", "live"], {"clip"})
    assert [inbox.offer(frame("clip", n)) for n in range(3)] == [0, 0, 0]
    inbox.offer(frame("live", 9))
    assert drain(inbox) == [("clip", 0), ("live", 9), ("clip", 1), ("clip", 2)]


def test_a_waiting_frame_gives_way_to_a_fresher_of_its_camera() -> None:
    inbox = Inbox(["clip", "live"], {"clip"})
    inbox.offer(frame("live", 2))
    inbox.offer(frame("clip", 2))
    assert inbox.newer_than(frame("live", 1))
    assert not inbox.newer_than(frame("clip", 1))
    assert inbox.replace(frame("live", 1)).frame_seq == 2
    assert not inbox.newer_than(frame("live", 2))


def test_with_patience_a_few_wait_in_order_and_none_gives_way() -> None:
    inbox = Inbox(["a", "b"], set())
    inbox.patience = 3
    assert [inbox.offer(frame("a", n)) for n in range(5)] == [0, 0, 0, 1, 1]
    assert not inbox.newer_than(frame("a", 1))
    assert drain(inbox) == [("a", 2), ("a", 3), ("a", 4)]
    for n in range(3):
        inbox.offer(frame("b", n))
    inbox.patience = 1
    assert inbox.offer(frame("b", 3)) == 3
    assert drain(inbox) == [("b", 3)]


def test_a_camera_nobody_asked_for_is_refused() -> None:
    assert Inbox(["a"], set()).offer(frame("b", 1)) == 1
