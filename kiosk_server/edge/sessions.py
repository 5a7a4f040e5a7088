"""Signed-in people: idle 15 minutes, absolute 12 hours, both on monotonic time.

The store has every session too, so that a restart signs nobody out; how old each is goes there when the server stops.
"""

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kiosk_server.domain import staff
from kiosk_server.domain.staff import Identity, KeptTime, SessionEnd
from kiosk_server.edge.tokens import digest, new_token

SESSION_IDLE_S = 15 * 60
SESSION_LIFE_S = 12 * 3600
MAX_SESSIONS = 1000


@dataclass(slots=True)
class Session:
    """One signed-in person. `_s` are monotonic seconds, `began_at` is ms since 1970, UTC, for showing."""

    session_hash: str
    identity: Identity
    began_s: float
    seen_s: float
    session_id: str = ""
    source: str = ""
    began_at: int = 0

    def end_at(self, now_s: float) -> SessionEnd | None:
        """Why it is over, or None."""
        if now_s - self.began_s > SESSION_LIFE_S:
            return SessionEnd.EXPIRED
        return SessionEnd.IDLE if now_s - self.seen_s > SESSION_IDLE_S else None


@dataclass(slots=True)
class Sessions:
    """Every session, by the SHA-256 of its token."""

    monotonic_s: Callable[[], float]
    _sessions: dict[str, Session] = field(default_factory=dict)
    _over: list[tuple[str, SessionEnd]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, identity: Identity, source: str = "", began_at: int = 0) -> str:
        """A new session's token, to be put into the cookie and nowhere else."""
        token, now_s = new_token(), self.monotonic_s()
        session = Session(digest(token), identity, now_s, now_s, secrets.token_hex(8), source, began_at)
        with self._lock:
            self._drop_over(now_s)
            if len(self._sessions) >= MAX_SESSIONS:
                longest_idle = min(self._sessions.values(), key=lambda other: other.seen_s)
                self._drop(longest_idle, SessionEnd.TOO_MANY)
            self._sessions[session.session_hash] = session
        return token

    def restore(self, kept: Iterable[staff.Session], now_ms: int) -> None:
        """What stood in the store when the server started, older by the wall clock's word as far as it is plausible.

        A clock that was set back while we were off adds nothing; one that was set forward ends sessions, which costs
        a sign-in and opens nothing.
        """
        now_s = self.monotonic_s()
        with self._lock:
            for one in kept:
                away_s = max(0.0, (now_ms - one.kept_at) / 1000)
                # After a crash, what was kept dates from the sign-in, and says nothing of how long nobody touched.
                idle_s = one.idle_s + away_s if one.kept_at != one.began_at else 0.0
                identity = Identity(name=one.person, role=one.role)
                session = Session(
                    one.token_hash,
                    identity,
                    now_s - one.age_s - away_s,
                    now_s - idle_s,
                    one.session_id,
                    one.source,
                    one.began_at,
                )
                self._sessions[one.token_hash] = session

    def find(self, token: str) -> Session | None:
        """The session of this token; asking for it keeps it alive."""
        return self.touch(digest(token))

    def touch(self, session_hash: str) -> Session | None:
        now_s = self.monotonic_s()
        with self._lock:
            session = self._sessions.get(session_hash)
            if session is None:
                return None
            end = session.end_at(now_s)
            if end is not None:
                self._drop(session, end)
                return None
            session.seen_s = now_s
            return session

    def is_alive(self, session_hash: str) -> bool:
        """Is it still good? Looking does not keep it alive."""
        with self._lock:
            session = self._sessions.get(session_hash)
            return session is not None and session.end_at(self.monotonic_s()) is None

    def end(self, token: str) -> Session | None:
        """End the session of this token at once."""
        with self._lock:
            return self._sessions.pop(digest(token), None)

    def end_id(self, session_id: str) -> Session | None:
        """End a session that the store has ended."""
        with self._lock:
            found = next((one for one in self._sessions.values() if one.session_id == session_id), None)
            return self._sessions.pop(found.session_hash) if found else None

    def all(self) -> list[Session]:
        """Those that live, oldest first."""
        now_s = self.monotonic_s()
        with self._lock:
            alive = [session for session in self._sessions.values() if session.end_at(now_s) is None]
        return sorted(alive, key=lambda session: session.began_s)

    def ages(self) -> dict[str, KeptTime]:
        """For the store, when the server stops: session id -> how old, how long idle."""
        now_s = self.monotonic_s()
        return {
            one.session_id: KeptTime(age_s=int(now_s - one.began_s), idle_s=int(now_s - one.seen_s))
            for one in self.all()
            if one.session_id
        }

    def take_over(self) -> list[tuple[str, SessionEnd]]:
        """Sessions that ended by themselves since the last call, for the store."""
        with self._lock:
            self._drop_over(self.monotonic_s())
            over, self._over = self._over, []
        return over

    def _drop_over(self, now_s: float) -> None:
        for session in list(self._sessions.values()):
            end = session.end_at(now_s)
            if end is not None:
                self._drop(session, end)

    def _drop(self, session: Session, end: SessionEnd) -> None:
        self._sessions.pop(session.session_hash, None)
        if session.session_id:
            self._over.append((session.session_id, end))
