"""Orders about who may come in: boxes, people, networks."""

from typing import Annotated

from msgspec import Meta

from kiosk_server.domain.commands.command import (
    Command,
    Id,
    Name,
    NetworkText,
    Note,
    Secret,
    Sha256,
)
from kiosk_server.domain.commands.filled_in import SEALED
from kiosk_server.domain.network_order import MAX_ALLOW_S
from kiosk_server.domain.staff import KeptTime, RefusedAccess, Role, SealedSecret, SessionEnd, StaffRole, WrongTries
from kiosk_server.domain.terminal import Kind


class ConfirmPairing(Command, frozen=True):
    """Make the browser that shows this code a terminal. With `is_replacing`, one that is known gets this new box.

    `token_hash` is not sent: the front door, which knows the box behind the code, fills it in.
    Refusals: not_found (wrong or old code), too_many (five of them), already_exists (a name that is taken).
    """

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    terminal: Name
    kind: Kind
    is_replacing: bool = False
    token_hash: Annotated[str, SEALED] = ""


class DenyPairing(Command, frozen=True):
    """Send a browser that asks to be paired away. `address` is filled in by the front door."""

    pairing_id: Id
    address: Annotated[str, SEALED] = ""


class AddStaff(Command, frozen=True):
    """Let a person sign in. Result: `{person, role}`. Refusals: out_of_range (weak secret), already_exists, forbidden.

    The writer never sees `secret`: the front door clears it and puts the hash into `sealed`, which is not sent.
    """

    person: Name
    role: StaffRole
    secret: Secret = ""
    sealed: Annotated[SealedSecret | None, SEALED] = None


class ChangeSecret(Command, frozen=True):
    """A new PIN or password: one's own (with `current`), or that of somebody one manages. Signs them out everywhere.

    As in AddStaff, the writer sees neither `secret` nor `current`.
    """

    person: Name
    secret: Secret = ""
    current: Secret = ""
    sealed: Annotated[SealedSecret | None, SEALED] = None


class ChangeRole(Command, frozen=True):
    """Give a person another role. They are signed out everywhere. The last owner stays one."""

    person: Name
    role: StaffRole


class RetireStaff(Command, frozen=True):
    """A person leaves: signed out everywhere, never let in again. Their name stays theirs in the journal."""

    person: Name


class UnlockStaff(Command, frozen=True):
    """Forgive a person's wrong tries before their time is over."""

    person: Name


class SignOutEverywhere(Command, frozen=True):
    """End all sessions: one's own, or those of somebody one manages. Result: `{ended}`."""

    person: Name | None = None


class SignIn(Command, frozen=True):
    """A person proved who they are. `fingerprint` is that of the secret they proved; '' for a one-time code."""

    person: Name
    role: Role
    session_id: Id
    token_hash: Sha256
    source: str
    fingerprint: str = ""


class ReportWrongSecret(Command, frozen=True):
    """Somebody gave a wrong PIN or password. `person` is '' where nobody is called so."""

    person: str
    source: str
    tries: tuple[WrongTries, ...]


class EndSession(Command, frozen=True):
    """One session is over."""

    session_id: Id
    why: SessionEnd


class ReportRefusals(Command, frozen=True):
    """Who was turned away since the last report; one event, however many there were."""

    refusals: Annotated[tuple[RefusedAccess, ...], Meta(min_length=1, max_length=64)]


class KeepTimes(Command, frozen=True):
    """The server stops: how long each lockout still lasts, and how old each session is."""

    locked_s: dict[str, int]
    sessions: dict[str, KeptTime]


class AllowNetwork(Command, frozen=True):
    """Let a private network in for a while, at most a day. `deny` and quarantine still win."""

    network: NetworkText
    duration_s: Annotated[int, Meta(ge=60, le=MAX_ALLOW_S)] = 3600
    why: Note = ""


class QuarantineNetwork(Command, frozen=True):
    """Turn a network away at once, open screens included, until it is lifted."""

    network: NetworkText
    why: Note = ""


class LiftNetwork(Command, frozen=True):
    """Take back what was ordered for exactly this network."""

    network: NetworkText
