"""What happened to boxes, people and networks that may come in."""

from kiosk_server.domain.events.event import Event
from kiosk_server.domain.network_order import NetworkOrder
from kiosk_server.domain.staff import (
    KeptTime,
    Member,
    RefusedAccess,
    Role,
    SecretKind,
    SessionEnd,
    StaffRole,
    WrongTries,
)
from kiosk_server.domain.terminal import Terminal


class TerminalPaired(Event, frozen=True):
    """Another box took the place of a known terminal, which goes on with its basket; the old box's token is dead."""

    paired: Terminal


class PairingDenied(Event, frozen=True):
    """A browser at `address` asked to be paired and was sent away."""

    pairing_id: str
    address: str


class StaffAdded(Event, frozen=True):
    member: Member


class SecretChanged(Event, frozen=True):
    """Somebody has another PIN or password. `fingerprint` is of the salted hash, which is in no event."""

    person: str
    secret_kind: SecretKind
    fingerprint: str


class RoleChanged(Event, frozen=True):
    person: str
    role: StaffRole


class StaffRetired(Event, frozen=True):
    """A person left; every session of theirs must end."""

    person: str


class SignedIn(Event, frozen=True):
    """`source` is where: `terminal:<name>` or `browser:<id>`. `is_by_code`: with a one-time code of the server."""

    session_id: str
    person: str
    role: Role
    source: str
    fingerprint: str
    is_by_code: bool = False


class SignedOut(Event, frozen=True):
    """A session is over; its screens must close."""

    session_id: str
    person: str
    why: SessionEnd


class SecretRefused(Event, frozen=True):
    """A wrong PIN or password. `person` is '' where nobody is called what was typed: it may be a secret."""

    person: str
    source: str
    tries: tuple[WrongTries, ...]


class LockLifted(Event, frozen=True):
    """A manager forgave a person's wrong tries."""

    person: str


class AccessRefused(Event, frozen=True):
    """Who was turned away in a while, counted; at most 64 rows, the rest in the last of them."""

    refusals: tuple[RefusedAccess, ...]


class TimesKept(Event, frozen=True):
    """The server stopped with these seconds left on its lockouts and gone by in its sessions."""

    locked_s: dict[str, int]
    sessions: dict[str, KeptTime]


class NetworkOrdered(Event, frozen=True):
    """A network was let in for a while, or put into quarantine."""

    order: NetworkOrder


class NetworkLifted(Event, frozen=True):
    network: str
