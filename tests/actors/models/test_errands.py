"""Which wish is next, and when again."""

from actors.models.errands import FIRST_NS, LONGEST_NS, Errand, Errands
from actors.models.shelf import Lying
from actors.store.wish import Wish
from actors.store.wishes import Done

OPEN = Lying(Wish(step=2, model="a@1"), Done(1))


def test_nothing_is_due_without_a_wish_or_when_it_is_done() -> None:
    errands = Errands()
    assert errands.due({"front": Lying()}, 0) is None
    assert errands.due({"front": Lying(Wish(step=2), Done(2, reason="refused"))}, 0) is None


def test_what_was_never_worked_off_or_has_changed_is_due() -> None:
    wish = Wish(step=2)
    for done in (None, Done(1), Done(3)):
        lying = {"back": Lying(), "front": Lying(wish, done)}
        assert Errands().due(lying, 0) == Errand("front", wish)


def test_what_failed_waits_and_the_others_go_on() -> None:
    errands, wish = Errands(), Wish(step=2, model="a@1")
    errands.failed(Errand("front", wish), "no network", 100)
    both = {"front": OPEN, "back": OPEN}
    assert errands.due(both, 101) == Errand("back", wish)
    setback = errands.setback("front", OPEN)
    assert setback
    assert (setback.failures, setback.next_ns, setback.reason) == (1, 100 + FIRST_NS, "no network")
    assert errands.due({"front": OPEN}, 99 + FIRST_NS) is None
    assert errands.due({"front": OPEN}, 100 + FIRST_NS) == Errand("front", wish)


def test_each_failure_doubles_the_wait_up_to_a_bound() -> None:
    errands, waits = Errands(), []
    for _ in range(70):
        errands.failed(Errand("front", Wish(step=2)), "no", 0)
        setback = errands.setback("front", OPEN)
        assert setback
        waits.append(setback.next_ns)
    assert waits[:3] == [FIRST_NS, 2 * FIRST_NS, 4 * FIRST_NS]
    assert waits[-1] == LONGEST_NS
    assert waits == sorted(waits)


def test_a_new_wish_does_not_wait_for_what_the_old_one_failed_at() -> None:
    errands = Errands()
    errands.failed(Errand("front", Wish(step=2)), "no", 0)
    newer = Lying(Wish(step=3), Done(1))
    assert errands.setback("front", newer) is None
    assert errands.due({"front": newer}, 1) == Errand("front", Wish(step=3))
    errands.failed(Errand("front", Wish(step=3)), "no", 0)
    setback = errands.setback("front", newer)
    assert setback
    assert setback.failures == 1


def test_what_is_done_at_last_has_no_setback() -> None:
    errands = Errands()
    errands.failed(Errand("front", Wish(step=2)), "no", 0)
    assert errands.setback("front", Lying(Wish(step=2), Done(2))) is None
