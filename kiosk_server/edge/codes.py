"""One-time codes of the server: kept hashed, good once, for 15 minutes, for one purpose."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from kiosk_server.domain.errors import NotSignedIn, Refusal
from kiosk_server.domain.staff import Identity
from kiosk_server.edge.tokens import digest, new_code, tidy_code

CODE_LIFE_S = 15 * 60
MAX_CODES = 20


class Purpose(Enum):
    """What a code is for."""

    SIGN_IN = auto()  # as its identity
    WELCOME = auto()  # become the first owner
    RESET = auto()  # choose a new secret for its identity


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code gives. `ends_s` is monotonic."""

    purpose: Purpose
    identity: Identity
    ends_s: float


@dataclass(slots=True)
class SignInCodes:
    """All codes that were issued and not spent; the oldest makes room."""

    monotonic_s: Callable[[], float]
    _codes: dict[str, Grant] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, identity: Identity, purpose: Purpose = Purpose.SIGN_IN) -> str:
        code = new_code()
        with self._lock:
            while len(self._codes) >= MAX_CODES:
                self._codes.pop(next(iter(self._codes)))
            self._codes[digest(code)] = Grant(purpose, identity, self.monotonic_s() + CODE_LIFE_S)
        return code

    def look(self, typed: str) -> Grant:
        """What a code would give; looking spends nothing. Raises NotSignedIn."""
        grant = self._codes.get(digest(tidy_code(typed)))
        if grant is None or self.monotonic_s() > grant.ends_s:
            raise _wrong()
        return grant

    def redeem(self, typed: str) -> Identity:
        """Whom the code signs in; it is spent by this. Raises NotSignedIn."""
        with self.spending(typed, Purpose.SIGN_IN) as grant:
            return grant.identity

    @contextmanager
    def spending(self, typed: str, purpose: Purpose) -> Iterator[Grant]:
        """Spend a code on what happens within; whoever is refused there has it back. Raises NotSignedIn."""
        key = digest(tidy_code(typed))
        with self._lock:
            grant = self._codes.get(key)
            if grant is None or self.monotonic_s() > grant.ends_s or grant.purpose is not purpose:
                raise _wrong()
            del self._codes[key]
        try:
            yield grant
        except Refusal:
            with self._lock:
                self._codes[key] = grant
            raise


def _wrong() -> NotSignedIn:
    return NotSignedIn(
        "This sign-in code is wrong, used or older than 15 minutes. "
        "Get a new one on the server with `kiosk-server staff code`."
    )
