"""Orders from one thread to another."""

from actors.rtsp.demand import Demand, Orders


def test_orders_are_taken_once_and_viewers_stay() -> None:
    woken: list[bool] = []
    demand = Demand(lambda: woken.append(True))
    demand.describe("a")
    demand.begin("a")
    demand.begin("a")
    demand.begin("b")
    demand.end("b")
    demand.lose(3)
    assert len(woken) == 5
    assert demand.take() == Orders({"a": 2, "b": 0}, frozenset("a"), frozenset("ab"), 3)
    assert demand.take() == Orders({"a": 2, "b": 0}, frozenset(), frozenset(), 0)
