import threading

from actors.camera.shelf import Shelf
from actors.camera.shot import Shot
from bus.messages import TrueBox
from bus.pixels import I420

DEADLINE_S = 10


def nothing(_: I420) -> list[TrueBox]:
    return []


def shot(number: int) -> Shot:
    return Shot((2, 2), number, number, nothing)


def test_the_newest_replaces_what_nobody_took() -> None:
    shelf = Shelf(3)
    for number in range(4):
        shelf.replace(shot(number))
    assert shelf.take() == shot(3)
    assert shelf.take() is None
    assert shelf.lost() == 3
    assert shelf.lost() == 0


def test_a_clip_waits_for_room_and_loses_nothing() -> None:
    shelf, emptied = Shelf(2), threading.Event()

    def fill() -> None:
        for number in range(50):
            shelf.put(shot(number))
        shelf.wait_until_empty()
        emptied.set()

    filler = threading.Thread(target=fill)
    filler.start()
    taken: list[int] = []
    while len(taken) < 50:
        assert len(shelf) <= 2
        if found := shelf.take():
            taken.append(found.captured_ns)
    assert taken == list(range(50))
    assert emptied.wait(DEADLINE_S)
    filler.join()


def test_closing_lets_go_of_who_waits() -> None:
    shelf = Shelf(1)
    shelf.put(shot(0))
    full = threading.Thread(target=lambda: shelf.put(shot(1)))
    unread = threading.Thread(target=shelf.wait_until_empty)
    full.start()
    unread.start()
    shelf.close()
    full.join(DEADLINE_S)
    unread.join(DEADLINE_S)
    assert not full.is_alive()
    assert not unread.is_alive()
