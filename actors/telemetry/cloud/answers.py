"""What a direct method answers: a status as HTTP has it, and an object that a person can read."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from actors.telemetry.cloud.exchange import Reply

MOST_BYTES = 128 * 1024  # the hub's bound, of JSON in ASCII
DONE, ACCEPTED = 200, 202
BAD, ABSENT, CONFLICT, BUSY = 400, 404, 409, 429
FAULT, UNAVAILABLE, LATE = 500, 503, 504


class Answer(NamedTuple):
    """`then` is called once the answer is on its way."""

    status: int
    said: dict[str, Any]
    then: Callable[[], None] | None = None


class NotDone(Exception):
    """A status and the sentence that goes with it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.answer = refusal(status, sentence)


def done(sentence: str, **data: Any) -> Answer:
    return Answer(DONE, {"result": sentence, **data})


def accepted(sentence: str, **data: Any) -> Answer:
    """It is under way; the sentence says where one sees what comes of it."""
    return Answer(ACCEPTED, {"result": sentence, **data})


def refusal(status: int, sentence: str) -> Answer:
    return Answer(status, {"error": sentence})


def size_bytes(answer: Answer) -> int:
    return len(json.dumps(answer.said))


def reply(call_id: str, answer: Answer) -> Reply:
    """In the place of an answer that no hub takes, one that says so."""
    if size_bytes(answer) > MOST_BYTES:
        answer = refusal(
            FAULT,
            f"the answer has {size_bytes(answer)} bytes, and the hub takes {MOST_BYTES}; "
            "ask for less",
        )
    return Reply(call_id, answer.status, answer.said)
