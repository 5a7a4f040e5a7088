"""What a handler is given for one command: who asks, what is stored, what time it is, and where to record facts."""

from collections.abc import Callable
from typing import Any, TypeAlias

from kiosk_server.domain.events import Event
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.staff import Identity
from kiosk_server.store.journal import Appender, Entry
from kiosk_server.store.memory import RememberingRepositories
from kiosk_server.store.projection import apply
from kiosk_server.store.secrets import drop, keep


class Desk:
    """One command's table. `now_ms` is one value for the whole command; `recorded` is what it has done so far."""

    __slots__ = ("_appender", "_key", "_new_id", "identity", "now_ms", "policy", "recorded", "repositories")

    def __init__(
        self,
        *,
        identity: Identity,
        repositories: RememberingRepositories,
        policy: Policy,
        now_ms: int,
        new_id: Callable[[], str],
        appender: Appender,
        key: str,
    ) -> None:
        self.identity = identity
        self.repositories = repositories
        self.policy = policy
        self.now_ms = now_ms
        self.recorded: list[Entry] = []
        self._new_id = new_id
        self._appender = appender
        self._key = key

    def new_id(self) -> str:
        return self._new_id()

    def record(self, event: Event) -> int:
        """Append to the journal and apply to the state at once; later loads see it. Returns its seq.

        All of it is undone when the handler raises.
        """
        entry = self._appender.append(event, at=self.now_ms, key=self._key, by=self.identity.name)
        apply(self.repositories.driver, entry)
        self.repositories.learn(event)
        self.recorded.append(entry)
        return entry.seq

    def keep_secret(self, owner: str, value: str) -> None:
        """Put a hash where no event shows it (`store/secrets.py`), before the event that carries its fingerprint."""
        keep(self.repositories.driver, owner, value)

    def drop_secret(self, owner: str) -> None:
        """Its time is over: nothing can be proved with it any more."""
        drop(self.repositories.driver, owner)


# A handler answers with what msgspec can encode, or None; it raises Refusal to change nothing.
Handler: TypeAlias = Callable[[Any, Desk], object | None]
