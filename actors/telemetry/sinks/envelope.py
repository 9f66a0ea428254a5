"""A letter and its numbers as one line of JSON, for what carries nothing beside a body (pure)."""

import msgspec

from actors.telemetry.letter import Posted


def envelope(posted: Posted) -> bytes:
    """On one line, without its end: in JSON a newline is never within a string."""
    letter = posted.letter
    return msgspec.json.encode(
        {
            "topic": letter.topic,
            "number": posted.number,
            "late": posted.late,
            "schema": letter.schema,
            "created_utc_ns": letter.created_utc_ns,
            "body": msgspec.Raw(letter.body.translate(SPACES)),
        }
    )


SPACES = bytes.maketrans(b"\r\n", b"  ")
