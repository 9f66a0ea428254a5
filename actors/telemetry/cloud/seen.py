"""What everybody last said of themselves: for the twin's reported properties and for `status`."""

from bus.messages import Health, Model, Post

MS_NS = 1_000_000


class Seen:
    """Give it every state message; what it holds is the newest of each."""

    def __init__(self) -> None:
        self.health: dict[str, Health] = {}  # by actor
        self.models: dict[str, Model] = {}  # by inference entry
        self.posts: dict[tuple[str, str], Post] = {}  # by inference entry and post

    def hear(self, said: Health | Model | Post) -> bool:
        """Whether it is news: of health not the figures, which change all the time."""
        match said:
            case Health():
                before = self.health.get(said.actor)
                self.health[said.actor] = said
                return before is None or (before.state, before.detail) != (said.state, said.detail)
            case Model():
                self.models[said.inference] = said
            case Post():
                self.posts[said.inference, said.post] = said
        return True

    def state(self, actor: str, now_ns: int) -> str:
        """What its health says, `silent` once it is overdue, `away` if it never spoke."""
        last = self.health.get(actor)
        if last is None:
            return "away"
        late = now_ns - last.published_ns > last.due_ms * MS_NS
        return "silent" if late and last.state != "stopping" else last.state
