"""What a viewer concludes from messages, locks and time."""

from bus.messages import Health, State, Tick
from cli.board import Board, Looker

SECOND_NS = 1_000_000_000


def at(seconds: float) -> Tick:
    return Tick(now_ns=int(seconds * SECOND_NS), now_utc_ns=int(seconds * SECOND_NS))


def health(
    pid: int, state: State = "running", *, said_s: float = 1.0, model: str = "", device: str = ""
) -> Health:
    return Health(
        actor="overlay",
        stage="overlay",
        pid=pid,
        state=state,
        model=model,
        device=device,
        published_ns=int(said_s * SECOND_NS),
    )


def running_board() -> Board:
    board = Board([])
    board.seen(at(1))
    board.seen(health(7))
    board.found({"overlay": 7}, {})
    return board


def words(board: Board) -> list[str]:
    return [event.what for event in board.events]


def test_what_was_so_from_the_beginning_is_no_event() -> None:
    board = running_board()
    board.seen(health(7, said_s=1.5))
    assert [(row.actor, row.pid, row.state) for row in board.rows()] == [("overlay", 7, "running")]
    assert words(board) == []


def test_an_end_and_a_return_are_told_with_the_time_between() -> None:
    board = running_board()
    board.seen(at(2))
    board.found({"overlay": 0}, {"overlay": {"statename": "BACKOFF"}})
    assert [row.state for row in board.rows()] == ["backoff"]
    board.seen(at(3.2))
    board.found({"overlay": 8}, {})
    assert [row.state for row in board.rows()] == ["starting"]  # it has said nothing yet
    board.seen(health(8, "starting", said_s=3.2))
    board.seen(health(8, said_s=3.3))
    assert words(board) == ["running, 1.2 s after its end (process 8)", "ended (process 7)"]
    assert [event.at_utc_ns for event in board.events] == [3_200_000_000, 2_000_000_000]
    assert [row.state for row in board.rows()] == ["running"]


def test_a_message_that_is_faster_than_the_look_at_the_lock_tells_of_the_end_first() -> None:
    board = running_board()
    board.seen(at(2))
    board.seen(health(8, said_s=2))
    board.found({"overlay": 8}, {})
    assert words(board) == ["running, 0.0 s after its end (process 8)", "ended (process 7)"]


def test_last_words_after_the_end_change_nothing() -> None:
    board = running_board()
    board.found({"overlay": 0}, {})
    board.seen(health(7, "degraded"))
    board.found({"overlay": 0}, {})
    assert words(board) == ["ended (process 7)"]
    assert [row.state for row in board.rows()] == ["stopped"]


def test_silence_past_the_actors_own_deadline_is_told_once() -> None:
    board = running_board()
    for second in (3, 4, 5):
        board.seen(at(second))
        board.found({"overlay": 7}, {"overlay": {"statename": "RUNNING"}})
    assert words(board) == ["says nothing any more"]
    assert [row.state for row in board.rows()] == ["silent"]


def test_a_compiling_actor_may_be_silent_for_as_long_as_it_said() -> None:
    board = Board([])
    board.seen(at(1))
    compiling = Health(
        actor="overlay",
        stage="overlay",
        pid=7,
        state="starting",
        detail="loading",
        published_ns=SECOND_NS,
        due_ms=120_000,
    )
    board.seen(compiling)
    board.seen(at(100))
    board.found({"overlay": 7}, {})
    assert [(row.state, row.detail) for row in board.rows()] == [("starting", "loading")]


def test_a_changed_state_model_or_device_is_an_event_and_a_try_is_not() -> None:
    board = running_board()
    board.seen(health(7, "degraded"))
    board.seen(health(7, "starting"))
    board.seen(health(7, "degraded"))
    board.seen(health(7, model="street@3", device="NPU"))
    board.seen(health(7, model="street@3", device="CPU"))
    assert words(board) == ["running on CPU", "running, street@3 on NPU", "degraded"]


def test_an_actor_that_a_new_configuration_lacks_has_ended() -> None:
    board = running_board()
    board.found({"rtsp": 9}, {})
    assert words(board) == ["ended (process 7)"]
    assert [row.actor for row in board.rows()] == ["rtsp"]


def test_who_should_look_is_there_before_anything_was_seen() -> None:
    assert Board([Looker("front", "people")]).results == {("front", "people"): None}
