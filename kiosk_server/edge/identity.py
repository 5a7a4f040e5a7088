"""Who is it? A terminal's token, a person's session or this machine's own administrator -> Identity.

Terminal tokens live in the store as SHA-256 and are cached until the terminal is retired or another box takes its
place. Sessions are in sessions.py, one-time codes in codes.py, and how people come and go in porter.py.
"""

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.terminal import Enrolment, Terminal
from kiosk_server.edge.codes import SignInCodes
from kiosk_server.edge.sessions import Sessions
from kiosk_server.edge.tokens import MAX_TOKEN_LENGTH, digest

STAFF = frozenset({Role.ATTENDANT, Role.CASHIER, Role.MANAGER, Role.OWNER})
CONSOLE = frozenset({Role.CASHIER, Role.MANAGER, Role.OWNER, Role.LOCAL})
"""Who may look at the whole store: the console and its reads."""

MANAGEMENT = frozenset({Role.MANAGER, Role.OWNER, Role.LOCAL})
"""Who may see and decide who comes in: people, pairing, networks."""


def terminal_identity(terminal: Terminal) -> Identity:
    return Identity(name=terminal.name, role=Role(terminal.kind.value), terminal=terminal.name)


def screen_of(identity: Identity) -> str | None:
    """The screen this identity works at, or None (the command line has none)."""
    if identity.role in STAFF:
        return "manager"
    return None if identity.role in (Role.DRIVER, Role.DOOR, Role.LOCAL) else identity.role.value


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
        """The terminal was retired or has another box: its old token is asked for anew, and found dead."""
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
        if identity is not None:
            return Caller(identity)
        # A person's, where their token stands in no cookie: service at a lane.
        session = self.sessions.find(shown.bearer) if len(shown.bearer) <= MAX_TOKEN_LENGTH else None
        return Caller(session.identity, session.session_hash) if session else None

    def _session(self, shown: Credentials) -> Caller | None:
        session = self.sessions.find(shown.session_cookie) if shown.session_cookie else None
        return Caller(session.identity, session.session_hash) if session else None

    def _terminal(self, shown: Credentials) -> Caller | None:
        identity = self.terminals.find(shown.terminal_cookie) if shown.terminal_cookie else None
        return Caller(identity) if identity else None
