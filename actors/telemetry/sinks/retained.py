"""Which letters a broker keeps for those who come later (pure).

That is what says how something is: of health, models and posts the newest. Late letters come
beside younger ones and must not take their place.
"""

from actors.telemetry.letter import Posted

KEPT = {"health", "models", "posts"}


class Retained:
    """Give it each letter that is sent, in this order."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}  # numbers, by topic

    def keeps(self, posted: Posted) -> bool:
        """Whether it is to be kept. One that is sent again is kept again."""
        topic = posted.letter.topic
        if topic.partition("/")[0] not in KEPT or posted.number < self._newest.get(topic, 0):
            return False
        self._newest[topic] = posted.number
        return True
