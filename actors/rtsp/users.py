"""Passwords of viewers, by name, from where they lie."""

import logging
from collections.abc import Mapping

from actors.secret import NoSecret, is_source, read_secret

log = logging.getLogger(__name__)


class Users:
    """A password that lies elsewhere (`file:PATH`, `env:NAME`) is read anew for each request.

    Who has one that cannot be read is nobody until it can be.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = dict(users)
        self._lacking: dict[str, str] = {}  # why, by name
        for name in self._users:
            self.password(name)

    def __len__(self) -> int:
        """How many there are, those whose password cannot be read among them."""
        return len(self._users)

    @property
    def trouble(self) -> str:
        """Which could not be read when they were last asked for, for a person; empty if none."""
        return "; ".join(self._lacking.values())

    def password(self, name: str) -> str | None:
        """None for nobody."""
        password = self._users.get(name)
        if password is None or not is_source(password):
            return password
        try:
            password = read_secret(f"rtsp.users.{name}", password)
        except NoSecret as error:
            if name not in self._lacking:
                log.warning("%s", error)
            self._lacking[name] = str(error)
            return None
        self._lacking.pop(name, None)
        return password
