"""Who is it? A terminal's token, a person's session or this machine's own administrator -> Identity.

Terminal tokens live in the store as SHA-256 and are cached until the terminal is retired. Sign-in codes and staff
sessions live in memory: a restart signs people out (never terminals), and no clock but the monotonic one decides when
they end, so setting the clock neither keeps nor kills a session.
"""

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk_server.domain.errors import NotSignedIn
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.terminal import Enrolment, Terminal
from kiosk_server.edge.tokens import MAX_TOKEN_LENGTH, digest, new_code, new_token, tidy_code

CODE_LIFE_S = 15 * 60
SESSION_IDLE_S = 15 * 60
SESSION_LIFE_S = 12 * 3600
MAX_SESSIONS = 1000
MAX_CODES = 20

STAFF = frozenset({Role.ATTENDANT, Role.CASHIER, Role.MANAGER, Role.OWNER})
CONSOLE = frozenset({Role.CASHIER, Role.MANAGER, Role.OWNER, Role.LOCAL})
"""Who may look at the whole store: the console and its reads."""


def terminal_identity(terminal: Terminal) -> Identity:
    return Identity(name=terminal.name, role=Role(terminal.kind.value), terminal=terminal.name)


def screen_of(identity: Identity) -> str | None:
    """The screen this identity works at, or None (the command line has none)."""
    if identity.role in STAFF:
        return "manager"
    return None if identity.role in (Role.DRIVER, Role.LOCAL) else identity.role.value


@dataclass(slots=True)
class Session:
    """One signed-in person. Times are monotonic seconds."""

    session_hash: str
    identity: Identity
    began_s: float
    seen_s: float

    def is_over(self, now_s: float) -> bool:
        return now_s - self.seen_s > SESSION_IDLE_S or now_s - self.began_s > SESSION_LIFE_S


@dataclass(slots=True)
class SignInCodes:
    """One-time codes: kept hashed, good once and for 15 minutes."""

    monotonic_s: Callable[[], float]
    _codes: dict[str, tuple[float, Identity]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, identity: Identity) -> str:
        code = new_code()
        with self._lock:
            while len(self._codes) >= MAX_CODES:
                self._codes.pop(next(iter(self._codes)))
            self._codes[digest(code)] = (self.monotonic_s() + CODE_LIFE_S, identity)
        return code

    def redeem(self, typed: str) -> Identity:
        """Whom the code was issued for; it is spent by this. Raises NotSignedIn."""
        with self._lock:
            ends_s, identity = self._codes.pop(digest(tidy_code(typed)), (0.0, None))
        if identity is None or self.monotonic_s() > ends_s:
            raise NotSignedIn(
                "This sign-in code is wrong, used or older than 15 minutes. "
                "Get a new one on the server with `kiosk-server staff code`."
            )
        return identity


@dataclass(slots=True)
class Sessions:
    """Signed-in staff: idle 15 minutes, absolute 12 hours."""

    monotonic_s: Callable[[], float]
    _sessions: dict[str, Session] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, identity: Identity) -> str:
        """A new session's token, to be put into the cookie and nowhere else."""
        token, now_s = new_token(), self.monotonic_s()
        with self._lock:
            self._drop_over(now_s)
            if len(self._sessions) >= MAX_SESSIONS:
                self._sessions.pop(min(self._sessions, key=lambda key: self._sessions[key].seen_s))
            self._sessions[digest(token)] = Session(digest(token), identity, now_s, now_s)
        return token

    def find(self, token: str) -> Session | None:
        """The session of this token; asking for it keeps it alive."""
        return self.touch(digest(token))

    def touch(self, session_hash: str) -> Session | None:
        now_s = self.monotonic_s()
        with self._lock:
            session = self._sessions.get(session_hash)
            if session is None or session.is_over(now_s):
                self._sessions.pop(session_hash, None)
                return None
            session.seen_s = now_s
            return session

    def is_alive(self, session_hash: str) -> bool:
        """Is it still good? Looking does not keep it alive."""
        with self._lock:
            session = self._sessions.get(session_hash)
            return session is not None and not session.is_over(self.monotonic_s())

    def end(self, token: str) -> str:
        """End one session; returns its hash so that its sockets can be closed."""
        with self._lock:
            self._sessions.pop(digest(token), None)
        return digest(token)

    def _drop_over(self, now_s: float) -> None:
        for key in [key for key, session in self._sessions.items() if session.is_over(now_s)]:
            del self._sessions[key]


@dataclass(slots=True)
class TerminalTokens:
    """Terminals by token, cached by hash. `look_up` reads the store: token hash -> Terminal or None."""

    look_up: Callable[[str], Terminal | None]
    _known: dict[str, Identity] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _generation: int = 0

    def find(self, token: str) -> Identity | None:
        if not 0 < len(token) <= MAX_TOKEN_LENGTH:
            return None
        token_hash = digest(token)
        known = self._known.get(token_hash)
        if known is not None:
            return known
        generation = self._generation
        terminal = self.look_up(token_hash)
        if terminal is None or terminal.enrolment is not Enrolment.ACTIVE:
            return None
        identity = terminal_identity(terminal)
        with self._lock:
            # A terminal retired between the look-up and here must not come back through the cache.
            if self._generation == generation:
                self._known[token_hash] = identity
        return identity

    def forget(self, terminal: str) -> None:
        """The terminal was retired: its token is asked for anew, and found dead."""
        with self._lock:
            self._generation += 1
            self._known = {key: known for key, known in self._known.items() if known.terminal != terminal}


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that a caller showed: a bearer token, the two cookies, and whether it sits on this very machine."""

    bearer: str = ""
    terminal_cookie: str = ""
    session_cookie: str = ""
    is_own_machine: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """A known caller. `session_hash` is set for people, so that signing out can find their sockets."""

    identity: Identity
    session_hash: str | None = None


LOCAL = Identity(name="local administrator", role=Role.LOCAL)


@dataclass(frozen=True, slots=True)
class Identities:
    """The one place that turns credentials into an identity."""

    terminals: TerminalTokens
    sessions: Sessions
    codes: SignInCodes
    local_token: str

    def identify(self, shown: Credentials, screen: str | None = None) -> Caller | None:
        """Who is calling, or None. A bearer token speaks alone; of two cookies, the one that fits `screen` wins."""
        if shown.bearer:
            return self._bearer(shown)
        callers = [caller for caller in (self._session(shown), self._terminal(shown)) if caller]
        fitting = [caller for caller in callers if screen is None or screen_of(caller.identity) == screen]
        return next(iter(fitting or callers), None)

    def _bearer(self, shown: Credentials) -> Caller | None:
        if hmac.compare_digest(digest(shown.bearer), digest(self.local_token)):
            return Caller(LOCAL) if shown.is_own_machine else None
        identity = self.terminals.find(shown.bearer)
        return Caller(identity) if identity else None

    def _session(self, shown: Credentials) -> Caller | None:
        session = self.sessions.find(shown.session_cookie) if shown.session_cookie else None
        return Caller(session.identity, session.session_hash) if session else None

    def _terminal(self, shown: Credentials) -> Caller | None:
        identity = self.terminals.find(shown.terminal_cookie) if shown.terminal_cookie else None
        return Caller(identity) if identity else None
